"""From nothing to a session that is live."""

from __future__ import annotations

import pytest
from tests.client.bench import (
    ACTIONS,
    SESSION,
    TIMINGS,
    USER,
    Bench,
    Body,
    message,
    sent_by,
    timer,
    types,
)

from omnisession_client.effects import NewSession, Subscribe
from omnisession_client.report import report
from omnisession_reference.wire import tok


def test_the_subscription_comes_before_the_open() -> None:
    bench = Bench(token="t", features=("events", "digests"))
    bench.begin()
    assert [e for e in bench.effects if isinstance(e, Subscribe)] == [
        Subscribe(f"session.{tok(USER)}.{SESSION}.*")
    ]
    assert types(bench.effects) == []
    [sent] = sent_by(bench.ready())
    assert sent.subject == f"session.{tok(USER)}.{SESSION}.control"
    assert sent.body["data"] | {"client": None} == {
        "protocol": ["1.0"],
        "kinds": ["chat"],
        "features": ["events", "digests"],
        "auth": {"scheme": "bearer", "token": "t"},
        "client": None,
    }


def test_what_comes_before_the_answer_waits_for_it() -> None:
    bench = Bench()
    bench.begin()
    bench.ready()
    bench.hears("state", bench.shown(1, messages=[]))
    bench.hears("events", bench.added(2))
    assert bench.place is None
    assert bench.messages == []
    bench.opens()
    assert (bench.place, bench.messages) == ((1, 2), [2])


def test_slices_are_empty_before_the_first_state() -> None:
    bench = Bench("articles", "user")
    told = report(bench.state)
    assert told["position"] is None
    assert told["slices"] == {
        "articles": {
            "type": "articles",
            "articles": [],
            "current_article": None,
            "revisions": [],
            "editors": [],
        },
        "user": {"type": "user", "user": None, "permissions": [], "sessions": []},
    }


def test_kinds_that_are_not_served_have_no_slice() -> None:
    bench = Bench("chat", "url")
    bench.begin()
    bench.ready()
    bench.opens(kinds=["url"])
    assert list(report(bench.state)["slices"]) == ["url"]


def test_an_open_that_nobody_answers_is_asked_again_after_a_wait() -> None:
    bench = Bench()
    bench.begin()
    bench.ready()
    for tries in range(8):
        effects = bench.nobody_answers()
        assert types(effects) == []
        bound = min(TIMINGS.retry_max_ms, TIMINGS.retry_base_ms * 2**tries)
        assert timer(effects, "retry") == (0, bound)
        assert types(bench.rings("retry")) == ["session.open"]
    bench.opens()
    assert bench.state.phase == "live"
    assert bench.state.session_id == SESSION


def test_a_late_answer_to_an_open_that_was_given_up_changes_nothing() -> None:
    bench = Bench()
    bench.begin()
    bench.ready()
    first = bench.state.asked[-1].number
    bench.nobody_answers()
    bench.rings("retry")
    opened = {"position": {"epoch": 7, "seq": 7, "last_action_seq": 7}, "kinds": ["chat"]}
    bench.answers("session.opened", first, **opened)
    assert (bench.state.phase, bench.place) == ("opening", None)
    bench.opens()
    assert bench.place == (1, 0)


@pytest.mark.parametrize("is_cut", [True, False])
def test_what_came_before_an_open_is_asked_again_is_not_of_the_session_that_it_opens(
    is_cut: bool,
) -> None:
    bench = Bench()
    bench.begin()
    bench.ready()
    bench.hears("state", bench.shown(1, messages=[message(9)]))
    bench.hears("events", bench.added(2))
    if is_cut:
        bench.lost()
        bench.ready()
    else:
        bench.nobody_answers()
        bench.rings("retry")
    bench.opens()
    assert (bench.place, bench.messages) == ((1, 0), [])
    bench.hears("state", bench.shown(1, messages=[message(7)]))
    assert (bench.place, bench.messages) == ((1, 1), [7])


@pytest.mark.parametrize("code", [4003, 4010, 4011, 4031, 4220, 4291, 4999])
def test_a_final_refusal_is_the_end(code: int) -> None:
    bench = Bench()
    bench.begin()
    bench.ready()
    bench.refuses(code)
    assert bench.state.phase == "closed"
    for timer_ in ("retry", "ping"):
        assert bench.rings(timer_) == []
    assert bench.lost() == bench.ready() == []


@pytest.mark.parametrize("code", [4290, 5000, 5030, 5999])
def test_a_refusal_for_now_is_waited_out(code: int) -> None:
    bench = Bench()
    bench.begin()
    bench.ready()
    effects = bench.refuses(code, retryable=True, retry_after_ms=700)
    assert timer(effects, "retry") == (700, 700 + TIMINGS.retry_base_ms)
    assert types(bench.rings("retry")) == ["session.open"]


def test_a_session_that_is_over_is_opened_under_another_id() -> None:
    bench = Bench()
    bench.begin()
    bench.ready()
    assert types(bench.refuses(4101)) == ["session.open"]
    assert bench.state.session_id == f"{SESSION}-2"
    assert bench.state.asked[-1].type == "session.open"
    # The second time at once would be a loop.
    effects = bench.refuses(4101)
    assert NewSession() not in effects
    assert timer(effects, "retry") == (0, TIMINGS.retry_base_ms)
    bench.rings("retry")
    assert bench.state.session_id == f"{SESSION}-3"


@pytest.mark.parametrize(
    "opened",
    [
        {"kinds": []},
        {"kinds": None},
        {"position": None},
        {"position": {"epoch": 0, "seq": 0}},
        {"position": {"epoch": True, "seq": 0}},
    ],
)
def test_an_answer_without_what_is_needed_is_none(opened: Body) -> None:
    bench = Bench()
    bench.begin()
    bench.ready()
    effects = bench.opens(**opened)
    assert bench.state.phase == "opening"
    assert timer(effects, "retry") is not None
    assert types(bench.rings("retry")) == ["session.open"]


def test_what_is_not_needed_may_be_anything() -> None:
    bench = Bench()
    bench.begin()
    bench.ready()
    bench.opens(limits="many", timers={"heartbeat_ms": -1}, profiles=7, expires_at="never")
    bench.hears("state", bench.shown(1))
    bench.hears("events", bench.added(2))
    assert bench.messages == [2]


def test_pings_go_by_what_was_granted() -> None:
    bench = Bench()
    bench.begin()
    assert timer(bench.ready(), "ping") == (9_000, 12_000)
    assert timer(bench.opens(), "ping") == (600, 800)
    effects = bench.rings("ping")
    assert [sent.type for sent in sent_by(effects)] == ["session.ping"]
    assert timer(effects, "ping") == (600, 800)


def test_a_ping_that_nobody_answers_is_asked_again_sooner() -> None:
    bench = Bench().live()
    bench.rings("ping")
    assert timer(bench.nobody_answers(), "ping") == (0, 200)
    bench.rings("ping")
    assert timer(bench.nobody_answers(), "ping") == (0, 400)
    bench.rings("ping")
    bench.answers("session.pong", position={"epoch": 1, "seq": 1, "last_action_seq": 0})
    bench.rings("ping")
    assert timer(bench.nobody_answers(), "ping") == (0, 200)


def test_actions_are_those_that_the_server_lists() -> None:
    bench = Bench().live()
    assert bench.state.opened is not None
    assert list(bench.state.opened.actions) == ACTIONS
