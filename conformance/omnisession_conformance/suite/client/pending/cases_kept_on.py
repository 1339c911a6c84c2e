"""What is pending stays so: over a new epoch, many copies and long waits, and whatever else is sent."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.engine.stops import NotOffered
from omnisession_conformance.roles.client.profiles import CORE, EVENTS
from omnisession_conformance.roles.client.puppet import bodies
from omnisession_conformance.roles.client.steps.acts import acting, id_of
from omnisession_conformance.roles.client.steps.again import again_within_s
from omnisession_conformance.roles.client.steps.coming_back import notices_its_loss
from omnisession_conformance.roles.client.steps.deeds import Deed, kind_of, takes
from omnisession_conformance.roles.client.steps.meanwhile import MEANWHILE, are_sent, is_back
from omnisession_conformance.roles.client.steps.pending import (
    PENDING,
    REST,
    comes_to_rest,
    is_gone,
    keep_back,
    kept_of,
    names,
    quiet_type,
    serve,
    stays,
)
from omnisession_conformance.roles.client.steps.ways import each_way

if TYPE_CHECKING:
    from collections.abc import Mapping

    from omnisession_conformance.roles.client.context import Context

AGAIN, ONE_OUT = "HYB-007", "HYB-006"
FORBIDDEN = 4030
STOPS_CODE, AFTER_MS, MANY = 5030, 5_000, 2
COPIES, COPIES_WITHOUT_TIMERS = 12, 2
SOON: Mapping[str, int] = {"outcome_ms": 100}
OTHERS = 30
UPDATES: Mapping[str, tuple[str, object]] = {
    "article.update": ("tags", ["x"]),
    "url.update": ("is_active", False),
}
"""By type a member that an update may change beside that of `deeds`, and its value."""


@case(PENDING, REST, needs=("hybrid", CORE), limit_ms=60_000)
async def pending_over_a_new_epoch(ctx: Context) -> None:
    """An epoch that begins without an action counts it no more than the one before."""
    for features in each_way(ctx):
        acts = await acting(ctx, features, types=1)
        actor, kept = acts.actor, keep_back(acts.actor)
        _, said = await acts.acted()
        await kept_of(actor, kept, said)
        actor.puppet.take_over(actor.served)
        there = await actor.stage.caught_up(actor.served)
        ctx.require(there is not None, "the client does not take a new epoch (CLI-009)")
        if not await stays(ctx, acts, said, "an epoch has begun, which does not count it"):
            return
        serve(actor, kept)
        await comes_to_rest(ctx, acts, "an epoch has begun, and the action is done in it")


@case(PENDING, REST, needs=("hybrid",), limit_ms=90_000)
async def pending_over_many_copies(ctx: Context) -> None:
    """A client that keeps what is pending does not give it up, however many copies had no outcome."""
    acts = await acting(ctx, types=1, timers=SOON)
    actor, kept = acts.actor, keep_back(acts.actor)
    number = COPIES if actor.takes_timers else COPIES_WITHOUT_TIMERS
    act, said = await acts.acted()
    copy = await acts.said(act, number, within_s=number * again_within_s(acts) / 2)
    why = f"{number} copies of it had no outcome"
    if not await stays(ctx, acts, said, why) or copy is None:
        ctx.require(copy is not None, f"{number} copies of an action have not come (HYB-007)")
        return
    serve(actor, kept[-1:])
    await comes_to_rest(ctx, acts, f"{why}, and one that came later has one")


@case(PENDING, needs=("hybrid",), limit_ms=60_000)
async def counted_by_what_is_skipped(ctx: Context) -> None:
    """A message of no use here counts actions as any other: what is pending goes by its position."""
    for features in each_way(ctx):
        for type_ in ("session.state", "x-acme.thing_done")[: 1 + (EVENTS in features)]:
            acts = await acting(ctx, features, types=1)
            actor, kept = acts.actor, keep_back(acts.actor)
            actor.puppet.rest()
            _, said = await acts.acted(await acts.deed(quiet_type(acts)))
            asked = await kept_of(actor, kept, said)
            actor.puppet.count(asked, told=False)
            if type_ == "session.state":
                actor.puppet.stranger(actor.served, {"type": "weather", "days": [1]})
            else:
                actor.puppet.event(actor.served, type_, {"id": "x-1"})
            why = f"its outcome is lost, and a {type_} of no use to the client has counted it"
            if not await is_gone(ctx, acts, said, why):
                return


@case(AGAIN, needs=("hybrid",), slow=True, limit_ms=60_000)
async def others_put_no_copy_off(ctx: Context) -> None:
    """An action without an outcome is sent again in time, whatever else is sent meanwhile."""
    acts = await acting(ctx, types=1, timers={"outcome_ms": 500})
    actor = acts.actor
    keep_back(actor)
    deeds = [await acts.deed() for _ in range(OTHERS)]
    act, first = await acts.acted(deeds[0])
    within_s = again_within_s(acts)
    copy = None
    for deed in deeds[1:]:
        await acts.dispatch(deed)
        # This is the pace at which the user acts.
        copy = await acts.said(act, 2, within_s=within_s / OTHERS)
        if copy is not None:
            break
    expected = "the first action once more, in time"
    why = "it had no outcome, and others were sent behind it all the time"
    on = actor.records([first])
    if copy is None:
        ctx.absent(AGAIN, expected=expected, waited_s=within_s, on=on, why=why)
    else:
        ctx.check(AGAIN, good=True, expected=expected, seen=expected, on=on, why=why)


@case(MEANWHILE, needs=("hybrid",), limit_ms=60_000)
async def updates_of_one_thing_offline(ctx: Context) -> None:
    """Each thing that a user does offline is an action, be it done to the same as the one before."""
    known = [type_ for type_ in takes(ctx.declared.actions) if type_ in UPDATES]
    if not known:
        raise NotOffered("dispatch takes no update")
    for type_ in known:
        acts = await acting(ctx, types=len(takes(ctx.declared.actions)))
        actor = acts.actor
        if kind_of(type_) not in actor.served.kinds:
            # A client of states alone opens one kind.
            continue
        first = await acts.deed(type_)
        name, value = UPDATES[type_]
        second = Deed(type_, {**first.data, "changes": {name: value}})
        await actor.fenced()
        keep_back(actor)
        mark = actor.mark()
        with actor.gate.refusing():
            await notices_its_loss(actor)
            row = [await acts.dispatch(deed) for deed in (first, second)]
        await is_back(actor, since=mark)
        if not await are_sent(ctx, acts, row, f"two {type_} of one thing were dispatched offline"):
            return
    if not ctx.observations:
        raise NotOffered("dispatch takes no update of the kind that is open")


@case(ONE_OUT, needs=("hybrid",), limit_ms=60_000)
async def nack_of_another_action(ctx: Context) -> None:
    """A final nack that names another action ends none that is pending, be their numbers the same."""
    acts = await acting(ctx, types=1)
    actor, kept = acts.actor, keep_back(acts.actor)
    _, said = await acts.acted()
    asked = await kept_of(actor, kept, said)
    other = {**asked.body, "action_id": f"other-{secrets.token_hex(8)}"}
    # It comes on `.control` and on the reply subject: a client may hear outcomes on one of them alone.
    actor.puppet.nack(replace(asked, body=other), bodies.error(FORBIDDEN))
    report = (await actor.fenced()).report
    told = [one.get("action_id") for one in report.refused]
    left = id_of(said) in (names(report) or ()) and id_of(said) not in told
    ctx.check(
        ONE_OUT,
        good=left,
        expected="the action is pending, and nobody is told that it was refused",
        seen="it is so" if left else f"pending {names(report)}, refused {told}",
        on=actor.records([said]),
        why="a final nack came with its number, and the id of another action",
    )
    serve(actor, kept)
