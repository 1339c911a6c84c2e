"""The sweeps of a saved transcript: the same rules as in a live run, without a target.

Only what messages show can be judged again, so nobody is called conformant by it. What a transcript
does not hold is told as not run: credentials are redacted, and a message that held one has lost its
bytes. Nor is anything green that the run itself did not judge, be it that its kit did not know of it.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from omnisession_conformance.engine.events import (
    Announcer,
    RunOutcome,
    RunStarted,
    TargetChosen,
    TargetFound,
)
from omnisession_conformance.engine.plan import choose, excuse_of_silence
from omnisession_conformance.engine.role import Death, Disturbance
from omnisession_conformance.engine.settling import settle_sweep, sweep_records
from omnisession_conformance.outputs.earliest import BEFORE_JUDGED
from omnisession_conformance.protocol.declared import Declared
from omnisession_conformance.protocol.excuses import Excuse
from omnisession_conformance.protocol.lacks import Lack, Thing
from omnisession_conformance.protocol.roles import (
    CLIENT,
    INTEROP,
    SERVER,
    SIDES,
    is_claimed,
    of_a_pair,
    of_side,
)
from omnisession_conformance.protocol.schemas.check import Checker
from omnisession_conformance.protocol.subjects import SERVICES, Side
from omnisession_conformance.protocol.verdict import SWEEP, CheckId, RunStatus, Status, Verdict
from omnisession_conformance.roles.client.facts import Facts as FactsOfClient
from omnisession_conformance.roles.client.facts import Failure, Rest
from omnisession_conformance.roles.interop.facts import Facts as FactsOfPair
from omnisession_conformance.roles.server.facts import Facts
from omnisession_conformance.traffic.reader import Reader
from omnisession_conformance.traffic.record import Party, Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from omnisession_conformance.engine.events import Subscriber
    from omnisession_conformance.engine.plan import Catalogue, Chosen, Selection
    from omnisession_conformance.engine.role import RunFacts
    from omnisession_conformance.engine.sweep import Sweep
    from omnisession_conformance.results import Message, Stretch, Transcript, TranscriptFacts

NOT_SWEPT = "it needs a live target: only what all messages show is judged from a transcript"
NO_FACTS = "its transcript has no line of facts, which is written when a run ends"
NO_DIGEST = (
    "its kit did not write a digest of its lines, so nobody can tell whether they are all there"
)
NOT_JUDGED = "the run that wrote the transcript came to no verdict on it"
NOT_KNOWN = "the kit that wrote the transcript did not look for it, as far as it tells"
REDACTED = "what it would judge held a credential, which the transcript has redacted"
NEEDS_SECRETS: Mapping[str, str] = {
    "SEC-005": "tokens",
    "DISC-003": "tokens and email addresses",
    "USER-002": "email addresses",
}
"""Requirements on secrets: without them a leak may be seen, its absence not."""
BY_SIZE = "LIMIT-001"
"""The size of a message that was redacted is not that of the one that was sent."""
NAMED_HOLES = 3
EXPLAIN_WITHIN_S = 30.0
"""Explaining a schema fault takes milliseconds, and a broken target makes thousands of them."""


def choose_in(transcript: Transcript, catalogue: Catalogue, selection: Selection) -> Chosen:
    """What a selection means in a transcript, which says its target's role; see `choose` for errors."""
    return choose(catalogue, replace(selection, role=role_in(transcript)))


def role_in(transcript: Transcript) -> str:
    """The role of a transcript's target: its facts say it, or else on which side its target spoke."""
    if transcript.facts is not None:
        return transcript.facts.role
    sides = {m.side for m in transcript.messages if m.party is Party.TARGET}
    return CLIENT if sides == {Side.CLIENT} else SERVER


