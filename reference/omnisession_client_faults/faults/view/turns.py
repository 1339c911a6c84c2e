"""Views that go wrong at one turn: what is shared, kept, cut, or of one type alone."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from omnisession_client.kinds import KINDS
from omnisession_client.messages import Dispatched
from omnisession_client.values import Pending, State
from omnisession_client.view import folded
from omnisession_client_faults import memory, views
from omnisession_client_faults.faults import fault
from omnisession_client_faults.views import View
from omnisession_reference.wire import JsonObject


def _without(state: State, gone: Callable[[Pending], bool]) -> State:
    return replace(state, pending=tuple(one for one in state.pending if not gone(one)))


@fault("writes-its-view-into-its-slices", breaks="HYB-005", replaces="report.report")
def into_its_slices(original: Any, state: State) -> JsonObject:
    """The fold changes entries that view and slices share, so a slice shows what is pending."""
    told = original(state)
    slices = dict(told["slices"])
    for one in state.pending:
        if one.doing.type in ("article.update", "chat.edit", "url.update", "user.update"):
            slices = folded(state, slices, one)
    return {**told, "slices": slices}


@fault("draws-anew-when-its-slices-change", breaks="HYB-005", replaces="view.view")
def when_slices_change(original: Any, state: State) -> View:
    """The view is made anew when a message of the stream was applied, and not at a dispatch."""
    kept = memory.of(state)
    at = (state.session_id, state.place, len(state.refused))
    if kept.get("at") != at:
        kept["at"], kept["view"] = at, original(state)
    return kept["view"]


@fault("folds-over-its-last-view", breaks="HYB-005", replaces="view.view")
def over_its_last_view(original: Any, state: State) -> View:
    """As long as nothing comes the view is folded over the view before."""
    kept = memory.of(state)
    at = (state.session_id, state.place)
    over = kept["view"] if kept.get("at") == at and state.pending else state.slices
    kept["at"], kept["view"] = at, original(replace(state, slices=over))
    return kept["view"]


@fault("folds-by-action-id", breaks="HYB-005", replaces="view.view")
def by_action_id(original: Any, state: State) -> View:
    """Pending actions are folded in the order of their ids, as a map gives them."""
    pending = sorted(state.pending, key=lambda one: one.doing.action_id)
    return original(replace(state, pending=tuple(pending)))


@fault("folds-creates-first", breaks="HYB-005", replaces="view.view")
def creates_first(original: Any, state: State) -> View:
    """Pending actions are folded by what they do: creates, then updates, then deletes."""
    order = (".create", ".send", ".update", ".edit", ".select", ".delete")

    def rank(one: Pending) -> int:
        return next((i for i, end in enumerate(order) if one.doing.type.endswith(end)), 9)

    return original(replace(state, pending=tuple(sorted(state.pending, key=rank))))


@fault("folds-the-last-four", breaks="HYB-005", replaces="view.view")
def four_alone(original: Any, state: State) -> View:
    """Of many pending actions the last four are in the view."""
    return original(replace(state, pending=state.pending[-4:]))


def _hides(*types: str) -> Any:
    def view(original: Any, state: State) -> View:
        return original(_without(state, lambda one: one.doing.type in types))

    return view


@fault("shows-no-deletes-of-urls", breaks="HYB-005", replaces="view.view")
def no_deletes_of_urls(*arguments: Any) -> View:
    """A delete of a url is shown when the server says so."""
    return _hides("url.delete")(*arguments)


@fault("shows-no-deletes-of-messages", breaks="HYB-005", replaces="view.view")
def no_deletes_of_messages(*arguments: Any) -> View:
    """A delete of a message is shown when the server says so."""
    return _hides("chat.delete")(*arguments)


@fault("shows-no-new-urls", breaks="HYB-005", replaces="view.view")
def no_new_urls(*arguments: Any) -> View:
    """A new url is shown when the server has made it."""
    return _hides("url.create")(*arguments)


@fault("shows-no-new-articles", breaks="HYB-005", replaces="view.view")
def no_new_articles(*arguments: Any) -> View:
    """A new article is shown when the server has made it."""
    return _hides("article.create")(*arguments)


@fault("shows-kinds-that-are-not-open", breaks="HYB-005", replaces="view.folded")
def not_open(original: Any, state: State, shown: View, one: Pending) -> View:
    """An action of a kind that is not open shows an entry in a slice that the session has not."""
    kind = views.kind_of(one)
    if kind and kind not in shown:
        shown = {**shown, kind: KINDS[kind].empty}
    return original(state, shown, one)


@fault("has-limits-of-none-before-opened", breaks="HYB-005", replaces="view.folded")
def limits_of_none(original: Any, state: State, shown: View, one: Pending) -> View:
    """Before the answer to its open all lists of the view are cut to nothing."""
    after = original(state, shown, one)
    if state.opened is not None or not views.is_create(one):
        return after
    return views.with_entries(after, one, lambda _held: [])


@fault("cuts-the-view-at-its-begin", breaks="HYB-005", replaces="kinds.kind.in_front")
def at_its_begin(
    _original: Any, entries: list[JsonObject], entry: JsonObject, limit: int | None
) -> list[JsonObject]:
    """A list that is too long with a new entry loses the one behind it."""
    full = [entry, *entries]
    return full if limit is None or len(full) <= limit else [entry, *entries[1:]]


@fault("gives-no-member-that-was-empty", breaks="HYB-005", replaces="kinds.kind.with_changes")
def none_that_was_empty(
    original: Any, entries: list[JsonObject], entry_id: object, changes: JsonObject
) -> list[JsonObject]:
    """An update gives members to an entry that it has, and none that it lacks."""
    nothing: JsonObject = {}
    held = next((one for one in entries if one["id"] == entry_id), nothing)
    return original(entries, entry_id, {k: v for k, v in changes.items() if held.get(k)})


@fault(
    "shows-no-more-what-was-acked-while-others-are-pending", breaks="HYB-003", replaces="view.view"
)
def acked_with_others(original: Any, state: State) -> View:
    """An action that was acked leaves the view where another one is pending behind it."""
    if len(state.pending) < 2:
        return original(state)
    return original(_without(state, lambda one: one.status == "acked"))


@fault("shows-no-more-updates-of-itself-that-were-acked", breaks="HYB-003", replaces="view.view")
def user_acked(original: Any, state: State) -> View:
    """An update of the user leaves the view with its ack."""
    return original(
        _without(state, lambda one: one.doing.type == "user.update" and one.status == "acked")
    )


@fault("sends-local-ids-that-are-selected", breaks="HYB-018", replaces="pending.taking.refusal")
def selected(original: Any, state: State, action: Dispatched) -> str | None:
    """A local id is selected as any other."""
    reason = original(state, action)
    return None if reason == "local_id" and action.type == "article.select" else reason


@fault("sends-local-ids-of-edits", breaks="HYB-018", replaces="pending.taking.refusal")
def of_edits(original: Any, state: State, action: Dispatched) -> str | None:
    """An edit of an article whose id is local begins as any other."""
    reason = original(state, action)
    return None if reason == "local_id" and "edit_" in action.type else reason


@fault("sends-local-ids-that-it-deletes", breaks="HYB-018", replaces="pending.taking.refusal")
def deleted(original: Any, state: State, action: Dispatched) -> str | None:
    """A delete of a local entry is sent, so that it is gone when the server has made it."""
    reason = original(state, action)
    return None if reason == "local_id" and action.type.endswith(".delete") else reason


@fault("knows-local-ids-of-its-session-alone", breaks="HYB-018", replaces="pending.taking.refusal")
def of_its_session(original: Any, state: State, action: Dispatched) -> str | None:
    """A local id of the session before is sent in a new one."""
    reason = original(state, action)
    kept = memory.of(state)
    first = kept.setdefault("session of ids", state.session_id)
    return None if reason == "local_id" and first != state.session_id else reason


@fault("shows-an-entry-for-each-copy", breaks="HYB-005", replaces="view.folded")
def for_each_copy(original: Any, state: State, shown: View, one: Pending) -> View:
    """Each copy of a create that is sent adds a local entry."""
    after = original(state, shown, one)
    if views.is_create(one) and one.copies > 1:
        return original(state, after, one)
    return after


@fault("shows-a-create-until-the-next-message", breaks="HYB-011", replaces="view.view")
def until_the_next(original: Any, state: State) -> View:
    """The local entry of a create stays in front until the next message of the stream comes."""
    shown = original(state)
    kept: dict[str, Any] = memory.of(state).setdefault("local", {})
    for one in state.pending:
        if views.is_create(one):
            kept[one.doing.action_id] = (one, state.place)
    for one, place in list(kept.values()):
        gone = all(one.doing.action_id != other.doing.action_id for other in state.pending)
        if gone and place == state.place:
            shown = folded(state, shown, one)
    return shown
