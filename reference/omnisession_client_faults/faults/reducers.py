"""What events make of a slice."""
# ruff: noqa: ARG001  a change is told all three, whatever it goes by

from collections.abc import Callable
from typing import Any

from omnisession_client.kinds import KINDS
from omnisession_client.kinds.kind import Limits
from omnisession_client_faults.faults import Fault, enter, fault
from omnisession_client_faults.places import Replacement
from omnisession_reference.wire import JsonObject

REDUCE = "kinds.kind.Kind.reduce"
Change = Callable[[JsonObject, JsonObject, JsonObject], JsonObject]
"""From the slice before, the one behind the event and its data to members that are otherwise."""


def _forgets(type_: str) -> None:
    """Enter the fault of a client that does nothing at one type of event."""

    def forgets(
        original: Any, kind: Any, held: JsonObject, event: str, data: JsonObject, limits: Limits
    ) -> JsonObject | None:
        return held if event == type_ else original(kind, held, event, data, limits)

    name, sentence = type_.replace("_", "-"), f"The event {type_} changes nothing."
    enter(Fault(f"forgets-{name}", "CLI-025", sentence, (Replacement(REDUCE, forgets),)))


for _kind in KINDS.values():
    for _type in _kind.reducers:
        _forgets(_type)


def after(name: str, *types: str) -> Callable[[Change], Change]:
    """Enter the fault of a client that changes members of a slice once more behind some types of events."""

    def add(change: Change) -> Change:
        def reduces(
            original: Any, kind: Any, held: JsonObject, event: str, data: JsonObject, limits: Limits
        ) -> JsonObject | None:
            reduced = original(kind, held, event, data, limits)
            if reduced is None or event not in types:
                return reduced
            return {**reduced, **change(held, reduced, data)}

        sentence = (change.__doc__ or "").partition("\n")[0]
        enter(Fault(name, "CLI-025", sentence, (Replacement(REDUCE, reduces),)))
        return change

    return add


@after("keeps-content-in-lists", "article.created", "article.updated")
def keeps_content(held: JsonObject, after: JsonObject, data: JsonObject) -> JsonObject:
    """An article in the list keeps the content that came with its event."""
    article = data["article"]
    listed = [article if one["id"] == article["id"] else one for one in after["articles"]]
    return {"articles": listed}


@after("keeps-a-deleted-article-open", "article.deleted")
def keeps_open(held: JsonObject, after: JsonObject, data: JsonObject) -> JsonObject:
    """The current article stays though it was deleted."""
    return {"current_article": held["current_article"], "revisions": held["revisions"]}


@after("changes-the-list-alone", "article.updated")
def the_list(held: JsonObject, after: JsonObject, data: JsonObject) -> JsonObject:
    """An article that changes is changed in the list, and not where it is the current one."""
    return {"current_article": held["current_article"]}


@after("opens-every-article", "article.updated")
def every_article(held: JsonObject, after: JsonObject, data: JsonObject) -> JsonObject:
    """An article that changes becomes the current one."""
    return {"current_article": data["article"]}


@fault("keeps-revisions-of-any-article", breaks="CLI-025", replaces="kinds.articles._is_current")
def of_any_article(original: Any, held: JsonObject, article_id: str) -> bool:
    """A revision of another article is added to those of the current one."""
    return held["current_article"] is not None or original(held, article_id)


@after("keeps-editors-of-what-is-gone", "article.deleted")
def keeps_editors(held: JsonObject, after: JsonObject, data: JsonObject) -> JsonObject:
    """The editors of an article stay though it was deleted."""
    return {"editors": held["editors"]}


@after("ends-all-edits-of-a-user", "article.edit_ended")
def all_edits(held: JsonObject, after: JsonObject, data: JsonObject) -> JsonObject:
    """An edit that ends takes along those of its user in other articles."""
    left = [one for one in after["editors"] if one["user_id"] != data["user_id"]]
    return {"editors": left}


@after("has-the-newest-message-last", "chat.message_added")
def newest_last(held: JsonObject, after: JsonObject, data: JsonObject) -> JsonObject:
    """A message is put behind those that are held."""
    if not after["messages"]:
        return {}
    return {"messages": [*after["messages"][1:], after["messages"][0]]}


@after("moves-what-was-edited", "chat.message_edited")
def moves(held: JsonObject, after: JsonObject, data: JsonObject) -> JsonObject:
    """A message that is edited comes to the front."""
    edited = data["message"]["id"]
    return {"messages": sorted(after["messages"], key=lambda one: one["id"] != edited)}


@fault("adds-what-was-edited", breaks="CLI-025", replaces=REDUCE)
def adds(original: Any, kind: Any, held: Any, event: str, data: Any, limits: Limits) -> Any:
    """A message that is edited is added where it is not held."""
    edited = event == "chat.message_edited"
    added = "chat.message_added" if edited else event
    return original(kind, held, added, data, limits)


@after("shows-typing-as-it-came", "chat.typing_changed")
def as_it_came(held: JsonObject, after: JsonObject, data: JsonObject) -> JsonObject:
    """Who types stands in the order in which they began."""
    stay = [one for one in held["typing_indicators"] if one in after["typing_indicators"]]
    new = [one for one in after["typing_indicators"] if one not in stay]
    return {"typing_indicators": [*stay, *new]}


@after("who-leaves-types-no-more", "chat.participant_left")
def types_no_more(held: JsonObject, after: JsonObject, data: JsonObject) -> JsonObject:
    """Who leaves is taken out of those who type, before an event says so."""
    stay = [one for one in after["typing_indicators"] if one != data["user_id"]]
    return {"typing_indicators": stay}


@after("adds-permissions", "user.permissions_changed")
def adds_permissions(held: JsonObject, after: JsonObject, data: JsonObject) -> JsonObject:
    """Permissions that change are added to those that are held."""
    kept = [one for one in held["permissions"] if one not in after["permissions"]]
    return {"permissions": [*after["permissions"], *kept]}
