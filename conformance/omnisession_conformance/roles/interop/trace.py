"""The records of a run on a pair, read twice: as the rules for servers do, and as those for clients."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from omnisession_conformance.engine.sweep import Rule
from omnisession_conformance.roles.client.trace import Trace as OfClient
from omnisession_conformance.roles.interop.inboxes import apart
from omnisession_conformance.roles.server.reading.trace import Trace as OfServer
from omnisession_conformance.roles.server.reading.trace import read_trace

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from omnisession_conformance.engine.sweep import Sweep
    from omnisession_conformance.roles.interop.facts import Facts
    from omnisession_conformance.traffic.record import Record


@dataclass(frozen=True, slots=True)
class Trace:
    """One run as either side's rules read it."""

    server: OfServer
    client: OfClient


def read(records: Sequence[Record], facts: Facts) -> Trace:
    """Read the records of a run, those of strangers left out."""
    return Trace(read_trace(apart(records), facts.server), OfClient(records, facts.client))


def rules_of_both(
    server: Iterable[Rule[OfServer]], client: Iterable[Rule[OfClient]]
) -> tuple[Rule[Trace], ...]:
    """The rules of both roles, each on what it reads."""
    return (*(_on_server(rule) for rule in server), *(_on_client(rule) for rule in client))


def _on_server(rule: Rule[OfServer]) -> Rule[Trace]:
    def run(trace: Trace, sweep: Sweep) -> None:
        rule.run(trace.server, sweep)

    return Rule(rule.name, rule.requirements, run, rule.module)


def _on_client(rule: Rule[OfClient]) -> Rule[Trace]:
    def run(trace: Trace, sweep: Sweep) -> None:
        rule.run(trace.client, sweep)

    return Rule(rule.name, rule.requirements, run, rule.module)
