"""LIMIT: how long names and emails may be, and an article without its content."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.case import case
from omnisession_conformance.roles.server.steps.articles import (
    create_article,
    entry,
    open_articles,
    part,
    takes,
    unique,
)
from omnisession_conformance.roles.server.steps.outcomes import counted
from omnisession_conformance.roles.server.steps.sizes import MIXED, size, text_of, usable
from omnisession_conformance.roles.server.steps.users import (
    KIND,
    UPDATES,
    known_user,
    open_user,
    restore_user,
    user_in,
)

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.reply import Answer
    from omnisession_conformance.roles.server.session import Session
    from omnisession_conformance.roles.server.steps.sending import Body

LONGEST_NAME = 256
TOO_LARGE, AGAINST_A_RULE = 4130, 4220
OF_NUMBERS = 64
"""Room that a server may count for the longest numbers that it may have to write into an article."""
MOUNTAIN = "\U0001f3d4"
REST: tuple[str, ...] = ("title", "subtitle", "leading", "tags")


def _final(ctx: Context, answer: Answer, session: Session, why: str, *rules: int) -> None:
    """Observe that the last action of a session was refused for good, for its size or by a rule."""
    if ctx.refused("LIMIT-003", answer, TOO_LARGE, *rules, why=why):
        seen = [answer.type, answer.error.get("retryable"), counted(answer)]
        wanted = ["action.nack", False, session.next_seq - 1]
        ctx.equal("LIMIT-003", wanted, seen, on=answer, why=f"type, retryable and count: {why}")


def _taken(ctx: Context, answer: Answer, why: str) -> bool | None:
    """Observe that a text of the largest size is taken; None where a rule of the server is against it."""
    if answer.code == AGAINST_A_RULE:
        return None
    return ctx.acked("LIMIT-003", answer, why=why)


# -- names and emails --------------------------------------------------------------------------------------


@case("LIMIT-003", needs=UPDATES)
async def longest_name_is_taken(ctx: Context) -> None:
    """A name or email of 256 bytes is taken whole, and one byte more refused and nowhere shown."""
    session = await open_user(ctx, ctx.user(), events=True)
    before = first = await known_user(session)
    for member, fill in (("username", MOUNTAIN), ("email", "x"), ("username", MIXED)):
        whole, above, far = (_named(ctx, member, fill, more) for more in (0, 1, 44))
        why = f"a {member} of {size(whole)} bytes and {len(whole)} characters like {fill!r}"
        taken = _taken(ctx, await update(session, member, whole), why)
        before = {**before, member: whole} if taken else before
        ctx.equal("LIMIT-003", before, await user_in(session), why=f"the user after {why}")
        for text in (above, far):
            why = f"a {member} of {size(text)} bytes and {len(text)} characters like {fill!r}"
            # Where a rule is against the shorter one, it comes before the size here as well.
            rules = () if taken else (AGAINST_A_RULE,)
            _final(ctx, await update(session, member, text), session, why, *rules)
            ctx.equal("LIMIT-003", before, await user_in(session), why=f"the user after {why}")
    await restore_user(session, first)


def _named(ctx: Context, member: str, fill: str, more: int) -> str:
    """A name or an email of so many bytes more than it may have."""
    address = ctx.draws.email()
    stem = unique(ctx, "name") if member == "username" else address.partition("@")[0]
    end = "" if member == "username" else f"@{address.partition('@')[2]}"
    return stem + text_of(fill, LONGEST_NAME + more + 4 - size(stem) - size(end)) + end


async def update(session: Session, member: str, text: str) -> Answer:
    """Have the acting user called otherwise; whatever comes of it."""
    return await session.act("user.update", {"changes": {member: text}})


@case("LIMIT-007", needs=(KIND, "fixture:mint"))
async def names_of_tokens_are_cut(ctx: Context) -> None:
    """A name of a token that is longer than a name may be is shown as the beginning of it."""
    for fill, more in (("x", LONGEST_NAME), (MOUNTAIN, LONGEST_NAME), (MIXED, 1), (MOUNTAIN, 0)):
        user = ctx.user()
        name = _named(ctx, "username", fill, more)
        claims = {"sub": user.id, "name": name, "perm": list(user.permissions)}
        session = ctx.session(user)
        answer = await session.open(kinds=[KIND], token=ctx.fixture.sign(claims))
        answer.position_or_stop("session.opened")
        known = await user_in(session)
        shown: Any = known.get("username", "")
        # A server that has users of its own may call this one otherwise, or know none.
        is_own = not known or (bool(shown) and not shown.startswith(name[:8]))
        is_kept = bool(shown) and name.startswith(shown) if more else shown == name
        ctx.check(
            "LIMIT-007",
            size(shown) <= LONGEST_NAME and (is_own or is_kept),
            expected=f"the beginning of the name, of at most {LONGEST_NAME} bytes"
            if more
            else "the whole name",
            seen=f"{size(shown)} bytes, {shown!r}",
            on=session.states(KIND)[-1:],
            pointer="/data/user/username",
            why=f"a name of {size(name)} bytes with characters like {fill!r}",
        )


# -- all but the content -----------------------------------------------------------------------------------


@case("LIMIT-003", needs=takes("create", "update"))
async def largest_rest_of_an_article_is_taken(ctx: Context) -> None:
    """An article as large without its content as it may be is taken, and a larger one refused."""
    session = await open_articles(ctx, ctx.user(), events=True)
    told, limit = ctx.declared.limit("article_rest"), usable(session, "article_rest")
    long = text_of("x", limit + 1)
    for member, value in (("title", long), ("subtitle", long), ("tags", [long])):
        data = {"title": unique(ctx, "title"), member: value}
        if limit == told:
            why = f"a new article with {limit + 1} bytes as {member}"
            answer = await session.act("article.create", data)
            _final(ctx, answer, session, why, AGAINST_A_RULE)
    id_ = await create_article(session, title=unique(ctx, "title"))
    for member, fill in (("leading", MOUNTAIN), ("subtitle", MIXED)):
        before = await entry(session, id_) or {}
        whole, above = (_left(before, member, fill, limit + n) for n in (-OF_NUMBERS, 1))
        why = f"an update that leaves {limit} bytes without content, by its {member}"
        taken = _taken(ctx, await _update(session, id_, {member: whole}), why)
        before = {**before, member: whole} if taken else before
        if limit == told:
            answer = await _update(session, id_, {member: above})
            why = f"{why}, and one more"
            _final(ctx, answer, session, why, *(() if taken else (AGAINST_A_RULE,)))
        shown = part(await entry(session, id_), REST)
        ctx.equal("LIMIT-003", part(before, REST), shown, why=f"the article after {why}")
        await session.apply("article.update", {"article_id": id_, "changes": {member: "short"}})


def _left(article: Body, member: str, fill: str, bytes_: int) -> str:
    """A text with which an article without its content has so many bytes."""
    empty = size({**article, "content": None, member: ""})
    return text_of(fill, bytes_ - empty + size(""))


async def _update(session: Session, id_: str, changes: Body) -> Answer:
    return await session.act("article.update", {"article_id": id_, "changes": changes})
