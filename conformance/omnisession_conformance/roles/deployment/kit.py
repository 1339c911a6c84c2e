"""What the kit's own user may do: what it may not hear or say itself shows nothing of others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.finding import Finding
from omnisession_conformance.protocol.rights import OF_THE_KIT, Verb
from omnisession_conformance.traffic.rights import try_rights

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omnisession_conformance.engine.run import Run
    from omnisession_conformance.protocol.rights import Right
    from omnisession_conformance.traffic.rights import Tried

WAY_OUT = "`omnisession permissions --role kit` prints what it needs"


async def look(run: Run) -> list[Finding]:
    """Try the rights of the kit's user; it needs all of them here. Raises BrokerError."""
    return [_finding(run, one) for one in await _tried(run, OF_THE_KIT)]


async def deaf_to(run: Run) -> str | None:
    """The first right to hear something that the kit has not, in words; None where it has all."""
    hears = [right for right in OF_THE_KIT if right.verb is Verb.SUBSCRIBE]
    lacking = next((one.right for one in await _tried(run, hears) if one.refused), None)
    return None if lacking is None else _told(run, lacking)


async def _tried(run: Run, rights: Sequence[Right]) -> tuple[Tried, ...]:
    name = run.draws.connection_name("rights")
    return await try_rights(run.access, rights, [run.tag], run.tag, name)


def _finding(run: Run, tried: Tried) -> Finding:
    right = tried.right
    code, shown = f"right.kit.{right.code}", f"{right.shown(run.access.inbox)} ({right.what})"
    if not tried.refused:
        return Finding("ok", "kit may", shown, code)
    told = f"{_told(run, right)} ({right.what}): {WAY_OUT}."
    return Finding("bad", "kit may not", f"{told[0].upper()}{told[1:]}", code)


def _told(run: Run, right: Right) -> str:
    return f"the kit's user of the broker may not {right.shown(run.access.inbox)}"
