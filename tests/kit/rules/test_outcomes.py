"""What an outcome says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.kit.model.values import article
from tests.kit.rules.builder import Tape, clean, error, expect
from tests.kit.rules.story import ANN, BOB, story

if TYPE_CHECKING:
    from tests.kit.rules.builder import Done, Entry, Player


def opened(**how: Any) -> tuple[Tape, Player]:
    tape = Tape()
    how.setdefault("features", ("events",))
    return tape, tape.opened(ANN, "s-00000001", **how)


def updated(player: Player, number: int = 2) -> Done:
    return player.acts(
        "article.update",
        {"article_id": "x", "changes": {}},
        events=[("article.updated", {"article": article("x", revision=number)})],
    )


def moved(done: Done, seq: int) -> None:
    for entry in (done.ack, done.inbox):
        entry.data["position"]["seq"] += seq


# -- positions -----------------------------------------------------------------------------------------


def test_a_position_before_the_effects() -> None:
    tape, player = opened()
    done = updated(player)
    moved(done, -1)
    expect(tape.judge(), "ACTION-003", blamed=done.ack, pointer="/data/position")


def test_the_head_in_the_place_of_the_last_effect() -> None:
    tape, player = opened()
    done = updated(player)
    other = player.event("x-acme.one", {})
    tape.move(other, behind=done.effects[0])
    clean(tape.judge())
    moved(done, 1)
    expect(tape.judge(), "ACTION-003", blamed=done.ack, pointer="/data/position")


def test_a_state_beside_the_events_may_be_the_last_effect() -> None:
    tape, player = opened()
    done = updated(player)
    tape.move(player.state("articles"), behind=done.effects[0])
    clean(tape.judge())
    moved(done, 1)
    clean(tape.judge())


@pytest.mark.parametrize("features", [(), ("events",)])
def test_position_0_for_an_action_without_effect(features: tuple[str, ...]) -> None:
    tape, player = opened(features=features)
    player.state("articles")
    done = player.acts("session.noop")
    clean(tape.judge())
    for entry in (done.ack, done.inbox):
        entry.data["position"]["seq"] = 0
    expect(tape.judge(), "ACTION-003", blamed=done.ack, pointer="/data/position")


def test_an_action_of_a_kind_that_the_session_has_not_opened() -> None:
    tape, player = opened(kinds=("user",))
    other = tape.opened(BOB, "s-00000002", features=("events",))
    done = updated(player)
    assert done.of(player) == []
    assert len(done.of(other)) == 1
    clean(tape.judge())


# -- numbers -------------------------------------------------------------------------------------------


def test_an_ack_that_does_not_count_its_action() -> None:
    told = story()
    for entry in (told.noop.ack, told.noop.inbox):
        entry.data["position"]["last_action_seq"] -= 1
    expect(
        told.tape.judge(),
        "ACTION-008",
        blamed=told.noop.ack,
        pointer="/data/position/last_action_seq",
    )


def test_a_final_nack_that_does_not_count_its_action() -> None:
    tape, player = opened()
    nack, _ = player.nack(player.sends("article.delete", {"article_id": "x"}), 4040)
    expect(tape.judge(), "ACTION-008", blamed=nack)


@pytest.mark.parametrize("code", [4092, 4091, 5000])
def test_nacks_that_may_leave_the_count(code: int) -> None:
    tape, player = opened()
    more: dict[str, Any] = {"details": {"expected": 1}} if code == 4091 else {}
    number = 2 if code == 4091 else 1
    player.nack(player.sends("session.noop", number=number), code, **more)
    clean(tape.judge())


# -- copies --------------------------------------------------------------------------------------------


def again(tape: Tape, copy: Entry) -> Entry:
    return tape.put(copy.subject, copy.body, copy.party, reply=tape.inbox())


def test_a_copy_that_is_applied_again() -> None:
    tape, player = opened()
    done = player.acts("session.noop")
    ack, _ = player.ack(again(tape, done.copy))
    observations = expect(tape.judge(), "ACTION-005", blamed=ack)
    assert (observations[0].expected, observations[0].seen) == (
        "status duplicate",
        "status applied",
    )


def test_a_copy_with_the_position_of_the_head() -> None:
    tape, player = opened()
    done = player.acts("session.noop")
    player.event("x-acme.one", {})
    ack, inbox = player.ack(again(tape, done.copy), "duplicate")
    expect(tape.judge(), "ACTION-005", blamed=ack)
    for entry in (ack, inbox):
        entry.data["position"] = dict(done.ack.data["position"])
    clean(tape.judge())


def test_a_copy_with_another_result() -> None:
    told = story()
    position = told.create.ack.data["position"]
    result = {"article_id": "art-7"}
    copy = again(told.tape, told.create.copy)
    ack, _ = told.a1.ack(copy, "duplicate", position=position, result=result)
    found = told.tape.judge()
    observations = expect(found, "ACTION-005", blamed=ack)
    assert observations[0].seen == "result {'article_id': 'art-7'}"


def test_a_nack_for_a_copy_of_an_acked_action() -> None:
    tape, player = opened()
    done = player.acts("session.noop")
    nack, _ = player.nack(again(tape, done.copy), 4092)
    expect(tape.judge(), "ACTION-005", blamed=nack)


def test_a_refused_action_that_is_judged_again() -> None:
    tape, player = opened()
    bad = player.sends("article.delete", {"article_id": "x"})
    player.count = 1
    position = player.position()
    player.nack(bad, 4040)
    copy = again(tape, bad)
    nack, inbox = player.outcome(copy, "action.nack", error=error(4040), position=position)
    clean(tape.judge())
    for entry in (nack, inbox):
        entry.data["error"] = error(4030)
    expect(tape.judge(), "ACTION-006", blamed=nack)


def test_a_refused_action_that_is_acked_as_a_duplicate() -> None:
    tape, player = opened()
    bad = player.sends("article.delete", {"article_id": "x"})
    player.count = 1
    player.nack(bad, 4040)
    ack, _ = player.ack(again(tape, bad), "duplicate")
    expect(tape.judge(), "ACTION-006", blamed=ack)


def test_a_retryable_nack_is_forgotten() -> None:
    tape, player = opened()
    copy = player.sends("session.noop", number=2)
    player.nack(copy, 4091, details={"expected": 1})
    first = player.sends("session.noop", number=1)
    for one in (first, again(tape, copy)):
        player.count = one.body["client_seq"]
        player.ack(one)
    clean(tape.judge())


@pytest.mark.parametrize("status", ["applied", "duplicate"])
def test_an_outcome_that_is_unknown_claims_nothing(status: str) -> None:
    tape, player = opened()
    updated(player)
    copy = player.sends("session.noop")
    count, head = player.count, player.seq
    # Whoever has lost touch tells where the session was long ago.
    player.count = player.seq = 0
    player.nack(copy, 5040)
    player.count, player.seq = count + 1, head
    player.ack(again(tape, copy), status)
    clean(tape.judge())


def test_a_copy_that_got_an_unknown_outcome_gets_nothing_more() -> None:
    tape, player = opened()
    copy = player.sends("session.noop")
    player.nack(copy, 5040)
    player.count = 1
    ack, _ = player.ack(copy)
    expect(tape.judge(), "ACTION-001", "ACTION-002", blamed=ack)


def test_a_copy_that_comes_too_fast() -> None:
    tape, player = opened()
    done = player.acts("session.noop")
    player.nack(again(tape, done.copy), 4290, retry_after_ms=5)
    clean(tape.judge())


def test_another_body_under_a_known_id_is_no_copy() -> None:
    tape, player = opened()
    done = player.acts("session.noop")
    other = player.sends("session.noop", {"x": 1}, action_id=done.copy.body["action_id"], number=1)
    player.nack(other, 4092)
    clean(tape.judge())


def test_a_used_number_is_refused_with_the_head_of_each_time() -> None:
    tape, player = opened()
    done = player.acts("session.noop")
    other = player.sends("session.noop", number=done.copy.body["client_seq"])
    player.nack(other, 4092)
    player.acts("session.noop")
    player.nack(again(tape, other), 4092)
    clean(tape.judge())


def test_an_outcome_may_be_forgotten_after_256_others() -> None:
    tape, player = opened(features=())
    first = player.acts("session.noop")
    for _ in range(256):
        player.acts("session.noop")
    copy = again(tape, first.copy)
    nack, _ = player.nack(copy, 4092)
    clean(tape.judge())
    tape.remove(*[e for e in tape.entries if e.body.get("client_seq") == 5])
    tape.remove(*[e for e in tape.entries if e.body.get("data", {}).get("client_seq") == 5])
    found = tape.judge()
    assert nack.n in [o.records[0] for o in found.of("ACTION-005")]


def test_a_copy_in_another_session() -> None:
    tape, player = opened()
    done = updated(player)
    other = tape.opened(ANN, "s-00000002", features=("events",))
    body = done.copy.body
    copy = other.sends("article.update", body["data"], action_id=body["action_id"])
    other.count = 1
    ack, inbox = other.ack(copy, "duplicate")
    clean(tape.judge())
    for entry in (ack, inbox):
        entry.data["position"]["last_action_seq"] = 0
    expect(tape.judge(), "ACTION-008", blamed=ack)
