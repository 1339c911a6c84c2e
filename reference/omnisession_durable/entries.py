"""Entries of the journal: what was decided, who decides, what all agree on, and that somebody lives.

An entry is a JSON object. `j` is the version of this format, `t` the type. What an owner decides names
its partition, its term and a number without gaps. There is one partition today; the format has room.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from omnisession_reference.wire import JsonObject
from omnisession_reference.wire import encode as encode_json

FORMAT = 2
"""Entries of 1 are read as well; it had no signs of life, and who knows no more must not pass over them."""
PARTITION = 0
NOBODY = ""
"""Who owns the journal before the first claim, and after an owner that left it to nobody."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What the fold uses of the configuration: an entry says it, so that no two folds differ by it."""

    sessions: int = 32
    outcomes: int = 256
    outcomes_ms: int = 86_400_000
    window_ms: int = 120_000


@dataclass(frozen=True, slots=True)
class Conf:
    """The configuration in force; `over` is the sequence of the one that it follows, 0 at first.

    `fold` is the version of the rules by which entries are judged. An instance that has other limits, or
    does not know these rules, stops.
    """

    over: int
    fold: int
    limits: Limits


@dataclass(frozen=True, slots=True)
class Own:
    """`by` owns the journal, over the term `over`; its fold time makes the new term.

    `of` wrote the entry: the owner itself where it hands over, the claimant elsewhere.
    """

    by: str
    of: str
    over: int
    partition: int = PARTITION


@dataclass(frozen=True, slots=True)
class Beat:
    """`by` lives, and has appended this at `sent` of its own steady clock.

    `folded` is the sequence up to which it had folded then, and `speaks` says that it spoke as the owner
    then. `digest` is the begin of that of its fold then, in hexadecimal digits: whoever folds another
    journal is seen by it. Beats may vanish from the journal after a while: nothing that is kept rests on
    them.
    """

    by: str
    sent: int
    folded: int
    speaks: bool
    digest: str


@dataclass(frozen=True, slots=True)
class Signs:
    """Clients of these sessions have given a sign of life to the owner of this term, not long ago.

    It is appended for a session once in half its window. It vanishes from the journal after a while, as a
    beat does, and nothing that is folded rests on it: by it the next owner knows how long who was silent.
    """

    term: int
    sessions: tuple[tuple[str, str], ...]
    partition: int = PARTITION


@dataclass(frozen=True, slots=True)
class Place:
    """Where a decision stands: the term under which it was made, and its number in it."""

    term: int
    n: int
    partition: int = PARTITION


@dataclass(frozen=True, slots=True)
class Open:
    """A session was opened."""

    user: str
    session: str
    terms: JsonObject


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an action for good: done, with a result, or refused, with an error."""

    result: JsonObject | None = None
    error: JsonObject | None = None

    @property
    def ok(self) -> bool:
        """Whether it was done."""
        return self.error is None


@dataclass(frozen=True, slots=True)
class Hint:
    """Readers of an article are told outside of sessions that it changed, under the id of that event."""

    article_id: str
    type: str
    event_id: str


@dataclass(frozen=True, slots=True)
class Act:
    """An action has its final outcome.

    `client_seq` is 0 where the outcome takes the id alone, because another action has the number. A
    `copy` takes a number for an id whose outcome is known. `reads` has what the decision rests on, with
    the sequence of the entry that wrote it last, 0 for what is not there; `writes` are the domain's own.
    `hints` are what is said beside sessions; nothing that is folded rests on them.
    """

    user: str
    session: str
    action_id: str
    client_seq: int
    type: str
    fingerprint: str
    outcome: Outcome
    reads: Mapping[str, int] = field(default_factory=dict[str, int])
    writes: tuple[JsonObject, ...] = ()
    copy: bool = False
    hints: tuple[Hint, ...] = ()


@dataclass(frozen=True, slots=True)
class End:
    """A session is over: its client closed it, or was silent for too long; `writes` as of an action."""

    user: str
    session: str
    why: str
    writes: tuple[JsonObject, ...] = ()


@dataclass(frozen=True, slots=True)
class Nil:
    """Nothing: it takes the number of a decision that cannot be stored."""


Body = Open | Act | End | Nil


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision of an owner at its place."""

    place: Place
    body: Body


Entry = Conf | Own | Beat | Signs | Decided

BEATS_LAST_S = 60
SIGNS_LAST_S = 600
"""In seconds: longer than two windows, after which nobody asks for a sign of life any more."""
_LASTS_S = {
    encode_json({"j": FORMAT, "t": "beat"}).removesuffix(b"}"): BEATS_LAST_S,
    encode_json({"j": FORMAT, "t": "signs"}).removesuffix(b"}"): SIGNS_LAST_S,
}


def encode(entry: Entry) -> bytes:
    """Write an entry: compact JSON, members in one order."""
    return encode_json({"j": FORMAT, **_members(entry)})


def lasts_s(data: bytes) -> int | None:
    """For how many seconds the journal keeps an entry that was written here; None: for ever."""
    return next((last for begin, last in _LASTS_S.items() if data.startswith(begin)), None)


def _members(entry: Entry) -> JsonObject:
    match entry:
        case Conf(over, fold, limits):
            return {"t": "conf", "over": over, "fold": fold, "limits": asdict(limits)}
        case Own(by, of, over, partition):
            return {"t": "own", "p": partition, "by": by, "of": of, "over": over}
        case Beat(by, sent, folded, speaks, digest):
            told: JsonObject = {"sent": sent, "folded": folded, "speaks": speaks, "digest": digest}
            return {"t": "beat", "by": by, **told}
        case Signs(term, sessions, partition):
            named = [list(key) for key in sessions]
            return {"t": "signs", "p": partition, "term": term, "of": named}
        case Decided(place, body):
            at: JsonObject = {"p": place.partition, "term": place.term, "n": place.n}
            return {"t": type(body).__name__.lower(), **at, **_body(body)}


def _body(body: Body) -> JsonObject:
    match body:
        case Open(user, session, terms):
            return {"u": user, "s": session, "terms": terms}
        case End(user, session, why, writes):
            told: JsonObject = {"u": user, "s": session, "why": why}
            return {**told, "writes": list(writes)} if writes else told
        case Nil():
            return {}
        case Act():
            out: JsonObject = {"result": body.outcome.result}
            if body.outcome.error is not None:
                out = {"error": body.outcome.error}
            members: JsonObject = {
                "u": body.user,
                "s": body.session,
                "a": body.action_id,
                "c": body.client_seq,
                "y": body.type,
                "fp": body.fingerprint,
                "out": out,
                "reads": dict(body.reads),
                "writes": list(body.writes),
            }
            if body.copy:
                members["copy"] = True
            if body.hints:
                members["hints"] = [asdict(hint) for hint in body.hints]
            return members
