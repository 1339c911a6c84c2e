"""Waits of a client between requests that fail: a single one may be short, the row of them is not.

A client waits for a random time, whose bound doubles, or always as long; the first may be left out. With
the timers of `ROW` a right one is below `LEAST_ROW_S` once in 2 000 times, and is then looked at again.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from omnisession_conformance.roles.client.actor import Actor
    from omnisession_conformance.roles.client.context import Context
    from omnisession_conformance.roles.client.gate.seen import Seen

ROW: Mapping[str, int] = {"retry_base_ms": 100, "retry_max_ms": 400}
LONGER_ROW: Mapping[str, int] = {"retry_base_ms": 400, "retry_max_ms": 1_600}
"""Four times as long, where a client does more between an answer and the next request than to read it."""
FAILURES = 6
LEAST_ROW_S, LEAST_LONGER_ROW_S = 0.15, 0.6
EARLY_S = 0.005
"""Clocks of two programs may round a timer to the millisecond, each in its way."""
LONGEST_WAIT_MS = 10_000
"""Whatever its bounds are."""


def waits_s(actor: Actor, asked: Sequence[Seen]) -> list[float]:
    """How long each request came after the answer to the one before had passed to the client."""
    answered = actor.gate.answered
    return [later.at_s - answered.get(one.reply, one.at_s) for one, later in pairwise(asked)]


def check_row(
    ctx: Context,
    actor: Actor,
    requirement: str,
    asked: Sequence[Seen],
    why: str,
    *,
    least_s: float = LEAST_ROW_S,
) -> bool:
    """Observe that requests which fail one after the other are spread over some time."""
    waits = waits_s(actor, asked)
    good = sum(waits) >= least_s
    told = ", ".join(f"{1_000 * wait:.0f}" for wait in waits)
    if ctx.is_first and sum(waits) < 2 * least_s:
        # Chance may have drawn short ones, and a busy machine may have made long ones of none.
        ctx.unsure(requirement, f"{why}: waits of {told} ms, which may be chance")
        return False
    return ctx.check(
        requirement,
        good=good,
        expected=f"waits of {1_000 * least_s:.0f} ms at least, taken together",
        seen=f"waits of {told} ms",
        on=actor.records(asked),
        why=why,
    )
