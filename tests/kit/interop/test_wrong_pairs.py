"""One side of a pair is wrong, and is told by a requirement of its own; unusual ones are told nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.kit.interop.pairs import Pair, check, failed, of_side

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.dear


def server(fault: str) -> Pair:
    return Pair(server=("--fault", fault))


def client(fault: str) -> Pair:
    return Pair(client=("--fault", fault))


WRONG = (
    ("server", server("message-sent-twice"), "converge", "CHAT-001"),
    ("server", server("created-in-acting-session-only"), "converge", "ART-001"),
    ("server", server("typing-to-oneself"), "chat-room", "CHAT-008"),
    ("server", server("last-writer-wins"), "edit-together", "ART-007"),
    ("client", client("has-entries-twice"), "edit-together", "CLI-025"),
    ("client", client("refuses-everything"), "converge", "HYB-016"),
    ("client", client("tells-no-nack"), "edit-together", "HYB-015"),
    ("client", client("has-one-action-id"), "converge", "HYB-013"),
    ("client", client("does-not-recover-after-a-cut"), "cut-in-the-middle", "CLI-016"),
    ("client", client("never-comes-back"), "server-restart", "CLI-018"),
)


@pytest.mark.parametrize(
    ("side", "pair", "scenario", "requirement"), WRONG, ids=[pair.name for _, pair, _, _ in WRONG]
)
def test_the_wrong_side_is_told(
    tmp_path: Path, side: str, pair: Pair, scenario: str, requirement: str
) -> None:
    ran = check(tmp_path, *pair.options, "--case", scenario)
    assert ran.code == 1, ran.out + ran.err
    found = failed(ran)
    assert requirement in found
    assert of_side(found, side) == found


RIGHT = (
    Pair(client=("--mode", "pure")),
    Pair(client=("--read-only",)),
    Pair(client=("--kinds", "chat", "--features", "")),
    Pair(server=("--kinds", "articles,url")),
)


@pytest.mark.parametrize("pair", RIGHT, ids=[pair.name for pair in RIGHT])
def test_a_right_pair_is_told_nothing(tmp_path: Path, pair: Pair) -> None:
    ran = check(tmp_path, *pair.options)
    assert ran.code == 0, ran.out + ran.err
    assert failed(ran) == set()


def test_nothing_in_common_is_no_verdict(tmp_path: Path) -> None:
    pair = Pair(server=("--kinds", "articles"), client=("--kinds", "chat"))
    ran = check(tmp_path, *pair.options)
    assert (ran.code, "no kind that both have" in ran.out) == (3, True)
