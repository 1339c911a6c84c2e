"""The server ends while actions are under way, and the program begins anew with the one that is started.

A server may keep what it holds over a restart, or nothing of it. So the sessions are opened again under new
ids, what was there before is looked at once and left alone, and what was under way is sent again.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from omnisession_conformance.roles.server.generation import steps as s
from omnisession_conformance.roles.server.generation.acting import settle
from omnisession_conformance.roles.server.generation.breaking import UnderWay, under_way
from omnisession_conformance.roles.server.generation.judge import CREATES
from omnisession_conformance.roles.server.generation.requests import open_session
from omnisession_conformance.roles.server.restart import revive

if TYPE_CHECKING:
    from collections.abc import Mapping

    from omnisession_conformance.roles.server.generation.machine import Machine
    from omnisession_conformance.roles.server.session import Session

RESTARTS = frozenset({"hook:stop", "hook:restart"})
OF_ITSELF = (*CREATES, "session.noop")
"""Actions that are about nothing which was there before."""


async def restart(machine: Machine, step: s.Restart) -> None:
    """End the server and start it again; what was sent before has one effect, whoever did it."""
    ctx = machine.ctx
    if not ctx.target.hooks() >= RESTARTS:
        return
    acts = under_way(
        machine, [a for a in step.acts if isinstance(a, s.Act) and a.type in OF_ITSELF]
    )
    for act in acts:
        await act.send(machine)
    if step.how == s.KILL and ctx.target.mode == "spawn":
        await ctx.target.kill()
    else:
        await ctx.target.stop()
    await ctx.settle()
    await revive(ctx)
    before, opens = machine.begin_anew(), _opens(machine)
    closing = [await session.send("session.close") for session in before.values()]
    await asyncio.gather(*(pending.answer(ctx.answer_s) for pending in closing))
    await machine.look_around()
    for name in before:
        await open_session(machine, opens[name])
        _hand_over(before[name], machine.sessions.get(name))
    for act in acts:
        if not machine.findings:
            await _again(machine, act)


def _opens(machine: Machine) -> Mapping[str, s.Open]:
    return {step.name: step for step in machine.program.steps if isinstance(step, s.Open)}


def _hand_over(before: Session, now: Session | None) -> None:
    """What a session has made is the next one's to take away."""
    before.leave_open = True
    if now is not None:
        for kind, ids in before.created.items():
            now.created[kind] += ids
        before.created.clear()


async def _again(machine: Machine, act: UnderWay) -> None:
    """Send an action of before as the next one of the session that has taken the place of its own."""
    model = machine.world.sessions.get(act.sent.session)
    if model is None:
        return
    sent = replace(act.sent, seq=model.last + 1)
    body = {**act.body, "session_id": model.id, "client_seq": sent.seq}
    machine.sent[sent.name] = (sent, body)
    told = await UnderWay(sent, body, times=1).outcome(machine)
    # It may have been done before the end, and was there when the program looked around.
    machine.aliens.difference_update(str(id_) for id_ in told.result.values())
    settle(machine, sent, told)
