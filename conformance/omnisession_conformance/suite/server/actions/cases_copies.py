"""ACTION: copies of actions, by which they are known, and how long they are remembered."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.roles.server.steps.any_kind import (
    CHANGES,
    change,
    one_kind,
    open_any,
    shows_times,
)
from omnisession_conformance.roles.server.steps.articles import (
    CREATE,
    create_article,
    created_id,
    current,
    open_articles,
    publish,
    takes,
    titles,
    unique,
    view,
)
from omnisession_conformance.roles.server.steps.outcomes import count_in
from omnisession_conformance.roles.server.steps.sending import (
    NOOP,
    UNKNOWN,
    noops,
)

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.reply import Answer


def _same_ack(ctx: Context, first: Answer, copy: Answer | None, why: str) -> None:
    """Observe that a copy got `duplicate` with position and result of the first ack."""
    if not ctx.acked("ACTION-005", copy, status="duplicate", why=why) or copy is None:
        return
    for name in ("position", "result"):
        ctx.equal(
            "ACTION-005",
            first.data.get(name),
            copy.data.get(name),
            on=(copy, first),
            pointer=f"/data/{name}",
            why=f"{name}, {why}",
        )


# -- copies under the same number -----------------------------------------------------------------------


@case("ACTION-005")
async def copies_get_the_first_ack_again(ctx: Context) -> None:
    """Copies of an acked action, sent at once, again and after others, get its ack again."""
    session = await ctx.open(ctx.user())
    await noops(session, 1)
    body = session.action_body(NOOP)
    unheard = await session.send_action(body, reply="")
    at_once = await session.send_action(body)
    first = await unheard.must()
    ctx.require(first.acked, f"{NOOP} was not acked: {first}")
    _same_ack(ctx, first, await at_once.outcome(), "a copy right behind the first")
    await noops(session, 3)
    await session.sync()
    again = await session.send_action(body)
    _same_ack(ctx, first, await again.outcome(), "a copy after three other actions")
    pong = await session.ask("session.ping")
    ctx.equal("ACTION-005", 5, count_in(pong), on=pong, why="last_action_seq after all copies")


@case("ACTION-005", needs=CHANGES)
async def copies_have_one_effect(ctx: Context) -> None:
    """A change that is sent three times is made once, and is acked with one result."""
    kind = one_kind(ctx)
    session = await open_any(ctx, ctx.user(), kind)
    deed = kind.new(ctx)
    body = deed.body(session)
    first = await session.needed_outcome_of(body)
    ctx.require(first.acked, f"{deed.type} was not acked: {first}")
    _same_ack(ctx, first, await session.outcome_of(body), "a copy")
    last = (await change(ctx, session, kind)).deed
    _same_ack(ctx, first, await session.outcome_of(body), "a later copy")
    # Where nothing is made, the second change has taken the place of the first.
    shown = 1 if kind.id_member else 0
    await shows_times(ctx, "ACTION-005", session, deed, "after three copies", shown)
    await shows_times(ctx, "ACTION-005", session, last, "before a copy of another action")


@case("ACTION-005", needs=CHANGES)
async def copies_may_be_written_anew(ctx: Context) -> None:
    """A copy with other white space, order of members and timestamp is a copy."""
    kind = one_kind(ctx)
    session = await open_any(ctx, ctx.user(), kind)
    deed = kind.new(ctx)
    # A member that nobody knows is ignored, and is a part of the body all the same.
    data = {**deed.data, "x_ü": ["ö", {"a": 1, "b": 2}]}
    body = session.action_body(deed.type, data)
    first = await session.needed_outcome_of(body)
    ctx.require(first.acked, f"{deed.type} was not acked: {first}")
    turned = {**body, "data": dict(reversed(data.items())), "timestamp": body["timestamp"] + 5}
    turned = dict(reversed(turned.items()))
    raw = json.dumps(turned, indent=3, ensure_ascii=True).encode()
    answer = await (
        await session.send("action", body=raw, subject=session.actions_subject)
    ).answer()
    _same_ack(ctx, first, answer, "a copy that is written in another way")
    why = "after a copy that is written in another way"
    await shows_times(ctx, "ACTION-005", session, deed, why)


@case("ACTION-006")
async def copies_get_the_first_error_again(ctx: Context) -> None:
    """Copies of an action with a final nack get the same error object again."""
    session = await ctx.open(ctx.user())
    for fault in ({"type": UNKNOWN}, {"data": 5}):
        body = {**session.action_body(NOOP), **fault}
        first = await session.needed_outcome_of(body)
        ctx.require(first.error.get("retryable") is False, f"no final refusal, but {first}")
        await noops(session, 1)
        for why in ("a copy", "a further copy"):
            answer = await session.outcome_of(body)
            _same_error(ctx, first, answer, f"{why} of an action refused with {first.code}")


def _same_error(ctx: Context, first: Answer, copy: Answer | None, why: str) -> None:
    if copy is None:
        ctx.absent("ACTION-006", expected=f"the same refusal again, {first.code}", why=why)
        return
    ctx.equal(
        "ACTION-006",
        ["action.nack", first.error],
        [copy.type, copy.error],
        on=(copy, first),
        pointer="/data/error",
        why=why,
    )


@case("ACTION-006", needs=takes("create", "publish", "select"))
async def refused_action_stays_refused(ctx: Context) -> None:
    """A selection that was refused is refused again once the article may be read."""
    author, reader = await open_articles(ctx, ctx.user()), await open_articles(ctx, ctx.user())
    article_id = await create_article(author)
    body = reader.action_body("article.select", {"article_id": article_id})
    first = await reader.needed_outcome_of(body)
    ctx.require(first.error.get("retryable") is False, f"no final refusal, but {first}")
    await publish(author, article_id)
    await reader.fence()
    answer = await reader.outcome_of(body)
    _same_error(ctx, first, answer, "a copy after the article was published")
    selected = current(await view(reader)).get("id")
    ctx.equal("ACTION-006", None, selected, on=answer, why="the selected article")


# -- known ids with another body ------------------------------------------------------------------------


@case("ACTION-009")
async def known_id_with_another_type_is_refused(ctx: Context) -> None:
    """A known action_id with another type gets 4092, under its number and under the next."""
    session = await ctx.open(ctx.user())
    body = session.action_body(NOOP)
    ctx.require((await session.needed_outcome_of(body)).acked, f"{NOOP} was not acked")
    other = {**body, "type": UNKNOWN}
    for why, sent in (
        ("another type under the same client_seq", other),
        ("another type as the next action", {**other, "client_seq": session.next_seq}),
    ):
        ctx.refused("ACTION-009", await session.outcome_of(sent), 4092, why=why)


@case("ACTION-009", needs=takes("create", "update"))
async def known_id_with_another_body_has_no_effect(ctx: Context) -> None:
    """A known action_id with other data or another expect gets 4092, and does nothing."""
    session = await open_articles(ctx, ctx.user())
    titled, marker = unique(ctx, "title"), unique(ctx, "marker")
    create = session.action_body(CREATE, {"title": titled})
    made = await session.needed_outcome_of(create)
    article_id = created_id(made)
    changes = {"article_id": article_id, "changes": {"title": titled}}
    change = session.action_body("article.update", changes)
    ctx.require((await session.needed_outcome_of(change)).acked, "the update was not acked")
    for why, body in (
        ("a create with another title", {**create, "data": {"title": marker}}),
        ("a create with one member more", {**create, "data": {"title": titled, "content": marker}}),
        (
            "an update with other changes",
            {**change, "data": {**changes, "changes": {"title": marker}}},
        ),
        ("an update with an expect", {**change, "expect": {"revision": 1}}),
        ("an update in place of a create", {**change, "action_id": create["action_id"]}),
    ):
        for number in (body["client_seq"], session.next_seq):
            sent = {**body, "client_seq": number}
            answer = await session.outcome_of(sent)
            ctx.refused("ACTION-009", answer, 4092, why=f"{why}, under client_seq {number}")
        session.next_seq += 1
    shown = [title for title in titles(await view(session)) if title in (titled, marker)]
    ctx.equal("ACTION-009", [titled], shown, on=session.stream[-1:], why="titles after all of them")
