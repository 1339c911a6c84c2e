"""An action whose nack says that nobody knows yet what became of it: it may be done, under its number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.roles.client.puppet import bodies
from omnisession_conformance.roles.client.steps.acts import acting
from omnisession_conformance.roles.client.steps.again import AGAIN, goes_on, same_again
from omnisession_conformance.roles.client.steps.pending import (
    PENDING,
    REST,
    comes_to_rest,
    kept_of,
    stays,
)

if TYPE_CHECKING:
    from omnisession_conformance.roles.client.context import Context
    from omnisession_conformance.roles.client.puppet.asked import Asked
    from omnisession_conformance.roles.client.steps.acts import Acts

NUMBER = "HYB-020"
UNKNOWN, STOPS = 5040, 5030
ROWS = ((UNKNOWN,), (UNKNOWN, STOPS), (STOPS, UNKNOWN))
"""What the nacks of one action say, one after the other."""


@dataclass(slots=True)
class Row:
    """A rule that answers each copy by the next nack of a row; `kept` are these copies."""

    acts: Acts
    codes: tuple[int, ...]
    kept: list[Asked]

    def __call__(self, asked: Asked) -> None:
        """Refuse a copy."""
        code = self.codes[min(len(self.kept), len(self.codes) - 1)]
        self.kept.append(asked)
        self.acts.actor.puppet.nack(asked, bodies.error(code))


@case(NUMBER, AGAIN, limit_ms=90_000)
async def nack_of_an_unknown_outcome(ctx: Context) -> None:
    """After `5040` the same bytes come again, or the session is left: its number is for nothing else."""
    for codes in ROWS:
        acts = await acting(ctx, types=1)
        row = Row(acts, codes, [])
        acts.actor.puppet.instead("actions", row, times=len(codes))
        act, first = await acts.acted()
        why = f"its nacks have the codes {', '.join(map(str, codes))}"
        for number in range(1, len(codes) + 1):
            # Refused for now each time, it has taken no number; unknown but once, it may have.
            is_free = UNKNOWN not in codes[:number]
            judged = (AGAIN,) if is_free else (NUMBER, AGAIN)
            if await same_again(ctx, acts, act, number + 1, why, *judged, is_free=is_free) is None:
                break
        else:
            await goes_on(ctx, acts, first, f"{why}, and its copy is done", AGAIN)


@case(PENDING, REST, needs=("hybrid",), limit_ms=60_000)
async def unknown_outcome_stays_pending(ctx: Context) -> None:
    """What got `5040` is pending until it is known, and done by its first copy it comes to rest."""
    for features in ctx.ways:
        acts = await acting(ctx, features, types=1)
        actor, row = acts.actor, Row(acts, (UNKNOWN,), [])
        actor.puppet.instead("actions", row)
        _, said = await acts.acted()
        asked = await kept_of(actor, row.kept, said)
        if not await stays(ctx, acts, said, f"its nack has the code {UNKNOWN}"):
            return
        # It was stored all the same, and nobody is told by an outcome.
        actor.puppet.truthful_again("actions")
        actor.puppet.lose_outcome_of(asked)
        await comes_to_rest(ctx, acts, f"its nack had the code {UNKNOWN}, and it was done then")