def judge(
    transcript: Transcript, path: str, chosen: Chosen, subscribers: Sequence[Subscriber] = ()
) -> RunOutcome:
    """Judge what was chosen by what a transcript shows, and tell of it as of a run without cases."""
    announcer = Announcer(subscribers)
    announcer.tell(
        RunStarted(
            catalogue=chosen.catalogue,
            requirements=chosen.judged,
            cases=(),
            profiles=chosen.selection.profiles or chosen.catalogue.profiles,
            # What a transcript shows is never the whole.
            filtered=True,
        )
    )
    target = _target(transcript.facts, path, chosen.selection.role)
    announcer.tell(target.chosen)
    announcer.tell(target)
    outcome = _judge(transcript, chosen, target)
    lost = cut_short(transcript)
    return announcer.end(outcome if lost is None else outcome.cut_short(lost))


def _judge(transcript: Transcript, chosen: Chosen, target: TargetFound) -> RunOutcome:
    catalogue = chosen.catalogue
    records = read_records(transcript.messages)
    facts = _facts_for(chosen.selection.role, transcript.facts)
    redacted = {m.n for m in transcript.messages if m.redacted}
    opaque = [r for r in records if r.n in redacted and not _is_request(r)]
    sweep = sweep_records(catalogue.role(chosen.selection.role), records, facts)
    hidden = _leave_out(sweep, opaque)
    settled = (_settle(c, chosen, facts, sweep, hidden) for c in chosen.checks)
    return RunOutcome(
        verdicts=tuple(_no_more_than_the_run(v, transcript.facts) for v in settled),
        started_ns=records[0].t_ns if records else 0,
        chosen=target.chosen,
        found=target,
        records=records,
        facts=facts,
    )


def _target(facts: TranscriptFacts | None, path: str, role: str) -> TargetFound:
    chosen = TargetChosen(mode="transcript", url=path, label="", role=role)
    if facts is None:
        return TargetFound(chosen, None, None)
    declared = Declared(
        profiles=frozenset(facts.profiles),
        kinds=facts.kinds,
        server=facts.server,
        version=facts.version,
    )
    return TargetFound(chosen, declared, facts.broker)


def cut_short(transcript: Transcript) -> str | None:
    """Why nothing that was green in a transcript is known: its run was cut short, or it has a hole."""
    facts = transcript.facts
    if facts is None:
        return NO_FACTS
    if facts.run_status is not RunStatus.COMPLETE:
        return facts.reason or f"the run was {facts.run_status.value}"
    if transcript.flaw is not None:
        return transcript.flaw
    if (at := transcript.disorder()) is not None:
        return f"its transcript is not as it was written: message {at} stands in the wrong place"
    if transcript.counted and (holes := transcript.holes()):
        return f"its transcript has a hole: {missing(holes)}"
    return transcript.changed


def uncertain(transcript: Transcript) -> str | None:
    """What cannot be told of a transcript by an earlier kit: whether it is whole."""
    holes = transcript.holes()
    if transcript.kit is not None:
        return None
    if transcript.counted or not holes:
        return NO_DIGEST
    return (
        f"{missing(holes)}. They are those of others if the broker was shared, which the kit that "
        "wrote this transcript did not count; if it was not, they were lost."
    )


def missing(holes: Sequence[range]) -> str:
    """Which messages are not there, the first ones by their numbers."""
    names = [str(h[0]) if len(h) == 1 else f"{h[0]} to {h[-1]}" for h in holes[:NAMED_HOLES]]
    count = sum(map(len, holes))
    more = ", …" if len(holes) > NAMED_HOLES else ""
    what = "message" if count == 1 else f"{count} messages,"
    return f"{what} {', '.join(names)}{more} {'is' if count == 1 else 'are'} not there"


def _facts_for(role: str, facts: TranscriptFacts | None) -> RunFacts:
    if role == INTEROP:
        return pair_facts(facts)
    return client_facts(facts) if role == CLIENT else read_facts(facts)


def pair_facts(facts: TranscriptFacts | None) -> FactsOfPair:
    """What the rules for either side of a pair may know."""
    profiles = () if facts is None else facts.profiles
    server, client = (of_side(profiles, side) for side in SIDES)
    kinds = () if facts is None else facts.kinds
    of_server = replace(read_facts(facts), profiles=server)
    return FactsOfPair(
        profiles=of_a_pair(server, client).union(kinds),
        outages=of_server.outages,
        stalls=of_server.stalls,
        disturbances=of_server.disturbances,
        deaths=of_server.deaths,
        server=of_server,
        client=replace(client_facts(facts), profiles=client),
    )


