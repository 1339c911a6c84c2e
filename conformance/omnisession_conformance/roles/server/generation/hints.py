"""Hints of published articles: each update and deletion has one, and nothing else has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.protocol.subjects import tok
from omnisession_conformance.roles.server.generation.outcome import Finding
from omnisession_conformance.roles.server.generation.steps import is_disturbed
from omnisession_conformance.traffic.record import Party

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from omnisession_conformance.roles.server.generation.machine import Machine
    from omnisession_conformance.roles.server.generation.world import World


def told_hints(machine: Machine) -> Mapping[str, int] | None:
    """By label how many changes of an article were hinted so far; None where some may be lost."""
    if is_disturbed(machine.program):
        return None
    found: dict[str, int] = {}
    for label in machine.world.articles:
        records = machine.ctx.log.on(f"article.{tok(machine.world.ids[label])}.updates")
        theirs = [record for record in records if record.party is Party.TARGET]
        found[label] = len({str((record.body or {}).get("event_id")) for record in theirs})
    return found


def hints(world: World, told: Mapping[str, int] | None) -> Iterator[Finding]:
    """What is wrong with the hints so far: fewer may become enough, more do not become fewer."""
    for label, article in world.articles.items():
        if told is None or label not in told:
            continue
        seen, most = told[label], article.hinted + article.maybe_hinted
        if article.hinted <= seen <= most:
            continue
        wanted = f"{article.hinted}" if most == article.hinted else f"{article.hinted} to {most}"
        draft = article.published is None
        yield Finding(
            "ART-004" if draft else "ART-014",
            f"{wanted} hints of changes of {label}",
            str(seen),
            "it is a draft"
            if draft
            else "each update and deletion of a published article is hinted",
            pointer=f"/data/articles/{label}",
            eventual=seen < article.hinted,
        )
