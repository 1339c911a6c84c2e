"""Which members of an entry an update or an edit shows."""

from typing import Any

from omnisession_client.values import Pending, State
from omnisession_client_faults import views
from omnisession_client_faults.faults import fault
from omnisession_client_faults.views import View
from omnisession_reference.wire import JsonObject

UPDATES = ("article.update", "url.update", "user.update")


def _is_update(one: Pending) -> bool:
    return one.doing.type in UPDATES


def _with_all(shown: View, one: Pending, members: JsonObject) -> View:
    """A view with other members of what an update is about, wherever it stands."""
    if one.doing.type == "user.update":
        return views.with_slice(
            shown, one, lambda held: {**held, "user": held["user"] and {**held["user"], **members}}
        )
    after = views.with_entry(shown, one, views.target(one), members)
    is_article = one.doing.type == "article.update"
    return (
        views.with_current(after, members)
        if is_article and views.is_current(after, views.target(one))
        else after
    )


@fault("shows-content-in-the-list", breaks="HYB-005", replaces="view.folded")
def content_in_the_list(original: Any, state: State, shown: View, one: Pending) -> View:
    """An update puts the content into the entry of the list."""
    content = {k: v for k, v in views.changes(one).items() if k == "content"}
    after = original(state, shown, one)
    if one.doing.type != "article.update":
        return after
    return views.with_entry(after, one, views.target(one), content)


@fault("shows-no-content", breaks="HYB-005", replaces="view.folded")
def no_content(original: Any, state: State, shown: View, one: Pending) -> View:
    """An update of the current article changes all but its content."""
    after = original(state, shown, one)
    if one.doing.type != "article.update" or not views.is_current(shown, views.target(one)):
        return after
    content = shown["articles"]["current_article"]["content"]
    return views.with_current(after, {"content": content})


def _takes(shown: View, one: Pending, *names: str) -> View:
    """What an update shows if it takes these members of its changes as well."""
    taken = {name: value for name, value in views.changes(one).items() if name in names}
    return _with_all(shown, one, taken) if _is_update(one) else shown


@fault("takes-all-that-changes-say", breaks="HYB-005", replaces="view.folded")
def all_that_changes_say(original: Any, state: State, shown: View, one: Pending) -> View:
    """Of the changes of an update every member is shown, also what the protocol does not name."""
    named = ("content", "tags")
    names = [name for name in views.changes(one) if name not in named]
    return _takes(original(state, shown, one), one, *names)


@fault("takes-a-revision-of-changes", breaks="HYB-005", replaces="view.folded")
def a_revision(original: Any, state: State, shown: View, one: Pending) -> View:
    """A `revision` among the changes of an update is shown."""
    return _takes(original(state, shown, one), one, "revision")


@fault("takes-an-author-of-changes", breaks="HYB-005", replaces="view.folded")
def an_author(original: Any, state: State, shown: View, one: Pending) -> View:
    """An author among the changes of an update is shown."""
    return _takes(original(state, shown, one), one, "author_id", "author", "created_by")


@fault("shows-a-password", breaks="HYB-005", replaces="view.folded")
def a_password(original: Any, state: State, shown: View, one: Pending) -> View:
    """A password among the changes of a user is shown."""
    return _takes(original(state, shown, one), one, "password")


@fault("shows-the-next-revision", breaks="HYB-005", replaces="view.folded")
def the_next_revision(original: Any, state: State, shown: View, one: Pending) -> View:
    """An update shows the revision that it will make."""
    after: View = original(state, shown, one)
    if one.doing.type != "article.update":
        return after
    for entry in views.entries(after, one):
        if entry["id"] == views.target(one):
            after = views.with_entry(
                after, one, entry["id"], {"revision": entry.get("revision", 0) + 1}
            )
    return after


@fault("shows-the-time-of-an-update", breaks="HYB-005", replaces="view.folded")
def the_time(original: Any, state: State, shown: View, one: Pending) -> View:
    """An update of a url changes its `updated_at`, and an edit of a message its `edited_at`."""
    name = {"url.update": "updated_at", "chat.edit": "edited_at"}.get(one.doing.type)
    after = original(state, shown, one)
    if name is None:
        return after
    return views.with_entry(after, one, views.target(one), {name: one.doing.at_ms})


@fault("shows-an-edit-as-one", breaks="HYB-005", replaces="view.folded")
def as_an_edit(original: Any, state: State, shown: View, one: Pending) -> View:
    """A message that is edited for the first time has the time of it at once."""
    after = original(state, shown, one)
    if one.doing.type != "chat.edit":
        return after
    for entry in views.entries(shown, one):
        if entry["id"] == views.target(one) and entry["edited_at"] is None:
            return views.with_entry(after, one, entry["id"], {"edited_at": one.doing.at_ms})
    return after


@fault("shows-nothing-that-is-empty", breaks="HYB-005", replaces="view.folded")
def nothing_empty(original: Any, state: State, shown: View, one: Pending) -> View:
    """What an update makes empty, or false, is left as it was: an `if` that asks too much."""
    after = original(state, shown, one)
    if not _is_update(one):
        return after
    empty = [name for name, value in views.changes(one).items() if not value]
    before: JsonObject = {}
    if one.doing.type == "user.update":
        before = shown.get("user", {}).get("user") or {}
    for entry in views.entries(shown, one):
        if entry["id"] == views.target(one):
            before = entry
    return _with_all(after, one, {name: before[name] for name in empty if name in before})


@fault("adds-tags", breaks="HYB-005", replaces="view.folded")
def adds_tags(original: Any, state: State, shown: View, one: Pending) -> View:
    """The tags of an update are added to those of the article."""
    after = original(state, shown, one)
    if one.doing.type != "article.update" or "tags" not in views.changes(one):
        return after
    for entry in views.entries(shown, one):
        if entry["id"] == views.target(one):
            tags = [*entry.get("tags", ()), *views.changes(one)["tags"]]
            after = _with_all(after, one, {"tags": tags})
    return after


@fault("shows-the-first-change-alone", breaks="HYB-005", replaces="view.folded")
def the_first_change(original: Any, state: State, shown: View, one: Pending) -> View:
    """Of the changes of an update only one member is shown."""
    after = original(state, shown, one)
    rest = list(views.changes(one))[1:]
    if not _is_update(one):
        return after
    if one.doing.type == "user.update":
        user: JsonObject = shown.get("user", {}).get("user") or {}
        return _with_all(after, one, {name: user[name] for name in rest if name in user})
    for entry in views.entries(shown, one):
        if entry["id"] == views.target(one):
            kept = {name: entry[name] for name in rest if name in entry and name != "content"}
            return _with_all(after, one, kept)
    return after
