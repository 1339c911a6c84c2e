"""Positions: epochs, seqs, counted actions, and where pushes stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.kit.model.values import article, revision
from tests.kit.rules.builder import ONE_MS, START_NS, Tape, clean, expect
from tests.kit.rules.story import ANN, story

if TYPE_CHECKING:
    from tests.kit.rules.builder import Done, Player


def opened(*kinds: str, events: bool = True) -> tuple[Tape, Player]:
    tape = Tape()
    features = ("events",) if events else ()
    return tape, tape.opened(ANN, "s-00000001", kinds=kinds or ("articles",), features=features)


# -- seqs ------------------------------------------------------------------------------------------------


def test_messages_in_another_order_than_published() -> None:
    tape, player = opened()
    first = player.event("x-acme.one", {})
    second = player.event("x-acme.two", {})
    tape.move(first, behind=second)
    found = tape.judge()
    assert found.broken == {"ORDER-001", "ORDER-002"}, found.told()
    assert found.of("ORDER-001")[0].records == (first.n, second.n)
    assert found.of("ORDER-001")[0].pointer == "/seq"


def test_an_old_message_published_again() -> None:
    tape, player = opened()
    event = player.event("x-acme.one", {})
    player.event("x-acme.two", {})
    again = tape.put(event.subject, event.body, event.party)
    player.event("x-acme.three", {})
    found = tape.judge()
    assert found.broken == {"ORDER-001", "EVENT-001"}, found.told()
    assert found.of("ORDER-001")[0].records[0] == again.n


def test_one_counter_for_states_and_one_for_events() -> None:
    tape, player = opened()
    event = player.event("x-acme.one", {})
    event.body["seq"] = 1
    expect(tape.judge(), "ORDER-001", blamed=event, pointer="/seq")


def test_a_hole() -> None:
    tape, player = opened()
    player.seq += 1
    event = player.event("x-acme.one", {})
    expect(tape.judge(), "ORDER-002", blamed=event, pointer="/seq")


def test_a_hole_behind_a_broken_wire_is_no_matter_of_rules() -> None:
    tape, player = opened()
    first = player.event("x-acme.one", {})
    tape.wait(10)
    player.seq += 1
    event = player.event("x-acme.two", {})
    clean(tape.judge(broken_ns=START_NS + (first.ms + 5) * ONE_MS))
    late = START_NS + (event.ms + 5) * ONE_MS
    expect(tape.judge(broken_ns=late), "ORDER-002", blamed=event, pointer="/seq")


def test_a_lower_epoch() -> None:
    tape, player = opened()
    player.event("x-acme.one", {})
    player.epoch, player.seq = 0, 0
    states = player.states("change")
    found = tape.judge()
    assert "ORDER-001" in found.broken
    assert found.of("ORDER-001")[0].records[0] == states[0].n
    assert found.of("ORDER-001")[0].pointer == "/epoch"


@pytest.mark.parametrize("epoch", [2, 9, 1_795_391_256_101])
def test_epochs_may_jump(epoch: int) -> None:
    tape, player = opened("articles", "user")
    player.epoch, player.seq = epoch, 0
    player.states("takeover")
    player.ping()
    player.heartbeat()
    clean(tape.judge())


def test_an_epoch_that_begins_with_an_event() -> None:
    tape, player = opened("articles")
    player.epoch, player.seq = 2, 0
    event = player.event("x-acme.one", {})
    expect(tape.judge(), "ORDER-003", blamed=event)


def test_an_epoch_that_begins_with_one_kind_only() -> None:
    tape, player = opened("articles", "user")
    player.epoch, player.seq = 2, 0
    player.state("user", "takeover")
    event = player.event("x-acme.one", {})
    expect(tape.judge(), "ORDER-003", blamed=event)


def test_an_epoch_that_begins_beyond_seq_1() -> None:
    tape, player = opened("articles")
    player.epoch, player.seq = 2, 4
    state = player.state("articles", "takeover")
    found = tape.judge()
    assert found.broken == {"ORDER-003", "STATE-004"}, found.told()
    assert found.of("ORDER-003")[0].records == (state.n,)


# -- counts ----------------------------------------------------------------------------------------------


def test_a_count_that_falls() -> None:
    tape, player = opened()
    player.acts("session.noop")
    player.event("x-acme.one", {})
    state = player.state("articles")
    state.body["last_action_seq"] = 0
    expect(tape.judge(), "ORDER-005", blamed=state, pointer="/last_action_seq")


def test_a_count_that_a_sync_resets() -> None:
    tape, player = opened()
    player.acts("session.noop")
    player.event("x-acme.one", {})
    _, answer, _ = player.sync()
    answer.data["position"]["last_action_seq"] = 0
    expect(tape.judge(), "ORDER-005", blamed=answer, pointer="/data/position/last_action_seq")


def test_a_count_that_falls_behind_what_was_told() -> None:
    tape, player = opened()
    player.acts("session.noop")
    player.ping()
    player.count = 0
    event = player.event("x-acme.one", {})
    expect(tape.judge(), "ORDER-005", blamed=event, pointer="/last_action_seq")


def test_a_count_that_falls_behind_an_outcome() -> None:
    tape, player = opened()
    player.acts("session.noop")
    player.count = 0
    event = player.event("x-acme.one", {})
    expect(tape.judge(), "ORDER-005", blamed=event, pointer="/last_action_seq")


def test_one_count_for_all_sessions_of_the_user() -> None:
    tape, player = opened(events=False)
    other = tape.opened(ANN, "s-00000002")
    other.acts("session.noop")
    state = player.state("articles")
    state.body["last_action_seq"] = 1
    expect(tape.judge(), "ORDER-005", blamed=state, pointer="/last_action_seq")


def test_outcomes_told_again_have_their_first_count() -> None:
    tape, player = opened()
    done = player.acts("session.noop")
    player.acts("session.noop")
    again = tape.put(done.copy.subject, done.copy.body, done.copy.party, reply=tape.inbox())
    player.ack(again, "duplicate", position=done.ack.data["position"])
    clean(tape.judge())


def two_effects() -> tuple[Tape, Player, Done]:
    """An action with two events in its session, at seq 2 and 3."""
    tape, player = opened()
    done = player.acts(
        "article.update",
        {"article_id": "x", "changes": {}},
        events=[
            ("article.updated", {"article": article("x", revision=2)}),
            ("article.revision_added", {"revision": {**revision("x", 2), "timestamp": 1}}),
        ],
    )
    done.effects[1].data["revision"]["timestamp"] = done.effects[1].body["timestamp"]
    return tape, player, done


def test_an_action_that_is_counted_at_its_last_effect() -> None:
    tape, _, _ = two_effects()
    clean(tape.judge())


def test_an_action_that_is_counted_at_its_first_effect() -> None:
    tape, _, done = two_effects()
    done.effects[0].body["last_action_seq"] = 1
    expect(tape.judge(), "ORDER-006", blamed=done.effects[0], pointer="/last_action_seq")


def test_an_action_that_is_counted_when_it_is_received() -> None:
    tape, player, done = two_effects()
    other = player.event("x-acme.one", {})
    other.body.update(seq=2, last_action_seq=1)
    tape.move(other, behind=done.copy)
    for entry in (*done.effects, done.ack, done.inbox):
        place = entry.body if "seq" in entry.body else entry.data["position"]
        place["seq"] += 1
    done.effects[0].body["last_action_seq"] = 1
    expect(tape.judge(), "ORDER-006", blamed=done.effects[0], pointer="/last_action_seq")
    tape.remove(done.effects[0])
    done.effects[1].body["seq"] -= 1
    for entry in (done.ack, done.inbox):
        entry.data["position"]["seq"] -= 1
    expect(tape.judge(), "ORDER-006", blamed=other, pointer="/last_action_seq")


def test_an_action_that_its_last_effect_does_not_count() -> None:
    tape, _, done = two_effects()
    done.effects[1].body["last_action_seq"] = 0
    expect(tape.judge(), "ORDER-006", blamed=done.effects[1], pointer="/last_action_seq")


def test_a_further_state_may_be_the_last_effect() -> None:
    tape, player, done = two_effects()
    done.effects[1].body["last_action_seq"] = 0
    state = player.state("articles")
    tape.move(state, behind=done.effects[1])
    for entry in (done.ack, done.inbox):
        entry.data["position"]["seq"] += 1
    clean(tape.judge())


# -- pushes ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seq", [-1, 1])
def test_a_heartbeat_beside_the_stream(seq: int) -> None:
    told = story()
    beat = told.tape.find("session.heartbeat", told.a2)[0]
    beat.data["position"]["seq"] += seq
    found = told.tape.judge()
    assert found.broken - {"ORDER-005"} == {"ORDER-007", "CTRL-008"}, found.told()
    assert found.of("CTRL-008")[0].records == (beat.n,)
    assert found.of("CTRL-008")[0].pointer == "/data/position"


def test_a_heartbeat_before_its_state() -> None:
    tape, player = opened(events=False)
    player.state("articles")
    beat = player.heartbeat()
    tape.move(player.stream[-1], behind=beat)
    found = tape.judge()
    assert found.broken == {"ORDER-007", "CTRL-008"}, found.told()


def test_a_heartbeat_before_the_first_state_is_right() -> None:
    tape = Tape()
    player = tape.player(ANN, "s-00000001")
    request = player.asks("session.open", player.open_data())
    player.gets(request, "session.opened", player.opened_data())
    player.heartbeat()
    player.states("open")
    clean(tape.judge())


def test_an_ack_before_its_effects() -> None:
    told = story()
    for effect in told.publish.of(told.a2):
        told.tape.move(effect, behind=told.publish.inbox)
    clean(told.tape.judge())
    for effect in reversed(told.publish.of(told.a1)):
        told.tape.move(effect, behind=told.publish.inbox)
    found = told.tape.judge()
    expect(found, "ORDER-007", blamed=told.publish.ack, pointer="/data/position")


def test_a_server_that_stores_first_may_run_ahead_of_its_stream() -> None:
    tape, player = opened(events=False)
    player.state("articles")
    beat = player.heartbeat()
    tape.move(player.stream[-1], behind=beat)
    clean(tape.judge(profiles=frozenset({"core", "durable"})))
