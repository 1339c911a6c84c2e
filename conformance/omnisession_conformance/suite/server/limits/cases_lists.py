"""STATE: lists of chat and urls that grow beyond their limit are cut at their end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import Phase, case
from omnisession_conformance.protocol.kinds.tables import LISTS
from omnisession_conformance.roles.server.steps.articles import unique
from omnisession_conformance.roles.server.steps.chat import delete, edit, message_id
from omnisession_conformance.roles.server.steps.sending import entries
from omnisession_conformance.roles.server.steps.timers import BEATS, beaten
from omnisession_conformance.roles.server.steps.urls import url_id
from omnisession_conformance.suite.server.limits.long_lists import (
    AT_A_TIME,
    CUT,
    FULL,
    MOST,
    cut_or_stop,
    fill,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session


@case(CUT, FULL, needs=("chat", "action:chat.send"), phase=Phase.LOUD, limit_ms=60_000)
async def long_chats_are_cut(ctx: Context) -> None:
    """Of one chat message more than the limit the newest are shown, in states, by events and later."""
    limit = ctx.declared.limit("chat_messages")
    sessions = await _open_both(ctx, "chat", "digests", timers=BEATS)
    before = {str(entry.get("id")) for entry in entries(sessions[0].slice("chat"), "messages")}
    word = unique(ctx, "message")
    sends = [("chat.send", {"content": f"{word} {n}"}) for n in range(min(limit, MOST) + 1)]
    ids = list(map(message_id, await fill(ctx, sessions[0], sends, "chat", "messages")))
    if "chat.edit" in ctx.declared.actions:
        await edit(sessions[0], ids[-1], f"{word} again")
    for session in (*sessions, await ctx.open(ctx.user(), kinds=["chat"])):
        await session.sync(["chat"])
        _check(ctx, session, "chat", "messages", ids[::-1], len(ids), before)
    if "chat.delete" in ctx.declared.actions:
        await delete(sessions[0], ids[-1])
        # What was cut off may be there again, or not.
        rest, before = ids[-2:0:-1], {*before, ids[0]}
        later = await ctx.open(ctx.user(), kinds=["chat"])
        await later.sync(["chat"])
        _check(ctx, later, "chat", "messages", rest, len(rest), before)
    # Heartbeats after a list was cut, and their digests, are judged by sweeps.
    await beaten(ctx, sessions[0], 1, ctx.log.mark())
    cut_or_stop(ctx, "chat_messages")


@case(CUT, FULL, needs=("url", "action:url.create"), phase=Phase.LOUD, limit_ms=60_000)
async def long_lists_of_urls_are_cut(ctx: Context) -> None:
    """Of one url more than the limit the last made are shown, in states, by events and later."""
    limit = ctx.declared.limit("urls")
    sessions = await _open_both(ctx, "url")
    target = {"target_url": f"https://example.org/{unique(ctx, 'target')}"}
    creates = [("url.create", target)] * (min(limit, MOST) + 1)
    ids = list(map(url_id, await fill(ctx, sessions[0], creates, "url", "urls")))
    for session in (*sessions, await ctx.open(sessions[0].user, kinds=["url"])):
        await session.sync(["url"])
        # Urls of one millisecond are ordered by id: which of them is last is the server's choice.
        first = ids[::-1][: limit - AT_A_TIME]
        _check(ctx, session, "url", "urls", first, len(ids))
    cut_or_stop(ctx, "urls")


async def _open_both(
    ctx: Context, kind: str, *more: str, timers: Mapping[str, int] | None = None
) -> list[Session]:
    """A session with `events`, where these are served, and one that is told states only."""
    user, wishes = ctx.user(), (["events", *more], more)
    return [await ctx.open(user, kinds=[kind], features=f, timers=timers) for f in wishes]


def _check(
    ctx: Context,
    session: Session,
    kind: str,
    name: str,
    first: Sequence[str],
    made: int,
    before: Collection[str] = (),
) -> None:
    """Observe the length of a list in the last state, and that it lost nothing but its end.

    `before` are the ids of what was there already, and belongs behind what was made since.
    """
    limit = LISTS[kind][name].bound(ctx.declared.limits) or made
    state = session.states(kind)[-1]
    shown = [str(entry.get("id")) for entry in entries(state.payload, name)]
    pointer, why = f"/data/{name}", f"{made} entries were made, with the limit {limit}"
    count = f"{limit} entries" if made >= limit else f"{made} to {limit} entries"
    ctx.check(
        CUT,
        min(made, limit) <= len(shown) <= limit,
        expected=count,
        seen=f"{len(shown)} entries",
        on=state,
        pointer=pointer,
        why=why,
    )
    # Others may write into the same list meanwhile, and push the oldest out.
    strangers = len([id_ for id_ in shown if id_ not in first and id_ not in before])
    wanted = first[: max(0, limit - strangers)]
    lost = [id_ for id_ in wanted if id_ not in shown]
    ctx.equal(CUT, [], lost[:3], on=state, pointer=pointer, why=f"entries that are missing: {why}")
