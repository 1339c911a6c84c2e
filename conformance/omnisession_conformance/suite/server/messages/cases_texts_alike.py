"""ENV: texts and lists that differ in little from those before, and such as mean nothing somewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.case import case
from omnisession_conformance.engine.stops import NoRoom, Prerequisite
from omnisession_conformance.protocol.json import as_object
from omnisession_conformance.protocol.kinds.tables import BY_NAME
from omnisession_conformance.protocol.vocabulary.near import NEAR
from omnisession_conformance.protocol.vocabulary.texts import (
    DATES,
    EMAILS,
    LONG_NUMBERS,
    NOTHINGS,
    OF_TEXTS,
    TAGS,
    TRUTHS,
)
from omnisession_conformance.roles.server.steps import articles, chat, users
from omnisession_conformance.roles.server.steps.outcomes import taken
from omnisession_conformance.roles.server.steps.sending import CHAT_SEND, entries

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.reply import Answer
    from omnisession_conformance.roles.server.session import Session
    from omnisession_conformance.roles.server.steps.articles import Entry

TEXTS: tuple[str, ...] = ("title", "leading", "subtitle")
FEW = 5
"""Groups that everybody in the room is told of."""


def _alike(stem: str, groups: Iterable[str] = OF_TEXTS) -> dict[str, str]:
    """Texts of which each differs in little from the one before, by what it differs in."""
    return {
        f"{near.what}, {number}": stem + end
        for near in NEAR
        if near.what in groups
        for number, end in enumerate(near.ends[:2], 1)
    }


def _plain() -> list[tuple[str, ...]]:
    """Texts that mean something else somewhere, one for each member of an article that is a text."""
    texts = (*NOTHINGS, *LONG_NUMBERS, *DATES, *TRUTHS)
    return [texts[at : at + len(TEXTS)] for at in range(0, len(texts), len(TEXTS))]


def _others() -> dict[str, str]:
    """Some texts that are times or truths somewhere."""
    return {f"being {text!r}": text for text in (*DATES[:3], *TRUTHS[:2])}


@case("ENV-010", needs=articles.takes("create", "update"))
async def near_texts_of_articles_are_shown(ctx: Context) -> None:
    """Each text and list of an article is shown as given, however little it differs from the last one."""
    session = await articles.open_articles(ctx, ctx.user())
    id_ = await articles.create_article(session)
    changes: list[tuple[str, Entry]] = []
    for what, text in _alike(articles.unique(ctx, "title")).items():
        changes.append((what, {"title": text, "leading": text, "subtitle": f"{text} "}))
    changes += [(f"the texts {t}", dict(zip(TEXTS, t, strict=False))) for t in _plain()]
    changes += [(f"the tags {list(tags)}", {"tags": list(tags)}) for tags in TAGS]
    told = [
        (what, each, ack)
        for what, each in changes
        if (ack := await taken(session, "article.update", {"article_id": id_, "changes": each}))
    ]
    await session.fence()
    _in_turn(ctx, session, articles.KIND, told, lambda slice_: articles.find(slice_, id_))


@case("ENV-010", needs=chat.takes_chat("send", "edit"))
async def near_texts_of_messages_are_shown(ctx: Context) -> None:
    """Each content of a message is shown as given, however little it differs from the last one."""
    session = await chat.open_chat(ctx, ctx.user(), events=True)
    stem = articles.unique(ctx, "message")
    id_ = await chat.say(session, stem)
    texts = {**_alike(stem, OF_TEXTS[:FEW]), **_others(), "'0'": "0", "' '": " "}
    told: list[tuple[str, Entry, Answer]] = []
    for what, text in texts.items():
        data = {"message_id": id_, "content": text}
        if ack := await taken(session, "chat.edit", data):
            told.append((what, {"content": text}, ack))
    sent = await taken(session, CHAT_SEND, {"content": "false"})
    await session.fence()

    def find(slice_: Entry) -> Entry | None:
        return next((m for m in entries(slice_, "messages") if m.get("id") == id_), None)

    _in_turn(ctx, session, chat.KIND, told, find)
    if sent is not None:
        id_ = chat.message_id(sent)
        _in_turn(ctx, session, chat.KIND, [("'false'", {"content": "false"}, sent)], find)


@case("ENV-010", needs=(*users.UPDATES, chat.KIND, "fixture:mint"))
async def near_names_are_shown_in_the_chat(ctx: Context) -> None:
    """Each username is shown to the room as given, be it with white space at its ends."""
    user = ctx.user()
    session = await users.open_user(ctx, user)
    watchers = await chat.open_both(ctx, user)
    name, used = articles.unique(ctx, "name"), 0
    for what, text in {
        "white space at its ends": f" {name}\t",
        "white space within": f"{name}  {name}",
        "its case": name.swapcase(),
    }.items():
        if not await taken(session, "user.update", {"changes": {"username": text}}):
            continue
        used += 1
        for watcher in watchers:
            room = entries(await chat.view(watcher), "participants")
            seen = [entry.get("username") for entry in room if entry.get("id") == user.id]
            if not seen and chat.may_be_cut_off(watcher):
                continue
            why = f"a name that differs from the one before in {what}, {chat.carrier(watcher)}"
            ctx.equal("ENV-010", [text], seen, on=watcher.stream[-1:], why=why)
    ctx.require(used > 0, "the server took none of the texts")


@case("ENV-010", needs=users.UPDATES)
async def near_names_are_shown(ctx: Context) -> None:
    """Each username is shown to its user as given, however little it differs from the last one."""
    session = await users.open_user(ctx, ctx.user(), events=True)
    before = await users.known_user(session)
    texts = {**_alike(articles.unique(ctx, "name")), **_others(), "'0'": "0", "'false'": "false"}
    changes: list[tuple[str, Entry]] = [
        (what, {"username": text}) for what, text in {**texts, "' '": " "}.items()
    ]
    changes += [(f"the email {text}", {"email": text}) for text in EMAILS]
    told = [
        (what, each, ack)
        for what, each in changes
        if (ack := await taken(session, "user.update", {"changes": each}))
    ]
    await session.fence()
    _in_turn(ctx, session, users.KIND, told, lambda slice_: as_object(slice_.get("user")))
    await users.restore_user(session, before)


def _in_turn(
    ctx: Context,
    session: Session,
    kind: str,
    told: Iterable[tuple[str, Entry, Answer]],
    find: Callable[[dict[str, Any]], Entry | None],
) -> None:
    """Observe that a session shows what each of some actions gave, at the position of its ack."""
    some = False
    for what, given, ack in told:
        some = True
        slice_ = session.slice(kind, upto=ack.position)
        if (entry := find(slice_)) is None:
            raise _lost(session, kind, slice_)
        seen = {name: entry.get(name, "(missing)") for name in given}
        why = f"a value that differs from the one before in {what}"
        ctx.equal("ENV-010", given, seen, on=ack, why=why)
    ctx.require(some, "the server took none of the texts")


def _lost(session: Session, kind: str, slice_: Mapping[str, Any]) -> Prerequisite:
    """Why an entry is not shown: its list was cut, or others judge why."""
    full = any(
        len(entries(slice_, told.name)) >= bound
        for told in BY_NAME[kind].lists
        if (bound := told.bound(session.limits)) is not None
    )
    return NoRoom("a list was at its limit") if full else Prerequisite("an entry is not shown")
