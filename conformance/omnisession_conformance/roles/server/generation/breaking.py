"""The wire fails while actions are under way: each is sent again until it has an outcome, and done once."""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from nats.errors import ConnectionClosedError

from omnisession_conformance.roles.server.generation import steps as s
from omnisession_conformance.roles.server.generation.acting import make, make_copy, publish
from omnisession_conformance.roles.server.generation.flights import can_be_told
from omnisession_conformance.roles.server.generation.judge import APPLIED, BUSY, DUPLICATE
from omnisession_conformance.roles.server.generation.machine import told_of
from omnisession_conformance.roles.server.generation.outcome import NONE, Finding, Sent, Told
from omnisession_conformance.roles.server.generation.requests import states_follow
from omnisession_conformance.roles.server.wires import BACK_WITHIN_S, breaks_of, is_back

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from omnisession_conformance.roles.server.generation.machine import Machine
    from omnisession_conformance.roles.server.pending import PendingAction
    from omnisession_conformance.roles.server.reply import Answer
    from omnisession_conformance.roles.server.wires import Wire

TRIES = 8
"""An action is sent so often before it counts as one without outcome."""
ENDED = (4041, 4101)
LAW = "CTRL-024"
"""A lost connection ends and undoes nothing."""


@dataclass(slots=True)
class UnderWay:
    """An action on its way, with all copies of it that were sent so far."""

    sent: Sent
    body: Mapping[str, Any]
    copies: list[PendingAction] = field(default_factory=list["PendingAction"])
    times: int = 0
    """How often it was sent."""

    async def send(self, machine: Machine) -> None:
        """Send it, once more if it was sent before."""
        self.times += 1
        # What is sent without a connection is lost.
        with contextlib.suppress(ConnectionClosedError):
            self.copies.append(await publish(machine, self.sent, self.body))

    async def outcome(self, machine: Machine) -> Told:
        """Send it again until it has an outcome that is no matter of a moment."""
        told, wait_s = Told(NONE), 0.0
        for _ in range(TRIES):
            # What has come of the copies before is there by now, or was lost.
            answer = await self._heard(wait_s)
            told, wait_s = told_of(answer), machine.ctx.answer_s
            if told.code != NONE and not (told.code in BUSY and told.retryable):
                break
            if answer is not None:
                self.copies.clear()
                await machine.sessions[self.sent.session].rest(
                    answer.later_ms or 1, time.monotonic()
                )
            await self.send(machine)
        return self._of_the_first(machine, told)

    async def _heard(self, wait_s: float) -> Answer | None:
        """The outcome of any copy; waits for that of the last one."""
        for copy in self.copies[:-1]:
            if (answer := await copy.outcome(0)) is not None:
                return answer
        return await self.copies[-1].outcome(wait_s) if self.copies else None

    def _of_the_first(self, machine: Machine, told: Told) -> Told:
        """The outcome of what was done once, whichever copy of it did it."""
        user = machine.world.sessions[self.sent.session].user
        known = (user, self.sent.action_id) in machine.world.memory
        if known or self.times < 2 or told.status != DUPLICATE:
            return told
        return replace(told, status=APPLIED)


def under_way(machine: Machine, acts: Sequence[s.Act | s.Copy]) -> list[UnderWay]:
    """The actions of a step, at most one of each session, as far as their order can be told."""
    made: list[tuple[Sent, Mapping[str, Any]]] = []
    for act in acts:
        if any(sent.session == act.session for sent, _ in made):
            continue
        if isinstance(act, s.Act):
            plain = act.number == s.NEXT and not act.bend
            one = make(machine, replace(act, silent=False)) if plain else None
        else:
            known = act.number != s.AHEAD and not any(sent.name == act.of for sent, _ in made)
            one = make_copy(machine, act) if known else None
        if one is not None and can_be_told(machine, one[0], made):
            made.append(one)
    return [UnderWay(*one) for one in made]


async def break_wire(machine: Machine, step: s.Break) -> list[tuple[Sent, Told]] | None:
    """Let the wire fail, and wait until all is as it was; None where there is no such wire.

    What has come by then is true only as far as clients see it who ask for all states.
    """
    wire = await machine.wire(step.side)
    if wire is None or (step.how, step.side) not in breaks_of(machine.ctx.run):
        return None
    first = under_way(machine, step.acts[: step.before])
    later = [
        one
        for one in under_way(machine, step.acts[step.before :])
        if all(one.sent.session != other.sent.session for other in first)
        and can_be_told(machine, one.sent, [(other.sent, other.body) for other in first])
    ]
    for one in first:
        await one.send(machine)
    whole = wire.strike(step.how)
    for one in later:
        await one.send(machine)
    await whole
    return await _afterwards(machine, wire, (*first, *later))


async def _afterwards(
    machine: Machine, wire: Wire, acts: Sequence[UnderWay]
) -> list[tuple[Sent, Told]]:
    await wire.mend()
    live = [machine.sessions[one.name] for one in machine.world.live()]
    if live and not await is_back(machine.ctx, live[0]):
        within = f"{BACK_WITHIN_S:g} s after the broker could be reached again"
        machine.find(Finding("CTRL-023", f"an answer within {within}", "nothing", absent=True))
        return []
    machine.good("CTRL-023")
    outcomes = await asyncio.gather(*(one.outcome(machine) for one in acts))
    for outcome in outcomes:
        machine.judged(outcome)
    await asyncio.gather(
        *(_recover(machine, name) for name in [m.name for m in machine.world.live()])
    )
    told = [(one.sent, outcome) for one, outcome in zip(acts, outcomes, strict=True)]
    return [] if machine.findings else told


async def _recover(machine: Machine, name: str) -> None:
    """Ask for all states, as a client does that has missed something."""
    session = machine.sessions[name]
    machine.sign(name)
    answer = await (await session.send("session.sync")).answer()
    told = told_of(answer)
    machine.judged(told)
    if told.code in ENDED:
        why = "a lost connection is no end of a session"
        machine.find(Finding(LAW, f"{name} to be live", str(told), why, records=(told.record,)))
    elif answer is None or told.type != "session.syncing" or told.position is None:
        machine.find(
            Finding("CTRL-001", f"session.syncing for {name}", str(told), absent=not answer)
        )
    else:
        await states_follow(session, told, len(session.kinds))
