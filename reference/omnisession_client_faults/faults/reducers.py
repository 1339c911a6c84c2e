"""What events make of a slice."""

from typing import Any

from omnisession_client.kinds import KINDS
from omnisession_client.kinds.kind import Limits
from omnisession_client_faults.faults import Fault, enter, fault
from omnisession_client_faults.places import Replacement
from omnisession_reference.wire import JsonObject

REDUCE = "kinds.kind.Kind.reduce"


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


@fault("keeps-content-in-lists", breaks="CLI-025", replaces=REDUCE)
def keeps_content(
    original: Any, kind: Any, held: Any, event: str, data: Any, limits: Limits
) -> Any:
    """An article in the list keeps the content that came with its event."""
    after = original(kind, held, event, data, limits)
    article = data.get("article")
    if after is None or event not in ("article.created", "article.updated"):
        return after
    listed = [article if one["id"] == article["id"] else one for one in after["articles"]]
    return {**after, "articles": listed}


@fault("keeps-a-deleted-article-open", breaks="CLI-025", replaces=REDUCE)
def keeps_open(original: Any, kind: Any, held: Any, event: str, data: Any, limits: Limits) -> Any:
    """The current article stays though it was deleted."""
    after = original(kind, held, event, data, limits)
    if after is None or event != "article.deleted":
        return after
    return {**after, "current_article": held["current_article"], "revisions": held["revisions"]}


@fault("changes-the-list-alone", breaks="CLI-025", replaces=REDUCE)
def the_list(original: Any, kind: Any, held: Any, event: str, data: Any, limits: Limits) -> Any:
    """An article that changes is changed in the list, and not where it is the current one."""
    after = original(kind, held, event, data, limits)
    if after is None or event != "article.updated":
        return after
    return {**after, "current_article": held["current_article"]}


@fault("opens-every-article", breaks="CLI-025", replaces=REDUCE)
def every_article(
    original: Any, kind: Any, held: Any, event: str, data: Any, limits: Limits
) -> Any:
    """An article that changes becomes the current one."""
    after = original(kind, held, event, data, limits)
    if after is None or event != "article.updated":
        return after
    return {**after, "current_article": data["article"]}


@fault("keeps-revisions-of-any-article", breaks="CLI-025", replaces="kinds.articles._is_current")
def of_any_article(original: Any, held: JsonObject, article_id: str) -> bool:
    """A revision of another article is added to those of the current one."""
    return held["current_article"] is not None or original(held, article_id)


@fault("keeps-editors-of-what-is-gone", breaks="CLI-025", replaces=REDUCE)
def keeps_editors(
    original: Any, kind: Any, held: Any, event: str, data: Any, limits: Limits
) -> Any:
    """The editors of an article stay though it was deleted."""
    after = original(kind, held, event, data, limits)
    if after is None or event != "article.deleted":
        return after
    return {**after, "editors": held["editors"]}


@fault("ends-all-edits-of-a-user", breaks="CLI-025", replaces=REDUCE)
def all_edits(original: Any, kind: Any, held: Any, event: str, data: Any, limits: Limits) -> Any:
    """An edit that ends takes along those of its user in other articles."""
    after = original(kind, held, event, data, limits)
    if after is None or event != "article.edit_ended":
        return after
    left = [one for one in after["editors"] if one["user_id"] != data["user_id"]]
    return {**after, "editors": left}


@fault("has-the-newest-message-last", breaks="CLI-025", replaces=REDUCE)
def newest_last(original: Any, kind: Any, held: Any, event: str, data: Any, limits: Limits) -> Any:
    """A message is put behind those that are held."""
    after = original(kind, held, event, data, limits)
    if after is None or event != "chat.message_added" or not after["messages"]:
        return after
    return {**after, "messages": [*after["messages"][1:], after["messages"][0]]}


@fault("moves-what-was-edited", breaks="CLI-025", replaces=REDUCE)
def moves(original: Any, kind: Any, held: Any, event: str, data: Any, limits: Limits) -> Any:
    """A message that is edited comes to the front."""
    after = original(kind, held, event, data, limits)
    if after is None or event != "chat.message_edited":
        return after
    edited = data["message"]["id"]
    return {**after, "messages": sorted(after["messages"], key=lambda one: one["id"] != edited)}


@fault("adds-what-was-edited", breaks="CLI-025", replaces=REDUCE)
def adds(original: Any, kind: Any, held: Any, event: str, data: Any, limits: Limits) -> Any:
    """A message that is edited is added where it is not held."""
    edited = event == "chat.message_edited"
    added = "chat.message_added" if edited else event
    return original(kind, held, added, data, limits)


@fault("shows-typing-as-it-came", breaks="CLI-025", replaces=REDUCE)
def as_it_came(original: Any, kind: Any, held: Any, event: str, data: Any, limits: Limits) -> Any:
    """Who types stands in the order in which they began."""
    after = original(kind, held, event, data, limits)
    if after is None or event != "chat.typing_changed":
        return after
    stay = [one for one in held["typing_indicators"] if one in after["typing_indicators"]]
    new = [one for one in after["typing_indicators"] if one not in stay]
    return {**after, "typing_indicators": [*stay, *new]}


@fault("who-leaves-types-no-more", breaks="CLI-025", replaces=REDUCE)
def types_no_more(
    original: Any, kind: Any, held: Any, event: str, data: Any, limits: Limits
) -> Any:
    """Who leaves is taken out of those who type, before an event says so."""
    after = original(kind, held, event, data, limits)
    if after is None or event != "chat.participant_left":
        return after
    stay = [one for one in after["typing_indicators"] if one != data["user_id"]]
    return {**after, "typing_indicators": stay}


@fault("adds-permissions", breaks="CLI-025", replaces=REDUCE)
def adds_permissions(
    original: Any, kind: Any, held: Any, event: str, data: Any, limits: Limits
) -> Any:
    """Permissions that change are added to those that are held."""
    after = original(kind, held, event, data, limits)
    if after is None or event != "user.permissions_changed":
        return after
    kept = [one for one in held["permissions"] if one not in after["permissions"]]
    return {**after, "permissions": [*after["permissions"], *kept]}
