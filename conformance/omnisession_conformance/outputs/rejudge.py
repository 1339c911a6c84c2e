"""The sweeps of a saved transcript: the same rules as in a live run, without a target.

Only what messages show can be judged again, so nobody is called conformant by it. What a transcript
does not hold is told as not run: credentials are redacted, and a message that held one has lost its
bytes.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.plan import select
from omnisession_conformance.engine.scheduler import settle_sweep, sweep_records
from omnisession_conformance.protocol.schemas import Checker, Flaw, decode, definition_for
from omnisession_conformance.protocol.subjects import SERVICES, Side, classify
from omnisession_conformance.protocol.verdict import SWEEP, CheckId, RunStatus, Status, Verdict
from omnisession_conformance.roles.server.facts import Facts
from omnisession_conformance.traffic.record import Party, Record
from omnisession_conformance.traffic.redact import MASK

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from omnisession_conformance.engine.plan import Catalogue, Selection
    from omnisession_conformance.engine.sweep import Sweep
    from omnisession_conformance.results import Message, Stretch, Transcript, TranscriptFacts

NOT_SWEPT = "it needs a live target: only what all messages show is judged from a transcript"
NO_FACTS = "its transcript has no line of facts, which is written when a run ends"
REDACTED = "what it would judge held a credential, which the transcript has redacted"
NEEDS_SECRETS: Mapping[str, str] = {
    "SEC-005": "tokens",
    "DISC-003": "tokens and email addresses",
    "USER-002": "email addresses",
}
"""Requirements on secrets: without them a leak may be seen, its absence not."""
BY_SIZE = "LIMIT-001"
"""The size of a message that was redacted is not that of the one that was sent."""
EXPLAIN_WITHIN_S = 30.0
"""Explaining a schema fault takes milliseconds, and a broken target makes thousands of them."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdicts on a transcript; `lost` says why its run was cut short, if it was."""

    verdicts: tuple[Verdict, ...]
    records: tuple[Record, ...]
    lost: str | None = None


def judge(transcript: Transcript, catalogue: Catalogue, selection: Selection) -> Judgement:
    """Judge the selected checks by what a transcript shows; its facts say the role of its target.

    See `select` for errors.
    """
    if transcript.facts is not None:
        selection = replace(selection, role=transcript.facts.role)
    checks = select(catalogue, selection)
    catalogue = catalogue.of(selection.role)
    records = read_records(transcript.messages)
    facts = read_facts(transcript.facts)
    redacted = {m.n for m in transcript.messages if m.redacted}
    opaque = [r for r in records if r.n in redacted and not _is_request(r)]
    sweep = sweep_records(catalogue.role(selection.role), records, facts)
    hidden = _leave_out(sweep, opaque)
    verdicts = tuple(_settle(check, catalogue, facts, sweep, hidden) for check in checks)
    lost = cut_short(transcript.facts)
    if lost is not None:
        verdicts = tuple(v.cut_short(f"run cut short: {lost}") for v in verdicts)
    return Judgement(verdicts, records, lost)


def cut_short(facts: TranscriptFacts | None) -> str | None:
    """Why the run of a transcript came to no verdict, None if it was complete."""
    if facts is None:
        return NO_FACTS
    if facts.run_status is RunStatus.COMPLETE:
        return None
    return facts.reason or f"the run was {facts.run_status.value}"


def read_facts(facts: TranscriptFacts | None) -> Facts:
    """What the rules may know; email addresses and tokens are in no transcript."""
    if facts is None:
        return Facts()
    return Facts(
        emails=dict.fromkeys(facts.users, ""),
        private_prefixes=facts.private_prefixes,
        profiles=frozenset(facts.profiles),
        editors=None if facts.editors is None else frozenset(facts.editors),
        outages=_stretches(facts.outages),
        stalls=_stretches(facts.stalls),
    )


def _stretches(found: Iterable[Stretch]) -> tuple[tuple[int, int], ...]:
    return tuple((s.from_ns, sys.maxsize if s.to_ns is None else s.to_ns) for s in found)


# -- from messages to records ----------------------------------------------------------------------------


def read_records(messages: Sequence[Message], checker: Checker | None = None) -> tuple[Record, ...]:
    """The records that a live tap would have made of these messages, explained schema faults too."""
    asked = {m.reply for m in messages if m.side is Side.CLIENT and m.subject.startswith(SERVICES)}
    reader = _Reader(checker or Checker(), frozenset(asked), time.monotonic() + EXPLAIN_WITHIN_S)
    return tuple(reader.record(message) for message in messages)


