"""Sessions that are over, whichever request tells it: a client goes on in a new one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.roles.client.actor import OPEN, PING, RESUME, SYNC
from omnisession_conformance.roles.client.puppet.terms import (
    LEAST_HEARTBEAT_MS,
    LEAST_WINDOW_MS,
    Terms,
)
from omnisession_conformance.roles.client.steps.coming_back import comes_back_to_nothing, way_back
from omnisession_conformance.roles.client.steps.openings import place_of, session_of

if TYPE_CHECKING:
    from omnisession_conformance.roles.client.actor import Actor
    from omnisession_conformance.roles.client.context import Context

ANEW = "CLI-019"
QUICK = Terms(heartbeat_ms=LEAST_HEARTBEAT_MS, resume_window_ms=LEAST_WINDOW_MS)
REFUSED = 4001
"""Final, and of the request alone: what a client does after it is a sync."""
LIMIT_MS = 60_000
BOTH = (False, True)
"""A session that is forgotten (4041), and one that is known to be over (4101)."""


@case(ANEW, limit_ms=LIMIT_MS)
async def unknown_session_on_recovery(ctx: Context) -> None:
    """A recovery that finds no session is followed by a session with a new id."""
    for over in BOTH:
        actor = await ctx.live()
        # The new one may be lost as well.
        for _ in range(2):
            actor.step()
            asked = await comes_back_to_nothing(actor, over=over)
            if asked is None:
                break
            since = place_of(actor, asked) + 1
            if not await _goes_on_anew(actor, asked.type, since=since, over=over):
                break
        await actor.stop()


@case(ANEW, limit_ms=LIMIT_MS)
async def unknown_session_on_sync(ctx: Context) -> None:
    """So is a sync, where a resume did not help."""
    for over in BOTH:
        actor = await ctx.live()
        await _syncs_to_nothing(actor, over=over)
        await actor.stop()


async def _syncs_to_nothing(actor: Actor, *, over: bool) -> None:
    await actor.fenced()
    mark, held = actor.mark(), actor.puppet.hold(SYNC)
    actor.puppet.instead(RESUME, lambda asked: actor.puppet.refuse(asked, REFUSED), times=1)
    actor.gate.cut()
    within_s = actor.patience_s("reconnect_ms", "retry_max_ms")
    asked = await way_back(actor, since=mark, within_s=within_s)
    if asked is not None and asked.type == RESUME:
        again_s = actor.patience_s("retry_max_ms")
        asked = await way_back(actor, since=place_of(actor, asked) + 1, within_s=again_s)
    if asked is not None and asked.type == OPEN:
        # It opens to recover and never syncs: what it does when that is refused is seen in other cases.
        seen = "a client that opens its session again"
        actor.ctx.check(ANEW, good=True, expected="no sync to be refused", seen=seen)
        return
    if asked is None or asked.type != SYNC or not await held.came(within_s=actor.ctx.answer_s):
        return
    (actor.puppet.expire if over else actor.puppet.lose)(actor.served)
    held.release()
    await _goes_on_anew(actor, asked.type, since=place_of(actor, asked) + 1, over=over)


@case(ANEW, slow=True, limit_ms=LIMIT_MS)
async def unknown_session_on_ping(ctx: Context) -> None:
    """So is a ping, which may be the only one to tell."""
    for over in BOTH:
        actor = await ctx.live(terms=QUICK)
        await actor.fenced()
        mark = actor.mark()
        (actor.puppet.expire if over else actor.puppet.lose)(actor.served)
        # One that was on its way is refused as well: the next thing that is said may be the open.
        asked = await actor.says(PING, OPEN, since=mark, within_s=actor.patience_s("answer_ms"))
        if asked is not None:
            await _goes_on_anew(actor, PING, since=mark, over=over)
        await actor.stop()


async def _goes_on_anew(actor: Actor, refused: str, *, since: int, over: bool) -> bool:
    """Observe that after a refusal a client opens a session that is none of those before."""
    ctx, said = actor.ctx, actor.gate.seen[:since]
    before = {session_of(one) for one in said if one.type == OPEN}
    why = f"{refused} got {'4101' if over else '4041'}"
    within_s = actor.patience_s("retry_max_ms")
    opened = await actor.says(OPEN, since=since, within_s=within_s)
    if opened is None:
        expected = f"{OPEN} with a new id"
        return ctx.absent(ANEW, expected=expected, waited_s=within_s, why=why)
    good = session_of(opened) not in before
    words = {"expected": "a new id", "seen": "a new id" if good else session_of(opened)}
    if not ctx.check(ANEW, good=good, **words, on=actor.records([opened]), why=why):
        return False
    if await actor.opened_by(opened) is None:
        expected = "a report of the first states"
        return ctx.absent(ANEW, expected=expected, waited_s=10, why=f"{why}, opened")
    actor.step()
    return await actor.holds(ANEW, why=f"{why}, and a session was opened")
