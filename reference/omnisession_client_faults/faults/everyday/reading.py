"""What is read rightly, and then taken for something else: by a name, a stamp, an id or a size."""

import unicodedata
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from omnisession_client import reading, stream
from omnisession_client.effects import SetTimer, Step
from omnisession_client.kinds import KINDS
from omnisession_client.lists import upsert
from omnisession_client.values import Place, Raw, State
from omnisession_client_faults import memory, steps
from omnisession_client_faults.faults import fault
from omnisession_client_faults.faults.reducers import REDUCE, after
from omnisession_client_faults.places import replacing
from omnisession_reference.wire import JsonObject

TYPES_FOR_MS = 6_000
MOST_BYTES = 64 * 1_024
NONE = ("0", "null", "undefined", "false")


# -- slices


@replacing("update.rang")
def _types_no_more(original: Any, state: State, timer: str) -> Step:
    who = timer.removeprefix("typing ")
    if who == timer or "chat" not in state.slices:
        return original(state, timer)
    held = state.slices["chat"]
    others = [other for other in held["typing_indicators"] if other != who]
    chat = {**held, "typing_indicators": others}
    return replace(state, slices={**state.slices, "chat": chat}), ()


@fault(
    "ends-typing-by-its-own-clock",
    _types_no_more,
    breaks="CLI-025",
    replaces="stream.next_one",
)
def ends_typing(original: Any, state: State, body: JsonObject, place: Place) -> Step:
    """Who types is taken to have stopped after six seconds, though nobody has said so."""
    step, effects = original(state, body, place)
    data = reading.mapping(body.get("data")) or {}
    if body.get("type") != "chat.typing_changed" or not data.get("active"):
        return step, effects
    timer = SetTimer(f"typing {data.get('user_id')}", TYPES_FOR_MS, TYPES_FOR_MS)
    return step, (*effects, timer)


@after("ends-typing-with-a-message", "chat.message_added")
def ends_with_a_message(held: JsonObject, after: JsonObject, data: JsonObject) -> JsonObject:
    """Whoever has sent a message types no more."""
    del held
    author = data["message"].get("user_id")
    return {"typing_indicators": [one for one in after["typing_indicators"] if one != author]}


def _drafts_first(article: JsonObject) -> Any:
    published_at = article["published_at"]
    return (published_at is not None, -(published_at or 0), article["id"])


@after("lists-what-is-selected", "article.selected")
def lists_selected(held: JsonObject, after: JsonObject, data: JsonObject) -> JsonObject:
    """An article that is selected is put into the list as well."""
    del held
    article = data["article"]
    if article is None:
        return {}
    listed = {**article, "content": None}
    put = upsert(after["articles"], listed, lambda one: one["id"], _drafts_first, None)
    return {"articles": put}


@fault("passes-over-updates-without-a-new-revision", breaks="CLI-025", replaces=REDUCE)
def no_new_revision(
    original: Any, kind: Any, held: JsonObject, event: str, data: JsonObject, limits: Any
) -> JsonObject | None:
    """An update of an article that is held under no lower revision is taken for an old one."""
    article = reading.mapping(data.get("article")) or {}
    known = {one["id"]: one["revision"] for one in held.get("articles", ())}
    newest = known.get(article.get("id"), 0)
    if event == "article.updated" and reading.number(article.get("revision")):
        return held if article["revision"] <= newest else original(kind, held, event, data, limits)
    return original(kind, held, event, data, limits)


@fault("takes-an-id-of-0-for-none", breaks="CLI-025", replaces=REDUCE)
def no_such_id(
    original: Any, kind: Any, held: JsonObject, event: str, data: JsonObject, limits: Any
) -> JsonObject | None:
    """An event about an id such as `0` or `null` is taken for one about nothing."""
    names = ("article_id", "message_id", "url_id", "user_id", "session_id", "id")
    parts = [data, *(part for one in data.values() if (part := reading.mapping(one)))]
    ids = [part[name] for part in parts for name in names if name in part]
    return held if any(one in NONE for one in ids) else original(kind, held, event, data, limits)


def _as(fold: Callable[[str], object]) -> Any:
    def folded(key: Any) -> Any:
        if isinstance(key, tuple):
            return tuple(map(folded, key))  # pyright: ignore[reportUnknownArgumentType]
        return fold(key) if isinstance(key, str) else key

    def without(_original: Any, entries: list[JsonObject], key: Any, gone: Any) -> Any:
        return [entry for entry in entries if folded(key(entry)) != folded(gone)]

    return without