class _Reader:
    def __init__(self, checker: Checker, services: frozenset[str], deadline: float) -> None:
        self.checker = checker
        self.services = services
        self.deadline = deadline
        self.last: dict[str, tuple[Flaw, ...]] = {}

    def record(self, message: Message) -> Record:
        data = message.data
        where = classify(message.subject)
        decoded = decode(data)
        flaws = decoded.flaws
        # Services of others answer there in shapes of their own.
        judged = message.party is Party.TARGET and message.subject not in self.services
        if judged and decoded.body is not None:
            definition = definition_for(where.family, decoded.body, message.side)
            if definition is not None and not self.checker.is_valid(definition, decoded.body):
                found = self._explain(definition, decoded.body)
                flaws = (*flaws, *(f for f in found if not _is_masked(decoded.body, f.pointer)))
        return Record(
            n=message.n,
            t_ns=message.t_ns,
            at_ms=message.at_ms,
            subject=message.subject,
            reply=message.reply,
            headers=message.headers,
            data=data,
            body=decoded.body,
            flaws=flaws,
            party=message.party,
            side=message.side,
            case=message.case,
            address=where,
        )

    def _explain(self, definition: str, body: dict[str, Any]) -> tuple[Flaw, ...]:
        # As in a live run: when the time is up, the last explanation stands for the rest.
        if definition not in self.last or time.monotonic() < self.deadline:
            found = self.checker.explain(definition, body)
            self.last[definition] = tuple(
                Flaw(requirement=v.requirement, pointer=v.pointer, message=v.message) for v in found
            )
        return self.last[definition]


def _is_masked(body: Any, pointer: str) -> bool:
    """Whether a place of a body holds what redaction has put there."""
    place = body
    for step in (s.replace("~1", "/").replace("~0", "~") for s in pointer.split("/")[1:]):
        if isinstance(place, dict) and step in place:
            place = place[step]  # pyright: ignore[reportUnknownVariableType]
        elif isinstance(place, list) and step.isdecimal() and int(step) < len(place):  # pyright: ignore[reportUnknownArgumentType]
            place = place[int(step)]  # pyright: ignore[reportUnknownVariableType]
    return isinstance(place, str) and MASK in place


def _is_request(record: Record) -> bool:
    """Whether it is a control request: only its token is lost, which nothing judges."""
    return record.side is Side.CLIENT and record.address.family == "control"


# -- verdicts --------------------------------------------------------------------------------------------


def _leave_out(sweep: Sweep, opaque: Sequence[Record]) -> frozenset[str]:
    """Drop what was found on redacted messages; return the requirements that lost all they had."""
    numbers = {r.n for r in opaque}
    hidden: set[str] = set()
    for requirement, broken in sweep.violations.items():
        clear = [o for o in broken if not numbers.intersection(o.records)]
        if broken and not clear:
            hidden.add(requirement)
        broken[:] = clear
    judged = sum(r.party is Party.TARGET for r in opaque)
    sweep.seen[BY_SIZE] -= min(judged, sweep.seen[BY_SIZE])
    return frozenset(hidden)


def _settle(
    check: CheckId, catalogue: Catalogue, facts: Facts, sweep: Sweep, hidden: frozenset[str]
) -> Verdict:
    requirement = catalogue.registry[check.requirement]

    def unjudged(status: Status, reason: str) -> Verdict:
        return Verdict(
            check, status, requirement.level, 0, reason, excused=status is Status.NOT_RUN
        )

    if requirement.profile not in facts.profiles:
        told = f"the target does not declare the profile '{requirement.profile}'"
        return unjudged(Status.NOT_CLAIMED, told)
    if check.source != SWEEP:
        return unjudged(Status.NOT_RUN, NOT_SWEPT)
    if check.requirement in hidden:
        return unjudged(Status.NOT_RUN, REDACTED)
    if check.requirement in NEEDS_SECRETS and not sweep.violations.get(check.requirement):
        what = NEEDS_SECRETS[check.requirement]
        return unjudged(Status.NOT_RUN, f"the {what} of a run are not in its transcript")
    return settle_sweep(check, requirement.level, sweep)
