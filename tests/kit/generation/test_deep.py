"""What going deep adds: odd texts, a table, lengths of time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.kit.generation.making import EVERYTHING, FAILING

from omnisession_conformance.cli.durations import seconds_of
from omnisession_conformance.environment.draws import Chance
from omnisession_conformance.errors import UsageError
from omnisession_conformance.roles.server.generation import steps as s
from omnisession_conformance.roles.server.generation.counts import never, table_of
from omnisession_conformance.roles.server.generation.draw import FEW_MOTIFS, MANY_MOTIFS, Drawer
from omnisession_conformance.roles.server.generation.hard_texts import hard_texts
from omnisession_conformance.roles.server.generation.machine import Tally

if TYPE_CHECKING:
    from pathlib import Path

    from omnisession_conformance.roles.server.generation.offering import Offer


def test_texts_are_odd_and_those_of_their_seed(tmp_path: Path) -> None:
    texts = hard_texts(1, tmp_path, 60)
    assert texts == hard_texts(1, tmp_path, 60)
    assert len(texts) > 30
    assert any(not text.isascii() for text in texts)
    assert all(text.encode() is not None for text in texts), "half a surrogate pair is no text"


def counted(programs: int, offer: Offer = EVERYTHING, motifs: float = MANY_MOTIFS) -> Tally:
    """What would happen if every step of drawn programs did."""
    tally = Tally()
    for number in range(programs):
        drawer = Drawer(Chance(number), offer, tally.rules, tally.pairs, motifs=motifs)
        before = ""
        for step in drawer.program(70, expiring=number % 10 == 0, disturbed=number % 8 == 1).steps:
            tally.rule(before, s.rule_of(step))
            before = s.rule_of(step)
            for part in s.parts(step):
                if part is not step:
                    tally.rule("", s.rule_of(part))
    return tally


def test_nothing_stays_at_zero_for_long() -> None:
    rules, _, _, _ = never(counted(80), EVERYTHING)
    assert not rules
    _, _, seen, possible = never(counted(80, motifs=FEW_MOTIFS), EVERYTHING)
    assert seen / possible > 0.55


def test_no_way_in_which_connections_fail_stays_at_zero_for_long() -> None:
    rules, _, _, _ = never(counted(80, FAILING), FAILING)
    assert not rules


def test_the_table_tells_what_never_happened() -> None:
    tally = counted(1)
    tally.codes[4001] = 7
    lines = list(table_of(tally, EVERYTHING))
    assert lines[0] == "Generated traffic: 0 programs, 0 judged steps"
    assert any("4001" in line and "7" in line for line in lines)
    (last,) = [line for line in lines if line.startswith("Never: ")]
    assert "4220" in last


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("10m", 600), ("1.5h", 5_400)])
def test_lengths_of_time(text: str, seconds: float) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "10", "m", "0s", "-1s", "1d", "10 minutes", "1e3s"])
def test_what_is_no_length_of_time(text: str) -> None:
    with pytest.raises(UsageError, match="such as 90s, 10m or 1h"):
        seconds_of(text)
