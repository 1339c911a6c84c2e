"""The sweep takes time in proportion to what it judges, whatever a target sends."""

from __future__ import annotations

import gc
import time
import warnings
from typing import TYPE_CHECKING

import pytest
from tests.kit.rules.floods import ONE_MS, SHAPES, START_NS, garbage, junk_elsewhere, valid_states

from omnisession_conformance.engine.sweep import Sweep
from omnisession_conformance.protocol.verdict import Outcome
from omnisession_conformance.roles.server.facts import Facts
from omnisession_conformance.roles.server.reading.trace import read_trace
from omnisession_conformance.suite.server import role

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.kit.rules.floods import Flood

    from omnisession_conformance.traffic.record import Record

FEW = 1_000
TIMES = 4
MOST = 7.0
"""Four times as much may take that many times as long: n log n stays below, n² is sixteen times."""
TRIES = 3
OWN_EMAIL = "u1@example.org"


def sweep_of(records: Sequence[Record]) -> Sweep:
    """Judge the records as those of a kit that stood still now and then."""
    begins = range(START_NS, START_NS + len(records) * ONE_MS, 3 * ONE_MS)
    stalls = tuple((at, at + ONE_MS) for at in begins)
    facts = Facts(profiles=frozenset({"core"}), emails={"u1": OWN_EMAIL}, stalls=stalls)
    trace, sweep = read_trace(records, facts), Sweep()
    for rule in role().rules:
        rule.judge(trace, sweep)
    return sweep


def seconds(records: Sequence[Record]) -> float:
    """Processor time of a sweep, without looks for garbage that grow with all there is."""
    with warnings.catch_warnings():
        # What other tests of this process have left is no matter of this measurement.
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()
    gc.disable()
    try:
        started = time.process_time()
        sweep_of(records)
        return time.process_time() - started
    finally:
        gc.enable()


def growth(shape: Callable[[int], Flood], few: int = FEW) -> float:
    """How many times as long the sweep takes for `TIMES` as much."""
    short, long = shape(few).records, shape(few * TIMES).records
    return min(seconds(long) / max(seconds(short), 1e-3) for _ in range(TRIES))


@pytest.mark.dear
@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
def test_the_sweep_grows_with_what_it_judges(shape: Callable[[int], Flood]) -> None:
    assert growth(shape) < MOST


@pytest.mark.dear
def test_what_grows_as_a_square_is_seen() -> None:
    def squared(n: int) -> Flood:
        flood = valid_states(10)
        flood.records *= n * n // 100_000
        return flood

    assert growth(squared) > MOST


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
def test_no_rule_fails_over_a_flood(shape: Callable[[int], Flood]) -> None:
    found = sweep_of(shape(100).records).violations.values()
    assert [o.why for seen in found for o in seen if o.outcome is Outcome.KIT_FAULT] == []


@pytest.mark.slow
@pytest.mark.parametrize("shape", [valid_states, garbage, junk_elsewhere])
@pytest.mark.parametrize("messages", [10_000, 100_000, 1_000_000])
def test_the_sweep_grows_with_the_messages_of_a_run(
    shape: Callable[[int], Flood], messages: int
) -> None:
    assert growth(shape, messages // TIMES) < MOST
