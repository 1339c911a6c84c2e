"""Plays generated programs in a case, those that are saved and those drawn, and tells what they find."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.stops import KitTooSlow, Prerequisite
from omnisession_conformance.environment.draws import Chance
from omnisession_conformance.roles.server.breaks import CLIENTS, ENDING
from omnisession_conformance.roles.server.generation.codec import dump, load
from omnisession_conformance.roles.server.generation.draw import Drawer
from omnisession_conformance.roles.server.generation.machine import Machine, Tally
from omnisession_conformance.roles.server.generation.offering import (
    KINDS,
    SHORT_LISTS,
    SOON_FULL,
    Offer,
)
from omnisession_conformance.roles.server.generation.restarting import RESTARTS
from omnisession_conformance.roles.server.generation.shrink import shrink
from omnisession_conformance.roles.server.generation.steps import is_disturbed
from omnisession_conformance.roles.server.generation.words import in_words
from omnisession_conformance.roles.server.wires import breaks_of, server_wire

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.generation.outcome import Finding
    from omnisession_conformance.roles.server.generation.steps import Program

FOUND = "found by generation"
"""How every observation of a generated program begins."""
CONFIRMED_OF = 3
"""Plays of a program that found something, of which a second one has to find it again."""
MOST_FINDS = 4
"""So many finds of a run are made short and kept: a server that is broken all over is seen by fewer."""
LEAST_JUDGED = 0.25
"""Judged steps for each step of the programs: where one user is lent there is one, and else two or more."""
MOST_SHRINKING = 20_000
"""Messages that all finds of a run may take to be made short: the rest of it needs room, too."""


@dataclass(slots=True)
class Play:
    """One program as it was played."""

    program: Program
    findings: list[Finding]
    at: int
    stopped: str = ""


@dataclass(slots=True)
class Player:
    """Plays programs one after the other in a case."""

    ctx: Context
    tally: Tally = field(default_factory=Tally)
    found: set[str] = field(default_factory=set[str])
    """The requirements that were found broken by now."""
    late: str = ""
    stopped: str = ""
    """Why the last program that did not come to its end was not played further."""
    done: int = 0
    told: int = 0

    async def play(self, program: Program, tally: Tally | None = None) -> Play:
        """Play a program with users of its own, and take away what it made."""
        machine = Machine(self.ctx, program, tally=tally or Tally())
        stopped = ""
        try:
            await machine.run()
        except KitTooSlow as late:
            stopped = self.late = str(late)
        except Prerequisite as stop:
            # The step that failed belongs to a requirement that fails elsewhere.
            stopped = str(stop)
        if machine.gave_up:
            stopped = "no order was found for what was in flight"
        self.stopped = stopped or self.stopped
        await machine.finish()
        if not self.ctx.fixture.mints:
            lent = list(machine.users.values())
            self.ctx.fixture.give_back(lent)
            self.ctx.users[:] = [user for user in self.ctx.users if user not in lent]
        return Play(program, machine.findings, machine.at, stopped)

    async def judge(self, programs: Iterable[Program], name: str) -> None:
        """Play programs, and observe what each has shown; Prerequisite where that is next to nothing."""
        steps = 0
        for program in programs:
            steps += len(program.steps)
            began_s = time.monotonic()
            play = await self.play(program, self.tally)
            self.ctx.run.time_limits.prolong(self.ctx.case.name, time.monotonic() - began_s)
            self.done += not play.stopped
            new = {finding.requirement for finding in play.findings} - self.found
            self.found |= new
            if new and self.told < MOST_FINDS:
                self.told += 1
                await self._tell(play, name)
            else:
                self._tell_unsure(play, new)
        if not self.found:
            self._raise_where_little_was_judged(steps)
        self._tell_good()

    def _raise_where_little_was_judged(self, steps: int) -> None:
        """Programs that were broken off say little, though what they came to may have been right."""
        if self.done and self.tally.judged >= steps * LEAST_JUDGED:
            return
        if self.late:
            raise KitTooSlow(self.late)
        why = self.stopped or "the target refused what they build on"
        raise Prerequisite(
            f"programs of {steps} steps came to {self.tally.judged} that could be judged: {why}"
        )

    def _tell_unsure(self, play: Play, requirements: set[str]) -> None:
        for finding in play.findings:
            if finding.requirement in requirements & {*self.ctx.case.requirements}:
                why = f"{FOUND}: {finding}; {MOST_FINDS} others were played again, and this was not"
                self.ctx.unsure(finding.requirement, why)

    def _tell_good(self) -> None:
        for requirement in self.ctx.case.requirements:
            if self.tally.good[requirement] and requirement not in self.found:
                self.ctx.check(requirement, good=True, expected="", seen="")

    async def _tell(self, play: Play, name: str) -> None:
        """Find out whether a find comes again, make its program short, and observe it."""
        again = await self._again(play)
        least = again if again is not None else play
        file = self.ctx.run.keep(name, _text(least, self.ctx))
        step = _step_of(least)
        for finding in least.findings if again is not None else play.findings:
            if finding.requirement not in self.ctx.case.requirements:
                continue
            because = f" ({finding.because})" if finding.because else ""
            why = (
                f"{FOUND}: {len(least.program.steps)} steps, the last of them: {step}{because}; "
                f"`omnisession replay {file}` plays them again"
            )
            if again is None:
                self.ctx.unsure(finding.requirement, f"{why}; it was seen once and not again")
                continue
            self._observe(finding, why)

    def _observe(self, finding: Finding, why: str) -> None:
        records = [self.ctx.log.records[n] for n in finding.records]
        if finding.absent:
            self.ctx.absent(finding.requirement, expected=finding.expected, why=why, on=records)
            return
        self.ctx.check(
            finding.requirement,
            good=False,
            expected=finding.expected,
            seen=finding.seen,
            pointer=finding.pointer or None,
            on=records,
            why=why,
        )

    async def _again(self, play: Play) -> Play | None:
        """The shortest play that shows the same; None where it does not come again."""
        wanted = {finding.requirement for finding in play.findings}
        seen: list[Play] = []

        async def shows(program: Program) -> bool:
            began_s = time.monotonic()
            played = await self.play(program)
            self.ctx.run.time_limits.prolong(self.ctx.case.name, time.monotonic() - began_s)
            same = bool(wanted & {finding.requirement for finding in played.findings})
            if same:
                seen.append(played)
            return same

        cut = play.program.with_steps(play.program.steps[: play.at])
        for _ in range(CONFIRMED_OF - 1):
            if await shows(cut):
                break
        if not seen:
            return None
        await shrink(cut, shows, until=self._shrinking_is_over)
        return min(reversed(seen), key=lambda one: len(one.program.steps))

    def _shrinking_is_over(self) -> bool:
        """Whether all finds of the run together have had what there is for making them short."""
        run, now_s, messages = self.ctx.run, time.monotonic(), self.ctx.log.mark()
        if run.shrinking_since is None:
            run.shrinking_since = (now_s, messages)
        since_s, before = run.shrinking_since
        return now_s - since_s >= run.shrink_s or messages - before >= MOST_SHRINKING


def _step_of(play: Play) -> str:
    steps = play.program.steps
    return in_words(steps[min(play.at, len(steps)) - 1]) if steps else "none"


def _text(play: Play, ctx: Context) -> str:
    about: dict[str, Any] = {"kit": ctx.run.kit_version}
    if play.findings:
        first = play.findings[0]
        about |= {
            "requirement": first.requirement,
            "expected": first.expected,
            "seen": first.seen,
        }
    return dump(play.program, about)


# -- what is played ----------------------------------------------------------------------------------

QUICK = 5
"""Programs that are drawn for every run."""
QUICK_STEPS = 48
EXPIRING_STEPS = 24
OUTAGES_STEPS = 40


async def play_quick(ctx: Context) -> None:
    """Play what is saved, and what is drawn for every run of this version of the kit."""
    # What disturbs others waits until there are none.
    given = (program for program in (*_given(ctx), *saved()) if not is_disturbed(program))
    programs = (*given, *drawn(offer_of(ctx), ctx.run.kit_version))
    await Player(ctx).judge(programs, "generated")


async def play_expiry(ctx: Context) -> None:
    """Play a program in which a session expires."""
    program = expiring(offer_of(ctx), ctx.run.kit_version)
    await Player(ctx).judge((program,), "generated-expiry")


async def play_outages(ctx: Context) -> None:
    """Play a program in which wires fail and the server is started again."""
    await server_wire(ctx)
    disturbed = (program for program in (*_given(ctx), *saved()) if is_disturbed(program))
    program = drawn_outages(offer_of(ctx), ctx.run.kit_version)
    await Player(ctx).judge((*disturbed, program), "generated-outages")


def _given(ctx: Context) -> Iterator[Program]:
    return (load(text, "a program").program for text in ctx.run.programs)


def drawn_outages(offer: Offer, version: str) -> Program:
    """A program with disturbances, for every run of a version of the kit.

    The server's connection does not end in it: most libraries wait for two seconds until they connect
    again, and what is saved asks for that often enough.
    """
    lasting = tuple((how, of) for how, of in offer.breaks if of == CLIENTS or how not in ENDING)
    drawer = Drawer(Chance(f"{version} generated outages"), replace(offer, breaks=lasting))
    return drawer.program(OUTAGES_STEPS, disturbed=True)


def offer_of(ctx: Context) -> Offer:
    """What the target of a run offers to programs."""
    declared = ctx.declared
    cramped = declared.cramped()
    return Offer(
        tuple(kind for kind in KINDS if kind in declared.kinds and kind not in cramped),
        tuple(feature for feature in ("events", "digests") if feature in declared.features),
        declared.actions,
        ctx.fixture.mints,
        tuple(breaks_of(ctx.run)),
        ctx.target.hooks() >= RESTARTS,
        tuple(
            (name, limit)
            for name in SHORT_LISTS
            if 0 < (limit := declared.limit(name) or 0) <= SOON_FULL
        ),
    )


def drawn(offer: Offer, version: str, count: int = QUICK) -> Iterator[Program]:
    """Programs of a version of the kit: the same on every target that offers the same."""
    for number in range(count):
        yield Drawer(Chance(f"{version} generated {number}"), offer).program(QUICK_STEPS)


def expiring(offer: Offer, version: str) -> Program:
    """A program with a session that expires."""
    drawer = Drawer(Chance(f"{version} generated expiring"), offer)
    return drawer.program(EXPIRING_STEPS, expiring=True)


def saved() -> Iterator[Program]:
    """The programs that once found something."""
    folder = files(f"{__package__}.corpus")
    for file in sorted(folder.iterdir(), key=lambda one: one.name):
        if file.name.endswith(".json"):
            yield load(file.read_text("utf-8"), file.name).program
