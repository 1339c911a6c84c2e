"""The core of a small client that keeps the profiles states, core and actions.

It shows a chat by its states alone, without events, and recovers by `session.sync`. It
knows no network, no clock and no chance: each function takes what the client knows and
what has come, and returns what it knows then and what it wants done. Times are in ms.
"""

from __future__ import annotations

import json
import string
from dataclasses import dataclass, field, replace
from typing import Any

Json = dict[str, Any]
Place = tuple[int, int]  # epoch and seq; they compare as the protocol wants it
UNKNOWN, CLOSED = 4041, 4101
GONE = (UNKNOWN, CLOSED)
ANSWER = {"session.open": "session.opened", "session.sync": "session.syncing"}
LISTS = ("messages", "participants", "typing_indicators")
TEXT, FLAG = (str,), (bool,)
ACTIONS: dict[str, dict[str, tuple[type, ...]]] = {
    "chat.send": {"content": TEXT},
    "chat.edit": {"message_id": TEXT, "content": TEXT},
    "chat.delete": {"message_id": TEXT},
    "chat.typing": {"active": FLAG},
}
TIMERS = {
    "retry_base_ms": 200, "retry_max_ms": 10_000, "outcome_ms": 2_000,
    "answer_ms": 4_000, "reconnect_ms": 2_000,
}  # fmt: skip
MOST_HELD = 1_024
EMPTY: Json = {"type": "chat", **{name: [] for name in LISTS}}


@dataclass(frozen=True)
class Publish:
    """Wanted: this message, with a reply subject of that number where one is given."""

    subject: str
    body: bytes
    number: int | None = None


@dataclass(frozen=True)
class Timer:
    """Wanted: to be told after a random time between the two; it replaces its like."""

    name: str
    at_least_ms: int
    at_most_ms: int


@dataclass(frozen=True)
class Renew:
    """Wanted: an id for a new session, and the subscription to it."""


Effects = tuple[Publish | Timer | Renew, ...]


@dataclass(frozen=True)
class Sending:
    """The action under way: the same bytes each time that it is sent."""

    action_id: str
    body: bytes
    tries: int = 0
    not_before: int = 0


@dataclass(frozen=True)
class Client:
    """What a client knows."""

    user_id: str
    token: str | None
    chat: Json = field(default_factory=lambda: dict[str, Any](EMPTY))
    timers: dict[str, int] = field(default_factory=lambda: TIMERS)
    session_id: str = ""
    phase: str = "offline"
    opened: Json | None = None
    place: Place | None = None
    counted: int = 0  # last_action_seq at this place
    held: tuple[tuple[str, bytes], ...] = ()
    numbers: int = 0
    asked: tuple[int, str] | None = None  # the request under way
    pinged: int = 0
    goal: Place | None = None  # where the states of the last answer end
    told: Place | None = None  # a head that was heard of
    failures: int = 0
    not_before: int = 0
    next_number: int = 1
    sending: Sending | None = None
    refused: tuple[Json, ...] = ()
    max_payload: int = 1_048_576
    now: int = 0


Step = tuple[Client, Effects]


# [subjects]
PLAIN = (string.ascii_letters + string.digits + "_-").encode()


def tok(id_: str) -> str:
    """Encode an id as a token of a subject."""
    return "".join(chr(b) if b in PLAIN else f"={b:02x}" for b in id_.encode())


def subject(c: Client, leaf: str) -> str:
    """A subject of the session; `*` is its whole stream, for one subscription."""
    return f"session.{tok(c.user_id)}.{tok(c.session_id)}.{leaf}"


# [end]


def body(c: Client, type_: str, data: Json, **more: Any) -> bytes:
    """A body that the client sends."""
    envelope = {
        "v": "1.0", "type": type_, "user_id": c.user_id, "session_id": c.session_id,
        "timestamp": c.now,
    }  # fmt: skip
    return json.dumps({**envelope, **more, "data": data}).encode()


# [read]
def read(data: bytes) -> Json | None:
    """A body of a version that is spoken, None for what cannot be used."""
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return None
    spoken = isinstance(found, dict) and str(found.get("v", "")).startswith("1.")
    if not spoken or not isinstance(found.get("data"), dict):
        return None
    return found if isinstance(found.get("type"), str) else None


def is_own(c: Client, found: Json) -> bool:
    """Whether a body is of this session: that its subject is right is not enough."""
    return (found.get("user_id"), found.get("session_id")) == (c.user_id, c.session_id)


