"""While the kit does something to instances nothing is late or missing; the rest is judged as ever."""

from __future__ import annotations

import pytest
from tests.kit.rules.builder import ONE_MS, START_NS, Tape, expect
from tests.kit.rules.story import ANN

from omnisession_conformance.engine.role import Disturbance

WHOLE = (Disturbance(START_NS, START_NS + 60_000 * ONE_MS, "all of them are killed"),)
BEFORE = (Disturbance(START_NS - 2 * ONE_MS, START_NS - ONE_MS, "it was over by then"),)


def with_a_hole() -> Tape:
    tape = Tape()
    player = tape.opened(ANN, "s-00000001", features=("events",))
    player.seq += 1
    player.event("x-acme.one", {})
    return tape


def test_a_hole_is_nobodys_fault_while_instances_end() -> None:
    assert with_a_hole().judge(disturbances=WHOLE).broken == set()


def test_a_hole_at_another_time_is() -> None:
    assert with_a_hole().judge(disturbances=BEFORE).broken == {"ORDER-002"}


@pytest.mark.parametrize(("disturbances", "judged"), [(WHOLE, set[str]()), (BEFORE, {"CTRL-001"})])
def test_nothing_is_late_while_instances_end(
    disturbances: tuple[Disturbance, ...], judged: set[str]
) -> None:
    tape = Tape()
    player = tape.opened(ANN, "s-00000001")
    _, pong = player.ping()
    tape.remove(pong)
    assert tape.judge(disturbances=disturbances).broken == judged


def test_order_is_judged_all_the_same() -> None:
    tape = Tape()
    player = tape.opened(ANN, "s-00000001", features=("events",))
    event = player.event("x-acme.one", {})
    event.body["seq"] = 1
    expect(tape.judge(disturbances=WHOLE), "ORDER-001", blamed=event, pointer="/seq")
