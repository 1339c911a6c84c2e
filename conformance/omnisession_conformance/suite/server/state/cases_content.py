"""STATE: what states hold: whole slices, content in one place, lists in their order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.protocol.model.order import misplacement_in
from omnisession_conformance.protocol.vocabulary.texts import LETTERS
from omnisession_conformance.protocol.vocabulary.users import whole_numbers
from omnisession_conformance.roles.server.steps.articles import (
    KIND,
    create_article,
    current,
    ever_full,
    last_state,
    open_articles,
    select,
    slice_of,
    start_edit,
    takes,
    unique,
    update,
)
from omnisession_conformance.roles.server.steps.expectation import Expected, mismatch
from omnisession_conformance.roles.server.steps.script import PLAYS, expect_nothing, play
from omnisession_conformance.roles.server.steps.sending import Posted, settle

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session
    from omnisession_conformance.traffic.record import Record


def _compare_last(
    ctx: Context, session: Session, expected: Expected, why: str, **whose: bool
) -> None:
    """Check the last state of a session against what the script must have made of its slice."""
    state = last_state(session)
    slice_ = slice_of(state)
    wanted, seen = expected.view(**whose), expected.seen(slice_)
    if ever_full(session, "articles"):
        # What is not there may have been cut.
        wanted["articles"] = {k: a for k, a in wanted["articles"].items() if k in seen["articles"]}
    if ever_full(session, "editors"):
        wanted["editors"] = [e for e in wanted["editors"] if e in seen["editors"]]
    found = mismatch(wanted, seen)
    at, made, told = found or ("", "the slice that the actions made", "the same")
    ctx.check("STATE-002", found is None, expected=made, seen=told, on=state, why=f"{at} {why}")


@case("STATE-002", needs=(*PLAYS, "role:reader"))
async def states_hold_their_slice_whole(ctx: Context) -> None:
    """After each step of a script the state shows all that it made, to the actor and to others."""
    author, reader = ctx.user(), ctx.user("reader")
    actor = await open_articles(ctx, author)
    others = {
        "another session": (await open_articles(ctx, author), True),
        "another session with events": (await open_articles(ctx, author, events=True), True),
        "another user's session": (await open_articles(ctx, reader), False),
    }
    expected = expect_nothing(ctx, actor)
    async for step in play(ctx, actor, expected):
        await actor.fence()
        _compare_last(ctx, actor, expected, f"after {step}")
    await actor.sync()
    _compare_last(ctx, actor, expected, "in a sync after the script")
    for name, (session, own) in others.items():
        await session.sync()
        why = f"in a sync of {name} after the script"
        _compare_last(ctx, session, expected, why, own=own, selects=False)


def _in_order(ctx: Context, requirement: str, record: Record, name: str) -> None:
    wrong = misplacement_in(KIND, name, record.payload.get(name))
    ctx.check(
        requirement,
        wrong is None,
        expected=f"{name} in order",
        seen="in order" if wrong is None else f"{wrong.before} before {wrong.after}",
        on=record,
        pointer=f"/data/{name}" if wrong is None else wrong.pointer,
    )


@case("STATE-008", needs=(*takes("create", "publish", "edit_start"), "role:editor"))
async def articles_and_editors_are_in_order(ctx: Context) -> None:
    """Drafts, articles published in one go, and edits started in reverse, stand in their order."""
    author, other = ctx.user(), ctx.user("editor")
    actor, reader = await open_articles(ctx, author), await open_articles(ctx, author, events=True)
    second = await open_articles(ctx, other)
    ids = [await create_article(actor) for _ in range(12)]
    # In one go, so that some get the same time.
    publish = "article.publish"
    await settle(actor, [Posted(actor.action_body(publish, {"article_id": i})) for i in ids[4:]])
    for id_ in sorted(ids[2:8], reverse=True):
        await start_edit(actor, id_)
        await start_edit(second, id_)
    await ctx.fences(actor, reader)
    for session in (actor, reader):
        await session.sync()
        for record in session.states(KIND):
            _in_order(ctx, "STATE-008", record, "articles")
            _in_order(ctx, "STATE-008", record, "editors")


@case("STATE-009", needs=takes("create", "update", "select"))
async def content_is_with_the_selected_article_only(ctx: Context) -> None:
    """Lists carry no content; the selected article carries its own, empty as it may be."""
    user = ctx.user()
    for session in (await open_articles(ctx, user), await open_articles(ctx, user, events=True)):
        empty = await create_article(session)
        article_id = await create_article(session, content=(content := unique(ctx, "content")))
        for id_, text in ((empty, ""), (article_id, content)):
            await select(session, id_)
            await update(session, id_, title=unique(ctx, "title"))
            await session.sync()
            state = last_state(session)
            told = current(slice_of(state)).get("content", "(missing)")
            where = "/data/current_article/content"
            ctx.equal("STATE-009", text, told, on=state, pointer=where)
        with_content = [
            a.get("id")
            for r in session.states(KIND)
            for a in slice_of(r)["articles"]
            if a.get("content", "(missing)") is not None
        ]
        ctx.equal("STATE-009", [], with_content, on=last_state(session), why="listed content")


@case("STATE-010", needs=(*takes("create", "edit_start"), "fixture:mint", "role:editor"))
async def strings_are_ordered_by_code_point(ctx: Context) -> None:
    """Editors whose ids differ in case, accents and planes, or are numbers, stand by code point."""
    author = ctx.user()
    actor = await open_articles(ctx, author)
    article_id = await create_article(actor)
    stem = unique(ctx, "e")
    ids = [*(f"{stem}{letter}" for letter in LETTERS), *whole_numbers(ctx.draws.digits())]
    for id_ in ids:
        session = await open_articles(ctx, ctx.user("editor", user_id=id_))
        await start_edit(session, article_id)
    await actor.sync()
    state = last_state(actor)
    slice_ = slice_of(state)
    editors = [
        str(e.get("user_id")) for e in slice_["editors"] if e.get("article_id") == article_id
    ]
    shown = editors if ever_full(actor, "editors") else ids
    ctx.equal("STATE-010", sorted(shown), editors, on=state, pointer="/data/editors")
