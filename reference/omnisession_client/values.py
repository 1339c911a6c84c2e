"""What a client knows: frozen values, changed by replacing them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from omnisession_reference.wire import JsonObject

Phase = Literal["opening", "live", "recovering", "offline", "closed"]
# What becomes of actions: one at a time, or kept pending, or kept pending and shown.
Mode = Literal["pure", "hybrid", "optimistic"]

# Until the server has said what it grants.
USUAL_HEARTBEAT_MS = 15_000
USUAL_RESUME_WINDOW_MS = 120_000


@dataclass(frozen=True, slots=True)
class Timings:
    """How long a client waits, in milliseconds."""

    retry_base_ms: int = 200
    retry_max_ms: int = 10_000
    outcome_ms: int = 2_000
    answer_ms: int = 4_000


@dataclass(frozen=True, slots=True)
class Config:
    """Who the client is and what it wants; the same for all its sessions."""

    user_id: str
    kinds: tuple[str, ...]
    features: tuple[str, ...] = ()
    token: str | None = field(default=None, repr=False)
    timings: Timings = Timings()
    mode: Mode = "pure"


class Place(NamedTuple):
    """A place in the stream of a session; places compare by epoch, then by seq."""

    epoch: int
    seq: int


class Position(NamedTuple):
    """A place, and the actions that count up to it."""

    place: Place
    last_action_seq: int


@dataclass(frozen=True, slots=True)
class Opened:
    """What the server said at open."""

    kinds: tuple[str, ...]
    features: tuple[str, ...]
    actions: tuple[str, ...]
    limits: Mapping[str, int]
    heartbeat_ms: int
    resume_window_ms: int = USUAL_RESUME_WINDOW_MS
    expires_at: int | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that waits for its answer; what answers another one is late, and changes nothing."""

    number: int
    type: str
    steady_ms: int = 0


@dataclass(frozen=True, slots=True)
class Recovery:
    """How the client gets on when it must ask: for its session, or for what it has missed.

    `want` is the request to make. `failures` in a row make the wait before the next one longer.
    `goal` is where the stream will be once all that was answered is there; until then it has not helped.
    """

    want: str = "session.open"
    number: int | None = None
    failures: int = 0
    goal: Place | None = None


@dataclass(frozen=True, slots=True)
class UnderWay:
    """The action that waits for its outcome, with the bytes that every copy of it has.

    It was `sent`, or has to wait until it is sent again (`waiting`), or is `due` once the session is live.
    """

    action_id: str
    number: int
    subject: str
    body: bytes
    copies: int = 1
    status: Literal["sent", "waiting", "due"] = "sent"


@dataclass(frozen=True, slots=True)
class Doing:
    """What a user does, and when: the same in every session that it comes along into."""

    action_id: str
    type: str
    data: Mapping[str, Any]
    expect: Mapping[str, Any] | None
    at_ms: int


@dataclass(frozen=True, slots=True)
class Pending:
    """An action that is not known to be done.

    It has a number and the bytes of its copies from when it is first sent in a session. It is `due` once
    the session is live, or was `sent`, or has to wait until it is sent again (`waiting`), or was `acked`
    and stays until the client's place counts it. Not before `not_before_ms` the server wants it again.
    `sent_ms` is the time of its first copy in this session, `left` whether one was ever sent in any.
    """

    doing: Doing
    number: int | None = None
    subject: str = ""
    body: bytes = b""
    status: Literal["due", "sent", "waiting", "acked"] = "due"
    copies: int = 0
    not_before_ms: int = 0
    gap: bool = False
    sent_ms: int = 0
    left: bool = False
    made: str | None = None
    seen: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """An action that the user is told to have failed: by the server's code, or by the client's reason."""

    action_id: str
    code: int | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Raw:
    """A message of the session's subscription, as it came."""

    subject: str
    data: bytes


@dataclass(frozen=True, slots=True)
class State:
    """All that the client knows.

    `now_ms` is the time of the message that it handles, `steady_ms` the same by a clock that nobody sets,
    `not_before_ms` when the server may be asked again, `told` a head behind the client's place, `counted`
    the last action that is done there. `renewal` is of a token that the session has yet to go on by:
    whether it was sent.

    Of pending actions: `ahead` are positions that the client has yet to reach, `again_ms` the time before
    which no copies go out, while a timer runs for them; `unheard` the ids of actions that were counted
    before their outcome came. `asked_ms` is when the request was made whose answer is handled, and until
    `known_ms` the server knows the outcomes of the session; None for as long as it lives.
    """

    config: Config
    now_ms: int = 0
    steady_ms: int = 0
    max_payload: int = 1_048_576
    session_id: str = ""
    phase: Phase = "offline"
    opened: Opened | None = None
    place: Place | None = None
    counted: int = 0
    slices: Mapping[str, JsonObject] = field(default_factory=dict[str, JsonObject])
    held: tuple[Raw, ...] = ()
    asked: tuple[Asked, ...] = ()
    numbers: int = 0
    recovery: Recovery = Recovery()
    renewal: Literal["due", "sent"] | None = None
    not_before_ms: int = 0
    told: Place | None = None
    mismatches: int = 0
    unanswered: int = 0
    next_number: int = 1
    under_way: UnderWay | None = None
    pending: tuple[Pending, ...] = ()
    ahead: tuple[Position, ...] = ()
    again_ms: int | None = None
    unheard: tuple[str, ...] = ()
    asked_ms: int = 0
    known_ms: int | None = None
    refused: tuple[Refused, ...] = ()
