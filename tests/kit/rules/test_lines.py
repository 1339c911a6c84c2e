"""Sessions as the rules read them: lives, outages, and whether answers keep their order."""

from __future__ import annotations

import pytest
from tests.kit.rules.builder import ONE_MS, START_NS, TIMERS, Tape, clean
from tests.kit.rules.story import ANN, story

from omnisession_conformance.roles.server.facts import Facts
from omnisession_conformance.roles.server.reading.lifetimes import (
    answers_keep_order,
    lifetimes,
    outages,
)
from omnisession_conformance.roles.server.reading.trace import Trace, read_trace


def read(tape: Tape, **facts: object) -> Trace:
    return read_trace(tape.records(), Facts(**facts))  # pyright: ignore[reportArgumentType]


def forgotten(tape: Tape, how: str) -> None:
    """A session that ends in some way and is opened again under its id, from the beginning."""
    player = tape.opened(ANN, "s-00000001", timers={**TIMERS, "resume_window_ms": 1_000})
    player.acts("session.noop")
    player.state("articles")
    if how == "refused":
        player.refused(player.asks("session.ping"), 4041)
    elif how == "silent":
        tape.wait(1_500)
    elif how == "stopped":
        player.pushed("session.closing", {"code": 5030, "reconnect": True, "after_ms": 0})
    tape.players.clear()
    player = tape.opened(ANN, "s-00000001")
    player.state("articles")


@pytest.mark.parametrize("how", ["refused", "silent", "stopped"])
def test_an_id_that_was_forgotten_begins_a_new_life(how: str) -> None:
    tape = Tape()
    forgotten(tape, how)
    clean(tape.judge())
    found = lifetimes(read(tape))
    assert [len(lifetime.steps) for lifetime in found] == [2, 2]
    assert [len(lifetime.session.copies) for lifetime in found] == [1, 0]


def test_an_id_that_cannot_be_forgotten_yet_has_one_life() -> None:
    tape = Tape()
    forgotten(tape, "at once")
    assert len(lifetimes(read(tape))) == 1
    assert {"ORDER-001", "CTRL-004"} == tape.judge().broken


@pytest.mark.parametrize(("stalled_ms", "lives"), [(0, 1), (1_000, 2)])
def test_an_id_may_be_forgotten_while_the_kit_stood_still(stalled_ms: int, lives: int) -> None:
    """The last sign of life was read late, and so seems to be close to the next open."""
    tape = Tape()
    tape.wait(2_000)
    forgotten(tape, "at once")
    last_sign = max(r.t_ns for r in tape.records() if r.type == "session.noop")
    stalls = ((last_sign - stalled_ms * ONE_MS, last_sign),)
    assert len(lifetimes(read(tape, stalls=stalls))) == lives


def test_a_stop_ends_with_the_next_answer() -> None:
    tape = Tape()
    player = tape.opened(ANN, "s-00000001")
    closing = player.pushed("session.closing", {"code": 5030, "reconnect": True, "after_ms": 0})
    tape.wait(500)
    _, pong = player.ping()
    outage = ((5, 6),)
    assert outages(read(tape, outages=outage)) == [
        (5, 6),
        (START_NS + closing.ms * ONE_MS, START_NS + pong.ms * ONE_MS),
    ]


def test_answers_keep_order_only_with_enough_to_show_it() -> None:
    assert not answers_keep_order(read(Tape()))
    tape = story().tape
    other = tape.opened("cyd-0003", "s-00000003")
    for _ in range(12):
        other.sync()
    assert answers_keep_order(read(tape))
    state = other.state("articles")
    tape.move(state, behind=other.ping()[1])
    assert not answers_keep_order(read(tape))
