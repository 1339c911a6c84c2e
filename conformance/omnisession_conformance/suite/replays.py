"""A saved program as the one case of a run, judged with all rules beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import Case, Phase
from omnisession_conformance.engine.plan import Catalogue, Chosen, Selection, choose
from omnisession_conformance.roles.server.generation.judged import (
    JUDGED,
    LONGEST_MS,
    OF_CONNECTIONS,
)
from omnisession_conformance.roles.server.generation.run import Play, Player
from omnisession_conformance.roles.server.generation.steps import is_disturbed
from omnisession_conformance.roles.server.role import ServerRole
from omnisession_conformance.suite import everything, server

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.generation.steps import Program

NAME = "replay"


@dataclass(slots=True)
class Replay:
    """Plays one program; `play` is how it went, None where it was not played to its end."""

    program: Program
    play: Play | None = None
    judged: int = 0
    """Steps that were compared with the model."""

    async def act(self, ctx: Context) -> None:
        """The case."""
        player = Player(ctx)
        self.play = await player.play(self.program, player.tally)
        self.judged = player.tally.judged

    def chosen(self) -> Chosen:
        """The run: this case, and the rules that judge what is said in it."""
        case = Case(
            NAME,
            (*OF_CONNECTIONS, *JUDGED, "STATE-007"),
            self.act,
            phase=Phase.WIRES if is_disturbed(self.program) else Phase.QUIET,
            drawn=True,
            limit_ms=LONGEST_MS,
            module=__name__,
        )
        role = ServerRole((case,), server.role().rules)
        catalogue = Catalogue(everything().registry, (role,))
        return choose(catalogue, Selection(cases=(NAME,)))
