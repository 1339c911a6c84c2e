"""What is folded, over what, and in which order."""

from dataclasses import replace
from typing import Any

from omnisession_client import reading
from omnisession_client.pending.carrying import HARMLESS
from omnisession_client.pending.lists import find, put
from omnisession_client.values import Pending, State
from omnisession_client_faults import memory, views
from omnisession_client_faults.faults import fault
from omnisession_client_faults.faults.view.acks import but
from omnisession_client_faults.places import replacing
from omnisession_client_faults.views import View
from omnisession_reference.wire import JsonObject

_OF_USERS: dict[str, dict[str, tuple[Pending, ...]]] = {}


@fault("shows-nothing-pending", breaks="HYB-005", replaces="view.view")
def nothing(_original: Any, state: State) -> View:
    """The view is the slices, whatever is pending."""
    return dict(state.slices)


@fault("shows-nothing-pending-offline", breaks="HYB-005", replaces="view.view")
def offline(original: Any, state: State) -> View:
    """Without a connection the view is the slices, whatever is pending."""
    return dict(state.slices) if state.phase == "offline" else original(state)


@fault("shows-nothing-pending-before-opened", breaks="HYB-005", replaces="view.view")
def before_opened(original: Any, state: State) -> View:
    """Before the answer to its open the view is the slices, whatever is pending."""
    return dict(state.slices) if state.opened is None else original(state)


@fault("shows-nothing-pending-while-it-recovers", breaks="HYB-005", replaces="view.view")
def while_it_recovers(original: Any, state: State) -> View:
    """While a recovery is under way the view is the slices, whatever is pending."""
    return dict(state.slices) if state.phase == "recovering" else original(state)


@fault("shows-what-was-sent-alone", breaks="HYB-005", replaces="view.view")
def sent_alone(original: Any, state: State) -> View:
    """What has no number yet is not in the view."""
    return but(original, state, lambda one: one.number is None)


@fault("shows-what-was-never-sent-alone", breaks="HYB-005", replaces="view.view")
def never_sent_alone(original: Any, state: State) -> View:
    """What was sent is no longer in the view."""
    return but(original, state, lambda one: one.copies > 0)


@fault("folds-from-the-last", breaks="HYB-005", replaces="view.view")
def from_the_last(original: Any, state: State) -> View:
    """The pending actions are folded from the last to the first."""
    return original(replace(state, pending=state.pending[::-1]))


@fault("folds-the-last-alone", breaks="HYB-005", replaces="view.view")
def the_last_alone(original: Any, state: State) -> View:
    """Of several pending actions only the last is in the view."""
    return original(replace(state, pending=state.pending[-1:]))


@fault("folds-the-first-alone", breaks="HYB-005", replaces="view.view")
def the_first_alone(original: Any, state: State) -> View:
    """Of several pending actions only the first is in the view."""
    return original(replace(state, pending=state.pending[:1]))


@fault("folds-one-for-each-target", breaks="HYB-005", replaces="view.view")
def one_for_each_target(original: Any, state: State) -> View:
    """Of several pending actions about the same entry only the last is in the view."""
    last = {(one.doing.type, views.target(one)): one for one in state.pending}

    def is_older(one: Pending) -> bool:
        about = (one.doing.type, views.target(one))
        return about[1] is not None and last[about] is not one

    return but(original, state, is_older)


@fault("folds-over-an-old-slice", breaks="HYB-005", replaces="view.view")
def an_old_slice(original: Any, state: State) -> View:
    """While something is pending the view is folded over the slices as they were when that began."""
    kept = memory.of(state)
    if not state.pending:
        kept.pop("slices", None)
        return original(state)
    if kept.get("kinds") != set(state.slices):
        kept.pop("slices", None)
    kept["kinds"] = set(state.slices)
    return original(replace(state, slices=kept.setdefault("slices", state.slices)))


@fault("folds-what-expects-this-revision", breaks="HYB-005", replaces="view.view")
def expects_this_revision(original: Any, state: State) -> View:
    """An update whose `expect` is not the revision of the slice is not in the view."""
    articles = state.slices.get("articles", {})
    found = [*articles.get("articles", ()), articles.get("current_article")]
    revisions = {entry["id"]: entry.get("revision") for entry in found if entry}

    def is_late(one: Pending) -> bool:
        expected = (one.doing.expect or {}).get("revision")
        return expected is not None and revisions.get(views.target(one), expected) != expected

    return but(original, state, is_late)


@fault("folds-what-the-user-may-do", breaks="HYB-005", replaces="view.view")
def may_do(original: Any, state: State) -> View:
    """What changes the entry of another user is not in the view, since the server may refuse it."""
    chat, urls = state.slices.get("chat", {}), state.slices.get("url", {})
    articles = state.slices.get("articles", {})
    owners = {
        entry["id"]: entry.get("user_id", entry.get("created_by", entry.get("author_id")))
        for entry in (
            *chat.get("messages", ()),
            *urls.get("urls", ()),
            *articles.get("articles", ()),
        )
    }
    me = state.config.user_id
    return but(original, state, lambda one: owners.get(views.target(one), me) != me)


@replacing("pending.seeing.seen")
def _sees_changes(original: Any, state: State, body: JsonObject) -> State:
    state = original(state, body)
    one = find(state, (reading.mapping(body.get("cause")) or {}).get("action_id"))
    return state if one is None or views.is_create(one) else put(state, replace(one, seen=True))


@fault("folds-what-no-event-named", _sees_changes, breaks="HYB-005", replaces="view.view")
def no_event_named(original: Any, state: State) -> View:
    """What changes an entry leaves the view with its event, though that does not count it."""
    return but(original, state, lambda one: one.seen and not views.is_create(one))


@fault("folds-what-has-no-nack", breaks="HYB-005", replaces="view.view")
def no_nack(original: Any, state: State) -> View:
    """What got a retryable nack leaves the view until it is sent again."""
    return but(original, state, lambda one: one.status == "waiting")


@fault("folds-what-its-other-sessions-do", breaks="HYB-005", replaces="view.view")
def other_sessions(original: Any, state: State) -> View:
    """What is pending in another session of the same user is in the view as well."""
    ours = _OF_USERS.setdefault(state.config.user_id, {})
    ours[state.session_id] = state.pending
    others = [one for name, some in ours.items() if name != state.session_id for one in some]
    there = {one.doing.action_id for one in state.pending}
    theirs = [one for one in others if one.doing.action_id not in there]
    return original(replace(state, pending=(*theirs, *state.pending)))


@fault("folds-what-does-harm-alone", breaks="HYB-005", replaces="view.view")
def does_harm(original: Any, state: State) -> View:
    """That nothing is selected any more is shown when the server says so."""
    return but(original, state, lambda one: one.doing.type in HARMLESS)