def place_of(found: Any) -> Place | None:
    """The place that a message or a position names."""
    if not isinstance(found, dict):
        return None
    epoch, seq = found.get("epoch"), found.get("seq")
    return (epoch, seq) if type(epoch) is int and type(seq) is int else None


def number_of(value: Any) -> int:
    """A number of the server's; 0 for what is none."""
    return value if type(value) is int and value > 0 else 0


# [end]


# [open]
def began(c: Client, session_id: str) -> Step:
    """There is an id for a new session; the shell has subscribed to it."""
    c = replace(
        c, session_id=session_id, opened=None, place=None, counted=0, held=(),
        asked=None, goal=None, told=None, next_number=1, sending=None,
        refused=given_up(c),
    )  # fmt: skip
    return c, ()


def connected(c: Client, max_payload: int) -> Step:
    """The subscription is in force on a new connection, or for a new session."""
    if c.phase == "closed" or not c.session_id:
        return c, ()
    phase = "opening" if c.opened is None else "recovering"
    c = replace(c, phase=phase, asked=None, held=(), max_payload=max_payload)
    left_ms = c.not_before - c.now
    if left_ms > 0 or c.failures > 1:
        return wait(c, max(left_ms, 0))
    return ask(c)


def ask(c: Client) -> Step:
    """Open the session, or ask for all of its states."""
    type_, data = "session.sync", dict[str, Any]()
    if c.opened is None:
        type_ = "session.open"
        auth = None if c.token is None else {"scheme": "bearer", "token": c.token}
        data = {
            "protocol": ["1.0"], "kinds": ["chat"], "features": [], "auth": auth,
            "client": {"name": "small-client", "version": "0.1.0"},
        }  # fmt: skip
    c = replace(c, numbers=c.numbers + 1, asked=(c.numbers + 1, type_), told=None)
    return c, (Publish(subject(c, "control"), body(c, type_, data), c.numbers),)


def answered(c: Client, number: int, data: bytes | None) -> Step:
    """An answer came to the request of a number, or None: nobody answered in time."""
    found = None if data is None else read(data)
    if c.phase == "closed":
        return c, ()
    if number == c.pinged:
        return ponged(replace(c, pinged=0), found)
    if c.asked is None or c.asked[0] != number:
        return c, ()  # it was given up
    type_ = c.asked[1]
    c = replace(c, asked=None)
    if found is not None and found["type"] == "error":
        return refused(c, type_, found["data"].get("error"))
    at = None if found is None else place_of(found["data"].get("position"))
    if found is None or at is None or not answers(c, type_, found):
        return failed(c)
    if type_ == "session.open":
        c = replace(c, opened=found["data"])
    return arrived(c, found["data"]["position"], at)


def answers(c: Client, type_: str, found: Json) -> bool:
    """Whether a body is the answer to a request, with all that the client goes by."""
    if found["type"] != ANSWER[type_] or not is_own(c, found):
        return False
    if type_ == "session.sync":
        return True
    members = {"actions": list, "limits": dict, "timers": dict}
    data = found["data"]
    return all(isinstance(data.get(name), kind) for name, kind in members.items())


def arrived(c: Client, position: Json, at: Place) -> Step:
    """Go on from the place of an answer, with what came before it."""
    counted, held = number_of(position.get("last_action_seq")), c.held
    first = c.place is None
    goal = (at[0], at[1] + 1)
    c = replace(c, phase="live", place=at, counted=counted, held=(), goal=goal)
    effects: Effects = ()
    if first:
        c = replace(c, next_number=counted + 1)
        effects = (ping_timer(c),)
    for leaf, data in held:
        c, more = heard(c, leaf, data)
        effects += more
    c, more = again(c)
    return c, (*effects, *more)


# [end]


# [stream]
def heard(c: Client, leaf: str, data: bytes) -> Step:
    """The subscription has brought a message."""
    found = read(data)
    if leaf == "control":
        return (c, ()) if found is None or not is_own(c, found) else pushed(c, found)
    if leaf not in ("state", "events"):
        return c, ()
    if c.phase in ("opening", "recovering"):
        # The answer is on another subject, and may be overtaken by what follows it.
        return replace(c, held=(*c.held, (leaf, data))[:MOST_HELD]), ()
    return (c, ()) if c.phase != "live" else taken(c, found)