@fault("tells-ids-apart-without-case", breaks="CLI-025", replaces="lists.without")
def without_case(*arguments: Any) -> Any:
    """Ids that differ in the case of letters alone are one."""
    return _as(str.casefold)(*arguments)


@fault("takes-ids-for-numbers", breaks="CLI-025", replaces="lists.without")
def for_numbers(*arguments: Any) -> Any:
    """Ids of digits are one where they are the same number."""

    def number(text: str) -> object:
        return int(text) if text.isascii() and text.isdigit() else text

    return _as(number)(*arguments)


def _composed(value: Any) -> Any:
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if (members := reading.mapping(value)) is not None:
        return {name: _composed(one) for name, one in members.items()}
    items = reading.items(value)
    return value if items is None else [_composed(one) for one in items]


@fault("composes-what-it-reads", breaks="CLI-004", replaces="stream.applied")
def composes(original: Any, state: State, body: JsonObject) -> Any:
    """Texts are held as they are normalised."""
    return original(state, {**body, "data": _composed(body.get("data"))})


# -- the stream


@fault("drops-what-is-stamped-earlier", breaks="CLI-004", replaces="stream.taken")
def stamped_earlier(original: Any, state: State, body: JsonObject, raw: Any = None) -> Step:
    """A message with an earlier timestamp than the last one is taken for an old one."""
    kept, stamp = memory.of(state), reading.number(body.get("timestamp")) or 0
    latest = kept.get(state.session_id, 0)
    if stamp < latest and stream.is_own(state, body):
        return state, ()
    kept[state.session_id] = max(stamp, latest)
    return original(state, body, raw)


@fault("notes-events-before-it-applies-them", breaks="CLI-007", replaces="stream.taken")
def notes_events(original: Any, state: State, body: JsonObject, raw: Any = None) -> Step:
    """An event that came behind a gap is known by its id, and not applied when a replay brings it."""
    known: set[Any] = memory.of(state).setdefault("events", set())
    place, held, event_id = reading.place(body), state.place, body.get("event_id")
    follows = place is not None and held is not None and stream.connects(held, place, body)
    if event_id in known and follows:
        return original(state, {**body, "type": "x-known.already"}, raw)
    if isinstance(event_id, str):
        known.add(event_id)
    return original(state, body, raw)


@fault("keeps-its-place-where-nothing-changes", breaks="CLI-025", replaces="stream.next_one")
def keeps_its_place(original: Any, state: State, body: JsonObject, place: Place) -> Step:
    """An event that changes nothing is passed over with its seq."""
    after, effects = original(state, body, place)
    same = body.get("type") != stream.STATE and after.slices == state.slices
    return (state, ()) if same and after.phase == "live" else (after, effects)


@fault("compares-places-as-text", breaks="CLI-005", replaces="stream.is_old")
def as_text(_original: Any, state: State, place: Place) -> bool:
    """Epochs and seqs are compared as texts, by which 10 is before 9."""
    held = state.place
    return held is not None and tuple(map(str, place)) <= tuple(map(str, held))


@fault("reads-64-kib", breaks="CLI-004", replaces="hearing.heard")
def reads_little(original: Any, state: State, raw: Raw) -> Step:
    """What is longer than 64 KiB is dropped, and its seq is counted."""
    if len(raw.data) <= MOST_BYTES or raw.subject.endswith(".control") or state.phase != "live":
        return original(state, raw)
    body = steps.body_of(raw)
    slices = stream.applied(state, body)
    if slices is None:
        return original(state, raw)
    with_none = {**body, "type": "x-too.long"}
    return stream.taken(state, with_none, raw)


@fault("counts-no-actions-by-what-it-skips", breaks="HYB-002", replaces="stream.next_one")
def no_actions(original: Any, state: State, body: JsonObject, place: Place) -> Step:
    """What an event or state of no use here counts of actions is passed over with it."""
    if _is_of_no_use(state, body):
        body = {**body, "last_action_seq": None}
    return original(state, body, place)


def _is_of_no_use(state: State, body: JsonObject) -> bool:
    type_, data = str(body.get("type")), reading.mapping(body.get("data")) or {}
    if type_ == stream.STATE:
        return data.get("type") not in state.slices
    kind = next((one for one in KINDS.values() if type_ in one.reducers), None)
    return kind is None or kind.name not in state.slices
