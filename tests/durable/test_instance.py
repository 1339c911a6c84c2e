"""An instance, step by step: when it hears and speaks, and what it does when entries do not come back."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.durable.bench import LIMITS
from tests.durable.fleet import Fleet, is_beat

from omnisession_durable.digests import short
from omnisession_durable.entries import (
    NOBODY,
    Act,
    Beat,
    Conf,
    Decided,
    Entry,
    Nil,
    Open,
    Outcome,
    Own,
    Place,
    encode,
)
from omnisession_durable.fold import NOTHING, Stored
from omnisession_durable.instance import Settings
from omnisession_durable.reader import Exit


def begun(names: str = "i1") -> Fleet:
    fleet = Fleet(names)
    fleet.begin()
    return fleet


def test_whoever_claims_first_hears_when_its_claim_is_folded_and_speaks_after_that() -> None:
    fleet = Fleet("i1 i2")
    while not any(one.is_subscribed for one in fleet.machines):
        fleet.clock.move(1)
    owner = next(one for one in fleet.machines if one.is_subscribed)
    assert owner.instance.fold.owner == owner.instance.name
    owner.ask("open")
    fleet.clock.move(90)
    assert owner.said == []
    fleet.clock.move(100)
    assert owner.heard() == ["answer opened", "state open", "state open"]
    assert fleet.standby().is_subscribed is False
    assert fleet.standby().said == []


def test_nothing_is_said_before_the_entry_has_come_back_and_then_effects_come_first() -> None:
    fleet = begun()
    fleet.first.try_(1)
    assert fleet.first.said == []
    fleet.clock.move(1)
    assert fleet.first.heard() == ["event", "applied a1 at 3"]
    fleet.first.try_(1)
    assert fleet.first.heard() == ["duplicate a1 at 3"]
    assert fleet.decided() == ["open 1", "act 2"]


def test_an_entry_that_was_lost_is_appended_again_and_counts_once() -> None:
    fleet = begun()
    fleet.lose = lambda data: not is_beat(data)
    fleet.first.try_(1)
    fleet.lose = lambda _: False
    fleet.first.ask("ping")
    assert fleet.first.heard() == []
    fleet.clock.move(360)
    assert fleet.first.heard() == ["event", "applied a1 at 3", "answer pong"]
    fleet.store(fleet.lost[0])
    fleet.clock.move(5)
    assert fleet.first.heard() == []
    assert fleet.first.instance.fold.people.as_json()["live"][0][3] == 1


def test_behind_a_hole_all_is_appended_again_once_it_is_filled() -> None:
    fleet = begun()
    fleet.lose = lambda data: b'"n":2' in data
    fleet.first.try_(1)
    fleet.first.ask("open", ("bob", "s2"), ("chat",))
    fleet.lose = lambda _: False
    fleet.clock.move(360)
    assert fleet.decided() == ["open 1", "open 3", "act 2", "open 3"]
    assert "answer opened" in fleet.first.heard()


def test_what_is_just_late_is_not_appended_again_with_all_behind_it() -> None:
    fleet = begun()
    held: list[bytes] = []

    def holds(data: bytes) -> bool:
        held.extend([] if is_beat(data) else [data])
        return not is_beat(data)

    fleet.lose = holds
    fleet.first.try_(1)
    for user in ("bob", "cay", "dan"):
        fleet.first.ask("open", (user, "s"), ("chat",))
    fleet.clock.move(360)
    fleet.lose = lambda _: False
    for data in held:
        fleet.store(data)
    fleet.clock.move(5)
    assert fleet.decided() == ["open 1", "act 2", "open 3", "open 4", "open 5", "act 2"]


def test_an_entry_that_somebody_else_made_is_not_taken_for_its_own() -> None:
    fleet = begun()
    place = Place(fleet.first.instance.fold.term, 2)
    fleet.first.try_(1)
    refused = Outcome(error={"code": 4092})
    fleet.store(encode(Decided(place, Act("ann", "s1", "x", 0, "y", "f", refused))))
    assert fleet.first.heard() == ["refused 5040 a1 at 2"]
    assert fleet.first.instance.term is None
    fleet.clock.move(2_000)
    assert fleet.first.heard() == ["state takeover", "state takeover"]
    fleet.first.try_(1)
    fleet.clock.move(5)
    assert fleet.first.heard() == ["event", "applied a1 at 3"]


def test_what_somebody_else_has_decided_in_its_name_ends_a_term_also_where_nothing_waits() -> None:
    fleet = begun()
    place = Place(fleet.first.instance.fold.term, 2)
    fleet.store(encode(Decided(place, Nil())))
    assert fleet.first.instance.speaks
    refused = Outcome(error={"code": 4092})
    act = Act("ann", "s1", "x", 1, "y", "f", refused)
    fleet.store(encode(Decided(replace(place, n=3), act)))
    assert fleet.first.instance.term is None
    fleet.clock.move(2_000)
    fleet.first.heard()
    fleet.first.try_(2)
    fleet.clock.move(5)
    assert fleet.first.heard() == ["event", "applied a2 at 3"]


def test_a_session_that_has_ended_is_over_for_pings_as_well() -> None:
    fleet = begun()
    fleet.first.ask("ping", ("ann", "s9"))
    fleet.first.ask("close")
    fleet.clock.move(1)
    fleet.first.ask("ping")
    fleet.first.try_(1)
    assert fleet.first.heard() == [
        "answer error 4041",
        "answer closed",
        "answer error 4101",
        "answer error 4101",
    ]


def test_names_are_made_and_new() -> None:
    assert Settings().name != Settings().name


def test_without_beats_an_owner_falls_silent() -> None:
    fleet = begun()
    fleet.lose = lambda _: True
    fleet.first.try_(1)
    fleet.clock.move(620)
    # Neither of the two claims anything.
    assert fleet.first.heard() == ["refused 5040 a1 at 2"]
    assert fleet.first.is_subscribed is False
    fleet.first.ask("ping")
    assert fleet.first.heard() == ["answer error 5030"]


def test_what_was_frozen_says_nothing_by_what_it_knew() -> None:
    fleet = begun("i1 i2")
    owner = fleet.owner()
    owner.clock.end()
    fleet.machines.remove(owner)
    fleet.clock.move(2_000)
    assert fleet.owner() is not owner
    owner.heard()
    owner.clock = type(owner.clock)(fleet.clock)
    owner.ask("ping")
    assert owner.heard() == ["answer error 5030"]
    assert owner.is_subscribed is False


def test_who_takes_over_begins_a_new_epoch_with_all_that_was_acked() -> None:
    fleet = begun("i1 i2")
    old = fleet.owner()
    old.try_(1)
    fleet.clock.move(5)
    old.clock.end()
    fleet.machines.remove(old)
    before = fleet.clock.passed_ms
    while not fleet.first.instance.speaks:
        fleet.clock.move(10)
        assert fleet.clock.passed_ms - before < 1_500
    assert fleet.first.heard() == ["state takeover", "state takeover"]
    fleet.first.try_(1)
    assert fleet.first.heard() == ["duplicate a1 at 2"]


def test_who_is_deposed_hears_no_more_and_drops_what_it_still_gets() -> None:
    fleet = begun("i1 i2")
    old, new = fleet.owner(), fleet.standby()
    name, term = new.instance.name, new.instance.fold.term
    fleet.store(encode(Own(name, name, term)))
    assert (old.is_subscribed, new.is_subscribed) == (False, True)
    old.try_(1)
    fleet.clock.move(500)
    assert old.heard() == ["answer error 5030"]
    assert fleet.owner() is new


def test_a_late_beat_of_its_own_does_not_make_an_owner_silent() -> None:
    fleet = begun("i1 i2")
    owner, standby = fleet.owner(), fleet.standby()
    at = standby.instance.reader.seq
    digest = short(standby.instance.fold.digest)
    fleet.store(encode(Beat(owner.instance.name, 9, at, speaks=True, digest=digest)))
    late = int(standby.clock.elapsed_ms()) - 1_400
    fleet.store(encode(Beat(standby.instance.name, late, at, speaks=False, digest=digest)))
    fleet.lose = lambda data: owner.instance.name.encode() in data
    fleet.clock.move(500)
    assert not standby.instance.candidacy.is_owner_gone()
    fleet.clock.move(1_000)
    assert standby.instance.fold.owner == standby.instance.name


def test_a_lost_connection_is_the_end_of_a_term() -> None:
    fleet = begun()
    fleet.first.instance.disconnected()
    assert fleet.first.instance.speaks is False
    fleet.clock.move(800)
    assert fleet.first.heard() == ["state takeover", "state takeover"]


def test_a_planned_stop_hears_no_more_answers_what_is_under_way_and_hands_over() -> None:
    fleet = begun("i1 i2")
    old, new = fleet.owner(), fleet.standby()
    old.try_(1)
    old.instance.leave()
    fleet.clock.move(60)
    assert old.heard() == ["event", "applied a1 at 3"]
    fleet.clock.move(60)
    assert old.ended == (Exit.PLANNED, "it has left as planned")
    assert new.instance.fold.owner == new.instance.name
    fleet.clock.move(160)
    assert new.instance.speaks


def test_the_last_one_leaves_the_journal_to_nobody_and_the_next_need_not_wait() -> None:
    fleet = begun()
    fleet.first.instance.leave()
    fleet.clock.move(120)
    assert fleet.first.instance.fold.owner == NOBODY


@pytest.mark.parametrize(
    ("entry", "code", "why"),
    [
        (b'{"j":3}', Exit.CONFIGURED, "entries of format 3"),
        (encode(Conf(2, 2, LIMITS)), Exit.CONFIGURED, "rules of version 2"),
        (encode(Conf(2, 1, replace(LIMITS, sessions=9))), Exit.CONFIGURED, "other limits"),
    ],
)
def test_an_instance_stops_rather_than_to_guess(entry: bytes, code: int, why: str) -> None:
    fleet = begun()
    over = fleet.first.instance.fold.conf_seq
    fleet.store(entry.replace(b'"over":2', f'"over":{over}'.encode()))
    assert fleet.first.ended is not None
    assert fleet.first.ended[0] == code
    assert why in fleet.first.ended[1]
    assert fleet.first.is_subscribed is False


@pytest.mark.parametrize(
    "entry",
    [Conf(7, 1, LIMITS), Own("i2", "i2", 0), Decided(Place(7, 1), Nil())],
    ids=lambda one: type(one).__name__,
)
def test_a_journal_without_its_begin_is_not_taken_for_a_new_one(entry: Entry) -> None:
    fleet = Fleet()
    fleet.store(encode(entry))
    assert fleet.first.ended is not None
    assert fleet.first.ended[0] == Exit.CONFIGURED
    assert "not the begin that it rests on" in fleet.first.ended[1]


@pytest.mark.parametrize("entry", [b"junk", b'{"j":1,"t":"own"}'])
def test_bad_entries_before_the_begin_are_passed_over(entry: bytes) -> None:
    fleet = Fleet()
    fleet.store(entry)
    fleet.begin()
    assert fleet.first.instance.speaks


def test_kinds_that_nobody_can_show_are_refused_and_count_for_nothing() -> None:
    fleet = begun()
    instance = fleet.first.instance
    fleet.first.ask("open", ("bob", "s9"), ("weather",))
    assert fleet.first.heard() == ["answer error 4220"]
    place = Place(instance.fold.term, instance.fold.n + 1)
    fleet.store(encode(Decided(place, Open("bob", "s9", {"kinds": ["chat", "weather"]}))))
    assert instance.fold.people.head(("bob", "s9")) is None
    assert fleet.first.ended is None


def test_an_error_of_the_program_ends_it_rather_than_to_leave_it_silent() -> None:
    fleet = begun()
    fleet.first.fail = True
    fleet.first.ask("ping")
    assert fleet.first.ended is not None
    assert fleet.first.ended[0] == Exit.FAILED
    assert "RuntimeError('no way out') in publish" in fleet.first.ended[1]
    assert fleet.first.is_subscribed is False


def test_who_hears_of_another_fold_stops() -> None:
    fleet = begun()
    instance = fleet.first.instance
    at = instance.reader.seq
    same = short(instance.fold.digest)
    for beat in (
        Beat("i2", 1, at, speaks=False, digest=same),
        Beat("i2", 1, 0, speaks=False, digest=short(NOTHING)),
        Beat("i2", 1, at, speaks=False, digest=short(NOTHING)),
    ):
        fleet.store(encode(beat))
        assert fleet.first.ended is None
    fleet.store(encode(Beat("i2", 1, at, speaks=False, digest="1" * 16)))
    assert fleet.first.ended == (
        Exit.AGAIN,
        f"i2 has folded another journal than this instance up to {at}",
    )


def test_what_others_had_folded_before_it_began_stops_nobody() -> None:
    fleet = Fleet()
    fleet.store(encode(Beat("i0", 1, 1, speaks=True, digest="1" * 16)))
    fleet.begin()
    assert fleet.first.instance.speaks


def test_after_a_new_connection_the_last_entry_that_is_kept_has_to_come_again() -> None:
    fleet = begun()
    kept = [one for one in fleet.entries if not is_beat(one.data)][-1]
    fleet.clock.move(300)
    assert fleet.first.instance.resume() == kept.seq < len(fleet.entries)
    for stored in fleet.entries[kept.seq - 1 :]:
        fleet.first.instance.stored(stored)
    assert fleet.first.ended is None
    fleet.first.instance.resume()
    fleet.store(b"another")
    assert fleet.first.ended == (Exit.AGAIN, f"the journal has no entry {kept.seq} any more")


def test_another_entry_where_one_was_folded_stops_an_instance() -> None:
    fleet = begun()
    last = fleet.entries[-1]
    fleet.first.instance.stored(last)
    assert fleet.first.ended is None
    fleet.first.instance.stored(Stored(last.seq, last.at_ms, b"another"))
    assert fleet.first.ended is not None
    assert fleet.first.ended[0] == Exit.AGAIN
