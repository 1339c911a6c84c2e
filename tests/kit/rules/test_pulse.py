"""Heartbeats and their digests."""

from __future__ import annotations

from typing import Any

import pytest
from tests.kit.model.values import article
from tests.kit.rules.builder import ONE_MS, START_NS, TIMERS, Entry, Tape, clean, expect
from tests.kit.rules.story import ANN, story

QUICK = {**TIMERS, "heartbeat_ms": 200}
FIRST = {"pointer": "/client_seq"}


def test_no_heartbeat() -> None:
    tape = Tape()
    player = tape.opened(ANN, "s-00000001", timers=QUICK)
    opened = tape.entries[1]
    tape.wait(700)
    player.ping()
    found = tape.judge()
    observations = expect(found, "CTRL-008", blamed=opened)
    assert observations[0].expected == "a heartbeat at least every 200 ms"


@pytest.mark.parametrize(("gap", "right"), [(200, True), (640, True), (660, False)])
def test_the_gap_between_heartbeats(gap: int, right: bool) -> None:
    tape = Tape()
    player = tape.opened(ANN, "s-00000001", timers=QUICK)
    for _ in range(3):
        tape.wait(gap)
        player.heartbeat()
    player.close()
    found = tape.judge()
    assert ("CTRL-008" not in found.broken) is right, found.told()
    if right:
        clean(found)


@pytest.mark.parametrize(("gap", "right"), [(300, True), (400, False)])
def test_heartbeats_that_are_too_far_apart_as_a_rule(gap: int, right: bool) -> None:
    tape = Tape()
    player = tape.opened(ANN, "s-00000001", timers=QUICK)
    beats: list[Entry] = []
    for _ in range(8):
        tape.wait(gap)
        beats += [player.heartbeat()]
    player.close()
    found = tape.judge()
    if right:
        clean(found)
    else:
        expect(found, "CTRL-008", blamed=beats[-1])


def test_one_long_gap_among_many_is_not_the_rule() -> None:
    tape = Tape()
    player = tape.opened(ANN, "s-00000001", timers=QUICK)
    for gap in (200, 200, 640, 200, 200, 640, 200, 200):
        tape.wait(gap)
        player.heartbeat()
    player.close()
    clean(tape.judge())


def test_what_the_stage_of_form_refuses_keeps_no_session_alive() -> None:
    tape = Tape()
    player = tape.opened(ANN, "s-00000001", timers={**QUICK, "resume_window_ms": 1_000})
    for _ in range(5):
        tape.wait(200)
        player.heartbeat()
        player.refused(player.sends("session.noop", number=0), 4001, details=FIRST)
    tape.wait(20_000)
    tape.opened("bob-0002", "s-00000002")
    clean(tape.judge())


def test_an_expired_session_has_no_heartbeats() -> None:
    tape = Tape()
    tape.opened(ANN, "s-00000001", timers={**QUICK, "resume_window_ms": 1_000})
    player = tape.players[0]
    for _ in range(5):
        tape.wait(200)
        player.heartbeat()
    tape.wait(20_000)
    tape.opened("bob-0002", "s-00000002")
    clean(tape.judge())


def silent() -> tuple[Tape, Any]:
    """A session with one heartbeat and then silence for five seconds."""
    tape = Tape()
    player = tape.opened(ANN, "s-00000001", timers=QUICK)
    tape.wait(100)
    beat = player.heartbeat()
    tape.wait(5_000)
    player.refused(player.asks("session.ping"), 4041)
    return tape, beat


def test_a_server_that_was_stopped_has_no_heartbeats() -> None:
    tape, beat = silent()
    assert tape.judge().broken == {"CTRL-008"}
    stopped = START_NS + (beat.ms + 100) * ONE_MS
    clean(tape.judge(outages=((stopped, stopped + 4_000 * ONE_MS),)))


def test_a_server_that_said_that_it_stops_has_no_heartbeats() -> None:
    tape, beat = silent()
    data = {"code": 5030, "reconnect": True, "after_ms": 0}
    tape.move(tape.players[0].pushed("session.closing", data), behind=beat)
    clean(tape.judge())


def test_a_kit_that_stood_still_saw_no_heartbeats() -> None:
    tape, beat = silent()
    asleep = START_NS + (beat.ms + 100) * ONE_MS
    clean(tape.judge(stalls=((asleep, asleep + 4_600 * ONE_MS),)))
    found = tape.judge(stalls=((asleep, asleep + 1_000 * ONE_MS),))
    assert found.broken == {"CTRL-008"}, found.told()


def test_more_heartbeats_than_needed_are_right() -> None:
    told = story()
    for _ in range(3):
        told.b1.heartbeat()
    clean(told.tape.judge())


# -- digests -----------------------------------------------------------------------------------------------


def digests(**how: Any) -> tuple[Tape, Any]:
    tape = Tape()
    features = ("events", "digests")
    return tape, tape.opened(ANN, "s-00000001", features=features, **how)


def test_the_digest_of_the_state_before_the_events() -> None:
    tape, player = digests()
    first = player.heartbeat()
    player.event("article.created", {"article": article("x")})
    beat = player.heartbeat()
    clean(tape.judge())
    beat.data["digests"] = dict(first.data["digests"])
    expect(tape.judge(), "CTRL-009", blamed=beat, pointer="/data/digests/articles")


@pytest.mark.parametrize("change", ["none", "another kind", "one more"])
def test_the_kinds_of_the_digests(change: str) -> None:
    tape, player = digests()
    beat = player.heartbeat()
    told = beat.data["digests"]
    if change == "none":
        del beat.data["digests"]
    elif change == "another kind":
        beat.data["digests"] = {"user": told["articles"]}
    else:
        told["user"] = told["articles"]
    expect(tape.judge(), "CTRL-009", blamed=beat, pointer="/data/digests")


def test_digests_that_were_not_negotiated() -> None:
    told = story()
    beat = told.tape.find("session.heartbeat", told.b1)[0]
    beat.data["digests"] = {"articles": "0" * 64}
    expect(told.tape.judge(), "CTRL-009", blamed=beat, pointer="/data/digests")


def test_what_an_event_has_beside_the_named_members_need_not_be_in_the_slice() -> None:
    tape, player = digests()
    event = player.event("article.created", {"article": article("x")})
    player.heartbeat()
    event.data["article"]["x-hint"] = "for clients that know it"
    clean(tape.judge())


def test_digests_behind_a_gap_are_not_judged() -> None:
    tape, player = digests()
    event = player.event("article.created", {"article": article("x")})
    player.event("article.created", {"article": article("y")})
    player.heartbeat()
    tape.remove(event)
    found = tape.judge()
    assert found.broken == {"ORDER-002"}, found.told()
