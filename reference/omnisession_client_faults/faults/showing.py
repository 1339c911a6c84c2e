"""What a client holds that reads every message and shows it half: states, order, and reducers."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, cast

from omnisession_client import reading, stream
from omnisession_client.effects import Step
from omnisession_client.values import Config, Place, State
from omnisession_client_faults import memory, steps
from omnisession_client_faults.faults import fault
from omnisession_reference.wire import JsonObject

BITS = 0x7FFF_FFFF


@fault("skips-states-with-the-same-ids", breaks="CLI-004", replaces="stream.shown")
def same_ids(original: Any, slices: dict[str, JsonObject], data: JsonObject) -> Any:
    """A state whose lists have the ids that are held is taken for the same."""
    shown = original(slices, data)
    name = data.get("type")
    if shown is None or not isinstance(name, str) or name not in slices:
        return shown
    return slices if _ids(slices[name]) == _ids(shown[name]) != [] else shown


def _ids(held: JsonObject) -> list[Any]:
    lists = [cast("list[Any]", value) for value in held.values() if isinstance(value, list)]
    entries = [cast("JsonObject", one) for some in lists for one in some if isinstance(one, dict)]
    return [one.get("id") for one in entries]


@fault("shows-no-states-of-changes-beside-events", breaks="CLI-004", replaces="stream.applied")
def no_states_of_changes(original: Any, state: State, body: JsonObject) -> Any:
    """With events, a state of the reason `change` is counted and not shown."""
    slices = original(state, body)
    has_events = state.opened is not None and "events" in state.opened.features
    skips = has_events and body.get("reason") == "change"
    return dict(state.slices) if skips and slices is not None else slices


@fault("shows-no-states-of-a-takeover", breaks="CLI-009", replaces="stream.applied")
def no_states_of_takeover(original: Any, state: State, body: JsonObject) -> Any:
    """A state of the reason `takeover` is counted and not shown: one of the reasons was forgotten."""
    slices = original(state, body)
    skips = body.get("reason") == "takeover"
    return dict(state.slices) if skips and slices is not None else slices


@fault("takes-no-selection-of-states", breaks="CLI-004", replaces="stream.shown")
def keeps_what_is_selected(original: Any, slices: dict[str, JsonObject], data: JsonObject) -> Any:
    """What a session has selected is not taken from a state, since only selecting changes it."""
    shown = original(slices, data)
    if shown is None or data.get("type") != "articles" or "articles" not in slices:
        return shown
    held = slices["articles"]
    if held["current_article"] is None:
        return shown
    kept = {name: held[name] for name in ("current_article", "revisions")}
    return {**shown, "articles": {**shown["articles"], **kept}}


@fault("holds-null-for-lists", breaks="CLI-022", replaces="update.init")
def null_for_lists(original: Any, config: Config) -> State:
    """Before its first state a list is null."""
    state = original(config)
    slices = {
        kind: {name: value or None for name, value in held.items()}
        for kind, held in state.slices.items()
    }
    return replace(state, slices=slices)


@fault("applies-late-removals", breaks="CLI-005", replaces="stream.taken")
def late_removals(original: Any, state: State, body: JsonObject, raw: Any = None) -> Step:
    """An event that removes something is applied however late: what is gone stays gone."""
    place = reading.place(body)
    removes = str(body.get("type")).endswith(("deleted", "_left", "_closed", "_ended"))
    if removes and place and stream.is_old(state, place) and stream.is_own(state, body):
        return replace(steps.anyway(state, body), place=state.place), ()
    return original(state, body, raw)


@fault("knows-only-the-next-epoch", breaks="CLI-009", replaces="stream.is_old")
def only_the_next_epoch(original: Any, state: State, place: Place) -> bool:
    """Only an epoch that is one higher is a new one; what comes of a later one is dropped."""
    jumps = state.place is not None and place.epoch > state.place.epoch + 1
    return jumps or original(state, place)


@fault("goes-by-seqs-over-epochs", breaks="CLI-009", replaces="stream.connects")
def goes_by_seqs(original: Any, held: Place, place: Place, body: JsonObject) -> bool:
    """What has the next seq is the next message, be it of a higher epoch."""
    return place.seq == held.seq + 1 or original(held, place, body)


# -- reducers

Reduced = JsonObject
Order = Callable[[JsonObject], Any]


def _of(event: str) -> Any:
    def add(made: Any) -> Any:
        def reduced(original: Any, kind: Any, held: Any, type_: str, data: Any, limits: Any) -> Any:
            after = original(kind, held, type_, data, limits)
            return after if after is None or type_ != event else made(held, data, after)

        reduced.__doc__ = made.__doc__
        return reduced

    return add


REDUCE = "kinds.kind.Kind.reduce"


@fault("adds-revisions-at-a-selection", breaks="CLI-025", replaces=REDUCE)
@_of("article.selected")
def adds_revisions(held: JsonObject, _data: JsonObject, after: JsonObject) -> Reduced:
    """The revisions of a selected article are put behind those of the one before."""
    return {**after, "revisions": [*held["revisions"], *after["revisions"]]}


@fault("keeps-what-is-selected-at-null", breaks="CLI-025", replaces=REDUCE)
@_of("article.selected")
def keeps_at_null(held: JsonObject, data: JsonObject, after: JsonObject) -> Reduced:
    """That nothing is selected leaves the current article."""
    return held if data["article"] is None else after


@fault("keeps-revisions-of-a-deleted-article", breaks="CLI-025", replaces=REDUCE)
@_of("article.deleted")
def keeps_revisions(held: JsonObject, _data: JsonObject, after: JsonObject) -> Reduced:
    """The revisions stay when the current article is deleted."""
    return {**after, "revisions": held["revisions"]}


@fault("closes-what-is-current-at-any-delete-event", breaks="CLI-025", replaces=REDUCE)
@_of("article.deleted")
def closes_current(_held: JsonObject, _data: JsonObject, after: JsonObject) -> Reduced:
    """The current article is closed when any other one is deleted."""
    return {**after, "current_article": None, "revisions": []}


@fault("ends-all-edits-of-an-article", breaks="CLI-025", replaces=REDUCE)
@_of("article.edit_ended")
def ends_all(_held: JsonObject, data: JsonObject, after: JsonObject) -> Reduced:
    """An edit that ends takes along those of other users in its article."""
    left = [one for one in after["editors"] if one["article_id"] != data["article_id"]]
    return {**after, "editors": left}


@fault("has-one-editor-for-each-article", breaks="CLI-025", replaces=REDUCE)
@_of("article.edit_started")
def one_editor(held: JsonObject, data: JsonObject, after: JsonObject) -> Reduced:
    """An edit that begins takes the place of another user's in its article."""
    left = [
        one
        for one in after["editors"]
        if (one["article_id"], one["user_id"]) == (data["article_id"], data["user_id"])
        or one["article_id"] != data["article_id"]
    ]
    return {**held, "editors": left}


