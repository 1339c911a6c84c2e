"""Recoveries that are refused with a code that this version does not know: `retryable` says what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.engine.stops import Prerequisite
from omnisession_conformance.roles.client.actor import OPEN, PING, RESUME
from omnisession_conformance.roles.client.puppet.bodies import unknown_error
from omnisession_conformance.roles.client.puppet.terms import (
    LEAST_HEARTBEAT_MS,
    LEAST_WINDOW_MS,
    Terms,
)
from omnisession_conformance.roles.client.steps.coming_back import WAYS_BACK, way_back
from omnisession_conformance.roles.client.steps.openings import place_of, session_of

if TYPE_CHECKING:
    from omnisession_conformance.protocol.json import Object
    from omnisession_conformance.roles.client.actor import Actor
    from omnisession_conformance.roles.client.context import Context
    from omnisession_conformance.roles.client.gate.seen import Seen
    from omnisession_conformance.roles.client.puppet.asked import Asked

UNKNOWN = "CLI-020"
FOR_NOW, FOR_GOOD = unknown_error(4777, retryable=True), unknown_error(5777, retryable=False)
LIMIT_MS = 60_000
PINGS = 3
QUICK = Terms(heartbeat_ms=LEAST_HEARTBEAT_MS, resume_window_ms=LEAST_WINDOW_MS)


@case(UNKNOWN, limit_ms=LIMIT_MS)
async def recovery_refused_for_now_by_an_unknown_code(ctx: Context) -> None:
    """A recovery that is refused for now, by whichever code, is asked again in the same session."""
    actor = await ctx.live()
    asked = await _refused(actor, FOR_NOW)
    why = f"{asked.type} got an error with an unknown code and retryable true"
    within_s = actor.patience_s("retry_max_ms")
    again = await actor.says(*WAYS_BACK, since=place_of(actor, asked) + 1, within_s=within_s)
    if again is None:
        ctx.absent(UNKNOWN, expected="another recovery", waited_s=within_s, why=why)
        return
    same = session_of(again) == actor.served.session_id
    told = {
        "expected": "a recovery of the session",
        "seen": again.type if same else "a new session",
    }
    if ctx.check(UNKNOWN, good=same, **told, on=actor.records([again, asked]), why=why):
        await actor.comes_to_the_head(UNKNOWN, within_s=10, why=why)


@case(UNKNOWN, slow=True, limit_ms=LIMIT_MS)
async def recovery_refused_for_good_by_an_unknown_code(ctx: Context) -> None:
    """A recovery that is refused for good, by whichever code, is not asked again as it was."""
    actor = await ctx.live()
    asked = await _refused(actor, FOR_GOOD)
    since = place_of(actor, asked) + 1
    again = await actor.says(*WAYS_BACK, since=since, within_s=actor.spell_s)
    same = again is not None and again.type == asked.type
    if same and again is not None and asked.type == OPEN:
        same = session_of(again) == session_of(asked)
    elif same and again is not None and asked.type == RESUME:
        same = (again.body or {}).get("data") == (asked.body or {}).get("data")
    ctx.check(
        UNKNOWN,
        good=not same,
        expected="something else, or nothing",
        seen="nothing" if again is None else again.type,
        on=actor.records([asked] if again is None else [again, asked]),
        why=f"{asked.type} got an error with an unknown code and retryable false",
    )


@case(UNKNOWN, slow=True, limit_ms=LIMIT_MS)
async def ping_refused_by_an_unknown_code(ctx: Context) -> None:
    """A ping that is refused for now, by whichever code, ends no session: it is pinged again."""
    actor = await ctx.live(terms=QUICK)
    await actor.fenced()
    mark = actor.mark()
    actor.puppet.instead(PING, lambda asked: actor.puppet.refuse_as(asked, FOR_NOW), times=2)
    within_s = actor.patience_s("retry_max_ms") + LEAST_WINDOW_MS / 1_000
    found = await actor.says(PING, OPEN, since=mark, number=PINGS, within_s=within_s)
    # To open the session again is a recovery, and ends nothing.
    opens, session_id = actor.said(OPEN, since=mark), actor.served.session_id
    anew = [one for one in opens if session_of(one) != session_id]
    if found is None and not opens:
        raise Prerequisite("the client sends no pings here")
    ctx.check(
        UNKNOWN,
        good=not anew,
        expected="further pings of the session",
        seen=OPEN if anew else "further pings",
        on=actor.records(anew[:1]),
        why="its pings got an error with an unknown code and retryable true",
    )


async def _refused(actor: Actor, refusal: Object) -> Seen:
    """Cut, and refuse the first request by which the client comes back; that request."""
    actor.step()
    await actor.fenced()
    mark, refused = actor.mark(), list[str]()

    def once(asked: Asked) -> None:
        if refused:
            actor.puppet.tell(asked)
            return
        refused.append(asked.type)
        actor.puppet.refuse_as(asked, refusal)

    for type_ in WAYS_BACK:
        actor.puppet.instead(type_, once)
    actor.gate.cut()
    within_s = actor.patience_s("reconnect_ms", "retry_max_ms")
    found = await way_back(actor, since=mark, within_s=within_s)
    if found is None:
        raise Prerequisite("the client has not come back from a cut")
    return found
