"""Connections that end, servers that stop, sessions that are gone."""

from __future__ import annotations

import pytest
from tests.client.bench import (
    SESSION,
    TIMINGS,
    USER,
    Bench,
    Body,
    message,
    position,
    sent_by,
    timer,
    types,
)

from omnisession_client.effects import CancelTimer, Disconnect, SetTimer, Subscribe
from omnisession_client.report import report
from omnisession_reference.wire import tok

GONE: Body = {"code": 4041, "name": "X", "message": "x", "retryable": False}


def test_a_lost_connection_is_followed_by_a_resume() -> None:
    bench = Bench().live()
    bench.hears("events", bench.added(2))
    effects = bench.lost()
    assert bench.state.phase == "offline"
    assert {e.timer for e in effects if isinstance(e, CancelTimer)} >= {"ping", "retry"}
    assert bench.rings("ping") == bench.rings("retry") == []
    [sent] = sent_by(bench.ready())
    assert (sent.type, sent.body["data"]) == ("session.resume", {"epoch": 1, "seq": 2})
    bench.hears("events", bench.added(4))
    told: Body = {"mode": "replay", **position(3), "messages": [bench.added(3)]}
    bench.answers("session.resumed", **told)
    assert (bench.state.phase, bench.messages) == ("live", [2, 3, 4])


def test_a_connection_that_is_lost_before_the_answer_is_followed_by_an_open() -> None:
    bench = Bench()
    bench.begin()
    bench.ready()
    bench.lost()
    assert types(bench.ready()) == ["session.open"]
    assert bench.state.session_id == SESSION


def test_an_answer_of_the_connection_before_changes_nothing() -> None:
    bench = Bench().live()
    bench.hears("events", bench.added(3))
    first = bench.state.asked[-1].number
    bench.lost()
    bench.ready()
    told: Body = {"mode": "snapshot", **position(0), "messages": []}
    assert bench.answers("session.resumed", first, **told) == []
    assert bench.state.phase == "recovering"


def test_ready_twice_asks_once() -> None:
    bench = Bench().live()
    bench.lost()
    assert types(bench.ready()) == ["session.resume"]
    assert bench.ready() == []
    bench.answers("session.resumed", mode="current", **position(1), messages=[])
    assert bench.ready() == []


@pytest.mark.parametrize("code", [4041, 4101])
@pytest.mark.parametrize("asked", ["session.resume", "session.sync", "session.ping"])
def test_a_session_that_is_gone_is_followed_by_a_new_one(code: int, asked: str) -> None:
    bench = Bench().live()
    bench.hears("events", bench.added(2))
    if asked == "session.resume":
        bench.hears("events", bench.added(4))
    elif asked == "session.sync":
        bench.hears("events", b"{")
    else:
        bench.rings("ping")
    assert bench.state.asked[-1].type == asked
    bench.refuses(code)
    assert bench.state.session_id == f"{SESSION}-2"
    assert Subscribe(f"session.{tok(USER)}.{SESSION}-2.*") in bench.effects
    assert types(bench.effects)[-1] == "session.open"
    assert bench.messages == [2], "what was shown stays until there is something new"
    assert report(bench.state)["position"] is None
    bench.opens()
    bench.hears("state", bench.shown(1, messages=[message(7)]))
    assert (bench.place, bench.messages) == ((1, 1), [7])


def test_messages_of_the_session_before_are_dropped() -> None:
    bench = Bench().live()
    old = bench.added(2)
    bench.rings("ping")
    bench.refuses(4041)
    bench.opens()
    assert bench.hears("events", old) == []
    assert bench.place == (1, 0)


def test_a_final_refusal_of_a_sync_is_followed_by_a_new_session_after_a_wait() -> None:
    bench = Bench().live()
    bench.hears("events", bench.added(3))
    bench.refuses(4001)
    assert types(bench.rings("retry")) == ["session.sync"]
    effects = bench.refuses(4220)
    assert timer(effects, "retry") == (0, TIMINGS.retry_base_ms)
    bench.rings("retry")
    assert bench.state.session_id == f"{SESSION}-2"


def test_the_first_refusal_of_a_sync_is_no_reason_to_hurry() -> None:
    bench = Bench().live()
    bench.hears("events", b"{")
    assert timer(bench.refuses(4220), "retry") == (0, TIMINGS.retry_base_ms)


def closing(bench: Bench, *, reconnect: bool) -> list[object]:
    told = {"code": 5030, "reconnect": reconnect, "after_ms": 500}
    return [*bench.hears("control", bench.envelope("session.closing") | {"data": told})]


