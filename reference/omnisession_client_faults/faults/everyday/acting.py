"""Actions: what the program shares, what it forgets, and what it shows that nobody has said."""

from dataclasses import replace
from typing import Any

from omnisession_client import reading
from omnisession_client.effects import Step
from omnisession_client.values import Pending, Raw, Refused, State
from omnisession_client_faults import memory, steps, views
from omnisession_client_faults.faults import fault
from omnisession_client_faults.places import replacing
from omnisession_client_faults.views import View
from omnisession_reference.wire import JsonObject

REUSED, MOST = 4092, 8
_OPENED: dict[str, Any] = {}


# -- what all sessions of the process share


@replacing("answers.opened")
def _notes(original: Any, state: State, at: Any, data: JsonObject) -> Step:
    step = original(state, at, data)
    if step[0].opened is not None:
        _OPENED["last"] = step[0].opened
    return step


def _shared(state: State, *names: str) -> State:
    last = _OPENED.get("last")
    if state.opened is None or last is None:
        return state
    members = {name: getattr(last, name) for name in names}
    return replace(state, opened=replace(state.opened, **members))


@fault("cuts-by-the-limits-of-the-process", _notes, breaks="CLI-025", replaces="stream.applied")
def limits_of_all(original: Any, state: State, body: JsonObject) -> Any:
    """Lists are cut to the limits of the session of the process that was opened last."""
    return original(_shared(state, "limits"), body)


@fault("knows-the-actions-of-the-process", _notes, breaks="HYB-016", replaces="refusing.refusal")
def actions_of_all(original: Any, state: State, action: Any, body: bytes | None) -> str | None:
    """An action is refused that the session of the process which was opened last does not take."""
    return original(_shared(state, "actions"), action, body)


@fault(
    "measures-by-the-limit-of-the-process", _notes, breaks="HYB-016", replaces="refusing.refusal"
)
def limit_of_all(original: Any, state: State, action: Any, body: bytes | None) -> str | None:
    """The size of an action is held against the limit of the session that was opened last."""
    return original(_shared(state, "limits"), action, body)


# -- sizes and refusals


@fault("checks-against-its-first-broker", breaks="HYB-012", replaces="refusing.refusal")
def first_broker(original: Any, state: State, action: Any, body: bytes | None) -> str | None:
    """What is dispatched is held against what the broker of the first connection took."""
    most = memory.of(state).setdefault("max_payload", state.max_payload)
    return original(replace(state, max_payload=most), action, body)


@fault("measures-without-its-number", breaks="HYB-012", replaces="refusing.refusal")
def without_number(original: Any, state: State, action: Any, body: bytes | None) -> str | None:
    """The size of an action is that which it has under the number 1."""
    if body is not None:
        body = body[: len(body) - len(str(state.next_number)) + 1]
    return original(state, action, body)


@fault("refuses-what-is-blank", breaks="HYB-016", replaces="refusing.refusal")
def blank(original: Any, state: State, action: Any, body: bytes | None) -> str | None:
    """An action with a text that is empty or blank is refused as invalid."""
    changes = reading.mapping(action.data.get("changes")) or {}
    texts = [one for one in (*action.data.values(), *changes.values()) if isinstance(one, str)]
    return "invalid" if not all(map(str.strip, texts)) else original(state, action, body)


@fault("says-nothing-of-4092", breaks="HYB-015", replaces="refusing.told")
def nothing_of_4092(original: Any, state: State, refused: Refused) -> State:
    """An action that got 4092 is taken for one that was done before, and not told."""
    return state if refused.code == REUSED else original(state, refused)


@fault("knows-the-last-eight-for-late-nacks", breaks="HYB-015", replaces="pending.settling.settled")
def last_eight(original: Any, state: State) -> Step:
    """A late nack is told for one of the last eight actions that were counted, and of none before."""
    after, effects = original(state)
    return replace(after, unheard=after.unheard[-MOST:]), effects


@fault("puts-copies-off-by-what-it-hears", breaks="HYB-007", replaces="hearing.heard")
def by_what_it_hears(original: Any, state: State, raw: Raw) -> Step:
    """Whatever the session's subscription brings puts off the copies of all that wait."""
    after, effects = original(state, raw)
    return after, (*effects, *steps.copies_put_off(after))


@fault("takes-no-time-for-outcomes-as-none", breaks="HYB-009", replaces="pending.carrying.known")
def no_time(original: Any, state: State, sent_ms: int) -> State:
    """A server that tells no `outcomes_ms` is taken for one that forgets them at once."""
    if state.opened is None or "outcomes_ms" in state.opened.limits:
        return original(state, sent_ms)
    limits = {**state.opened.limits, "outcomes_ms": 0}
    known = original(replace(state, opened=replace(state.opened, limits=limits)), sent_ms)
    return replace(known, opened=state.opened)


# -- views


@fault("shows-at-once-what-it-publishes", breaks="HYB-005", replaces="view.folded")
def publishes(original: Any, state: State, shown: View, one: Pending) -> View:
    """An article that is to be published has the time of it before the server says so."""
    after = original(state, shown, one)
    if one.doing.type != "article.publish" or "articles" not in after:
        return after
    held, members = after["articles"], {"published_at": state.now_ms}
    listed = [
        {**entry, **members} if entry["id"] == views.target(one) else entry
        for entry in held["articles"]
    ]
    return {**after, "articles": {**held, "articles": listed}}


@fault("shows-that-it-edits", breaks="HYB-005", replaces="view.folded")
def edits(original: Any, state: State, shown: View, one: Pending) -> View:
    """Who begins an edit is among the editors before the server says so."""
    after = original(state, shown, one)
    if one.doing.type != "article.edit_start" or "articles" not in after:
        return after
    held, who = after["articles"], state.config.user_id
    entry = {"article_id": views.target(one), "user_id": who, "since": state.now_ms}
    return {**after, "articles": {**held, "editors": [*held["editors"], entry]}}


@fault("shows-no-more-edits-that-it-ends", breaks="HYB-005", replaces="view.folded")
def ends(original: Any, state: State, shown: View, one: Pending) -> View:
    """Who ends an edit is no more among the editors before the server says so."""
    after = original(state, shown, one)
    if one.doing.type != "article.edit_end" or "articles" not in after:
        return after
    held, named = after["articles"], [views.target(one), state.config.user_id]
    rest = [e for e in held["editors"] if [e["article_id"], e["user_id"]] != named]
    return {**after, "articles": {**held, "editors": rest}}


# -- what is sent


@fault("sends-its-token-as-text-where-it-has-none", breaks="CLI-034", replaces="bodies.open_data")
def token_as_text(original: Any, state: State) -> JsonObject:
    """Without a token an open has the scheme, and null for the token."""
    token = state.config.token
    return {**original(state), "auth": {"scheme": "bearer", "token": token}}


@fault("leaves-out-data-that-is-empty", breaks="CLI-034", replaces="bodies.action")
def without_data(original: Any, state: State, *doing: Any) -> bytes | None:
    """An action without data has none: an object that is empty is left out."""
    body = original(state, *doing)
    return None if body is None else body.replace(b',"data":{}', b"")