def taken(c: Client, found: Json | None) -> Step:
    """Take a state or an event in its turn: the next one, and no other."""
    if found is not None and not is_own(c, found):
        return c, ()
    at = None if found is None else place_of(found)
    if found is None or at is None or c.place is None:
        return recover(c)
    if at <= c.place:
        return c, ()
    is_state = found["type"] == "session.state"
    begins = at[0] > c.place[0] and at[1] == 1 and is_state
    follows = begins or at == (c.place[0], c.place[1] + 1)
    if not follows or (is_state and not usable(found["data"])):
        return recover(c)
    if is_state and found["data"]["type"] == "chat":
        c = replace(c, chat=found["data"])  # whole: nothing of the old one is left
    counted = max(c.counted, number_of(found.get("last_action_seq")))
    c = replace(c, place=at, counted=counted)
    there = c.goal is not None and at >= c.goal
    return (replace(c, goal=None, failures=0) if there else c), ()


def usable(data: Json) -> bool:
    """Whether a state is whole; one of another kind is skipped, and is no fault."""
    if data.get("type") != "chat":
        return isinstance(data.get("type"), str)
    return all(isinstance(data.get(name), list) for name in LISTS)


def recover(c: Client) -> Step:
    """Something is missing: get the states, at once the first time."""
    if c.phase != "live":
        return c, ()
    failures = c.failures + (c.goal is not None)
    c = replace(c, phase="recovering", goal=None, failures=failures)
    return ask(c) if failures == 0 else wait(c)


# [end]


# [failures]
def failed(c: Client, least_ms: int = 0) -> Step:
    """The request did not help: try again, later each time."""
    return wait(replace(c, failures=c.failures + 1), least_ms)


def wait(c: Client, least_ms: int = 0) -> Step:
    """Try again after a random wait, whose bound doubles."""
    most_ms = least_ms + bound_ms(c, max(c.failures - 1, 0))
    return replace(c, not_before=c.now + least_ms), (Timer("retry", least_ms, most_ms),)


def bound_ms(c: Client, tries: int) -> int:
    """The longest wait after some tries in a row."""
    return min(c.timers["retry_base_ms"] << min(tries, 20), c.timers["retry_max_ms"])


def refused(c: Client, type_: str, error: Any) -> Step:
    """The server refuses a request: for now, in this session, or for good."""
    told: Json = error if isinstance(error, dict) else {}
    opens = type_ == "session.open"
    if told.get("code") in GONE and not (opens and told["code"] == UNKNOWN):
        return renew(c)
    if told.get("retryable") is True:
        return failed(c, number_of(told.get("retry_after_ms")))
    if opens:
        return replace(c, phase="closed"), ()  # what was refused has to change first
    return renew(replace(c, failures=max(c.failures, 1)))


def renew(c: Client) -> Step:
    """The session is over: another one begins, at once the first time."""
    c = replace(c, phase="opening", opened=None, asked=None, failures=c.failures + 1)
    return (c, (Renew(),)) if c.failures == 1 else wait(c)


def lost(c: Client) -> Step:
    """The connection is gone; requests on it have no answer any more."""
    if c.phase == "closed":
        return c, ()
    return replace(c, phase="offline", asked=None, pinged=0, goal=None, failures=0), ()


# [end]