@pytest.mark.parametrize("phase", ["opening", "live", "recovering"])
def test_closing_for_good_is_silence(phase: str) -> None:
    bench = Bench()
    if phase == "opening":
        bench.begin()
        bench.ready()
    else:
        bench.live()
    if phase == "recovering":
        bench.hears("events", bench.added(3))
    effects = closing(bench, reconnect=False)
    assert {e.timer for e in effects if isinstance(e, CancelTimer)} == {
        "ping",
        "retry",
        "outcome",
        "resend",
    }
    assert bench.state.phase == "closed"
    later = [bench.rings(t) for t in ("ping", "retry", "outcome", "resend")]
    later += [bench.lost(), bench.ready(), bench.hears("events", bench.added(2)), bench.beats(9)]
    assert [effect for some in later for effect in some] == []
    assert bench.stops() == [
        *(CancelTimer(t) for t in ("ping", "retry", "outcome", "resend")),
        Disconnect(),
    ]


def test_an_answer_from_before_the_end_is_no_new_beginning() -> None:
    bench = Bench().live()
    bench.rings("ping")
    ping = bench.state.asked[-1].number
    bench.hears("events", bench.added(3))
    closing(bench, reconnect=False)
    assert bench.answers("error", ping, error=GONE) == []
    assert (bench.state.phase, bench.sessions) == ("closed", 1)


def test_a_session_that_is_gone_is_gone_once() -> None:
    bench = Bench().live()
    bench.rings("ping")
    ping = bench.state.asked[-1].number
    bench.hears("events", b"{")
    effects = bench.refuses(4220)
    assert timer(effects, "retry") == (0, TIMINGS.retry_base_ms)
    assert (bench.state.phase, bench.state.held) == ("opening", ())
    assert bench.answers("error", ping, error=GONE) == []
    bench.rings("retry")
    assert bench.sessions == 2


@pytest.mark.parametrize("busy", [False, True])
def test_closing_for_now_is_followed_by_a_resume_after_the_time_told(busy: bool) -> None:
    bench = Bench().live()
    if busy:
        bench.hears("events", bench.added(3))
    first = bench.state.asked[-1].number if busy else None
    effects = closing(bench, reconnect=True)
    assert [e for e in effects if isinstance(e, SetTimer)] == [SetTimer("retry", 500, 700)]
    assert CancelTimer("ping") in effects
    if first is not None:
        assert bench.nobody_answers(first) == [], "that one was given up"
    assert types(bench.hears("events", bench.added(4))) == []
    assert types(bench.rings("retry")) == ["session.resume"]


def test_closing_for_now_while_it_opens_is_followed_by_an_open() -> None:
    bench = Bench()
    bench.begin()
    bench.ready()
    closing(bench, reconnect=True)
    assert bench.state.phase == "opening"
    assert types(bench.rings("retry")) == ["session.open"]


def test_an_answer_from_before_the_stop_changes_nothing() -> None:
    bench = Bench().live()
    bench.rings("ping")
    ping = bench.state.asked[-1].number
    closing(bench, reconnect=True)
    assert bench.answers("error", ping, error=GONE) == []
    assert bench.state.session_id == SESSION


def test_a_new_connection_does_not_make_the_time_shorter() -> None:
    bench = Bench().live()
    closing(bench, reconnect=True)
    bench.lost()
    bench.now += 200
    effects = bench.ready()
    assert types(effects) == []
    assert timer(effects, "retry") == (300, 500)
    bench.now += 300
    assert types(bench.rings("retry")) == ["session.resume"]
    bench.lost()
    assert types(bench.ready()) == ["session.resume"], "the time is over"


def test_whoever_leaves_says_so_and_then_ends_the_connection() -> None:
    bench = Bench().live()
    effects = bench.stops()
    assert types(effects) == ["session.close"]
    assert Disconnect() not in effects
    assert bench.answers("session.closed") == [Disconnect()]


@pytest.mark.parametrize("when", ["before", "waiting", "offline"])
def test_whoever_leaves_without_a_session_just_goes(when: str) -> None:
    bench = Bench()
    if when != "before":
        bench.begin()
        bench.ready()
    if when == "waiting":
        bench.nobody_answers()
    elif when == "offline":
        bench.opens()
        bench.lost()
    effects = bench.stops()
    assert (effects[-1], types(effects)) == (Disconnect(), [])


def test_whoever_leaves_before_the_answer_says_so_and_waits_for_nobody() -> None:
    bench = Bench()
    bench.begin()
    bench.ready()
    effects = bench.stops()
    assert (effects[-1], types(effects)) == (Disconnect(), ["session.close"])


def test_no_token_is_shown_by_what_is_printed() -> None:
    bench = Bench(token="eyJhbGciOi.example.token")
    assert "example" not in repr(bench.state)


def test_nobody_waits_for_an_answer_to_the_close() -> None:
    bench = Bench().live()
    bench.stops()
    assert bench.nobody_answers() == [Disconnect()]
