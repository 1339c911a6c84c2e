"""A client that was away for long: what nobody remembers is not done again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.engine.stops import NotOffered
from omnisession_conformance.protocol.limits import DEFAULT_LIMITS, OUTCOMES_MS
from omnisession_conformance.roles.client.puppet.terms import (
    LEAST_HEARTBEAT_MS,
    LEAST_WINDOW_MS,
    Terms,
)
from omnisession_conformance.roles.client.steps.acts import Acts, acting, id_of
from omnisession_conformance.roles.client.steps.carried import (
    ALONG,
    NEW_WITHIN_S,
    come_along,
    copy_here,
)
from omnisession_conformance.roles.client.steps.deeds import takes
from omnisession_conformance.roles.client.steps.openings import side_by_side
from omnisession_conformance.roles.client.steps.pending import (
    CREATES,
    REST,
    all_kept,
    comes_to_rest,
    keep_back,
    kept_of,
    names,
    serve,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omnisession_conformance.roles.client.context import Context
    from omnisession_conformance.roles.client.gate.seen import Seen
    from omnisession_conformance.roles.client.steps.acts import Act
    from omnisession_conformance.roles.client.testee.messages import Report

AWAY, TOLD = "HYB-019", "HYB-015"
SHORT_MS, LONG_MS = 500, 600_000
AWAY_S = 2.2
"""Above the window and the short time together, also for one who counts whole seconds."""
TELLS_WITHIN_MS = 4_000
UPDATES = ("article.update", "chat.edit", "url.update")
"""What may have changed again meanwhile."""


@dataclass(frozen=True, slots=True)
class Left:
    """A client that is back, in a new session, with a create and an update of the old one."""

    acts: Acts
    row: list[tuple[Act, Seen]]


@case(AWAY, TOLD, REST, needs=("hybrid",), slow=True, limit_ms=60_000)
async def away_for_too_long(ctx: Context) -> None:
    """What nobody knows the outcome of any more is given up, and told; the next action gets through."""
    await side_by_side(ctx, lambda: _too_long(ctx), lambda: _too_long(ctx, silent=True))


async def _too_long(ctx: Context, *, silent: bool = False) -> None:
    left = await _back_after(ctx, SHORT_MS, silent=silent)
    acts, row = left.acts, left.row
    why = f"it was away for {AWAY_S} s, longer than {LEAST_WINDOW_MS} and {SHORT_MS} ms"
    serve(acts.actor, ())
    if not await _none_again(ctx, acts, row, why):
        return
    report = (await acts.actor.fenced()).report
    still = [id_of(said) for _, said in row if id_of(said) in (names(report) or ())]
    ctx.equal(AWAY, [], still, why=f"{why}: what is still pending")
    following = await acts.act()
    said = None if following.refused else await acts.said(following, within_s=10)
    done = said is not None and await acts.done(said)
    ctx.check(
        AWAY,
        good=done,
        expected="the next action is sent in the new session, and done",
        seen="it is done" if done else f"it is refused: {following.refused}",
        on=acts.actor.records([] if said is None else [said]),
        why=why,
    )
    why = f"{why}, and the next action is done"
    if await _none_again(ctx, acts, row, why) and done:
        await comes_to_rest(ctx, acts, why)
    await acts.actor.stop()


async def _none_again(ctx: Context, acts: Acts, row: Sequence[tuple[Act, Seen]], why: str) -> bool:
    """Observe that none of some actions comes in the present session, and that the user is told of each."""
    within_s = ctx.within(TELLS_WITHIN_MS)

    def untold(report: Report) -> list[str]:
        told = {one.get("action_id") for one in report.refused if one.get("reason") == "given_up"}
        return [id_of(said) for _, said in row if id_of(said) not in told]

    def again() -> list[Seen]:
        return [copy for act, _ in row if (copy := copy_here(acts, act))]

    report = await acts.actor.stage.reported_of(
        "refused", lambda found: bool(again()) or not untold(found), within_s=within_s
    )
    good = ctx.check(
        AWAY,
        good=not again(),
        expected="none of them comes in the new session",
        seen=f"{len(again())} of them" if again() else "none of them",
        on=acts.actor.records(again()),
        why=why,
    )
    expected = "refused of a report names each of them, as given_up"
    on = acts.actor.records([said for _, said in row])
    if good and report is None:
        return ctx.absent(TOLD, expected=expected, waited_s=within_s, on=on, why=why)
    return good and ctx.check(TOLD, good=True, expected=expected, seen=expected, on=on, why=why)


@case(ALONG, slow=True, limit_ms=90_000)
async def away_for_less(ctx: Context) -> None:
    """What the server still remembers comes along, and so does all where it forgets nothing."""
    await side_by_side(ctx, lambda: _less(ctx, LONG_MS), lambda: _less(ctx, None))


async def _less(ctx: Context, outcomes_ms: int | None) -> None:
    left = await _back_after(ctx, outcomes_ms)
    told = "opened tells no outcomes_ms" if outcomes_ms is None else f"outcomes_ms is {outcomes_ms}"
    await come_along(ctx, left.acts, left.row, f"it was away for {AWAY_S} s, and {told}")
    await left.acts.actor.stop()


async def _back_after(ctx: Context, outcomes_ms: int | None, *, silent: bool = False) -> Left:
    """Away without a connection, or with one on which nobody answers."""
    limits = {**DEFAULT_LIMITS, **({} if outcomes_ms is None else {OUTCOMES_MS: outcomes_ms})}
    terms = Terms(heartbeat_ms=LEAST_HEARTBEAT_MS, resume_window_ms=LEAST_WINDOW_MS, limits=limits)
    if not any(type_ in CREATES for type_ in takes(ctx.declared.actions)):
        raise NotOffered("dispatch takes no action that makes something")
    acts = await acting(ctx, types=1, terms=terms)
    actor, kept = acts.actor, keep_back(acts.actor)
    row = await all_kept(acts, kept, 1)
    known = takes(ctx.declared.actions, actor.served.kinds)
    update = next((type_ for type_ in known if type_ in UPDATES), None)
    changed = await acts.acted(await acts.deed(update))
    await kept_of(actor, kept, changed[1])
    row.append(changed)
    await actor.fenced()
    nobody = actor.gate.half_open() if silent else actor.gate.refusing()
    with nobody:
        actor.puppet.expire(actor.served)
        if outcomes_ms == SHORT_MS:
            actor.puppet.forget_outcomes()
        # What the client goes by is its clock: nothing else can come meanwhile.
        await actor.until(lambda: False, within_s=AWAY_S)
    away_s = actor.patience_s("reconnect_ms", "retry_max_ms")
    await actor.opened(within_s=away_s + NEW_WITHIN_S)
    return Left(acts, row)
