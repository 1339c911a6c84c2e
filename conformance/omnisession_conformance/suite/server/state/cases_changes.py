"""STATE: when a change is in a state, in sessions without events and in those opened later."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.case import case
from omnisession_conformance.engine.stops import NoRoom
from omnisession_conformance.roles.server.steps.any_kind import (
    CHANGES,
    Change,
    change,
    one_kind,
    open_any,
    room_or_stop,
    view_of,
)
from omnisession_conformance.roles.server.steps.articles import (
    KIND,
    create_article,
    create_published,
    current,
    editor,
    entry,
    ever_full,
    find,
    last_state,
    members,
    open_articles,
    select,
    slice_of,
    start_edit,
    takes,
    unique,
    update,
)
from omnisession_conformance.roles.server.steps.expectation import mismatch
from omnisession_conformance.roles.server.steps.script import PLAYS
from omnisession_conformance.roles.server.steps.sending import NOOP, UNKNOWN

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session

HELD = {"coalesce_ms": 1_000}
"""The longest that a server may be asked to hold states back."""
AT_ONCE = {"coalesce_ms": 0}


@case("STATE-005", needs=PLAYS)
async def own_changes_are_in_a_state_by_the_ack(ctx: Context) -> None:
    """The slice at the position of each ack shows what the action did, whatever it was."""
    user = ctx.user()
    session = await open_articles(ctx, user)
    data = members(ctx)
    made = await session.apply("article.create", data)
    article_id = str(made.result.get("article_id"))
    new = unique(ctx, "title")
    named = {"article_id": article_id}
    steps = (
        ("article.update", {**named, "changes": {"title": new}}),
        ("article.select", named),
        ("article.edit_start", named),
        ("article.publish", named),
        ("article.edit_end", named),
        ("article.delete", named),
    )
    acks = {"article.create": made}
    acks.update({type_: await session.apply(type_, step) for type_, step in steps})
    for type_, ack in acks.items():
        position = ack.position_or_stop("action.ack")
        await session.reach(position)
        slice_ = session.slice(KIND, upto=position)
        listed, selected = find(slice_, article_id), current(slice_).get("id")
        edits = any(e.get("article_id") == article_id for e in slice_.get("editors") or ())
        shown = {
            "article.create": listed is not None and listed.get("title") == data["title"],
            "article.update": listed is not None and listed.get("title") == new,
            "article.select": selected == article_id,
            "article.edit_start": edits,
            "article.publish": listed is not None and listed.get("published_at") is not None,
            "article.edit_end": not edits,
            "article.delete": listed is None and selected is None,
        }
        ctx.check(
            "STATE-005",
            shown[type_],
            expected=f"a state up to {position} that shows the {type_}",
            seen="the change" if shown[type_] else "states without it",
            on=[ack, *session.states()[-1:]],
        )


async def _shows(ctx: Context, session: Session, changes: list[Change], why: str) -> None:
    kind = changes[-1].deed.kind
    # Where nothing is made, a change takes the place of the one before.
    due = changes if kind.id_member else changes[-1:]
    slice_ = await view_of(session, kind)
    missing = [change.id for change in due if not change.shows(slice_)]
    if missing:
        room_or_stop(session, kind)
    ctx.check(
        "STATE-006",
        not missing,
        expected=f"{len(due)} changes of another session in states up to the pong",
        seen=f"{len(missing)} of them missing" if missing else "all of them",
        on=session.states()[-1:],
        why=why,
    )


@case("STATE-006", needs=CHANGES)
async def changes_of_others_are_in_a_state_by_the_pong(ctx: Context) -> None:
    """Changes in another session of the user, one or several at once, are told before the pong."""
    user, kind = ctx.user(), one_kind(ctx)
    actor = await open_any(ctx, user, kind)
    held = await open_any(ctx, user, kind, timers=HELD)
    at_once = await open_any(ctx, user, kind, timers=AT_ONCE)
    for count in (1, 3, 1):
        changes = [await change(ctx, actor, kind) for _ in range(count)]
        await _shows(ctx, held, changes, f"{count} changes, with the longest coalesce_ms")
        await _shows(ctx, at_once, changes, f"{count} changes, with coalesce_ms 0")
    for type_ in (NOOP, UNKNOWN):
        done = await change(ctx, actor, kind)
        answer = await held.act(type_)
        upto = answer.position_or_stop(answer.type)
        await held.reach(upto)
        shown = done.shows(held.slice(kind.name, upto=upto))
        if not shown:
            room_or_stop(held, kind)
        ctx.check(
            "STATE-006",
            shown,
            expected=f"a change of another session in a state up to the {answer.type}, at {upto}",
            seen="shown" if shown else "not shown",
            on=(done.ack, answer),
            why="a session that has its states held back for long, and acts itself",
        )


@case("STATE-006", needs=(*takes("create", "update", "publish"), "role:reader"))
async def changes_of_other_users_are_in_a_state_by_the_pong(ctx: Context) -> None:
    """What another user does with a published article is told before the pong."""
    actor = await open_articles(ctx, ctx.user())
    reader = await open_articles(ctx, ctx.user("reader"), timers=HELD)
    titles = [unique(ctx, "title") for _ in range(3)]
    article_id = await create_published(actor, title=titles[0])
    for title in titles:
        await update(actor, article_id, title=title)
        listed = await entry(reader, article_id)
        ctx.equal(
            "STATE-006",
            title,
            (listed or {}).get("title"),
            on=reader.states()[-1:],
            why="title of a published article, changed by another user, at the pong",
        )


def _shared(slice_: dict[str, Any], author_id: str) -> dict[str, Any]:
    """What of a slice any session of a user shows, apart from what other cases publish."""
    articles = [
        a
        for a in slice_.get("articles") or ()
        if a.get("author_id") == author_id or a.get("published_at") is None
    ]
    ids = {str(a.get("id")) for a in articles}
    editors = [e for e in slice_.get("editors") or () if str(e.get("article_id")) in ids]
    return {"articles": {str(a.get("id")): a for a in articles}, "editors": editors}


@case("STATE-013", needs=takes("create", "publish", "select", "edit_start"))
async def later_sessions_show_the_same(ctx: Context) -> None:
    """A session that is opened after changes shows what an earlier one of the user shows."""
    user = ctx.user()
    first = await open_articles(ctx, user)
    published = await create_published(first, **members(ctx))
    draft = await create_article(first, **members(ctx))
    await select(first, draft)
    await start_edit(first, published)
    ctx.require(await editor(first, published, user) is not None, "an edit is not shown")
    await first.sync()
    earlier = _shared(slice_of(last_state(first)), user.id)
    for events in (False, True):
        later = await open_articles(ctx, user, events=events)
        state = last_state(later)
        found = mismatch(earlier, _shared(slice_of(state), user.id))
        if found is not None and any(
            ever_full(session, name)
            for session in (first, later)
            for name in ("articles", "editors")
        ):
            # A list that was cut may show, and lose, other entries in a session that is opened later.
            raise NoRoom("a list was at its limit and may have lost what another session shows")
        at, wanted, told = found or ("", "what the earlier session shows", "the same")
        ctx.check("STATE-013", found is None, expected=wanted, seen=told, on=state, why=at)
