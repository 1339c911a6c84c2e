"""Records are read by side, whoever sent them, and blame goes to who did."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tests.kit.rules.story import story

from omnisession_conformance.engine.sweep import Sweep
from omnisession_conformance.protocol.subjects import Side
from omnisession_conformance.protocol.verdict import SWEEP, CheckId, Outcome, Status, settle
from omnisession_conformance.roles.server.facts import Facts
from omnisession_conformance.roles.server.reading.trace import Trace, read_trace
from omnisession_conformance.suite.server import role
from omnisession_conformance.traffic.record import Party

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omnisession_conformance.traffic.record import Record

FACTS = Facts(profiles=frozenset({"core", "events", "digests", "articles", "chat", "url", "user"}))


def swapped(records: Sequence[Record]) -> list[Record]:
    """The same messages, in a run in which the kit plays the server and the target is the client."""
    other = {Party.KIT: Party.TARGET, Party.TARGET: Party.KIT, Party.STRANGER: Party.STRANGER}
    return [replace(r, party=other[r.party]) for r in records]


def read(trace: Trace) -> tuple[Any, ...]:
    """What a trace says, by numbers of records."""
    return (
        [(e.request.n, [a.n for a in e.answers]) for e in trace.exchanges],
        [(c.request.n, [a.n for a in c.answers]) for c in trace.copies],
        {key: [r.n for r in s.stream] for key, s in trace.sessions.items()},
        {key: [r.n for r in s.control] for key, s in trace.sessions.items()},
        {inbox: [r.n for r in came] for inbox, came in trace.inboxes.items()},
        [r.n for r in trace.from_server()],
    )


def swept(records: Sequence[Record]) -> Sweep:
    """What the rules for servers find."""
    sweep = Sweep(Side.SERVER)
    trace = read_trace(records, FACTS)
    for rule in role().rules:
        rule.run(trace, sweep)
    return sweep


def test_a_trace_reads_the_same_whoever_plays_which_side() -> None:
    records = story().tape.records()
    as_usual = read_trace(records, FACTS)
    assert as_usual.exchanges
    assert as_usual.copies
    assert read(read_trace(swapped(records), FACTS)) == read(as_usual)


def test_what_the_kit_sent_as_the_server_is_no_fault_of_the_target() -> None:
    told = story()
    again = told.tape.put(told.pong[1].subject, told.pong[1].body, Party.TARGET)
    told.tape.move(again, behind=told.pong[1])
    records = told.tape.records()
    blamed = swept(records)
    own = swept(swapped(records))
    assert blamed.violations
    assert own.violations.keys() == blamed.violations.keys()
    assert {o.outcome for o in blamed.violations["CTRL-001"]} == {Outcome.BROKEN}
    kept = own.violations["CTRL-001"]
    assert {o.outcome for o in kept} == {Outcome.KIT_FAULT}
    assert all(o.why.startswith("the kit itself sent it: ") for o in kept)
    settled = settle(CheckId("CTRL-001", SWEEP), "MUST", kept)
    assert settled.status is Status.HARNESS


def test_a_request_that_shows_a_fault_of_the_target_is_not_the_kits_fault() -> None:
    records = story().tape.records()
    request = next(r for r in records if r.party is Party.KIT)
    sweep = Sweep(Side.SERVER)
    sweep.broken("CTRL-001", request, expected="an answer", seen="none")
    (found,) = sweep.violations["CTRL-001"]
    assert found.outcome is Outcome.BROKEN
