"""Where an update or an edit shows."""

from typing import Any

from omnisession_client.values import Pending, State
from omnisession_client_faults import views
from omnisession_client_faults.faults import fault
from omnisession_client_faults.views import View
from omnisession_reference.wire import JsonObject


@fault("shows-an-update-in-the-list-alone", breaks="HYB-005", replaces="view.folded")
def in_the_list_alone(original: Any, state: State, shown: View, one: Pending) -> View:
    """An update of the current article changes its entry in the list alone."""
    after: View = original(state, shown, one)
    if one.doing.type != "article.update" or "articles" not in after:
        return after
    current = shown["articles"]["current_article"]
    return {**after, "articles": {**after["articles"], "current_article": current}}


@fault("shows-an-update-in-the-current-article-alone", breaks="HYB-005", replaces="view.folded")
def in_the_current_alone(original: Any, state: State, shown: View, one: Pending) -> View:
    """An update of the current article leaves its entry in the list as it is."""
    after: View = original(state, shown, one)
    if one.doing.type != "article.update" or not views.is_current(shown, views.target(one)):
        return after
    return views.with_entries(after, one, lambda _: views.entries(shown, one))


@fault("shows-an-update-of-the-list-alone", breaks="HYB-005", replaces="view.folded")
def of_the_list_alone(original: Any, state: State, shown: View, one: Pending) -> View:
    """An update of a current article that the list lacks is not shown."""
    there = any(entry["id"] == views.target(one) for entry in views.entries(shown, one))
    return (
        shown if one.doing.type == "article.update" and not there else original(state, shown, one)
    )


@fault("shows-updates-in-front", breaks="HYB-005", replaces="view.folded")
def in_front(original: Any, state: State, shown: View, one: Pending) -> View:
    """An entry that is updated or edited stands in front."""
    after = original(state, shown, one)
    if not one.doing.type.endswith((".update", ".edit")):
        return after

    def moved(held: list[JsonObject]) -> list[JsonObject]:
        return sorted(held, key=lambda entry: entry["id"] != views.target(one))

    return views.with_entries(after, one, moved)


@fault("shows-what-is-not-there", breaks="HYB-005", replaces="view.folded")
def not_there(original: Any, state: State, shown: View, one: Pending) -> View:
    """An update of an entry that the list lacks adds one."""
    after = original(state, shown, one)
    there = any(entry["id"] == views.target(one) for entry in views.entries(shown, one))
    if there or one.doing.type not in ("article.update", "url.update", "chat.edit"):
        return after
    content = {k: v for k, v in one.doing.data.items() if k == "content"}
    entry = {"id": views.target(one), **content, **views.changes(one)}
    return views.with_entries(after, one, lambda held: [entry, *held])


@fault("shows-its-name-in-the-chat", breaks="HYB-005", replaces="view.folded")
def in_the_chat(original: Any, state: State, shown: View, one: Pending) -> View:
    """An update of the user changes its name among the participants of the chat."""
    after: View = original(state, shown, one)
    name = views.changes(one).get("username")
    if one.doing.type != "user.update" or "chat" not in after or name is None:
        return after
    me = state.config.user_id
    named = [
        {**other, "name": name, "username": name} if other.get("id") == me else other
        for other in after["chat"]["participants"]
    ]
    return {**after, "chat": {**after["chat"], "participants": named}}


@fault("shows-the-user-alone-that-it-made", breaks="HYB-005", replaces="view.folded")
def a_user_that_it_made(original: Any, state: State, shown: View, one: Pending) -> View:
    """An update of the user is shown where no user is."""
    after: View = original(state, shown, one)
    if one.doing.type != "user.update" or "user" not in after or after["user"]["user"] is not None:
        return after
    user = {k: v for k, v in views.changes(one).items() if k != "password"}
    return {**after, "user": {**after["user"], "user": user}}


def _no_rule(type_: str, original: Any, state: State, shown: View, one: Pending) -> View:
    return shown if one.doing.type == type_ else original(state, shown, one)


@fault("shows-no-edits", breaks="HYB-005", replaces="view.folded")
def no_edits(original: Any, state: State, shown: View, one: Pending) -> View:
    """An edit of a message is shown when the server says so."""
    return _no_rule("chat.edit", original, state, shown, one)


@fault("shows-no-updates-of-urls", breaks="HYB-005", replaces="view.folded")
def no_urls(original: Any, state: State, shown: View, one: Pending) -> View:
    """An update of a url is shown when the server says so."""
    return _no_rule("url.update", original, state, shown, one)


@fault("shows-no-updates-of-the-user", breaks="HYB-005", replaces="view.folded")
def no_user(original: Any, state: State, shown: View, one: Pending) -> View:
    """An update of the user is shown when the server says so."""
    return _no_rule("user.update", original, state, shown, one)
