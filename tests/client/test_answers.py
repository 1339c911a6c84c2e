"""Answers that are none: of others, of another request, without what is needed, told twice."""

from __future__ import annotations

from typing import Any

import pytest
from tests.client.bench import TIMINGS, Bench, Body, message, position, timer, types

from omnisession_client.messages import Answered
from omnisession_client.report import report
from omnisession_reference.wire import encode

RESUMED: Body = {"mode": "snapshot", **position(7), "messages": []}
ANSWERS: dict[str, tuple[str, Body]] = {
    "session.open": ("session.opened", {**position(7), "kinds": ["chat"]}),
    "session.resume": ("session.resumed", RESUMED),
    "session.sync": ("session.syncing", {**position(7), "kinds": ["chat"]}),
    "session.ping": ("session.pong", position(7)),
}


def asking(request: str) -> Bench:
    """A client that waits for the answer to a request."""
    bench = Bench()
    if request == "session.open":
        bench.begin()
        bench.ready()
    else:
        bench.live()
    if request == "session.resume":
        bench.hears("events", bench.added(3))
    elif request == "session.sync":
        bench.hears("events", b"{")
    elif request == "session.ping":
        bench.rings("ping")
    assert bench.state.asked[-1].type == request
    return bench


def told(bench: Bench, answer: Body | bytes) -> Any:
    data = answer if isinstance(answer, bytes) else encode(answer)
    return bench.put(Answered(at_ms=0, number=bench.state.asked[-1].number, data=data))


def wrong(bench: Bench, request: str) -> dict[str, Body | bytes]:
    type_, data = ANSWERS[request]
    right = bench.envelope(type_) | {"data": data}
    return {
        "of another user": right | {"user_id": "bob"},
        "of another session": right | {"session_id": "another"},
        "of another request": right | {"type": "session.closed"},
        "of a type that nobody knows": right | {"type": "session.granted"},
        "without data": {k: v for k, v in right.items() if k != "data"},
        "with data that is none": right | {"data": None},
        "without a position": right | {"data": {**data, "position": None}},
        "of another major": right | {"v": "2.0"},
        "no JSON": b"no",
        "nothing": b"",
    }


@pytest.mark.parametrize("request_type", ANSWERS)
@pytest.mark.parametrize("what", wrong(Bench().live(), "session.ping"))
def test_an_answer_of_no_use_is_as_none(request_type: str, what: str) -> None:
    bench = asking(request_type)
    held, phase = report(bench.state), bench.state.phase
    effects = told(bench, wrong(bench, request_type)[what])
    assert report(bench.state) == held
    assert (types(effects), bench.state.phase) == ([], phase)
    waits = timer(effects, "ping" if request_type == "session.ping" else "retry")
    assert waits == (0, TIMINGS.retry_base_ms)


@pytest.mark.parametrize("request_type", ANSWERS)
def test_an_answer_that_comes_twice_counts_once(request_type: str) -> None:
    bench = asking(request_type)
    number = bench.state.asked[-1].number
    type_, data = ANSWERS[request_type]
    bench.answers(type_, number, **data)
    if request_type == "session.ping":
        assert bench.state.asked == ()
        return
    bench.hears("state", bench.shown(8, messages=[message(1)]))
    held = report(bench.state)
    assert held["position"]["seq"] == 8
    assert bench.answers(type_, number, **data) == []
    assert report(bench.state) == held


@pytest.mark.parametrize("request_type", ["session.open", "session.resume", "session.sync"])
def test_the_actions_that_count_are_those_of_the_answer(request_type: str) -> None:
    bench = asking(request_type)
    type_, data = ANSWERS[request_type]
    bench.answers(type_, **{**data, **position(7, las=4)})
    assert report(bench.state)["position"] == {"epoch": 1, "seq": 7, "last_action_seq": 4}


def test_the_actions_that_count_where_nothing_was_missed() -> None:
    bench = Bench().live()
    bench.lost()
    bench.ready()
    bench.answers("session.resumed", mode="current", **position(1, las=9), messages=[])
    assert report(bench.state)["position"] == {"epoch": 1, "seq": 1, "last_action_seq": 9}


def test_a_pong_is_taken_beside_a_recovery() -> None:
    bench = Bench().live()
    bench.rings("ping")
    ping = bench.state.asked[-1].number
    bench.hears("events", bench.added(3))
    assert bench.answers("session.pong", ping, **position(1, las=2)) == []
    assert bench.state.phase == "recovering"
    assert report(bench.state)["position"]["last_action_seq"] == 2
