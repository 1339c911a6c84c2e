"""Writes the transcript from the events of a run."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from omnisession_conformance.engine.events import Heard, RunEnded, TargetChosen
from omnisession_conformance.engine.role import SERVER
from omnisession_conformance.outputs.stream import run_status
from omnisession_conformance.protocol.kinds.tables import in_order
from omnisession_conformance.protocol.roles import in_order as profiles_in_order
from omnisession_conformance.results import (
    DeathLine,
    DisturbanceLine,
    FailureLine,
    RestLine,
    Stretch,
    TranscriptFacts,
    TranscriptWriter,
)
from omnisession_conformance.results.summary import OBSERVED
from omnisession_conformance.roles.client.facts import Facts as FactsOfClient
from omnisession_conformance.roles.interop.facts import Facts as FactsOfPair
from omnisession_conformance.roles.server.facts import Facts

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from omnisession_conformance.engine.events import Event, RunOutcome
    from omnisession_conformance.engine.role import RunFacts
    from omnisession_conformance.files import Folder
    from omnisession_conformance.traffic.record import Record
    from omnisession_conformance.traffic.redact import Redactor


class TranscriptFile:
    """Writes messages as they are heard, and the facts when the run has ended.

    What could not be written is tried again with what comes next. Raises OSError where the file cannot
    be made.
    """

    name = "the transcript"

    def __init__(self, path: Path, redactor: Redactor, folder: Folder | None = None) -> None:
        self._writer = TranscriptWriter(path, redactor, folder)
        self._redactor = redactor
        self._waiting: list[Record] = []

    def on(self, event: Event) -> None:
        """Write what an event is about, if it is about anything here; raises OSError."""
        if isinstance(event, TargetChosen):
            self._redactor.learn(event.secrets)
        elif isinstance(event, Heard):
            self._waiting += event.records
            self._write()
        elif isinstance(event, RunEnded):
            self._write()
            if event.outcome.facts is not None:
                self._writer.tell(_facts(event.outcome, event.outcome.facts))
            self._writer.check()
            self._writer.close()

    def _write(self) -> None:
        self._writer.write(self._waiting)
        self._waiting.clear()

    def close(self) -> None:
        """Close the file, where the run did not live to tell its end."""
        self._writer.close()


def _of_sides(facts: RunFacts) -> tuple[Facts, FactsOfClient]:
    """What is known of a server and of a client; nothing of a side that was not under test."""
    if isinstance(facts, FactsOfPair):
        return facts.server, facts.client
    server = facts if isinstance(facts, Facts) else Facts()
    return server, facts if isinstance(facts, FactsOfClient) else FactsOfClient()


def _facts(outcome: RunOutcome, facts: RunFacts) -> TranscriptFacts:
    declared, found = outcome.declared, outcome.found
    role = SERVER if outcome.chosen is None else outcome.chosen.role
    server, client = _of_sides(facts)

    def stretches(these: Iterable[tuple[int, int]]) -> tuple[Stretch, ...]:
        return tuple(Stretch(start, end if end < sys.maxsize else None) for start, end in these)

    return TranscriptFacts(
        run_status=run_status(outcome),
        reason=outcome.interrupted or outcome.lost or "",
        server=declared.server if declared else None,
        version=declared.version if declared else None,
        broker=found.broker_version if found else None,
        profiles=profiles_in_order(role, facts.profiles),
        kinds=in_order(declared.kinds) if declared else (),
        private_prefixes=server.private_prefixes,
        users=tuple(sorted(server.emails)),
        editors=None if server.editors is None else tuple(sorted(server.editors)),
        outages=stretches(facts.outages),
        stalls=stretches(facts.stalls),
        disturbances=tuple(
            DisturbanceLine(d.from_ns, d.to_ns if d.to_ns < sys.maxsize else None, d.what)
            for d in facts.disturbances
        ),
        deaths=tuple(DeathLine(d.records, d.exit_code, d.said) for d in facts.deaths),
        broken_ns=facts.broken_ns,
        role=role,
        failures=tuple(FailureLine(f.case, f.record, f.said, f.times) for f in client.failures),
        rests=tuple(RestLine(r.case, r.record, r.wrong) for r in client.rests),
        judged=tuple(str(v.check) for v in outcome.verdicts if v.status in OBSERVED),
    )
