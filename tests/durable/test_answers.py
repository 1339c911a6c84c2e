"""Who has no answer in time is told that nobody knows: the last word to that copy, which claims nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.durable.fleet import ANN, Fleet, is_beat
from tests.reference.bench import action
from tests.simulation.durable.said import Told, reply_of

from omnisession_durable.entries import NOBODY, Own
from omnisession_durable.entries import encode as entry
from omnisession_reference.wire import Incoming, encode

if TYPE_CHECKING:
    from omnisession_durable.posts import Post
    from omnisession_reference.session import Key

UNKNOWN = "refused 5040 a1 at 2"
IN_TIME_MS, LATE_MS = 1_490, 1_560


def is_decision(data: bytes) -> bool:
    """Beats come back, so that the owner may speak; nothing that it decides does."""
    return not is_beat(data)


@pytest.fixture(name="fleet")
def served() -> Fleet:
    fleet = Fleet()
    fleet.begin()
    fleet.lose = is_decision
    return fleet


def test_an_action_that_is_not_stored_in_time_is_told_so_and_done_once_when_it_is(
    fleet: Fleet,
) -> None:
    fleet.first.try_(1)
    fleet.clock.move(IN_TIME_MS)
    assert fleet.first.heard() == []
    fleet.clock.move(LATE_MS - IN_TIME_MS)
    assert fleet.first.heard() == [UNKNOWN]
    fleet.lose = lambda _: False
    fleet.clock.move(3_000)
    # The copy that was told gets nothing more, and others are told what came of it.
    assert fleet.first.heard() == ["event"]
    fleet.first.try_(1)
    assert fleet.first.heard() == ["duplicate a1 at 3"]
    assert fleet.decided() == ["open 1", "act 2"]


def test_each_copy_waits_for_a_time_of_its_own(fleet: Fleet) -> None:
    fleet.first.try_(1)
    fleet.clock.move(1_000)
    fleet.first.try_(1)
    fleet.clock.move(LATE_MS - 1_000)
    assert fleet.first.heard() == [UNKNOWN]
    fleet.clock.move(IN_TIME_MS - LATE_MS + 1_000)
    assert fleet.first.heard() == []
    fleet.clock.move(LATE_MS - IN_TIME_MS)
    assert fleet.first.heard() == [UNKNOWN]


def test_a_copy_that_came_later_is_answered_when_it_is_known(fleet: Fleet) -> None:
    fleet.first.try_(1)
    fleet.clock.move(1_000)
    fleet.first.try_(1)
    fleet.clock.move(LATE_MS - 1_000)
    fleet.lose = lambda _: False
    for data in fleet.lost[:1]:
        fleet.store(data)
    assert fleet.first.heard() == [UNKNOWN, "event", "duplicate a1 at 3"]


def test_it_counts_from_when_a_message_came_not_from_its_turn(fleet: Fleet) -> None:
    body = action(*ANN, 1, "chat.send", content="a1") | {"action_id": "a1"}
    came_ms = fleet.first.clock.elapsed_ms() - 1_000
    reply = reply_of(ANN, "try-1")
    fleet.first.instance.receive(Incoming("user.actions.ann", reply, encode(body), came_ms=came_ms))
    fleet.clock.move(LATE_MS - 1_000)
    assert fleet.first.heard() == [UNKNOWN]


@pytest.mark.parametrize("what", ["ping", "open", "close"])
def test_whose_turn_comes_too_late_is_refused_for_now_and_nothing_is_decided(
    fleet: Fleet, what: str
) -> None:
    fleet.lose = lambda _: False
    machine = fleet.first
    body: dict[str, Any] = {
        "v": "1.0",
        "type": f"session.{what}",
        "user_id": "ann",
        "session_id": "s1",
        "data": {},
    }
    came_ms = machine.clock.elapsed_ms() - LATE_MS
    subject, reply = "session.ann.s1.control", reply_of(ANN, what)
    machine.instance.receive(Incoming(subject, reply, encode(body), came_ms=came_ms))
    assert machine.heard() == ["answer error 5030"]
    body = action(*ANN, 1, "chat.send", content="a1") | {"action_id": "a1"}
    message = Incoming("user.actions.ann", reply_of(ANN, "try-1"), encode(body), came_ms=came_ms)
    machine.instance.receive(message)
    assert [told.split()[:3] for told in machine.heard()] == [["answer", "error", "5030"]]
    assert fleet.decided() == ["open 1"]


def test_it_is_told_in_the_session_and_on_the_reply_subject(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    subjects: list[str] = []

    def publish(post: Post) -> None:
        subjects.append(post.subject)

    monkeypatch.setattr(fleet.first, "publish", publish)
    fleet.first.try_(1)
    fleet.clock.move(LATE_MS)
    assert subjects == ["session.ann.s1.control", reply_of(ANN, "try-1")]


@pytest.mark.parametrize(
    ("what", "key", "then"),
    [
        ("open", ("bob", "s"), ["answer opened", "state open"]),
        ("close", ANN, ["answer error 4101"]),
    ],
)
def test_what_decides_of_a_session_is_told_so_and_the_same_again_tells(
    fleet: Fleet, what: str, key: Key, then: list[str]
) -> None:
    fleet.first.ask(what, key)
    fleet.clock.move(LATE_MS)
    assert fleet.first.heard() == ["answer error 5040"]
    fleet.lose = lambda _: False
    fleet.clock.move(3_000)
    fleet.first.heard()
    fleet.first.ask(what, key)
    fleet.clock.move(5)
    assert fleet.first.heard()[: len(then)] == then


def test_what_decides_nothing_and_waits_behind_what_does_is_refused_for_now(fleet: Fleet) -> None:
    fleet.first.try_(1)
    fleet.first.ask("ping")
    fleet.clock.move(LATE_MS)
    assert fleet.first.heard() == [UNKNOWN, "answer error 5030"]


def test_whoever_is_deposed_tells_all_who_wait_for_it_once(fleet: Fleet) -> None:
    fleet.first.try_(1)
    fleet.first.try_(2)
    fleet.first.ask("ping")
    fleet.store(entry(Own(NOBODY, "x", fleet.first.instance.fold.term)))
    told = [UNKNOWN, "refused 5040 a2 at 2", "answer error 5030"]
    assert fleet.first.heard() == told
    fleet.lose = lambda _: False
    fleet.clock.move(3_000)
    assert fleet.first.heard() == ["state takeover", "state takeover"]


def test_its_position_is_one_that_was_told(fleet: Fleet) -> None:
    fleet.lose = lambda _: False
    fleet.first.try_(1)
    fleet.clock.move(5)
    fleet.lose = is_decision
    fleet.first.try_(2)
    fleet.first.said.clear()
    fleet.clock.move(LATE_MS)
    [told] = [one for one in fleet.first.said if isinstance(one, Told)]
    # The core is at 4 by now, and has counted two.
    assert (told.position.seq, told.position.last_action_seq) == (3, 1)


def test_what_waits_for_a_term_that_does_not_begin_is_refused_for_now() -> None:
    fleet = Fleet("i1 i2")
    fleet.begin()
    old, new = fleet.owner(), fleet.standby()
    name, term = new.instance.name, new.instance.fold.term
    fleet.store(entry(Own(name, name, term)))
    fleet.machines.remove(old)
    new.instance.candidacy.begins_at = lambda: float("inf")
    new.try_(1)
    new.ask("ping")
    fleet.clock.move(LATE_MS)
    assert new.heard() == ["answer error 5030"] * 2
