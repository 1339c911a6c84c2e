"""Versions of bodies: a later MINOR is read, another MAJOR cannot be used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.roles.client.actor import RESUME
from omnisession_conformance.roles.client.compare import in_slices, of_position
from omnisession_conformance.roles.client.profiles import CORE
from omnisession_conformance.roles.client.puppet.bodies import told as position
from omnisession_conformance.roles.client.stage import WITHIN_S
from omnisession_conformance.roles.client.steps.missing import (
    EITHER,
    WAYS_BACK,
    asked_back,
    hold_all,
    instead_of_all,
    release,
    truthful_again,
)
from omnisession_conformance.roles.client.steps.replays import answer_by, replayed
from omnisession_conformance.roles.client.steps.ways import all_well, each_way

if TYPE_CHECKING:
    from collections.abc import Callable

    from omnisession_conformance.roles.client.actor import Actor
    from omnisession_conformance.roles.client.context import Context
    from omnisession_conformance.roles.client.puppet.asked import Asked

VERSION, ANSWER_MS = "CLI-035", 300
MAJORS = ("2.0", "10.0")
"""The second begins as version 1 does."""


@case(VERSION)
async def later_minor_is_read(ctx: Context) -> None:
    """Bodies of version 1.9 are taken as those of 1.0, with nothing asked for."""
    for features in each_way(ctx):
        actor = await ctx.live(features=features)
        actor.step()
        await actor.fenced()
        # Who cannot use them would get them by a recovery.
        hold_all(actor)
        for minor in (1, 9, 10):
            message = actor.step(deliver=False)
            message.body["v"] = f"1.{minor}"
            actor.puppet.deliver([message])
            if not await actor.holds(VERSION, why=f"after a body of version 1.{minor}", on=message):
                return


@case(VERSION)
async def other_major_is_not_used(ctx: Context) -> None:
    """What a body of another MAJOR would say in version 1 is not taken; the gap is closed."""
    for features in each_way(ctx):
        for version in MAJORS:
            if all_well(ctx):
                await _not_used(ctx, features, version)


async def _not_used(ctx: Context, features: tuple[str, ...], version: str) -> None:
    actor = await ctx.live(features=features)
    served = actor.served
    actor.step(2)
    await actor.fenced()
    before = dict(served.slices)
    held = hold_all(actor)
    message = actor.step(deliver=False)
    # No replay has it: a server of version 1 says the same by states.
    served.history.pop(served.position.head)
    actor.puppet.anyhow(message.subject, {**message.body, "v": version})
    fenced = await actor.fenced()
    why = f"after a body of version {version}"
    if not actor.compare(VERSION, fenced, in_slices(before, fenced.report.slices), why):
        return
    release(held)
    actor.step()
    if await actor.comes_to_the_head(VERSION, within_s=WITHIN_S, why=why):
        await actor.holds(VERSION, why=why)


@case(VERSION, needs=(CORE,), limit_ms=40_000)
async def later_minor_in_a_replay_is_read(ctx: Context) -> None:
    """So is what a replay brings of a later MINOR."""
    for features in each_way(ctx):
        actor = await ctx.live(features=features)
        actor.step()
        await actor.fenced()
        mark = actor.mark()
        for minor in (1, 10):
            actor.step(deliver=False).body["v"] = f"1.{minor}"
        # Whoever cannot use them asks once more, and is not answered.
        for type_ in WAYS_BACK:
            actor.puppet.instead(type_, _once(actor.puppet.tell))
        actor.step()
        why = "bodies of versions 1.1 and 1.10 were in a replay"
        asked = await asked_back(actor, mark)
        ctx.require(asked is not None, "the client asks for no recovery here (CLI-006)")
        if await actor.comes_to_the_head(VERSION, within_s=WITHIN_S, why=why):
            await actor.holds(VERSION, why=why)


@case(VERSION, needs=(CORE,), limit_ms=90_000)
async def answer_of_another_major_is_none(ctx: Context) -> None:
    """An answer of another MAJOR is as none: what it says is not taken, and another one is asked for."""
    for features in each_way(ctx):
        actor = await ctx.live(features=features, timers={"answer_ms": ANSWER_MS})
        served = actor.served
        actor.step(2)
        await actor.fenced()
        mark, before, at = actor.mark(), dict(served.slices), served.position
        instead_of_all(actor, _once(lambda asked, a=actor: _of_another_major(a, asked)))
        actor.step(deliver=False)
        actor.step()
        asked = await asked_back(actor, mark)
        ctx.require(asked is not None, "the client asks for no recovery here (CLI-006)")
        why, within_s = "its recovery was answered in version 2.0", actor.patience_s("retry_max_ms")
        again = await asked_back(actor, mark, number=2, within_s=within_s)
        if again is None:
            ctx.absent(VERSION, expected=EITHER, waited_s=within_s, why=why)
            return
        # The request behind it has no answer, so that nothing else changes what the client holds.
        fenced = await actor.fenced()
        taken = (*of_position(fenced.report, at), *in_slices(before, fenced.report.slices))
        if not actor.compare(VERSION, fenced, taken, f"{why}, and asked for again"):
            return
        truthful_again(actor)
        if await actor.comes_to_the_head(VERSION, within_s=within_s, why=why):
            await actor.holds(VERSION, why=why)


@case(VERSION, needs=(CORE,), limit_ms=40_000)
async def pushes_of_another_major_say_nothing(ctx: Context) -> None:
    """A push of another MAJOR is none, be it one that would end the session."""
    actor = await ctx.live()
    served = actor.served
    at_ms = served.history[1, 1].body["timestamp"]
    body = served.body("session.closing", {"code": 4101, "reconnect": False, "after_ms": 0}, at_ms)
    for version in MAJORS:
        actor.puppet.anyhow(served.subject("control"), {**body, "v": version})
        actor.step()
        if not await actor.holds(VERSION, why=f"after a session.closing of version {version}"):
            return


def _once(rule: Callable[[Asked], None]) -> Callable[[Asked], None]:
    """A rule for the first recovery of whichever type; those behind it have no answer."""
    asked_before: list[Asked] = []

    def take(asked: Asked) -> None:
        if not asked_before:
            rule(asked)
        asked_before.append(asked)

    return take


def _of_another_major(actor: Actor, asked: Asked) -> None:
    if asked.type == RESUME:
        answer_by(actor, asked, replayed(actor, asked), version="2.0")
        return
    served = actor.served
    told = {"position": position(served.position), "kinds": list(served.kinds)}
    body = served.body("session.syncing", told, served.history[1, 1].body["timestamp"])
    actor.puppet.anyhow(asked.reply, {**body, "v": "2.0"})
