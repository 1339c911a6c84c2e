"""What a create shows."""

from typing import Any

from omnisession_client.values import Pending, State
from omnisession_client_faults import views
from omnisession_client_faults.faults import fault
from omnisession_client_faults.views import View
from omnisession_reference.wire import JsonObject


def _made(original: Any, state: State, shown: View, one: Pending, **members: Any) -> View:
    """What an action shows, with other members of the entry that it makes."""
    return views.with_entry(original(state, shown, one), one, views.local_id(one), members)


def _of(one: Pending, type_: str, members: JsonObject) -> JsonObject:
    return members if one.doing.type == type_ else {}


@fault("shows-no-creates", breaks="HYB-005", replaces="view.folded")
def no_creates(original: Any, state: State, shown: View, one: Pending) -> View:
    """What will be made is shown when the server has made it."""
    return shown if views.is_create(one) else original(state, shown, one)


@fault("puts-new-entries-at-the-end", breaks="HYB-005", replaces="view.folded")
def at_the_end(original: Any, state: State, shown: View, one: Pending) -> View:
    """A new entry stands behind all others, as in a list that is pushed to."""
    after = original(state, shown, one)
    if not views.is_create(one):
        return after
    return views.with_entries(after, one, lambda held: [*held[1:], *held[:1]])


@fault("sorts-new-entries", breaks="HYB-005", replaces="view.folded")
def sorts(original: Any, state: State, shown: View, one: Pending) -> View:
    """A new entry stands where its time and its id would have it."""

    def order(entry: JsonObject) -> tuple[Any, ...]:
        at = entry.get("created_at", entry.get("sent_at"))
        drafts_first = at is None and entry["published_at"] is not None
        return (drafts_first, -(at or entry.get("published_at") or 0), entry["id"])

    after = original(state, shown, one)
    if not views.is_create(one):
        return after
    return views.with_entries(after, one, lambda held: sorted(held, key=order))


@fault("puts-the-oldest-create-in-front", breaks="HYB-005", replaces="view.folded")
def the_oldest_in_front(original: Any, state: State, shown: View, one: Pending) -> View:
    """New entries stand in front, in the order of their dispatch."""
    after = original(state, shown, one)
    if not views.is_create(one):
        return after

    def moved(held: list[JsonObject]) -> list[JsonObject]:
        local = [entry for entry in held if str(entry["id"]).startswith("local:")]
        rest = [entry for entry in held if entry not in local]
        return [*local[1:], *local[:1], *rest]

    return views.with_entries(after, one, moved)


@fault("cuts-no-list-in-its-view", breaks="HYB-005", replaces="view.folded")
def cuts_none(original: Any, state: State, shown: View, one: Pending) -> View:
    """A list with a new entry may be longer than its limit."""
    before = views.entries(shown, one)
    after = original(state, shown, one)
    if not views.is_create(one):
        return after
    return views.with_entries(after, one, lambda held: [*held[:1], *before])


@fault("cuts-new-entries", breaks="HYB-005", replaces="view.folded")
def cuts_new_ones(original: Any, state: State, shown: View, one: Pending) -> View:
    """A list that is full gets no new entry."""
    before = views.entries(shown, one)
    after = original(state, shown, one)
    full = views.is_create(one) and len(views.entries(after, one)) <= len(before)
    return shown if full else after


@fault("shows-creates-under-other-ids", breaks="HYB-005", replaces="view.folded")
def other_ids(original: Any, state: State, shown: View, one: Pending) -> View:
    """A new entry has the action_id for its id."""
    return _made(original, state, shown, one, id=one.doing.action_id)


@fault("shows-creates-of-nobody", breaks="HYB-005", replaces="view.folded")
def of_nobody(original: Any, state: State, shown: View, one: Pending) -> View:
    """A new entry names no author."""
    author = {"articles": "author_id", "chat": "user_id", "url": "created_by"}
    name = author.get(views.kind_of(one))
    members: JsonObject = {name: ""} if name and views.is_create(one) else {}
    return _made(original, state, shown, one, **members)


