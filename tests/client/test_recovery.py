"""Gaps, lost ends, digests: how the client comes back to its place."""

from __future__ import annotations

from typing import Any

import pytest
from tests.client.bench import TIMINGS, Bench, Body, message, position, sent_by, timer, types

from omnisession_client import stream
from omnisession_client.digests import digest
from omnisession_client.messages import Answered
from omnisession_client.report import report


def gap(bench: Bench) -> list[str]:
    """Lose number 2, and hear 3."""
    return types(bench.hears("events", bench.added(3)))


def resumed(bench: Bench, mode: str, seq: int, *messages: Any, **more: Any) -> list[str]:
    told: Body = {"mode": mode, **position(seq), "messages": list(messages), **more}
    return types(bench.answers("session.resumed", **told))


def test_a_gap_is_closed_by_a_replay_and_what_was_held() -> None:
    bench = Bench().live()
    [sent] = sent_by(bench.hears("events", bench.added(4)))
    assert (sent.type, sent.body["data"]) == ("session.resume", {"epoch": 1, "seq": 1})
    bench.hears("events", bench.added(5))
    assert bench.messages == []
    assert resumed(bench, "replay", 4, *(bench.added(seq) for seq in (2, 3, 4))) == []
    assert (bench.place, bench.messages) == ((1, 5), [2, 3, 4, 5])


def test_the_message_that_showed_the_gap_is_held_as_well() -> None:
    bench = Bench().live()
    gap(bench)
    resumed(bench, "replay", 2, bench.added(2))
    assert (bench.place, bench.messages) == ((1, 3), [2, 3])
    assert bench.state.held == ()


def test_no_more_is_held_than_can_be() -> None:
    bench = Bench().live()
    gap(bench)
    for seq in range(4, stream.MOST_HELD + 10):
        bench.hears("events", bench.added(seq))
    assert len(bench.state.held) == stream.MOST_HELD
    resumed(bench, "replay", 2, bench.added(2))
    assert bench.place == (1, stream.MOST_HELD + 2)
    assert types(bench.hears("events", bench.added(2_000))) == ["session.resume"]


def test_a_snapshot_sets_the_place_be_it_lower() -> None:
    bench = Bench().live()
    for seq in range(2, 8):
        bench.hears("events", bench.added(seq))
    bench.hears("events", bench.added(9))
    resumed(bench, "snapshot", 3)
    assert bench.place == (1, 3), "the one that was held does not connect"
    bench.hears("state", bench.shown(4, messages=[message(1)]))
    assert (bench.place, bench.messages) == ((1, 4), [1])


def test_what_was_held_and_does_not_connect_is_dropped() -> None:
    bench = Bench().live()
    gap(bench)
    bench.hears("events", bench.added(7))
    assert resumed(bench, "replay", 3, bench.added(2), bench.added(3)) == []
    assert (bench.state.phase, bench.place) == ("live", (1, 3))
    assert types(bench.hears("events", bench.added(8))) == ["session.resume"], "no wait"


def test_a_takeover_during_a_recovery_is_one_that_connects() -> None:
    bench = Bench().live()
    gap(bench)
    bench.hears("state", bench.shown(1, epoch=2, messages=[message(5)]))
    assert resumed(bench, "replay", 3, bench.added(2), bench.added(3)) == []
    assert (bench.place, bench.messages) == ((2, 1), [5])


def test_one_recovery_at_a_time() -> None:
    bench = Bench().live()
    assert gap(bench) == ["session.resume"]
    assert types(bench.hears("events", bench.added(5))) == []
    assert types(bench.hears("events", b"{")) == []
    assert types(bench.beats(9)) == []
    assert types(bench.beats(9)) == []


def test_a_recovery_that_nobody_answers_is_asked_again_after_waits_that_grow() -> None:
    bench = Bench().live()
    gap(bench)
    for tries in range(7):
        effects = bench.nobody_answers()
        assert types(effects) == []
        bound = min(TIMINGS.retry_max_ms, TIMINGS.retry_base_ms * 2**tries)
        assert timer(effects, "retry") == (0, bound)
        [sent] = [sent for sent in sent_by(bench.rings("retry")) if sent.number]
        assert (sent.type, sent.body["data"]) == ("session.resume", {"epoch": 1, "seq": 1})
    resumed(bench, "replay", 3, bench.added(2), bench.added(3))
    assert types(bench.hears("events", bench.added(9))) == ["session.resume"], "no wait any more"


