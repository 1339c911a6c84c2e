"""Sessions that are gone, and codes that are not known."""

from dataclasses import replace
from typing import Any

from omnisession_client import answers, asking, ending, reading, recovery
from omnisession_client.effects import Step
from omnisession_client.reading import Failure
from omnisession_client.values import State
from omnisession_client_faults import memory
from omnisession_client_faults.faults import fault
from omnisession_reference.wire import JsonObject

_OF_BODIES = {4000, 4001, 4002, 4003, 4004, 4130, 4220}
_OF_USERS = {4010, 4011, 4030, 4031, 4040, 4041, 4101, 4290, 4291}
KNOWN = _OF_BODIES | _OF_USERS | {4090, 4091, 4092, 5000, 5030}
GONE = (answers.UNKNOWN, answers.CLOSED)


@fault("opens-with-the-same-id", breaks="CLI-019", replaces="recovery.ask")
def same_id(original: Any, state: State) -> Step:
    """A session that the server does not know is opened again under its id."""
    if state.recovery.want == recovery.RENEW:
        state = replace(state, opened=None, recovery=replace(state.recovery, want=recovery.OPEN))
    return original(state)


@fault("ends-with-its-session", breaks="CLI-019", replaces="ending.renew")
def ends(_original: Any, state: State) -> Step:
    """A session that is gone ends the client."""
    return ending.over(state)


@fault("renews-once", breaks="CLI-019", replaces="ending.renew")
def renews_once(original: Any, state: State) -> Step:
    """The second session that is gone ends the client."""
    return original(state) if memory.count(state, "renewals") == 1 else ending.over(state)


@fault("knows-no-4101", breaks="CLI-019", replaces="answers.CLOSED")
def knows_no_4101(_original: int) -> int:
    """A ping that is told that its session was closed is repeated."""
    return 0


def _asks_on(state: State, data: JsonObject, asked: str, refused: str) -> Step | None:
    """Ask the same again where a request of this type is told that the session is gone."""
    code = reading.failure(data).code
    return recovery.failed(state) if code in GONE and asked == refused else None


@fault("heeds-no-refused-resume", breaks="CLI-019", replaces="answers.refused")
def no_refused_resume(original: Any, state: State, asked: str, data: JsonObject) -> Step:
    """A resume that is told that its session is gone is repeated."""
    return _asks_on(state, data, asked, recovery.RESUME) or original(state, asked, data)


@fault("heeds-no-refused-sync", breaks="CLI-019", replaces="answers.refused")
def no_refused_sync(original: Any, state: State, asked: str, data: JsonObject) -> Step:
    """A sync that is told that its session is gone is repeated."""
    return _asks_on(state, data, asked, recovery.SYNC) or original(state, asked, data)


@fault("heeds-no-refused-ping", breaks="CLI-019", replaces="answers.pong")
def no_refused_ping(original: Any, state: State, body: Any, data: Any) -> Step:
    """A ping that is told that its session is gone is repeated."""
    gone = isinstance(data, dict) and "error" in data
    return asking.unanswered_ping(state) if gone else original(state, body, data)


@fault("syncs-its-new-session", breaks="CLI-019", replaces="recovery.connected")
def syncs_a_new_one(original: Any, state: State) -> Step:
    """A new session is not opened: the client asks it for its states at once."""
    first = memory.of(state).setdefault("first", state.session_id)
    if state.opened is not None or state.session_id == first or state.recovery.number:
        return original(state)
    wants = replace(state.recovery, want=recovery.SYNC)
    return recovery.ask(replace(state, phase="opening", recovery=wants))


@fault("unknown-codes-are-final", breaks="CLI-020", replaces="reading.failure")
def unknown_is_final(original: Any, data: JsonObject) -> Failure:
    """A code that is not known is taken for final, whatever `retryable` says."""
    found = original(data)
    return found if found.code in KNOWN else found._replace(retryable=False)


@fault("unknown-codes-are-tried-again", breaks="CLI-020", replaces="reading.failure")
def unknown_is_retryable(original: Any, data: JsonObject) -> Failure:
    """What failed by a code that is not known is tried again, whatever `retryable` says."""
    found = original(data)
    return found if found.code in KNOWN else found._replace(retryable=True)


@fault("goes-by-the-first-digit", breaks="CLI-020", replaces="reading.failure")
def by_the_first_digit(original: Any, data: JsonObject) -> Failure:
    """Of a code that is not known the first digit says whether it is tried again."""
    found = original(data)
    if found.code in KNOWN:
        return found
    return found._replace(retryable=str(found.code).startswith("5"))


@fault("fails-at-unknown-codes", breaks="CLI-020", replaces="reading.failure")
def fails(original: Any, data: JsonObject) -> Failure:
    """A code that is not known breaks the client."""
    found = original(data)
    if found.code not in KNOWN:
        raise LookupError(found.code)
    return found


@fault("unknown-nacks-are-final", breaks="CLI-020", replaces="acting.outcome")
def unknown_nacks(original: Any, state: State, type_: str, data: JsonObject) -> Step:
    """A nack of an action is final where its code is not known, whatever `retryable` says."""
    error = dict(data.get("error") or {})
    if error.get("code") not in KNOWN:
        error["retryable"] = False
    return original(state, type_, {**data, "error": error})


@fault("opens-after-any-error", breaks="CLI-030", replaces="answers.refused")
def opens_after_any(original: Any, state: State, asked: str, data: JsonObject) -> Step:
    """An open that was refused for good is repeated."""
    after, effects = original(state, asked, data)
    refused = asked == recovery.OPEN and after.phase == "closed"
    return recovery.failed(state) if refused else (after, effects)


def _repeats(state: State, asked: str, data: JsonObject, code: int) -> Step | None:
    told = reading.failure(data).code
    return recovery.failed(state) if asked == recovery.OPEN and told == code else None


@fault("opens-again-with-an-old-token", breaks="CLI-030", replaces="answers.refused")
def old_token(original: Any, state: State, asked: str, data: JsonObject) -> Step:
    """An open whose token has expired is repeated with that token."""
    return _repeats(state, asked, data, 4011) or original(state, asked, data)


@fault("opens-again-what-was-closed", breaks="CLI-030", replaces="answers.refused")
def what_was_closed(original: Any, state: State, asked: str, data: JsonObject) -> Step:
    """An open that is told that its session was closed is repeated under the same id."""
    return _repeats(state, asked, data, answers.CLOSED) or original(state, asked, data)


@fault("opens-another-when-refused", breaks="CLI-030", replaces="answers.refused")
def another(original: Any, state: State, asked: str, data: JsonObject) -> Step:
    """An open that was refused for good is tried under another session id."""
    after, effects = original(state, asked, data)
    refused = asked == recovery.OPEN and after.phase == "closed"
    return ending.renew(state) if refused else (after, effects)


@fault("opens-without-its-token", breaks="CLI-030", replaces="answers.refused")
def without_token(original: Any, state: State, asked: str, data: JsonObject) -> Step:
    """An open that was refused for good is repeated without a token."""
    after, effects = original(state, asked, data)
    if asked != recovery.OPEN or after.phase != "closed":
        return after, effects
    return recovery.failed(replace(state, config=replace(state.config, token=None)))
