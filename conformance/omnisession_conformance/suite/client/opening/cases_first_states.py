"""Before the first states: slices are empty, and what overtakes the answer is not lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.protocol.json import texts
from omnisession_conformance.protocol.model.slices import empty_slice
from omnisession_conformance.roles.client.actor import OPEN
from omnisession_conformance.roles.client.compare import in_slices
from omnisession_conformance.roles.client.profiles import CORE
from omnisession_conformance.roles.client.steps.coming_back import WAYS_BACK
from omnisession_conformance.roles.client.steps.openings import data_of, start_kept

if TYPE_CHECKING:
    from collections.abc import Iterable

    from omnisession_conformance.roles.client.actor import Actor
    from omnisession_conformance.roles.client.context import Context

EMPTY = "CLI-022"
ANSWERED_WITHIN_S = 1.0
"""How long an answer may take to be seen in a report; nothing is judged by whether it is."""


@case(EMPTY)
async def slices_are_empty_at_first(ctx: Context) -> None:
    """Each slice is empty until the first state of its kind has come."""
    several = CORE in ctx.declared.profiles
    actor, kept = await start_kept(ctx, ctx.kinds(2 if several else 1))
    # A client may ask for states at once; none shall come in another way.
    for type_ in WAYS_BACK:
        actor.puppet.instead(type_, actor.puppet.swallow)
    kinds = texts(data_of(actor.said(OPEN)[0]).get("kinds"))
    await _are_empty(actor, kinds, "the open is not answered")
    kept.answer()
    await actor.reported(lambda report: report.position is not None, within_s=ANSWERED_WITHIN_S)
    await _are_empty(actor, kinds, "the open is answered, and no state has come")
    kept.stream(1)
    await _are_empty(actor, kinds[1:], f"the state of {kinds[0]} has come, and no other")
    kept.stream()


async def _are_empty(actor: Actor, kinds: Iterable[str], why: str) -> None:
    fenced = await actor.fenced()
    shown = fenced.report.slices
    # What is not reported at all is not shown.
    wanted = {kind: empty_slice(kind) for kind in kinds if kind in shown}
    unlike = in_slices(wanted, {kind: shown[kind] for kind in wanted})
    actor.compare(EMPTY, fenced, unlike, why)
