"""States that must follow an answer, and their reasons."""

from __future__ import annotations

from typing import Any

import pytest
from tests.kit.rules.builder import START_NS, Tape, clean, expect
from tests.kit.rules.story import story


def test_an_event_between_the_states_of_an_open() -> None:
    tape = Tape()
    player = tape.player("ann-0001", "s-00000001", kinds=("articles", "user"), features=("events",))
    request = player.asks("session.open", player.open_data())
    player.gets(request, "session.opened", player.opened_data())
    player.state("articles", "open")
    event = player.event("x-acme.done", {})
    player.state("user", "open")
    found = tape.judge()
    assert found.broken == {"STATE-003", "ORDER-003", "STATE-004"}, found.told()
    assert found.of("STATE-003")[0].records[0] == event.n


def test_no_state_for_the_last_kind() -> None:
    tape = Tape()
    player = tape.player("ann-0001", "s-00000001", kinds=("articles", "user"))
    request = player.asks("session.open", player.open_data())
    answer = player.gets(request, "session.opened", player.opened_data())
    player.state("articles", "open")
    expect(tape.judge(), "STATE-003", blamed=answer)


def test_an_answer_that_counts_its_states() -> None:
    tape = Tape()
    player = tape.player("ann-0001", "s-00000001")
    request = player.asks("session.open", player.open_data())
    answer = player.gets(
        request, "session.opened", {**player.opened_data(), "position": player.position(seq=1)}
    )
    state = player.state("articles", "open")
    found = tape.judge()
    assert {"STATE-003", "CTRL-002", "STATE-004"} == found.broken, found.told()
    assert found.of("STATE-003")[0].records[0] == answer.n
    assert found.of("STATE-004")[0].records[0] == state.n


def test_states_in_another_order_than_the_kinds() -> None:
    tape = Tape()
    player = tape.player("ann-0001", "s-00000001", kinds=("articles", "user"))
    request = player.asks("session.open", player.open_data())
    player.gets(request, "session.opened", player.opened_data())
    states = player.states("open", ("user", "articles"))
    expect(tape.judge(), "STATE-003", blamed=states[0], pointer="/data/type")


@pytest.mark.parametrize("requirement", ["CTRL-005", "RESUME-004"])
def test_an_answer_without_states(requirement: str) -> None:
    tape = Tape()
    player = tape.opened("ann-0001", "s-00000001")
    if requirement == "CTRL-005":
        request = player.asks("session.sync")
        data = {"position": player.position(), "kinds": ["articles"]}
        answer = player.gets(request, "session.syncing", data)
    else:
        request = player.asks("session.resume", {"epoch": 7, "seq": 1})
        data: dict[str, Any] = {
            "position": player.position(),
            "mode": "snapshot",
            "messages": [],
        }
        answer = player.gets(request, "session.resumed", data)
    expect(tape.judge(), requirement, blamed=answer)


def test_states_that_would_come_after_the_end_of_the_run_are_not_missed() -> None:
    tape = Tape()
    player = tape.player("ann-0001", "s-00000001")
    request = player.asks("session.open", player.open_data())
    player.gets(request, "session.opened", player.opened_data())
    tape.wait(-2_000)
    clean(tape.judge())


def test_states_that_a_stopped_server_owes_are_not_missed() -> None:
    tape = Tape()
    player = tape.player("ann-0001", "s-00000001")
    request = player.asks("session.open", player.open_data())
    answer = player.gets(request, "session.opened", player.opened_data())
    stopped = START_NS + (answer.ms + 1) * 1_000_000
    clean(tape.judge(outages=((stopped, stopped + 1_000_000),)))


def test_the_kinds_of_a_sync() -> None:
    tape = Tape()
    player = tape.opened("ann-0001", "s-00000001", kinds=("articles", "user"))
    _, answer, _ = player.sync(["user"])
    player.sync([])
    player.sync()
    clean(tape.judge())
    answer.data["kinds"] = ["articles", "user"]
    found = tape.judge()
    assert found.broken == {"CTRL-005"}, found.told()
    assert answer.n in [o.records[0] for o in found.of("CTRL-005")]


def test_always_the_reason_change() -> None:
    told = story()
    state = told.sync[2][0]
    state.body["reason"] = "change"
    expect(told.tape.judge(), "STATE-004", blamed=state, pointer="/reason")


def test_sync_after_open() -> None:
    told = story()
    state = told.tape.find("session.state", told.b1)[0]
    state.body["reason"] = "sync"
    expect(told.tape.judge(), "STATE-004", blamed=state, pointer="/reason")


def test_open_without_an_open() -> None:
    told = story()
    state = told.publish.of(told.a2)[0]
    state.body["reason"] = "open"
    expect(told.tape.judge(), "STATE-004", blamed=state, pointer="/reason")


def test_a_takeover_in_the_middle_of_an_epoch() -> None:
    told = story()
    state = told.publish.of(told.a2)[0]
    state.body["reason"] = "takeover"
    expect(told.tape.judge(), "STATE-004", blamed=state, pointer="/reason")


@pytest.mark.parametrize(("reason", "right"), [("takeover", True), ("change", False)])
def test_the_reason_of_an_epoch_without_an_open(reason: str, right: bool) -> None:
    tape = Tape()
    player = tape.opened("ann-0001", "s-00000001", kinds=("articles", "user"))
    player.epoch, player.seq = 7, 0
    states = player.states(reason)
    player.ping()
    found = tape.judge()
    if right:
        clean(found)
    else:
        expect(found, "STATE-004", blamed=states[0], pointer="/reason")


def test_states_of_requests_without_a_reply_subject() -> None:
    tape = Tape()
    player = tape.opened("ann-0001", "s-00000001")
    player.asks("session.sync", reply="")
    player.states("sync")
    player.asks("session.open", player.open_data(), reply="")
    player.states("open")
    clean(tape.judge())
