"""What counts an action where its outcome is lost: each message of the stream, and each answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.engine.stops import NotOffered
from omnisession_conformance.roles.client.steps.acts import Acts, acting, id_of
from omnisession_conformance.roles.client.steps.carried import (
    COMES_WITHIN_MS,
    NEW_WITHIN_S,
    copy_here,
    session_is_over,
)
from omnisession_conformance.roles.client.steps.pending import (
    PENDING,
    is_gone,
    keep_back,
    kept_of,
    names,
    quiet_type,
    serve,
    stays,
)
from omnisession_conformance.roles.client.steps.ways import all_well, each_way

if TYPE_CHECKING:
    from omnisession_conformance.roles.client.context import Context
    from omnisession_conformance.roles.client.gate.seen import Seen
    from omnisession_conformance.roles.client.puppet.asked import Asked

FORBIDDEN = 4030
BOTH = 2


@case(PENDING, limit_ms=60_000)
async def counted_by_its_effect(ctx: Context) -> None:
    """An action whose outcome is lost is done once its effect is there, be it an event or a state."""
    for features in each_way(ctx):
        acts = await acting(ctx, features, types=1)
        said, asked = await _kept(acts)
        seq = acts.actor.served.seq
        acts.actor.puppet.lose_outcome_of(asked)
        if acts.actor.served.seq == seq:
            raise NotOffered("dispatch takes no action that a session shows")
        await is_gone(ctx, acts, said, f"its outcome is lost, and {_message(acts)} has counted it")


@case(PENDING, limit_ms=60_000)
async def counted_by_a_message_of_others(ctx: Context) -> None:
    """What no effect counts is done with the next message that does, be it about what others did."""
    for features in each_way(ctx):
        acts = await acting(ctx, features, types=1)
        said, asked = await _kept(acts, quiet_type(acts))
        acts.actor.puppet.count(asked, told=False)
        acts.actor.step()
        why = f"its outcome is lost, and {_message(acts)} of others has counted it"
        await is_gone(ctx, acts, said, why)


@case(PENDING, limit_ms=60_000)
async def counted_by_the_answer_to_a_recovery(ctx: Context) -> None:
    """What was done while the connection was lost is pending until the answer, which counts it."""
    for features in each_way(ctx):
        for missed in (False, True):
            acts = await acting(ctx, features, types=1)
            said, asked = await _kept(acts, quiet_type(acts))
            if not await stays(
                ctx, acts, said, "it has come to the server, which has said nothing yet"
            ):
                return
            with acts.actor.gate.refusing():
                if missed:
                    # It is before the action: the answer counts more than the message that it brings.
                    acts.actor.step()
                # The head is as it was: nothing but the answer tells.
                acts.actor.puppet.count(asked, told=False)
            what = (
                f"the recovery has told, with {_message(acts)} of others"
                if missed
                else "the recovery has told"
            )
            why = f"it was counted while the connection was lost, which {what}"
            if not await is_gone(ctx, acts, said, why):
                return


async def _kept(acts: Acts, type_: str | None = None) -> tuple[Seen, Asked]:
    """Do something that has no outcome, and that nothing but a case counts: copies have none either."""
    kept = keep_back(acts.actor)
    acts.actor.puppet.rest()
    _, said = await acts.acted(await acts.deed(type_))
    return said, await kept_of(acts.actor, kept, said)


def _message(acts: Acts) -> str:
    return "an event" if "events" in acts.actor.served.features else "a state"


@case(PENDING, limit_ms=60_000)
async def done_before_a_new_session(ctx: Context) -> None:
    """What was done, or refused for good, is pending no more in later sessions either."""
    acts = await acting(ctx)
    actor = acts.actor
    row = [(await acts.acted())[1] for _ in range(BOTH)]
    refuse = actor.puppet.refuse_for_good
    actor.puppet.instead("actions", lambda asked: refuse(asked, FORBIDDEN), times=1)
    row.append((await acts.acted())[1])
    if not all([await is_gone(ctx, acts, one, "it has its outcome") for one in row]):
        return
    kept = keep_back(actor)
    for number in range(1, BOTH + 1):
        act, said = await acts.acted()
        row.append(said)
        await kept_of(actor, kept, said)
        await session_is_over(acts)
        await actor.opened(within_s=NEW_WITHIN_S)
        within_s = ctx.within(COMES_WITHIN_MS)
        along = await actor.until(lambda act=act: copy_here(acts, act), within_s=within_s)
        ctx.require(along, "what was pending does not come along into a new session (HYB-009)")
        left = [id_of(one) for one in row[-1:]]
        report = (await actor.fenced()).report
        why = f"the session is over, and one action was pending there: session {number + 1}"
        on = actor.records(row)
        if not ctx.equal(PENDING, left, list(names(report) or ()), on=on, why=why):
            return
        serve(actor, [one for one in kept if one.session_id == actor.served.session_id])
        if not await is_gone(ctx, acts, said, "it has come along, and is done") or not all_well(
            ctx
        ):
            return
        kept = keep_back(actor)
