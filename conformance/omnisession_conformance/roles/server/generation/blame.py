"""Which requirements a difference breaks: that of its entity, and that of what happened just before."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omnisession_conformance.roles.server.generation.machine import Machine, Recent
    from omnisession_conformance.roles.server.generation.outcome import Finding
    from omnisession_conformance.roles.server.generation.world import SessionM


def blamed(machine: Machine, found: Sequence[Finding], *, audit: bool = False) -> list[Finding]:
    """The findings to tell: one for each requirement, the most telling first."""
    told: dict[str, Finding] = {}
    for finding in found:
        for requirement in (*_causes(machine, finding), finding.requirement):
            told.setdefault(requirement, replace(finding, requirement=requirement))
    if audit:
        first = found[0]
        session = session_of(machine, first)
        law = "EVENT-002" if session is not None and session.events else "STATE-002"
        told.setdefault(law, replace(first, requirement=law))
    return list(told.values())


def session_of(machine: Machine, finding: Finding) -> SessionM | None:
    """The session in which something differs, None where it is no matter of one."""
    name = finding.expected.rpartition(" in ")[2].partition(",")[0]
    return machine.world.sessions.get(name)


def _causes(machine: Machine, finding: Finding) -> list[str]:
    session = session_of(machine, finding)
    parts = finding.pointer.split("/")
    label = parts[3] if len(parts) > 3 else ""
    causes: list[str] = []
    for recent in reversed(machine.recent):
        if recent.what == "reopen" and session is not None and recent.session == session.name:
            causes.append("CTRL-004")
        elif recent.what == "open" and session is not None and recent.session == session.name:
            causes.append("STATE-013")
        elif recent.requirement and (label == recent.label or _in_order(finding, recent)):
            causes.append(recent.requirement)
    article = machine.world.articles.get(label)
    if article is not None and article.published is not None and session is not None:
        writers = {
            machine.world.sessions[r.session].user for r in machine.recent if r.label == label
        }
        if session.user not in writers:
            causes.append("ART-003")
    return causes


def _in_order(finding: Finding, recent: Recent) -> bool:
    return finding.requirement == "CHAT-003" and recent.what.startswith("chat.")


def stream_law(machine: Machine, session: SessionM) -> str:
    """The sentence by which a session has to be told of a change."""
    if session.events:
        return "EVENT-001"
    acting = {recent.session for recent in machine.recent}
    return "STATE-005" if acting == {session.name} else "STATE-006"
