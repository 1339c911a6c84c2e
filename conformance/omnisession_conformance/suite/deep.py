"""Rounds of generated traffic that go on for as long as they are told: each a run of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.case import Case, Phase
from omnisession_conformance.engine.plan import Catalogue, Chosen, Selection, choose
from omnisession_conformance.environment.draws import Chance
from omnisession_conformance.protocol.verdict import Status
from omnisession_conformance.roles.server.generation.draw import MANY_MOTIFS, Drawer
from omnisession_conformance.roles.server.generation.judged import JUDGED, OF_CONNECTIONS
from omnisession_conformance.roles.server.generation.machine import Tally
from omnisession_conformance.roles.server.generation.run import Player, offer_of
from omnisession_conformance.roles.server.role import ServerRole
from omnisession_conformance.roles.server.wires import WIRE, server_wire
from omnisession_conformance.suite import everything, server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from omnisession_conformance.engine.events import RunOutcome
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.generation.offering import Offer
    from omnisession_conformance.roles.server.generation.steps import Program

NAME, OUTAGES = "generated-deep", "generated-deep-outages"
LOST = "lost"
"""What a program has found that ended the run."""
STEPS = (40, 90)
OUTAGES_STEPS = (30, 60)
EXPIRING_OF = 30
MOST_PROGRAMS = 30
MOST_OUTAGES = 4
"""Programs with outages in a round: each takes seconds, in which connections are taken up again."""
MOST_MESSAGES = 25_000
"""The messages of a round are kept until its rules have judged them."""
LIMIT_MS = 300_000


@dataclass(slots=True)
class Deep:
    """Draws and plays programs until a time; keeps those that show something, by what they show."""

    seed: int
    over: Callable[[], bool]
    """Whether its time is over."""
    texts: tuple[str, ...] = ()
    tally: Tally = field(default_factory=Tally)
    found: dict[str, Program] = field(default_factory=dict[str, "Program"])
    """By requirement: the first program that has shown it to be broken."""
    offer: Offer | None = None
    _number: int = 0
    _played: list[tuple[int, int, Program]] = field(
        default_factory=list[tuple[int, int, "Program"]]
    )
    """The programs of a round, with the numbers of their messages."""

    async def act(self, ctx: Context) -> None:
        """The programs of one round in which nothing fails."""
        self._played.clear()
        self.offer = offer_of(ctx)
        await self._play(ctx, MOST_PROGRAMS, self._next)

    async def act_in_outages(self, ctx: Context) -> None:
        """Those in which connections fail, and the server is started again."""
        await server_wire(ctx)
        await self._play(ctx, MOST_OUTAGES, self._next_with_outages)

    async def _play(self, ctx: Context, most: int, draw: Callable[[Offer], Program]) -> None:
        player, start, offer = Player(ctx), ctx.log.mark(), offer_of(ctx)
        for _ in range(most):
            if self.over() or ctx.log.mark() - start > MOST_MESSAGES:
                return
            program, mark = draw(offer), ctx.log.mark()
            play = await player.play(program, self.tally)
            self._played.append((mark, ctx.log.mark(), program))
            for finding in play.findings:
                shown = program.with_steps(program.steps[: play.at])
                self.found.setdefault(finding.requirement, shown)

    def _next(self, offer: Offer) -> Program:
        rng, drawer = self._drawer(offer)
        return drawer.program(rng.randint(*STEPS), expiring=self._number % EXPIRING_OF == 0)

    def _next_with_outages(self, offer: Offer) -> Program:
        rng, drawer = self._drawer(offer)
        return drawer.program(rng.randint(*OUTAGES_STEPS), disturbed=True)

    def _drawer(self, offer: Offer) -> tuple[Chance, Drawer]:
        self._number += 1
        rng = Chance(f"{self.seed} deep {self._number}")
        return rng, Drawer(
            rng, offer, self.tally.rules, self.tally.pairs, self.texts, motifs=MANY_MOTIFS
        )

    def chosen(self) -> Chosen:
        """The run of a round: these cases, and the rules that judge what is said in it."""
        how: dict[str, Any] = {"drawn": True, "limit_ms": LIMIT_MS, "module": __name__}
        still = Case(NAME, JUDGED, self.act, **how)
        judged = (*OF_CONNECTIONS, *JUDGED)
        outages = Case(OUTAGES, judged, self.act_in_outages, needs=WIRE, phase=Phase.WIRES, **how)
        role = ServerRole((still, outages), server.role().rules)
        return choose(Catalogue(everything().registry, (role,)), Selection(cases=(NAME, OUTAGES)))

    def sweep(self, outcome: RunOutcome) -> None:
        """Take what the rules have found in a round."""
        for verdict in outcome.verdicts:
            if verdict.status is not Status.FAIL:
                continue
            for seen in verdict.observations:
                for program in self._of(seen.records[:1]):
                    self.found.setdefault(verdict.check.requirement, program)
        if outcome.lost is not None and self._played:
            # What ended the run may have been the last one.
            self.found.setdefault(LOST, self._played[-1][2])

    def _of(self, records: tuple[int, ...]) -> Iterator[Program]:
        for number in records:
            for first, end, program in self._played:
                if first <= number < end:
                    yield program