@fault("keeps-the-old-name-of-who-is-there", breaks="CLI-025", replaces=REDUCE)
@_of("chat.participant_joined")
def keeps_name(held: JsonObject, data: JsonObject, after: JsonObject) -> Reduced:
    """Who is among the participants already does not get another name."""
    there = any(one["id"] == data["user"]["id"] for one in held["participants"])
    return held if there else after


@fault("keeps-an-email-that-is-gone", breaks="CLI-025", replaces=REDUCE)
@_of("user.updated")
def keeps_email(held: JsonObject, data: JsonObject, after: JsonObject) -> Reduced:
    """A member that the user has no more stays."""
    return {**after, "user": {**(held["user"] or {}), **data["user"]}}


@fault("brings-a-message-told-again-to-the-front", breaks="CLI-025", replaces=REDUCE)
@_of("chat.message_added")
def to_the_front(held: JsonObject, data: JsonObject, after: JsonObject) -> Reduced:
    """A message that is there already and is told again comes to the front."""
    others = [one for one in held["messages"] if one["id"] != data["message"]["id"]]
    if len(others) == len(held["messages"]):
        return after
    return {**after, "messages": [data["message"], *others]}


@fault("lists-who-types-twice", breaks="CLI-025", replaces=REDUCE)
@_of("chat.typing_changed")
def types_twice(held: JsonObject, data: JsonObject, after: JsonObject) -> Reduced:
    """Who types already and is told to type again stands there twice."""
    if not data["active"]:
        return after
    return {**after, "typing_indicators": sorted([*held["typing_indicators"], data["user_id"]])}


