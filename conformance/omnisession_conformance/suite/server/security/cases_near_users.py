"""URL, CHAT, ART, EVENT, USER: users whose ids a selection by beginning or by pattern takes for one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.protocol.bounds import BOUND_MS
from omnisession_conformance.protocol.json import as_object
from omnisession_conformance.protocol.vocabulary.users import overlapping, whole_numbers
from omnisession_conformance.roles.server.steps import articles, chat, urls, users
from omnisession_conformance.roles.server.steps.meeting import meet
from omnisession_conformance.roles.server.steps.sending import entries

if TYPE_CHECKING:
    from omnisession_conformance.environment.users import User
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session

MINT = "fixture:mint"


def _near(ctx: Context, role: str = "author") -> dict[str, User]:
    """Users with overlapping ids, by what is special about each."""
    alike = overlapping(articles.unique(ctx, "u"))
    return {what: ctx.user(role, user_id=id_) for id_, what in alike.items()}


@case("URL-003", needs=(MINT, *urls.takes_url("create")))
async def urls_of_near_users_are_their_own(ctx: Context) -> None:
    """Users whose ids begin with, end in or match one another are shown their own urls alone."""
    near = _near(ctx)
    own: dict[str, str] = {}
    live = {what: await urls.open_urls(ctx, user, events=True) for what, user in near.items()}
    for what, session in live.items():
        own[what] = await urls.create_url(ctx, session)
    for what, user in near.items():
        for session in (live[what], await urls.open_urls(ctx, user)):
            seen = [url.get("id") for url in await urls.urls_of(session)]
            why = f"urls of {what}, beside users with ids like it"
            ctx.equal("URL-003", [own[what]], seen, on=session.stream[-1:], why=why)


@case("CHAT-008", "CHAT-011", "CHAT-012", "STATE-010", needs=(MINT, *chat.takes_chat("typing")))
async def near_users_type_each_by_itself(ctx: Context) -> None:
    """Users with ids that overlap, or are numbers, are there and type in order, whoever of them leaves."""
    numbers = whole_numbers(ctx.draws.digits())
    near = [*_near(ctx).values(), *(ctx.user(user_id=id_) for id_ in numbers)]
    sessions = [
        await chat.open_chat(ctx, user, events=bool(number % 2)) for number, user in enumerate(near)
    ]
    await meet(ctx, *sessions)
    for session in sessions:
        await chat.type_(session, ttl_ms=chat.LONG_MS)
    ids = {user.id for user in near}
    since = ctx.log.records[-1].t_ns
    await _type(ctx, ids, ids, since, "CHAT-008", "while all of them type")
    for gone in sessions[:2]:
        await chat.end(ctx, gone)
        left = ids - {one.user.id for one in sessions[: sessions.index(gone) + 1]}
        why = "after one with an id like those of others left"
        await _type(ctx, ids, left, since, "CHAT-012", why)


async def _type(
    ctx: Context, ids: set[str], typing: set[str], since_ns: int, requirement: str, why: str
) -> None:
    """Observe which of some users type, and are there, as those who are left see it."""
    for session in ctx.sessions:
        if session.user.id not in typing:
            continue

        def over(session: Session = session) -> bool | None:
            return not (ids - typing) & {*chat.present(session), *chat.typing(session)} or None

        # Who has left may be shown for two seconds more.
        await session.wait(over, ctx.within(BOUND_MS))
        slice_, on = await chat.view(session), session.stream[-1:]
        chat.quiet_or_stop(session)
        seen = [id_ for id_ in chat.typists(slice_) if id_ in ids]
        lasted = (ctx.log.records[-1].t_ns - since_ns) // 1_000_000
        ctx.in_time(lasted < chat.LONG_MS - 500, "the kit itself took long to look who types")
        wanted = sorted(typing - {session.user.id})
        if ctx.equal(requirement, wanted, sorted(seen), on=on, why=f"who types, {why}"):
            ctx.equal("STATE-010", wanted, seen, on=on, why=f"the order of who types, {why}")
        there = [str(id_) for id_ in chat.present(session) if id_ in ids]
        ctx.equal("CHAT-011", sorted(typing), sorted(there), on=on, why=f"who is there, {why}")


@case(
    "ART-004", "EVENT-005", needs=(MINT, "events", *articles.takes("create", "publish", "update"))
)
async def articles_of_near_users_are_their_own(ctx: Context) -> None:
    """Users with ids like another's see none of its drafts, and no cause of what it publishes."""
    near = _near(ctx)
    sessions = {
        what: await articles.open_articles(ctx, user, events=True) for what, user in near.items()
    }
    drafts = {what: await articles.create_article(session) for what, session in sessions.items()}
    public = {what: await articles.create_published(session) for what, session in sessions.items()}
    for what, session in sessions.items():
        await articles.update(session, public[what], title=articles.unique(ctx, "title"))
    late = {what: await articles.open_articles(ctx, user) for what, user in near.items()}
    await ctx.fences(*sessions.values(), *late.values())
    for what, session in (*sessions.items(), *late.items()):
        slice_ = await articles.view(session)
        shown = [id_ for id_ in drafts.values() if articles.find(slice_, id_) is not None]
        wanted = [drafts[what]] if drafts[what] in shown else []
        why = f"drafts of users with ids like its own, shown to {what}"
        ctx.equal("ART-004", wanted, shown, on=session.stream[-1:], why=why)
        others = {id_ for one, id_ in public.items() if one != what}
        told = [r for r in session.events() if _updates(r.payload, others)]
        causes = [(record.body or {}).get("cause") for record in told]
        why = f"causes of what users with ids like its own did, told to {what}"
        ctx.equal("EVENT-005", [None] * len(told), causes, on=told, pointer="/cause", why=why)


def _updates(data: articles.Entry, ids: set[str]) -> bool:
    return as_object(data.get("article")).get("id") in ids


@case("USER-003", needs=(MINT, users.KIND))
async def sessions_of_near_users_are_their_own(ctx: Context) -> None:
    """Users whose ids begin with, end in or match one another are shown their own sessions alone."""
    near = _near(ctx)
    opened = {what: [await users.open_user(ctx, user)] for what, user in near.items()}
    for what, user in near.items():
        opened[what].append(await users.open_user(ctx, user, events=True))
    for sessions in opened.values():
        await meet(ctx, *sessions)
    for what, sessions in opened.items():
        wanted = sorted(session.id for session in sessions)
        for session in sessions:
            told = entries(await users.user_slice(session), "sessions")
            seen = sorted(str(one.get("session_id")) for one in told)
            why = f"the sessions of {what}, beside users with ids like it"
            ctx.equal("USER-003", wanted, seen, on=session.stream[-1:], why=why)
