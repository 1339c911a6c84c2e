"""Warnings before the end of a credential."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.kit.rules.builder import PROFILES, START_MS, Tape, clean, expect
from tests.kit.rules.story import ANN

if TYPE_CHECKING:
    from tests.kit.rules.builder import Entry, Player

SECURE = frozenset({*PROFILES, "secure"})


def told(player: Player, end_ms: int | None) -> Entry:
    """An open, again where it is not the first, that tells an end."""
    ends_at = None if end_ms is None else START_MS + end_ms
    request = player.asks("session.open", player.open_data())
    data: dict[str, Any] = {**player.opened_data(), "expires_at": ends_at}
    answer = player.gets(request, "session.opened", data)
    player.states("open")
    return answer


def warned(player: Player, end_ms: int) -> Entry:
    return player.pushed("auth.expiring", {"expires_at": START_MS + end_ms})


def opened(end_ms: int | None) -> tuple[Tape, Player]:
    tape = Tape()
    player = tape.player(ANN, "s-00000001")
    told(player, end_ms)
    return tape, player


def test_one_warning_for_each_end() -> None:
    tape, player = opened(20_000)
    tape.wait(10_000)
    player.heartbeat()
    warned(player, 20_000)
    told(player, 20_000)
    told(player, 40_000)
    tape.wait(15_000)
    player.heartbeat()
    warned(player, 40_000)
    told(player, 30_000)
    tape.wait(4_000)
    player.heartbeat()
    warned(player, 30_000)
    clean(tape.judge(profiles=SECURE))


def test_a_second_warning_of_an_end() -> None:
    tape, player = opened(20_000)
    tape.wait(10_000)
    warned(player, 20_000)
    told(player, 20_000)
    tape.wait(5_000)
    warning = warned(player, 20_000)
    expect(tape.judge(profiles=SECURE), "SECU-021", blamed=warning)


@pytest.mark.parametrize("end_ms", [20_000, 3_600_000])
def test_a_warning_before_the_half(end_ms: int) -> None:
    tape, player = opened(end_ms)
    tape.wait(9_000)
    warning = warned(player, end_ms)
    expect(tape.judge(profiles=SECURE), "SECU-021", blamed=warning)


def test_a_warning_of_an_end_that_was_moved() -> None:
    tape, player = opened(20_000)
    told(player, 3_600_000)
    tape.wait(10_000)
    warning = warned(player, 20_000)
    expect(tape.judge(profiles=SECURE), "SECU-022", blamed=warning)


def test_a_warning_where_no_end_was_told() -> None:
    tape, player = opened(None)
    tape.wait(10_000)
    warning = warned(player, 20_000)
    expect(tape.judge(profiles=SECURE), "SECU-022", blamed=warning)
    clean(tape.judge())