@fault("forgets-who-writes-when-a-message-goes", breaks="CLI-025", replaces=REDUCE)
@_of("chat.message_added")
def types_no_more(_held: JsonObject, data: JsonObject, after: JsonObject) -> Reduced:
    """Whose message comes is taken out of those who type, before an event says so."""
    writer = data["message"]["user_id"]
    left = [one for one in after["typing_indicators"] if one != writer]
    return {**after, "typing_indicators": left}


@fault("shows-an-update-of-the-list-as-current", breaks="CLI-025", replaces=REDUCE)
@_of("article.updated")
def without_content(_held: JsonObject, data: JsonObject, after: JsonObject) -> Reduced:
    """An article that changes and is the current one loses its content, as the list has none."""
    current = after["current_article"]
    if current is None or current["id"] != data["article"]["id"]:
        return after
    return {**after, "current_article": {**current, "content": None}}


def _sorted(lists: Mapping[str, Order]) -> Any:
    def reduced(original: Any, kind: Any, held: Any, type_: str, data: Any, limits: Any) -> Any:
        after = original(kind, held, type_, data, limits)
        if after is None or after is held:
            return after
        changed = {
            name: sorted(after[name], key=order)
            for name, order in lists.items()
            if name in after and after[name] != held[name]
        }
        return {**after, **changed}

    return reduced


@fault("sorts-drafts-last", breaks="CLI-025", replaces=REDUCE)
def drafts_last(*arguments: Any) -> Any:
    """What is not published stands behind all that is."""

    def order(one: JsonObject) -> tuple[Any, ...]:
        at = one["published_at"]
        return (at is None, 0 if at is None else -at, one["id"])

    return _sorted({"articles": order})(*arguments)


@fault("sorts-the-newest-session-first", breaks="CLI-025", replaces=REDUCE)
def newest_session_first(*arguments: Any) -> Any:
    """The sessions of a user stand from the newest to the oldest."""
    order: Mapping[str, Order] = {"sessions": lambda one: (-one["opened_at"], one["session_id"])}
    return _sorted(order)(*arguments)


@fault("sorts-editors-by-their-users", breaks="CLI-025", replaces=REDUCE)
def editors_by_users(*arguments: Any) -> Any:
    """Editors are sorted by their users first."""
    return _sorted({"editors": lambda one: (one["user_id"], one["article_id"])})(*arguments)


@fault("cuts-before-it-sorts", breaks="CLI-025", replaces="lists.upsert")
def cuts_before(
    original: Any, entries: list[JsonObject], entry: JsonObject, key: Any, order: Any, limit: Any
) -> Any:
    """A list that is full is cut before an entry is put in, so one that changes costs the last."""
    return original(entries[: limit - 1] if limit else entries, entry, key, order, limit)


@fault("reduces-what-it-then-drops", breaks="CLI-006", replaces="stream.gap")
def writes_into_lists(original: Any, state: State, raw: Any) -> Step:
    """An event behind a gap is reduced into the lists in place, and then dropped."""
    step = original(state, raw)
    body = None if raw is None else reading.body(raw.data)
    slices = None if body is None else stream.applied(state, body)
    if slices is None:
        return step
    return replace(step[0], slices=json.loads(json.dumps(slices))), step[1]


@fault("applies-what-an-old-future-left", breaks="CLI-008", replaces="stream.taken")
def old_future(original: Any, state: State, body: JsonObject, raw: Any = None) -> Step:
    """What was behind a gap is kept by its seq, and applied when the place before it is reached."""
    kept: dict[int, JsonObject] = memory.of(state).setdefault("far", {})
    place = reading.place(body)
    if place and state.place and stream.is_own(state, body) and place.seq > state.place.seq + 1:
        kept[place.seq] = body
    step = original(state, body, raw)
    after = step[0]
    if after.phase == "live" and after.place is not None and (after.place.seq + 1) in kept:
        far = kept.pop(after.place.seq + 1)
        place = after.place._replace(seq=after.place.seq + 1)
        return replace(steps.anyway(after, far), place=place), step[1]
    return step
