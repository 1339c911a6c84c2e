"""What is pending comes along into a new session, unless nobody remembers what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.client.acts import acks, actions, keeping, numbers, pending, refused, taken, view
from tests.client.bench import LIMITS, SESSION, TIMERS, Bench, position

from omnisession_client.effects import Taken
from omnisession_client.messages import Dispatched
from omnisession_client.pending.carrying import MARGIN_MS

if TYPE_CHECKING:
    from omnisession_client.effects import Effect

GONE = 4041
ARTICLE = {"article_id": "a-1", "changes": {"title": "T"}}
TYPES = ["article.create", "article.update", "article.select", "chat.send", "chat.typing"]
WINDOW, OUTCOMES = TIMERS["resume_window_ms"], 20_000
WHOLE = WINDOW + OUTCOMES
LATEST = WHOLE - min(MARGIN_MS, WHOLE // 10)


def update(bench: Bench, action_id: str, expect: dict[str, Any] | None = None) -> list[Effect]:
    told = Dispatched(
        at_ms=0, action_id=action_id, type="article.update", data=ARTICLE, expect=expect
    )
    return bench.put(told)


def opened(bench: Bench, **limits: int) -> list[Effect]:
    return bench.opens(actions=TYPES, limits={**LIMITS, **limits})


def living(**limits: int) -> Bench:
    bench = keeping("articles", "chat")
    bench.begin()
    bench.ready()
    opened(bench, **limits)
    bench.hears("state", bench.shown(1, type="articles"))
    bench.hears("state", bench.shown(2, type="chat"))
    bench.effects.clear()
    return bench


def renewed(bench: Bench, **limits: int) -> list[Effect]:
    """Come back to a server that knows the session no more, and open a new one."""
    bench.lost()
    bench.ready()
    bench.refuses(GONE)
    return opened(bench, **limits)


def test_what_is_pending_comes_along_as_it_was_under_new_numbers() -> None:
    bench = living()
    bench.dispatch("x1")
    bench.dispatch("x2")
    update(bench, "x3", {"revision": 3})
    before = {sent.body["action_id"]: sent.body for sent in actions(bench.effects)}
    acks(bench, "x1", 1, 2)
    bench.now += 60_000
    sent = actions(renewed(bench))
    assert [(one.body["action_id"], one.body["client_seq"]) for one in sent] == [
        ("x2", 1),
        ("x3", 2),
    ]
    for one in sent:
        old = before[one.body["action_id"]]
        anew = {"session_id": f"{SESSION}-2", "client_seq": one.body["client_seq"]}
        assert one.body == old | anew | {"timestamp": bench.now}


def test_what_was_acked_and_is_not_counted_comes_along_too() -> None:
    bench = living()
    bench.dispatch("x1")
    acks(bench, "x1", 1, 9)
    assert numbers(renewed(bench)) == [("x1", 1)]
    acks(bench, "x1", 1, 0, status="duplicate", result={"message_id": "m-1"})
    assert pending(bench) == []


def test_what_is_dispatched_between_two_sessions_comes_last() -> None:
    bench = living()
    bench.dispatch("x1")
    bench.rings("ping")
    bench.refuses(GONE)
    assert taken(bench.dispatch("x2")) == [Taken("x2", None)]
    assert pending(bench) == [("x1", None), ("x2", None)]
    assert [one["id"] for one in view(bench)["chat"]["messages"]] == ["local:x2", "local:x1"]
    assert numbers(opened(bench)) == [("x1", 1), ("x2", 2)]


def test_a_session_that_is_over_for_good_keeps_what_is_not_known() -> None:
    bench = living()
    bench.dispatch("x1")
    closing = {"reason": "revoked", "reconnect": False, "after_ms": None}
    bench.hears("control", bench.envelope("session.closing") | {"data": closing})
    assert (pending(bench), refused(bench)) == ([("x1", 1)], [])
    assert taken(bench.dispatch("x2")) == [Taken("x2", "closed")]


# -- away for long


@pytest.mark.parametrize(("away_ms", "kept"), [(LATEST - 1, True), (LATEST, False)])
def test_what_the_server_may_have_forgotten_is_not_sent_again(away_ms: int, *, kept: bool) -> None:
    bench = living(outcomes_ms=OUTCOMES)
    bench.dispatch("x1")
    bench.now += away_ms
    effects = renewed(bench, outcomes_ms=OUTCOMES)
    assert numbers(effects) == ([("x1", 1)] if kept else [])
    assert refused(bench) == ([] if kept else [{"action_id": "x1", "reason": "given_up"}])
    assert len(view(bench)["chat"]["messages"]) == kept
    assert numbers(bench.dispatch("x2")) == [("x2", 1 + kept)]


@pytest.mark.parametrize("by", ["pong", "ack", "resume"])
def test_the_time_is_that_of_the_last_message_that_was_answered(by: str) -> None:
    bench = living(outcomes_ms=OUTCOMES)
    bench.dispatch("x1")
    bench.now += 10_000
    if by == "pong":
        bench.rings("ping")
    elif by == "ack":
        bench.dispatch("x2")
    else:
        bench.lost()
        bench.ready()
    bench.now += 1_000
    if by == "pong":
        bench.answers("session.pong", **position(2))
    elif by == "ack":
        acks(bench, "x2", 2, 9)
    else:
        bench.answers("session.resumed", mode="current", messages=[], **position(2))
    bench.now += LATEST - 1_001
    assert ("x1", 1) in numbers(renewed(bench))


def test_answers_that_it_is_gone_and_pings_without_answer_tell_of_no_session() -> None:
    bench = living(outcomes_ms=OUTCOMES)
    bench.dispatch("x1")
    bench.now += LATEST - 1
    bench.rings("ping")
    bench.nobody_answers()
    bench.now += 1
    bench.rings("ping")
    bench.refuses(GONE)
    assert numbers(opened(bench, outcomes_ms=OUTCOMES)) == []


def test_without_such_a_time_nothing_is_ever_forgotten() -> None:
    bench = living()
    bench.dispatch("x1")
    bench.now += 10**9
    assert numbers(renewed(bench)) == [("x1", 1)]


def test_what_does_no_harm_and_what_was_never_sent_comes_along() -> None:
    bench = living(outcomes_ms=OUTCOMES)
    bench.dispatch("x1", "article.select", article_id="a-1")
    bench.dispatch("x2", "chat.typing", active=True)
    bench.dispatch("x3")
    update(bench, "x4")
    update(bench, "x5", {"revision": 3})
    bench.dispatch("x6", "article.create", title="T")
    bench.lost()
    bench.dispatch("x7")
    bench.now += WHOLE
    bench.ready()
    bench.refuses(GONE)
    came = [name for name, _ in numbers(opened(bench, outcomes_ms=OUTCOMES))]
    assert came == ["x1", "x2", "x5", "x7"]
    assert [one["action_id"] for one in refused(bench)] == ["x3", "x4", "x6"]


def test_the_wall_clock_says_nothing() -> None:
    bench = living()
    bench.steady = 7
    renewed(bench, outcomes_ms=OUTCOMES)
    bench.dispatch("x1")
    bench.now += 10**9
    assert numbers(renewed(bench, outcomes_ms=OUTCOMES)) == [("x1", 1)]
    bench.now, bench.steady = 0, 7 + LATEST
    assert numbers(renewed(bench)) == []