@pytest.mark.parametrize(("code", "after"), [(4290, 300), (5000, 0), (5030, 0), (7777, 50)])
def test_a_recovery_that_is_refused_for_now_waits_as_it_is_told(code: int, after: int) -> None:
    bench = Bench().live()
    gap(bench)
    effects = bench.refuses(code, retryable=True, retry_after_ms=after)
    assert timer(effects, "retry") == (after, after + TIMINGS.retry_base_ms)


def test_a_late_answer_changes_nothing() -> None:
    bench = Bench().live()
    gap(bench)
    first = bench.state.asked[-1].number
    bench.nobody_answers(first)
    bench.rings("retry")
    resumed(bench, "replay", 3, bench.added(2), bench.added(3))
    bench.hears("state", bench.shown(4))
    held = report(bench.state)
    told: dict[str, Any] = {"mode": "snapshot", **position(2), "messages": []}
    assert bench.answers("session.resumed", first, **told) == []
    assert report(bench.state) == held


def broken_replays(bench: Bench) -> dict[str, list[Any]]:
    two, three = bench.added(2), bench.added(3)
    return {
        "a body without use": [two, {**three, "data": {}}],
        "no body": [two, "three"],
        "another's body": [two, {**three, "user_id": "bob"}],
        "the end is missing": [two],
        "a hole": [three],
        "a later major": [two, {**three, "v": "2.0"}],
    }


@pytest.mark.parametrize("what", broken_replays(Bench().live()))
def test_a_replay_that_does_not_help_is_followed_by_a_sync(what: str) -> None:
    bench = Bench().live()
    gap(bench)
    messages = broken_replays(bench)[what]
    told: Body = {"mode": "replay", **position(3), "messages": messages}
    effects = bench.answers("session.resumed", **told)
    assert bench.messages == ([2] if what != "a hole" else []), "one by one"
    assert timer(effects, "retry") == (0, TIMINGS.retry_base_ms)
    assert types(bench.rings("retry")) == ["session.sync"]


@pytest.mark.parametrize(
    "answer",
    [
        {"mode": "current", **position(2), "messages": []},
        {"mode": "yesterday", **position(1), "messages": []},
        {"mode": "replay", **position(3), "messages": None},
        {"mode": "snapshot", "position": None, "messages": []},
    ],
)
def test_an_answer_of_no_use_is_followed_by_a_sync(answer: dict[str, Any]) -> None:
    bench = Bench().live()
    gap(bench)
    assert timer(bench.answers("session.resumed", **answer), "retry") is not None
    assert bench.place == (1, 1)
    assert types(bench.rings("retry")) == ["session.sync"]


def test_an_answer_that_cannot_be_read_is_followed_by_a_sync() -> None:
    bench = Bench().live()
    gap(bench)
    number = bench.state.asked[-1].number
    bench.put(Answered(at_ms=0, number=number, data=b'{"v":"1.0","data":'))
    assert types(bench.rings("retry")) == ["session.sync"]


def test_what_cannot_be_used_again_and_again_is_not_asked_for_at_once() -> None:
    bench = Bench().live()
    asked, bad = 0, bench.shown(2, messages=None)
    effects = bench.hears("state", bad)
    for seq in range(2, 40, 2):
        if types(effects):
            asked += 1
        else:
            assert timer(effects, "retry") is not None
            assert types(bench.rings("retry")) == ["session.sync"]
        bench.answers("session.syncing", **position(seq), kinds=["chat"])
        effects = bench.hears("state", bench.shown(seq + 1, messages=None))
    assert asked == 1
    assert timer(effects, "retry") == (0, TIMINGS.retry_max_ms)


# -- the lost end


