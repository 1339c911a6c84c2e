"""ACTION and the kinds: of several faults of an action the first in the order of checks decides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.case import case
from omnisession_conformance.roles.server.steps.any_kind import ADAPTERS, room_or_stop
from omnisession_conformance.roles.server.steps.articles import (
    create_article,
    create_published,
    open_articles,
    takes,
    unique,
)
from omnisession_conformance.roles.server.steps.chat import (
    delete,
    open_chat,
    say,
    takes_chat,
    text,
)
from omnisession_conformance.roles.server.steps.sending import NO_GAP, UNKNOWN
from omnisession_conformance.roles.server.steps.sizes import text_of, usable
from omnisession_conformance.roles.server.steps.urls import (
    address,
    code,
    create_url,
    open_urls,
    takes_url,
)

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session

GONE = 4040
STALE = {"revision": 2**40}
"""A revision that no article has."""


def _above(ctx: Context, session: Session, limit: str) -> str | None:
    """A text above a limit, where one can be sent."""
    most = usable(session, limit)
    return text_of("x", most + 1) if ctx.declared.limit(limit) == most else None


@case(
    "ART-007",
    "ART-008",
    "ART-009",
    "ACTION-016",
    needs=(*takes("create", "update", "publish"), "role:reader"),
)
async def several_faults_of_an_update(ctx: Context) -> None:
    """An update is refused for its form, then its rights, then its revision, and for its size last."""
    mine = await open_articles(ctx, ctx.user())
    theirs = await open_articles(ctx, ctx.user("reader"))
    draft, own = await create_article(mine), await create_article(mine)
    public = await create_published(mine)
    rest = _above(ctx, mine, "article_rest")
    content = _above(ctx, mine, "article_content")
    changes: list[dict[str, Any]] = [{"title": unique(ctx, "wrong")}]
    changes += [{"subtitle": rest}] if rest is not None else []
    changes += [{"content": content}] if content is not None else []
    tries = [
        (theirs, draft, "ART-008", 4040, "a draft of another"),
        (theirs, unique(ctx, "none"), "ART-008", 4040, "a missing article"),
        (mine, own, "ART-007", 4090, "an own article"),
        (theirs, public, "ART-009", 4030, "an article that others write"),
    ]
    for session, article_id, requirement, code_, what in tries:
        for changed in changes:
            data = {"article_id": article_id, "changes": changed}
            answer = await session.act("article.update", data, expect=STALE)
            why = f"an update of {what} that expects a wrong revision and changes {list(changed)}"
            ctx.refused(requirement, answer, code_, why=why)
            if requirement != "ART-007" and changed is not changes[0]:
                answer = await session.act("article.update", data)
                why = f"an update of {what} above the limit of its {list(changed)}"
                ctx.refused(requirement, answer, code_, why=why)
        invalid = {"article_id": article_id, "changes": {"tags": 5}}
        answer = await session.act("article.update", invalid, expect=STALE)
        why = f"an update of {what} with invalid data that expects a wrong revision"
        ctx.refused("ACTION-016", answer, 4001, why=why)


@case("CHAT-006", "ACTION-016", needs=takes_chat("send", "edit", "delete"))
async def several_faults_of_an_edited_message(ctx: Context) -> None:
    """An edit is refused for its form, then for whose message it is, and for its size last."""
    mine, theirs = await open_chat(ctx, ctx.user()), await open_chat(ctx, ctx.user())
    id_, gone = await say(mine, text(ctx)), await say(mine, text(ctx))
    await delete(mine, gone)
    long = _above(ctx, theirs, "chat_content")
    for message_id, code_, what in (
        (id_, 4030, "another user's message"),
        (gone, 4040, "a message of another user that was deleted"),
        (unique(ctx, "none"), 4040, "a message that never was"),
    ):
        for content in (text(ctx), *((long,) if long is not None else ())):
            answer = await theirs.act("chat.edit", {"message_id": message_id, "content": content})
            if message_id == id_ and answer.code == GONE:
                # Others may have said so much meanwhile that the server has forgotten it.
                room_or_stop(theirs, ADAPTERS["chat"])
            size = "above the limit" if content is long else "that could be taken"
            ctx.refused("CHAT-006", answer, code_, why=f"a content {size} for {what}")
        answer = await theirs.act("chat.delete", {"message_id": message_id})
        ctx.refused("CHAT-006", answer, code_, why=f"a delete of {what}")
        answer = await theirs.act("chat.edit", {"message_id": message_id, "content": 5})
        ctx.refused("ACTION-016", answer, 4001, why=f"an invalid content for {what}")


@case("URL-002", "URL-004", "ACTION-016", needs=takes_url("create", "update"))
async def several_faults_of_a_url(ctx: Context) -> None:
    """A url is refused for its form, then for whose it is, then for its code, and for its size last."""
    mine, theirs = await open_urls(ctx, ctx.user()), await open_urls(ctx, ctx.user())
    taken = code(ctx)
    id_ = await create_url(ctx, mine, short_code=taken)
    own = await create_url(ctx, theirs)
    long = _above(ctx, theirs, "target_url")
    targets = [address(ctx)] if long is None else [address(ctx), f"http://{long[7:]}"]
    for target in targets:
        size = "above the limit" if target != targets[0] else "that could be taken"
        changes = {"short_code": taken, "target_url": target}
        for url_id, requirement, code_, what in (
            (id_, "URL-004", 4040, "another user's url"),
            (unique(ctx, "none"), "URL-004", 4040, "a missing url"),
            (own, "URL-002", 4220, "an own url"),
        ):
            answer = await theirs.act("url.update", {"url_id": url_id, "changes": changes})
            why = f"a code that is taken and an address {size} for {what}"
            ctx.refused(requirement, answer, code_, why=why)
        answer = await theirs.act("url.create", changes)
        ctx.refused("URL-002", answer, 4220, why=f"a code that is taken and an address {size}")
    free = code(ctx)
    for url_id, what in ((id_, "another user's url"), (unique(ctx, "none"), "a missing url")):
        answer = await theirs.act("url.update", {"url_id": url_id, "changes": {"short_code": free}})
        ctx.refused("URL-004", answer, 4040, why=f"a free code for {what}")
    answer = await theirs.act("url.create", {"target_url": address(ctx), "short_code": free})
    ctx.acked("URL-002", answer, why="a code that was refused to urls which are not the user's")
    invalid = {"url_id": id_, "changes": {"is_active": 5, "short_code": taken}}
    answer = await theirs.act("url.update", invalid)
    ctx.refused("ACTION-016", answer, 4001, why="an invalid update of another user's url")


@case("ACTION-017", "VER-003", "ACTION-009")
async def several_faults_of_an_envelope(ctx: Context) -> None:
    """A known id comes before the version, the version before the type, and the type before the data."""
    session = await ctx.open(ctx.user(), timers=NO_GAP)
    body = session.action_body(UNKNOWN)
    del body["data"]
    answer = await session.outcome_of(body)
    ctx.refused("ACTION-017", answer, 4002, why="an unknown type without data")
    newer = {**session.action_body(UNKNOWN), "v": "2.0"}
    answer = await session.outcome_of(newer)
    ctx.refused("VER-003", answer, 4003, why="an unknown type in a body of another MAJOR")
    again = {**session.action_body(UNKNOWN, {"x": 1}, action_id=body["action_id"]), "v": "2.0"}
    answer = await session.outcome_of(again)
    ctx.refused("ACTION-009", answer, 4092, why="a known id with another body, and another MAJOR")