# [life]
def ping_timer(c: Client) -> Timer:
    """Some signs of life in each window; all clients at once would be a burst."""
    timers = c.opened["timers"] if c.opened else {}
    heartbeat_ms = number_of(timers.get("heartbeat_ms")) or 15_000
    return Timer("ping", heartbeat_ms * 6 // 10, heartbeat_ms * 8 // 10)


def ping(c: Client) -> Step:
    """Give a sign of life, and ask for the head."""
    if c.phase != "live" or c.pinged:
        return c, (ping_timer(c),)
    c = replace(c, numbers=c.numbers + 1, pinged=c.numbers + 1)
    sent = Publish(subject(c, "control"), body(c, "session.ping", {}), c.pinged)
    return c, (sent, ping_timer(c))


def ponged(c: Client, found: Json | None) -> Step:
    """A ping was answered, or not: then the next one asks again."""
    if found is None:
        return c, ()
    if found["type"] == "error":
        error = found["data"].get("error")
        over = isinstance(error, dict) and error.get("code") in GONE
        return renew(c) if over else (c, ())
    own = found["type"] == "session.pong" and is_own(c, found)
    return (heard_of(c, found["data"].get("position")) if own else c), ()


def pushed(c: Client, found: Json) -> Step:
    """Heed a push: where the head is, what became of an action, the end."""
    data = found["data"]
    match found["type"]:
        case "session.heartbeat" if c.told and c.place and c.told > c.place:
            return recover(c)  # it was told before, and has not come since
        case "session.heartbeat":
            return heard_of(c, data.get("position")), ()
        case "action.ack" | "action.nack":
            return came_out(heard_of(c, data.get("position")), found["type"], data)
        case "session.closing" if data.get("reconnect") is False:
            return replace(c, phase="closed"), ()
        case "session.closing" if data.get("reconnect") is True:
            phase = "opening" if c.opened is None else "recovering"
            c = replace(c, phase=phase, asked=None, goal=None)
            return wait(c, number_of(data.get("after_ms")))
        case _:
            return c, ()


def heard_of(c: Client, position: Any) -> Client:
    """Note a head: what is missing up to there is under way, or lost."""
    at = place_of(position)
    if at is None or c.place is None:
        return c
    if at <= c.place:
        counted = max(c.counted, number_of(position.get("last_action_seq")))
        return replace(c, counted=counted)
    return replace(c, told=at if c.told is None else max(at, c.told))


# [end]


# [act]
def act(c: Client, type_: str, data: Json, id_: str) -> tuple[Step, str | None]:
    """Do what the user wants; the second is why not, if it is refused here."""
    why = why_not(c, type_, data)
    if why is not None or c.opened is None:
        return (c, ()), why
    sent = body(c, type_, data, action_id=id_, client_seq=c.next_number)
    most = number_of(c.opened["limits"].get("action")) or 196_608
    if len(sent) > min(most, c.max_payload):
        return (c, ()), "too_large"
    c = replace(c, sending=Sending(id_, sent), next_number=c.next_number + 1)
    return again(c), None


def why_not(c: Client, type_: str, data: Json) -> str | None:
    """Why an action is refused before it is made."""
    if c.phase != "live" or c.opened is None:
        return "closed" if c.phase == "closed" else "not_live"
    if c.sending is not None:
        return "busy"
    if type_ not in ACTIONS or type_ not in c.opened["actions"]:
        return "unknown_type"
    members = ACTIONS[type_]
    fits = all(type(data.get(name)) in types for name, types in members.items())
    return None if fits else "invalid"


def again(c: Client) -> Step:
    """Send the action under way, for the first time or once more."""
    sending = c.sending
    if sending is None or c.phase != "live":
        return c, ()
    if len(sending.body) > c.max_payload:
        # This broker takes less than the one before: nothing fills the number here.
        return renew(c)
    left_ms = sending.not_before - c.now
    if left_ms > 0:
        return c, (Timer("copy", left_ms, left_ms),)
    sent = Publish(f"user.actions.{tok(c.user_id)}", sending.body)
    outcome_ms = c.timers["outcome_ms"]
    return c, (sent, Timer("copy", outcome_ms, outcome_ms * 6 // 5))


def came_out(c: Client, type_: str, data: Json) -> Step:
    """The outcome of an action: an end of it, or a wait."""
    sending, error = c.sending, data.get("error")
    if sending is None or data.get("action_id") != sending.action_id:
        return c, ()
    if type_ == "action.ack":
        return replace(c, sending=None), ()
    told: Json = error if isinstance(error, dict) else {}
    if told.get("retryable") is not True:
        entry = {"action_id": sending.action_id, "code": number_of(told.get("code"))}
        return replace(c, sending=None, refused=(*c.refused, entry)), ()
    least_ms, bound = number_of(told.get("retry_after_ms")), bound_ms(c, sending.tries)
    later = replace(sending, tries=sending.tries + 1, not_before=c.now + least_ms)
    timer = Timer("copy", least_ms + bound // 3, least_ms + bound)
    return replace(c, sending=later), (timer,)


def given_up(c: Client) -> tuple[Json, ...]:
    """What the user is told once an action is given up with its session."""
    if c.sending is None:
        return c.refused
    return (*c.refused, {"action_id": c.sending.action_id, "reason": "given_up"})


# [end]


def rang(c: Client, timer: str) -> Step:
    """A timer's time has come."""
    if c.phase == "closed":
        return c, ()
    if timer == "ping":
        return ping(c)
    if timer == "copy":
        return again(c)
    if c.phase == "opening" and c.place is not None and c.opened is None:
        return c, (Renew(),)  # a new session was put off
    waits = c.phase in ("opening", "recovering") and c.asked is None
    return ask(c) if waits else (c, ())