def client_facts(facts: TranscriptFacts | None) -> FactsOfClient:
    """What the rules for clients may know."""
    if facts is None:
        return FactsOfClient()
    return FactsOfClient(
        profiles=frozenset(facts.profiles),
        outages=_stretches(facts.outages),
        stalls=_stretches(facts.stalls),
        failures=tuple(Failure(f.message, f.said, f.case, f.times) for f in facts.failures),
        rests=tuple(Rest(r.message, r.wrong, r.case) for r in facts.rests),
    )


def read_facts(facts: TranscriptFacts | None) -> Facts:
    """What the rules for servers may know; email addresses and tokens are in no transcript."""
    if facts is None:
        return Facts()
    return Facts(
        emails=dict.fromkeys(facts.users, ""),
        private_prefixes=facts.private_prefixes,
        profiles=frozenset(facts.profiles),
        editors=None if facts.editors is None else frozenset(facts.editors),
        outages=_stretches(facts.outages),
        stalls=_stretches(facts.stalls),
        disturbances=tuple(
            Disturbance(d.from_ns, sys.maxsize if d.to_ns is None else d.to_ns, d.what)
            for d in facts.disturbances
        ),
        deaths=tuple(Death(d.messages, d.exit_code, d.said) for d in facts.deaths),
        broken_ns=facts.broken_ns,
    )


def _stretches(found: Iterable[Stretch]) -> tuple[tuple[int, int], ...]:
    return tuple((s.from_ns, sys.maxsize if s.to_ns is None else s.to_ns) for s in found)


# -- from messages to records ----------------------------------------------------------------------------


def read_records(messages: Sequence[Message], checker: Checker | None = None) -> tuple[Record, ...]:
    """The records that a live tap would have made of these messages."""
    asked = {m.reply for m in messages if m.side is Side.CLIENT and m.subject.startswith(SERVICES)}
    reader = Reader(checker or Checker(), asked, EXPLAIN_WITHIN_S)
    return tuple(
        reader.read(
            n=m.n,
            t_ns=m.t_ns,
            at_ms=m.at_ms,
            subject=m.subject,
            reply=m.reply,
            headers=m.headers,
            data=m.data,
            party=m.party,
            side=m.side,
            case=m.case,
            redacted=m.redacted,
        )
        for m in messages
    )


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
    check: CheckId, chosen: Chosen, facts: RunFacts, sweep: Sweep, hidden: frozenset[str]
) -> Verdict:
    requirement = chosen.catalogue.registry[check.requirement]

    def unjudged(reason: str) -> Verdict:
        return Verdict(check, Status.NOT_RUN, requirement.level, 0, reason, Excuse.TRANSCRIPT)

    if not is_claimed(facts.profiles, requirement.role, requirement.profile):
        lack = Lack(Thing.PROFILE, requirement.profile)
        return Verdict.lacking(check, requirement.level, lack)
    if check.source != SWEEP:
        return unjudged(NOT_SWEPT)
    if check.requirement in hidden:
        return unjudged(REDACTED)
    if check.requirement in NEEDS_SECRETS and not sweep.violations.get(check.requirement):
        what = NEEDS_SECRETS[check.requirement]
        return unjudged(f"the {what} of a run are not in its transcript")
    silence = excuse_of_silence(check, chosen.checks, filtered=True)
    return settle_sweep(check, requirement.level, sweep, silence)


def _no_more_than_the_run(verdict: Verdict, facts: TranscriptFacts | None) -> Verdict:
    """The verdict, where it is green only what the run that wrote the transcript judged itself.

    What its messages show to be wrong is wrong all the same.
    """
    if verdict.status is not Status.PASS or facts is None:
        return verdict
    if facts.judged is None:
        if verdict.check.requirement in BEFORE_JUDGED:
            return verdict
        reason = NOT_KNOWN
    elif str(verdict.check) in facts.judged:
        return verdict
    else:
        reason = NOT_JUDGED
    return replace(verdict, status=Status.NOT_RUN, reason=reason, excuse=Excuse.TRANSCRIPT)