@fault("shows-the-content-of-a-create", breaks="HYB-005", replaces="view.folded")
def the_content(original: Any, state: State, shown: View, one: Pending) -> View:
    """The entry of a new article in the list has the content."""
    content = one.doing.data.get("content")
    return _made(original, state, shown, one, **_of(one, "article.create", {"content": content}))


@fault("shows-creates-as-published", breaks="HYB-005", replaces="view.folded")
def as_published(original: Any, state: State, shown: View, one: Pending) -> View:
    """A new article is shown as one that is published."""
    at = {"published_at": one.doing.at_ms}
    return _made(original, state, shown, one, **_of(one, "article.create", at))


@fault("shows-null-for-what-a-create-lacks", breaks="HYB-005", replaces="view.folded")
def null_for_what_lacks(original: Any, state: State, shown: View, one: Pending) -> View:
    """What is not given of a new article is null."""
    names = ("title", "slug", "subtitle", "leading", "tags")
    none = {name: None for name in names if name not in one.doing.data}
    return _made(original, state, shown, one, **_of(one, "article.create", none))


@fault("opens-what-it-creates", breaks="HYB-005", replaces="view.folded")
def opens_it(original: Any, state: State, shown: View, one: Pending) -> View:
    """A new article is the current one at once."""
    after: View = original(state, shown, one)
    if one.doing.type != "article.create" or "articles" not in after:
        return after
    entry = {**after["articles"]["articles"][0], "content": one.doing.data.get("content", "")}
    return {**after, "articles": {**after["articles"], "current_article": entry, "revisions": []}}


@fault("shows-new-messages-as-edited", breaks="HYB-005", replaces="view.folded")
def as_edited(original: Any, state: State, shown: View, one: Pending) -> View:
    """A new message has a time of its last edit."""
    at = {"edited_at": one.doing.at_ms}
    return _made(original, state, shown, one, **_of(one, "chat.send", at))


@fault("shows-itself-as-typing-no-more", breaks="HYB-005", replaces="view.folded")
def typing_no_more(original: Any, state: State, shown: View, one: Pending) -> View:
    """Whoever sends a message is not among those who type."""
    after: View = original(state, shown, one)
    if one.doing.type != "chat.send" or "chat" not in after:
        return after
    chat = after["chat"]
    others = [other for other in chat["typing_indicators"] if other != state.config.user_id]
    return {**after, "chat": {**chat, "typing_indicators": others}}


@fault("shows-itself-as-typing", breaks="HYB-005", replaces="view.folded")
def typing(original: Any, state: State, shown: View, one: Pending) -> View:
    """Whoever types is among those who do, before the server says so."""
    after: View = original(state, shown, one)
    if one.doing.type != "chat.typing" or "chat" not in after:
        return after
    chat, me = after["chat"], state.config.user_id
    others = [other for other in chat["typing_indicators"] if other != me]
    shown_ones = sorted([*others, me]) if one.doing.data.get("active") else others
    return {**after, "chat": {**chat, "typing_indicators": shown_ones}}


@fault("shows-new-urls-as-not-active", breaks="HYB-005", replaces="view.folded")
def not_active(original: Any, state: State, shown: View, one: Pending) -> View:
    """A new url is not active before the server says so."""
    return _made(original, state, shown, one, **_of(one, "url.create", {"is_active": False}))


@fault("shows-no-short-code", breaks="HYB-005", replaces="view.folded")
def no_short_code(original: Any, state: State, shown: View, one: Pending) -> View:
    """A new url has no code before the server says so, though the user gave one."""
    return _made(original, state, shown, one, **_of(one, "url.create", {"short_code": ""}))


@fault("shows-one-create-for-each-code", breaks="HYB-005", replaces="view.folded")
def one_for_each_code(original: Any, state: State, shown: View, one: Pending) -> View:
    """A new url whose code another one has is not shown, since the server will refuse it."""
    code = one.doing.data.get("short_code")
    taken = [entry["short_code"] for entry in views.entries(shown, one) if "short_code" in entry]
    is_taken = one.doing.type == "url.create" and code is not None and code in taken
    return shown if is_taken else original(state, shown, one)
