"""ART: by which permission of which session a user may read and write what is not its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.protocol.vocabulary.users import permissions_alike
from omnisession_conformance.roles.server.steps.articles import (
    KIND,
    create_article,
    create_published,
    current,
    entry,
    find,
    open_articles,
    part,
    select,
    start_edit,
    takes,
    unique,
    update,
    view,
)
from omnisession_conformance.roles.server.steps.fold_law import events_about

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omnisession_conformance.environment.users import User
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session
    from omnisession_conformance.roles.server.steps.articles import Entry

ANY = "post_edit_any"
AMONG = ("article_list", ANY, "url_list")
"""The one that permits among others, before and behind which it stands wherever they are sorted."""
ALIKE = permissions_alike(ANY)
"""Permissions that only look like the one that permits, to whoever does not compare them whole."""
OTHERS = (
    *(ANY[:end] for end in (4, 9, 12)),
    "edit",
    "edit_any",
    "any",
    "*",
    "post_*",
    ".*",
    "%",
    "",
)
"""Permissions with which a server may permit to write; to read drafts takes the one."""
WRITES = takes("create", "update", "publish", "select")


async def _open_with(
    ctx: Context,
    user: User,
    permissions: Sequence[str],
    *,
    name: str | None = None,
    features: Sequence[str] = (),
) -> Session:
    """Open a session with some permissions and features, and a name of the user."""
    claims: Entry = {"sub": user.id, "perm": list(permissions), "name": name or user.username}
    session = ctx.session(user)
    token = ctx.fixture.sign(claims)
    answer = await session.open(kinds=[KIND], features=features, token=token)
    answer.position_or_stop("session.opened")
    await session.fence()
    return session


async def _may_not(
    ctx: Context,
    requirements: Sequence[str],
    session: Session,
    draft: str,
    public: str | None,
    why: str,
) -> None:
    """Observe that a session is shown no draft of another user, and may write nothing of it."""
    for requirement in requirements:
        shown = find(await view(session), draft)
        ctx.equal(requirement, None, shown, on=session.stream[-1:], why=f"a draft, {why}")
    for article_id, code in ((draft, 4040), *([(public, 4030)] if public else [])):
        data = {"article_id": article_id, "changes": {"title": unique(ctx, "wrong")}}
        answer = await session.act("article.update", data)
        for requirement in requirements:
            ctx.refused(requirement, answer, code, why=f"an update, {why}")


async def _may(ctx: Context, session: Session, draft: str, why: str) -> None:
    answer = await session.act("article.select", {"article_id": draft})
    ctx.acked("ART-010", answer, why=f"a selection of a draft, {why}")
    title = unique(ctx, "title")
    data = {"article_id": draft, "changes": {"title": title}}
    answer = await session.act("article.update", data)
    ctx.acked("ART-010", answer, why=f"an update of a draft, {why}")
    seen, on = current(await view(session)).get("title"), session.stream[-1:]
    ctx.equal("ART-010", title, seen, on=on, why=f"the title after an update, {why}")


@case("ART-009", "ART-010", needs=(*WRITES, "role:reader", "fixture:mint"))
async def permissions_are_known_by_their_whole_name(ctx: Context) -> None:
    """Permissions that only look like `post_edit_any` permit nothing, nor does the author's name."""
    author, reader = ctx.user(), ctx.user("reader")
    mine = await open_articles(ctx, author)
    draft, public = await create_article(mine), await create_published(mine)
    before = part(await entry(mine, public))
    session = await _open_with(ctx, reader, ALIKE, name=author.username)
    # Whoever looks at an article has no right to it by that.
    await select(session, public)
    why = "by a session with permissions that only look like post_edit_any, and its author's name"
    await _may_not(ctx, ("ART-009", "ART-010"), session, draft, public, why)
    made = await create_article(session)
    other = await _open_with(ctx, ctx.user("reader"), OTHERS)
    why = "by a session with permissions that are not post_edit_any"
    await _may_not(ctx, ("ART-010",), other, draft, None, why)
    shown = part(await entry(session, made), ("author_id",))
    ctx.equal("ART-010", {"author_id": reader.id}, shown, on=session.stream[-1:], why="its author")
    for id_ in _alike(author.id):
        other = await open_articles(ctx, ctx.user("reader", user_id=id_))
        why = "by a user whose id is like the author's"
        await _may_not(ctx, ("ART-009",), other, draft, public, why)
    seen, on = part(await entry(mine, public)), mine.stream[-1:]
    for requirement in ("ART-009", "ART-010"):
        ctx.equal(requirement, before, seen, on=on, why="the article after all refusals")


