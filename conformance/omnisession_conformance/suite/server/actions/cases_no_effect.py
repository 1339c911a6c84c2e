"""ACTION: whatever its type, an action under a known id or a used number does nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.case import case
from omnisession_conformance.engine.stops import NoRoom
from omnisession_conformance.roles.server.steps.articles import (
    create_article,
    create_published,
    current,
    edit_part,
    ever_full,
    find,
    find_editor,
    open_articles,
    part,
    select,
    start_edit,
    takes,
    unique,
    view,
)
from omnisession_conformance.roles.server.steps.chat import (
    LONG_MS,
    open_room,
    say,
    takes_chat,
    type_,
    typing,
)
from omnisession_conformance.roles.server.steps.chat import part as message_part
from omnisession_conformance.roles.server.steps.sending import CHAT_SUBJECT, EDIT_SUBJECT, NOOP
from omnisession_conformance.roles.server.steps.timers import MS
from omnisession_conformance.roles.server.steps.urls import (
    LASTING,
    address,
    code,
    create_url,
    open_urls,
    part_of,
    takes_url,
    urls_of,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session
    from omnisession_conformance.roles.server.steps.articles import Entry
    from omnisession_conformance.roles.server.steps.sending import Body

REUSED = 4092


@dataclass(frozen=True, slots=True)
class _Try:
    """An action that would show if it were done; on a shared subject its data stand at top level."""

    type: str
    data: Entry
    subject: str | None = None

    def body(self, session: Session, **how: Any) -> Body:
        """Its body in a session."""
        if self.subject is None:
            return session.action_body(self.type, self.data, **how)
        return session.action_body(self.type, top=self.data, **how)


async def _no_effect(
    ctx: Context,
    session: Session,
    tries: Sequence[_Try],
    look: Callable[[], Awaitable[list[Any]]],
) -> None:
    """Send each action under a known id, as another body, then anew under a used number; then look."""
    before = await look()
    known = session.action_body(NOOP)
    ctx.require((await session.needed_outcome_of(known)).acked, f"{NOOP} was not acked")
    id_, used = known["action_id"], known["client_seq"]
    for requirement in ("ACTION-009", "ACTION-010"):
        for one in tries:
            if requirement == "ACTION-009":
                body = one.body(session, action_id=id_)
            else:
                body = one.body(session, client_seq=used)
            answer = await session.outcome_of(body, subject=one.subject)
            why = f"{one.type} as client_seq {body['client_seq']}, after a noop as {used}"
            ctx.refused(requirement, answer, REUSED, why=why)
        seen = await look()
        why = "what is shown after actions of each type that were refused with 4092, live and later"
        ctx.equal(requirement, before, seen, on=session.stream[-1:], why=why)
        before = seen


# -- kinds -----------------------------------------------------------------------------------------


@case(
    "ACTION-009",
    "ACTION-010",
    needs=takes("create", "update", "publish", "delete", "select", "edit_start", "edit_end"),
)
async def refused_numbers_leave_articles(ctx: Context) -> None:
    """Under a known id or a used number no action on articles does anything, nor selects."""
    user = ctx.user()
    session = await open_articles(ctx, user)
    draft, busy = await create_article(session), await create_published(session)
    await start_edit(session, busy)
    await select(session, busy)
    wrong = unique(ctx, "wrong")
    tries = (
        _Try("article.create", {"title": wrong}),
        _Try("article.update", {"article_id": draft, "changes": {"title": wrong}}),
        _Try("article.publish", {"article_id": draft}),
        _Try("article.edit_start", {"article_id": draft}),
        _Try("article.edit_start", {"article_id": draft}, EDIT_SUBJECT),
        _Try("article.select", {"article_id": draft}),
        _Try("article.edit_end", {"article_id": busy}),
        _Try("article.delete", {"article_id": busy}),
    )

    async def look() -> list[Any]:
        later = await open_articles(ctx, user)
        shown = [await view(one) for one in (session, later)]
        for one, slice_ in zip((session, later), shown, strict=True):
            listed = all(find(slice_, id_) for id_ in (draft, busy))
            edited = find_editor(slice_, busy, user.id) is not None
            if (not listed and ever_full(one, "articles")) or (
                not edited and ever_full(one, "editors")
            ):
                raise NoRoom("the lists of articles and editors may have lost some")
        await later.close()
        later.leave_open = True
        return [
            current(shown[0]).get("id"),
            [[part(find(s, id_)) for id_ in (draft, busy)] for s in shown],
            [[edit_part(find_editor(s, id_, user.id)) for id_ in (draft, busy)] for s in shown],
            [[a["id"] for a in s.get("articles") or () if a.get("title") == wrong] for s in shown],
        ]

    await _no_effect(ctx, session, tries, look)


@case("ACTION-009", "ACTION-010", needs=takes_chat("send", "edit", "delete", "typing"))
async def refused_numbers_leave_the_chat(ctx: Context) -> None:
    """Under a known id or a used number nothing is said or changed, and no typing begins or ends."""
    user, other = ctx.user(), ctx.user()
    room = await open_room(ctx, user, other)
    session = next(one for one in room.sessions if one.user is user)
    watcher = next(one for one in room.sessions if one.user is other)
    id_, wrong = await say(session, unique(ctx, "message")), unique(ctx, "wrong")
    silent = (_Try("chat.typing", {"active": True, "ttl_ms": LONG_MS}),)
    busy = (
        _Try("chat.send", {"content": wrong}),
        _Try("chat.send", {"content": wrong}, CHAT_SUBJECT),
        _Try("chat.edit", {"message_id": id_, "content": wrong}),
        _Try("chat.typing", {"active": False}),
        _Try("chat.delete", {"message_id": id_}),
    )

    async def look() -> list[Any]:
        later = await room.late(other)
        shown: list[Any] = []
        for one in (watcher, later):
            told = await room.messages(one, [id_])
            shown.append([m.get("id") for m in told if m.get("content") == wrong])
            shown.append([message_part(m, "content", "edited_at") for m in told if m["id"] == id_])
            shown.append(user.id in typing(one))
        lasted = (ctx.log.records[-1].t_ns - since) // MS
        ctx.in_time(lasted < LONG_MS, f"the kit itself took {lasted} ms to look who types")
        await later.close()
        later.leave_open = True
        return shown

    since = ctx.log.records[-1].t_ns
    await _no_effect(ctx, session, silent, look)
    since = ctx.log.records[-1].t_ns
    await type_(session, ttl_ms=LONG_MS)
    await _no_effect(ctx, session, busy, look)


@case("ACTION-009", "ACTION-010", needs=takes_url("create", "update", "delete"))
async def refused_numbers_leave_urls(ctx: Context) -> None:
    """Under a known id or a used number no action on urls does anything."""
    user = ctx.user()
    session = await open_urls(ctx, user)
    id_, free = await create_url(ctx, session), code(ctx)
    changes = {"short_code": free, "target_url": address(ctx), "is_active": False}
    tries = (
        _Try("url.create", {"target_url": address(ctx), "short_code": free}),
        _Try("url.update", {"url_id": id_, "changes": changes}),
        _Try("url.delete", {"url_id": id_}),
    )

    async def look() -> list[Any]:
        later = await open_urls(ctx, user)
        shown = [[part_of(url, LASTING) for url in await urls_of(one)] for one in (session, later)]
        await later.close()
        later.leave_open = True
        return [[u for u in urls if u.get("created_by") == user.id] for urls in shown]

    await _no_effect(ctx, session, tries, look)
