"""What wrong and unusual clients do with a view: another slice after an action, other entries."""

from collections.abc import Callable
from typing import Any

from omnisession_client.kinds import KINDS
from omnisession_client.kinds.kind import LOCAL
from omnisession_client.values import Pending, State
from omnisession_reference.wire import JsonObject

View = dict[str, JsonObject]
LISTS = {"articles": "articles", "chat": "messages", "url": "urls"}


def kind_of(one: Pending) -> str:
    """The kind that the rule of an action is about."""
    return next((name for name, kind in KINDS.items() if one.doing.type in kind.rules), "")


def with_slice(shown: View, one: Pending, change: Callable[[JsonObject], JsonObject]) -> View:
    """A view with another slice of the kind that an action is about, if that is open."""
    kind = kind_of(one)
    return {**shown, kind: change(shown[kind])} if kind in shown else shown


def is_create(one: Pending) -> bool:
    """Whether an action makes an entry."""
    return one.doing.type.endswith((".create", ".send"))


def local_id(one: Pending) -> str:
    """The id of the entry that an action makes in a view."""
    return LOCAL + one.doing.action_id


def target(one: Pending) -> Any:
    """The id of what an action is about."""
    names = ("article_id", "message_id", "url_id")
    return next((one.doing.data[name] for name in names if name in one.doing.data), None)


def changes(one: Pending) -> JsonObject:
    """What an action changes in its target."""
    return dict(one.doing.data.get("changes") or {})


def entries(shown: View, one: Pending) -> list[JsonObject]:
    """The list that an action is about."""
    kind = kind_of(one)
    return shown[kind][LISTS[kind]] if kind in shown and kind in LISTS else []


def with_entries(
    shown: View, one: Pending, change: Callable[[list[JsonObject]], list[JsonObject]]
) -> View:
    """A view with another list of entries of the kind that an action is about."""
    name = LISTS.get(kind_of(one))
    if name is None:
        return shown
    return with_slice(shown, one, lambda held: {**held, name: change(held[name])})


def with_entry(shown: View, one: Pending, entry_id: Any, members: JsonObject) -> View:
    """A view with other members of one entry."""

    def changed(held: list[JsonObject]) -> list[JsonObject]:
        return [{**entry, **members} if entry["id"] == entry_id else entry for entry in held]

    return with_entries(shown, one, changed)


def with_current(shown: View, members: JsonObject) -> View:
    """A view with other members of the current article, if there is one."""
    held = shown.get("articles")
    if held is None or held["current_article"] is None:
        return shown
    current = {**held["current_article"], **members}
    return {**shown, "articles": {**held, "current_article": current}}


def is_current(shown: View, article_id: Any) -> bool:
    """Whether an article is the current one."""
    current = shown.get("articles", {}).get("current_article")
    return current is not None and current["id"] == article_id


def limits(state: State) -> dict[str, int]:
    """The limits of lists, as far as they are known."""
    return {} if state.opened is None else dict(state.opened.limits)