def test_a_head_that_is_still_not_there_by_the_next_heartbeat_is_lost() -> None:
    bench = Bench().live()
    assert types(bench.beats(3)) == []
    assert types(bench.beats(3)) == ["session.resume"]


def test_the_highest_head_counts() -> None:
    bench = Bench().live()
    bench.rings("ping")
    bench.answers("session.pong", **position(5))
    bench.outcome("action.ack", "another", 1, 3, status="applied")
    bench.hears("events", bench.added(2))
    bench.hears("events", bench.added(3))
    assert types(bench.beats(5)) == ["session.resume"]


@pytest.mark.parametrize("by", ["a resume", "a stop", "a cut"])
def test_what_was_told_before_a_recovery_is_not_waited_for_after_it(by: str) -> None:
    bench = Bench().live()
    bench.beats(3)
    if by == "a resume":
        bench.hears("events", bench.added(5))
    elif by == "a stop":
        told = {"code": 5030, "reconnect": True, "after_ms": 0}
        bench.hears("control", bench.envelope("session.closing") | {"data": told})
        bench.rings("retry")
    else:
        bench.lost()
        bench.ready()
    assert resumed(bench, "current", 1) == []
    assert types(bench.beats(1)) == []


def test_a_head_that_comes_is_not_lost() -> None:
    bench = Bench().live()
    bench.beats(2)
    bench.hears("events", bench.added(2))
    assert types(bench.beats(2)) == []
    assert types(bench.beats(2)) == []


@pytest.mark.parametrize("told_by", ["ack", "nack", "pong"])
def test_others_tell_a_head_too(told_by: str) -> None:
    bench = Bench().live()
    if told_by == "pong":
        bench.rings("ping")
        assert types(bench.answers("session.pong", **position(4))) == []
    else:
        error = {"code": 4030, "name": "X", "message": "x", "retryable": False}
        told = {"error": error} if told_by == "nack" else {"status": "applied"}
        assert types(bench.outcome(f"action.{told_by}", "another", 1, 4, **told)) == []
    assert types(bench.beats(1)) == ["session.resume"]


# -- digests


def test_an_equal_digest_is_met_with_silence() -> None:
    bench = Bench(features=("events", "digests")).live()
    shown = digest(bench.state.slices["chat"])
    assert bench.beats(1, digests={"chat": shown, "url": "0" * 64}) == []


def test_a_digest_counts_at_its_own_place_only() -> None:
    bench = Bench(features=("events", "digests")).live()
    bench.hears("events", bench.added(2))
    for seq in (1, 3):
        assert types(bench.beats(seq, digests={"chat": "0" * 64})) == []


def test_another_digest_is_met_with_one_sync_and_later_ones_with_waits() -> None:
    bench = Bench(features=("events", "digests")).live()
    assert types(bench.beats(1, digests={"chat": "0" * 64})) == ["session.sync"]
    bounds: list[Any] = []
    for seq in range(1, 7, 2):
        bench.answers("session.syncing", **position(seq), kinds=["chat"])
        bench.hears("state", bench.shown(seq + 1))
        effects = bench.beats(seq + 1, digests={"chat": "0" * 64})
        assert types(effects) == []
        bounds.append(timer(effects, "retry"))
        assert types(bench.rings("retry")) == ["session.sync"]
    assert bounds == [(0, 200), (0, 400), (0, 800)]
    bench.answers("session.syncing", **position(20), kinds=["chat"])
    bench.hears("state", bench.shown(21))
    bench.beats(21, digests={"chat": digest(bench.state.slices["chat"])})
    assert types(bench.beats(21, digests={"chat": "0" * 64})) == ["session.sync"]


def test_digests_that_were_not_asked_for_mean_nothing() -> None:
    bench = Bench().live()
    assert bench.beats(1, digests={"chat": "0" * 64}) == []


def test_members_that_nobody_knows_are_in_the_digest() -> None:
    bench = Bench(features=("events", "digests")).live()
    data = bench.shown(2, more={"b": 1, "a": "ü"})["data"]
    bench.hears("state", bench.shown(2, more={"b": 1, "a": "ü"}))
    assert bench.beats(2, digests={"chat": digest(data)}) == []
