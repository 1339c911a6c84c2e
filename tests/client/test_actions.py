"""Actions, one at a time: numbers, sizes, outcomes, copies."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.client.acts import actions, error, refused, resumed, taken
from tests.client.bench import (
    LIMITS,
    SESSION,
    TIMINGS,
    USER,
    Bench,
    Body,
    position,
    timer,
    types,
)

from omnisession_client.effects import CancelTimer, NewSession, Taken
from omnisession_client.messages import Dispatched
from omnisession_reference.wire import tok


def test_an_action_is_published_under_the_next_number() -> None:
    bench = Bench()
    bench.begin()
    bench.ready()
    bench.opens(las=4)
    effects = bench.dispatch("x1", content="hi")
    [sent] = actions(effects)
    assert sent.subject == f"user.actions.{tok(USER)}"
    named = {"user_id": USER, "session_id": SESSION, "action_id": "x1", "client_seq": 5}
    assert sent.body == {
        **named,
        "v": "1.0",
        "type": "chat.send",
        "timestamp": bench.now,
        "data": {"content": "hi"},
    }
    assert taken(effects) == [Taken("x1", None)]
    assert timer(effects, "outcome") == (TIMINGS.outcome_ms, TIMINGS.outcome_ms)
    bench.outcome("action.ack", "x1", 5, 1, status="applied")
    assert actions(bench.dispatch("x2"))[0].body["client_seq"] == 6


def test_an_expectation_goes_along() -> None:
    bench = Bench("articles").live()
    data: Body = {"article_id": "a-1", "changes": {}}
    told = Dispatched(
        at_ms=0, action_id="x", type="article.update", data=data, expect={"revision": 3}
    )
    [sent] = actions(bench.put(told))
    assert sent.body["expect"] == {"revision": 3}


@pytest.mark.parametrize("status", ["applied", "duplicate"])
def test_an_ack_makes_room(status: str) -> None:
    bench = Bench().live()
    bench.dispatch("x1")
    assert taken(bench.dispatch("x2")) == [Taken("x2", "busy")]
    effects = bench.outcome("action.ack", "x1", 1, 1, status=status)
    assert CancelTimer("outcome") in effects
    assert taken(bench.dispatch("x3")) == [Taken("x3", None)]
    assert refused(bench) == [{"action_id": "x2", "reason": "busy"}]


@pytest.mark.parametrize("code", [4030, 4090, 4092, 4220, 4999])
def test_a_final_nack_is_told_and_takes_the_number(code: int) -> None:
    bench = Bench().live()
    bench.dispatch("x1")
    bench.outcome("action.nack", "x1", 1, 1, **error(code))
    assert refused(bench) == [{"action_id": "x1", "code": code}]
    assert actions(bench.dispatch("x2"))[0].body["client_seq"] == 2


@pytest.mark.parametrize("code", [4091, 4290, 5000, 5030, 5999])
def test_what_may_succeed_later_is_sent_again_as_the_same_bytes(code: int) -> None:
    bench = Bench().live()
    [first] = actions(bench.dispatch("x1"))
    bench.now += 5_000
    for copy in range(3):
        told = error(code, retryable=True, retry_after_ms=300)
        effects = bench.outcome("action.nack", "x1", 1, 1, **told)
        assert actions(effects) == []
        assert timer(effects, "resend") == (300, 300 + TIMINGS.retry_base_ms * 2**copy)
        assert CancelTimer("outcome") in effects
        assert [sent.raw for sent in actions(bench.rings("resend"))] == [first.raw]
    bench.outcome("action.ack", "x1", 1, 1, status="applied")
    assert refused(bench) == []


def test_what_has_no_outcome_is_sent_again_after_a_wait() -> None:
    bench = Bench().live()
    [first] = actions(bench.dispatch("x1"))
    effects = bench.rings("outcome")
    assert actions(effects) == []
    assert timer(effects, "resend") == (0, TIMINGS.retry_base_ms)
    assert [sent.raw for sent in actions(bench.rings("resend"))] == [first.raw]


def test_outcomes_of_others_change_nothing() -> None:
    bench = Bench().live()
    bench.dispatch("x1")
    bench.outcome("action.ack", "y1", 1, 1, status="applied")
    bench.hears("events", bench.added(2, las=1))
    assert taken(bench.dispatch("x2")) == [Taken("x2", "busy")]


def test_an_outcome_that_comes_twice_counts_once() -> None:
    bench = Bench().live()
    bench.dispatch("x1")
    bench.outcome("action.ack", "x1", 1, 1, status="applied")
    bench.dispatch("x2")
    bench.outcome("action.ack", "x1", 1, 1, status="applied")
    assert taken(bench.dispatch("x3")) == [Taken("x3", "busy")]


def test_an_action_without_outcome_is_sent_again_after_the_resume_of_a_new_connection() -> None:
    bench = Bench().live()
    [first] = actions(bench.dispatch("x1"))
    bench.lost()
    assert actions(bench.rings("outcome")) == []
    assert actions(bench.ready()) == []
    told: Body = {"mode": "current", **position(1), "messages": []}
    assert [s.raw for s in actions(bench.answers("session.resumed", **told))] == [first.raw]


def test_a_copy_is_lost_as_well_as_a_first_one() -> None:
    bench = Bench().live()
    [first] = actions(bench.dispatch("x1"))
    bench.rings("outcome")
    bench.rings("resend")
    assert CancelTimer("outcome") in bench.lost()
    bench.ready()
    told: Body = {"mode": "current", **position(1), "messages": []}
    assert [s.raw for s in actions(bench.answers("session.resumed", **told))] == [first.raw]


def test_an_outcome_ends_the_wait_for_the_next_copy() -> None:
    bench = Bench().live()
    bench.dispatch("x1")
    bench.rings("outcome")
    effects = bench.outcome("action.ack", "x1", 1, 1, status="applied")
    assert {e.timer for e in effects if isinstance(e, CancelTimer)} == {"outcome", "resend"}
    assert bench.rings("resend") == bench.rings("outcome") == []


@pytest.mark.parametrize(("las", "following"), [(7, 8), (0, 2), (None, 2)])
def test_the_next_number_is_behind_all_that_are_used(las: int | None, following: int) -> None:
    bench = Bench().live()
    bench.dispatch("x1")
    at = {"position": None} if las is None else position(1, las=las)
    bench.outcome("action.nack", "x1", 1, 1, **error(4092), **at)
    assert actions(bench.dispatch("x2"))[0].body["client_seq"] == following


def test_what_the_server_wants_later_is_not_sent_earlier_by_a_resume() -> None:
    bench = Bench().live()
    [first] = actions(bench.dispatch("x1"))
    bench.outcome("action.nack", "x1", 1, 1, **error(4290, retryable=True, retry_after_ms=9_000))
    bench.lost()
    bench.ready()
    told: Body = {"mode": "current", **position(1), "messages": []}
    assert actions(bench.answers("session.resumed", **told)) == []
    assert [s.raw for s in actions(bench.rings("resend"))] == [first.raw]


def test_what_becomes_due_while_the_session_is_not_live_is_sent_when_it_is() -> None:
    bench = Bench().live()
    [first] = actions(bench.dispatch("x1"))
    bench.rings("outcome")
    bench.hears("events", bench.added(3))
    assert actions(bench.rings("resend")) == []
    replay = [bench.added(2), bench.added(3)]
    told: Body = {"mode": "replay", **position(3), "messages": replay}
    assert [s.raw for s in actions(bench.answers("session.resumed", **told))] == [first.raw]


def test_a_session_that_is_gone_takes_the_action_with_it() -> None:
    bench = Bench().live()
    bench.dispatch("x1")
    bench.rings("ping")
    bench.refuses(4041)
    assert refused(bench) == [{"action_id": "x1", "reason": "given_up"}]
    bench.opens()
    [sent] = actions(bench.dispatch("x2"))
    assert (sent.body["client_seq"], sent.body["session_id"]) == (1, f"{SESSION}-2")


def test_what_never_has_an_outcome_is_given_up_for_a_new_session() -> None:
    bench = Bench().live()
    bench.dispatch("x1")
    copies = 1
    while bench.sessions == 1:
        assert copies < 50
        bench.rings("outcome")
        copies += len(actions(bench.rings("resend")))
    assert 10 < copies < 20
    assert refused(bench) == [{"action_id": "x1", "reason": "given_up"}]
    assert types(bench.effects)[-2:] == ["session.close", "session.open"]


# -- what is refused here


@pytest.mark.parametrize("phase", ["opening", "recovering", "offline", "closed"])
def test_nothing_is_taken_while_the_session_is_not_live(phase: str) -> None:
    bench = Bench()
    if phase != "opening":
        bench.live()
    if phase == "recovering":
        bench.hears("events", bench.added(3))
    elif phase == "offline":
        bench.lost()
    elif phase == "closed":
        bench.stops()
    effects = bench.dispatch("x1")
    assert effects == [Taken("x1", "closed" if phase == "closed" else "not_live")]


HUGE = {"content": "x", "more": [{"n": 2**53}]}


@pytest.mark.parametrize(
    ("type_", "data", "reason"),
    [
        ("url.create", {"target_url": "https://example.org"}, "unknown_type"),
        ("chat.send", {"content": 7}, "invalid"),
        ("chat.send", {"text": "x"}, "invalid"),
        ("chat.send", {"content": "\ud800"}, "invalid"),
        ("chat.send", HUGE, "invalid"),
        ("chat.send", {"content": "x", "more": float("nan")}, "invalid"),
        ("article.update", {"article_id": "", "changes": {}}, "invalid"),
        ("chat.send", {"content": "x" * LIMITS["action"]}, "too_large"),
    ],
)
def test_what_the_server_would_not_take_is_refused_and_not_numbered(
    type_: str, data: dict[str, Any], reason: str
) -> None:
    bench = Bench().live()
    assert bench.dispatch("x1", type_, **data) == [Taken("x1", reason)]
    assert refused(bench) == [{"action_id": "x1", "reason": reason}]
    assert actions(bench.dispatch("x2"))[0].body["client_seq"] == 1


def test_sizes_are_those_of_the_bytes() -> None:
    bench = Bench().live()
    room = LIMITS["action"] - len(actions(bench.dispatch("x1", content="a"))[0].raw)
    bench.outcome("action.ack", "x1", 1, 1, status="applied")
    fits, too_long = "a" + "ü" * (room // 2), "a" + "ü" * (room // 2 + 1)
    assert taken(bench.dispatch("x2", content=too_long)) == [Taken("x2", "too_large")]
    [sent] = actions(bench.dispatch("x3", content=fits))
    assert LIMITS["action"] - 1 <= len(sent.raw) <= LIMITS["action"]
    assert json.loads(sent.raw)["data"]["content"] == fits


def test_the_broker_has_a_limit_too() -> None:
    bench = Bench()
    bench.begin()
    bench.ready(max_payload=300)
    bench.opens()
    assert taken(bench.dispatch("x1", content="x" * 300)) == [Taken("x1", "too_large")]


def test_what_a_later_broker_does_not_take_is_given_up_with_its_session() -> None:
    bench = Bench().live()
    bench.dispatch("x1", content="x" * 400)
    bench.lost()
    bench.ready(max_payload=500)
    effects = resumed(bench, 1)
    assert actions(effects) == []
    assert NewSession() in effects
    assert refused(bench) == [{"action_id": "x1", "reason": "given_up"}]


def test_the_longest_id_of_an_action() -> None:
    bench = Bench().live()
    assert taken(bench.dispatch("é" * 129)) == [Taken("é" * 129, "invalid")]
    assert taken(bench.dispatch("é" * 128)) == [Taken("é" * 128, None)]
