"""Modes of resumes, and what a replay holds."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

import pytest
from tests.kit.rules.builder import Tape, clean, expect
from tests.kit.rules.story import ANN

if TYPE_CHECKING:
    from tests.kit.rules.builder import Entry, Player


def opened() -> tuple[Tape, Player]:
    """A session with the states and events 1:1 to 1:4."""
    tape = Tape()
    player = tape.opened(ANN, "s-00000001", features=("events",))
    for name in ("one", "two", "three"):
        player.event(f"x-acme.{name}", {"of": name})
    return tape, player


MODES: list[tuple[tuple[int, int], str, str | None]] = [
    ((1, 4), "current", None),
    ((1, 4), "snapshot", "RESUME-001"),
    ((1, 3), "replay", None),
    ((1, 3), "snapshot", None),
    ((1, 3), "current", "RESUME-002"),
    ((1, 0), "replay", None),
    ((1, 0), "snapshot", None),
    ((1, 104), "snapshot", None),
    ((1, 104), "current", "RESUME-005"),
    ((2, 4), "snapshot", None),
    ((2, 4), "current", "RESUME-005"),
]


@pytest.mark.parametrize(("asked", "mode", "broken"), MODES)
def test_modes(asked: tuple[int, int], mode: str, broken: str | None) -> None:
    tape, player = opened()
    _, answer = player.resume(*asked, mode)
    found = tape.judge()
    if broken is None:
        clean(found)
    else:
        expect(found, broken, blamed=answer, pointer="/data/mode")


def test_current_at_a_head_that_is_not_the_streams() -> None:
    tape, player = opened()
    _, answer = player.resume(1, 2, "current")
    answer.data["position"]["seq"] = 2
    found = tape.judge()
    assert found.broken == {"RESUME-002"}, found.told()
    assert found.of("RESUME-002")[0].pointer == "/data/position"


def replayed() -> tuple[Tape, Entry]:
    tape, player = opened()
    _, answer = player.resume(1, 2, "replay")
    assert answer.replays is not None
    answer.data["messages"] = [copy.deepcopy(entry.body) for entry in answer.replays]
    answer.replays = None
    return tape, answer


@pytest.mark.parametrize("cut", ["one too few", "one too many", "two in another order"])
def test_the_range_of_a_replay(cut: str) -> None:
    tape, answer = replayed()
    clean(tape.judge())
    messages = answer.data["messages"]
    if cut == "one too few":
        messages.pop()
    elif cut == "one too many":
        messages.insert(0, copy.deepcopy(tape.players[0].stream[1].body))
    else:
        messages.reverse()
    expect(tape.judge(), "RESUME-003", blamed=answer, pointer="/data/messages")


def test_a_replay_with_new_timestamps() -> None:
    tape, answer = replayed()
    answer.data["messages"][1]["timestamp"] += 5
    observations = expect(
        tape.judge(), "RESUME-003", blamed=answer, pointer="/data/messages/1/timestamp"
    )
    assert observations[0].expected is not None
    assert observations[0].expected.startswith("the body published as 1:4")


def test_a_replay_with_a_new_member() -> None:
    tape, answer = replayed()
    answer.data["messages"][0]["x-again"] = True
    expect(tape.judge(), "RESUME-003", blamed=answer, pointer="/data/messages/0/x-again")


def test_the_order_of_members_in_a_replay_does_not_matter() -> None:
    tape, answer = replayed()
    first = answer.data["messages"][0]
    answer.data["messages"][0] = dict(reversed(list(first.items())))
    clean(tape.judge())


def test_a_replay_of_what_was_never_published() -> None:
    tape, player = opened()
    player.resume(1, 2, "replay")
    tape.remove(player.stream[-1])
    found = tape.judge()
    assert "RESUME-003" in found.broken
    assert found.of("RESUME-003")[0].seen == "a message that was never published"