def _alike(id_: str) -> list[str]:
    """Ids that some comparisons take for an id."""
    return [other for other in (id_.swapcase(), f"{id_}x", id_[:-1]) if other not in ("", id_)]


@case("ART-010", needs=(*WRITES, "role:editor", "fixture:mint"))
async def permissions_are_those_of_a_session(ctx: Context) -> None:
    """Of two sessions of a user the one with the permission reads and writes, whichever was opened last."""
    author, holder = ctx.user(), ctx.user("editor")
    mine = await open_articles(ctx, author)
    draft, public = await create_article(mine), await create_published(mine)
    for order in ((ANY,), ()), ((), AMONG):
        sessions = [await _open_with(ctx, holder, permissions) for permissions in order]
        for session, permissions in zip(sessions, order, strict=True):
            why = f"by a session with the permissions {list(permissions)} beside others of its user"
            if permissions:
                await _may(ctx, session, draft, why)
            else:
                await _may_not(ctx, ("ART-010",), session, draft, public, why)
        # What happens to the draft from now on is told to the one and not to the other.
        title = unique(ctx, "title")
        await update(mine, draft, title=title)
        for session, permissions in zip(sessions, order, strict=True):
            shown = (await entry(session, draft, there=bool(permissions)) or {}).get("title")
            wanted, on = title if permissions else None, session.stream[-1:]
            ctx.equal("ART-010", wanted, shown, on=on, why="an update of a draft, as it is shown")
            await session.close()
            session.leave_open = True


@case("ART-010", needs=(*WRITES, "action:article.edit_start", "role:editor"))
async def holders_write_what_is_published_and_edited(ctx: Context) -> None:
    """A holder of `post_edit_any` writes what its author has published, and what its author edits."""
    author = ctx.user()
    mine, theirs = await open_articles(ctx, author), await open_articles(ctx, ctx.user("editor"))
    public, draft = await create_published(mine), await create_article(mine)
    for article_id in (public, draft):
        await start_edit(mine, article_id)
        title = unique(ctx, "title")
        data = {"article_id": article_id, "changes": {"title": title}}
        answer = await theirs.act("article.update", data)
        ctx.acked("ART-010", answer, why="an update while the author edits")
        seen = (await entry(mine, article_id) or {}).get("title")
        ctx.equal(
            "ART-010", title, seen, on=mine.stream[-1:], why="its title in the author's session"
        )


@case(
    "EVENT-005",
    "EVENT-006",
    needs=("events", *takes("create", "publish", "edit_start"), "role:editor", "fixture:mint"),
)
async def new_readers_are_told_who_published(ctx: Context) -> None:
    """Who reads an article since its publish is told who did that, and in own sessions by which action."""
    author, holder = ctx.user(), ctx.user("editor")
    mine, acting = await open_articles(ctx, author), await open_articles(ctx, holder, events=True)
    own = await _open_with(ctx, holder, (), features=["events"])
    other = await open_articles(ctx, ctx.user("reader"), events=True)
    article_id = await create_article(mine)
    await start_edit(mine, article_id)
    body = acting.action_body("article.publish", {"article_id": article_id})
    ctx.require((await acting.needed_outcome_of(body)).acked, "article.publish was not acked")
    cause = {name: body[name] for name in ("action_id", "session_id", "client_seq")}
    for session, wanted in ((own, cause), (other, None)):
        await session.fence()
        told = events_about(session, article_id)
        ctx.require(bool(told), "a published article is told by no event")
        for record in told:
            whose = "the acting user" if session is own else "another user"
            why = f"{record.type} for a new reader, in a session of {whose}"
            seen: Entry = record.body or {}
            ctx.equal("EVENT-006", holder.id, seen.get("actor"), on=record, why=why)
            told_of = seen.get("cause")
            if isinstance(told_of, dict):  # it may have more members than these
                told_of = {name: told_of.get(name) for name in cause}  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
            ctx.equal("EVENT-005", wanted, told_of, on=record, why=why)


@case("ART-010", needs=(*takes("create", "publish", "update"), "role:reader", "action:user.update"))
async def updates_of_a_user_permit_nothing(ctx: Context) -> None:
    """Permissions that a user names in an update of itself are members that are not known."""
    mine = await open_articles(ctx, ctx.user())
    draft, public = await create_article(mine), await create_published(mine)
    session = await open_articles(ctx, ctx.user("reader"))
    changes: Entry = {"permissions": [ANY], "perm": [ANY], "roles": [ANY]}
    # Where a server has no user for the id there is none to update.
    await session.act("user.update", {"changes": changes})
    why = "by a user who named the permission in a user.update"
    await _may_not(ctx, ("ART-010",), session, draft, public, why)
