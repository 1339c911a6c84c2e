"""States and events: what counts, what is dropped, what is skipped."""

from __future__ import annotations

from typing import Any

import pytest
from tests.client.bench import SESSION, USER, Bench, message, types

from omnisession_client.messages import Heard
from omnisession_client.report import report
from omnisession_reference.wire import encode, tok


def test_events_are_reduced_in_their_order() -> None:
    bench = Bench().live()
    for seq in (2, 3, 4):
        assert bench.hears("events", bench.added(seq)) == []
    assert (bench.place, bench.messages) == ((1, 4), [2, 3, 4])


def test_a_state_replaces_its_slice_and_no_other() -> None:
    bench = Bench("chat", "url").live()
    bench.hears("events", bench.added(3))
    url = {"id": "l-1", "created_at": 5, "short_code": "x"}
    bench.hears("state", bench.shown(4, type="url", urls=[url]))
    assert bench.messages == [3]
    bench.hears("state", bench.shown(5, messages=[message(9)]))
    slices = report(bench.state)["slices"]
    assert [m["id"] for m in slices["chat"]["messages"]] == ["m-9"]
    assert slices["url"] == {"type": "url", "urls": [url]}


@pytest.mark.parametrize(("epoch", "seq"), [(1, 1), (1, 3), (1, 2)])
def test_what_was_there_already_is_dropped(epoch: int, seq: int) -> None:
    bench = Bench().live()
    bench.hears("events", bench.added(2))
    bench.hears("events", bench.added(3))
    held = report(bench.state)
    assert bench.hears("state", bench.shown(seq, epoch, messages=[message(77)])) == []
    assert report(bench.state) == held


def test_an_older_epoch_is_dropped() -> None:
    bench = Bench().live()
    bench.hears("state", bench.shown(1, epoch=2))
    assert bench.hears("events", bench.added(2, epoch=1)) == []
    assert (bench.place, bench.messages) == ((2, 1), [])


def test_a_higher_epoch_begins_anew_with_its_first_state() -> None:
    bench = Bench("chat", "url").live()
    bench.hears("events", bench.added(3))
    assert bench.hears("state", bench.shown(1, epoch=4, messages=[message(8)])) == []
    assert (bench.place, bench.messages) == ((4, 1), [8])
    bench.hears("state", bench.shown(2, epoch=4, type="url"))
    bench.hears("events", bench.added(3, epoch=4))
    assert bench.messages == [8, 3]


@pytest.mark.parametrize("seq", [1, 2])
def test_a_higher_epoch_that_begins_otherwise_is_a_gap(seq: int) -> None:
    bench = Bench().live()
    assert types(bench.hears("events", bench.added(seq, epoch=2))) == ["session.resume"]
    assert (bench.place, bench.messages) == ((1, 1), [])


def skipped(bench: Bench) -> dict[str, dict[str, Any]]:
    """Bodies of the next seq that are of no use here, by what they are."""
    return {
        "a type of a known kind": bench.event(2, "chat.reaction_added", emoji="x"),
        "a type of a vendor": bench.event(2, "x-acme.thing_done"),
        "a type without a dot": bench.event(2, "news"),
        "a kind that is not open": bench.event(2, "url.deleted", url_id="l-1"),
        "a state of a kind that is not open": bench.shown(2, type="url"),
        "a state of a kind that nobody knows": bench.shown(2, type="weather"),
        "a member that nobody knows": {**bench.event(2, "chat.typing_changed"), "data": TYPING},
        "a later minor": {**bench.event(2, "x-acme.thing_done"), "v": "1.9", "more": {}},
    }


TYPING = {"user_id": "zed", "active": False, "more": [1]}


@pytest.mark.parametrize("what", skipped(Bench().live()))
def test_what_is_not_known_is_skipped_and_counts(what: str) -> None:
    bench = Bench().live()
    assert bench.hears("events", skipped(bench)[what]) == []
    assert bench.place == (1, 2)
    bench.hears("events", bench.added(3))
    assert bench.messages == [3]


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        pytest.param("events", {"user_id": "bob"}, id="another user's body"),
        pytest.param("events", {"session_id": "other"}, id="another session's body"),
        pytest.param("events", {"session_id": None}, id="nobody's body"),
        pytest.param("more", {}, id="a subject that has no meaning"),
    ],
)
def test_what_is_not_its_own_is_dropped(subject: str, body: dict[str, Any]) -> None:
    bench = Bench().live()
    assert bench.hears(subject, bench.added(2) | body) == []
    assert bench.place == (1, 1)
    assert bench.hears("control", bench.envelope("session.ping") | {"data": {}}) == []


@pytest.mark.parametrize("ids", [(USER, "s-other"), ("ann", SESSION), (f"{USER}x", SESSION)])
def test_subjects_of_others_are_dropped(ids: tuple[str, str]) -> None:
    bench = Bench().live()
    subject = f"session.{tok(ids[0])}.{tok(ids[1])}.events"
    bench.put(Heard(at_ms=0, subject=subject, data=encode(bench.added(2))))
    assert bench.place == (1, 1)


def unusable(bench: Bench) -> dict[str, dict[str, Any] | bytes]:
    """Messages of the stream that cannot be used, by what is wrong."""
    right = bench.added(2)
    return {
        "no JSON": b"{",
        "no UTF-8": b'{"v":"\xff"}',
        "no object": b"[]",
        "too deep": b'{"a":' + b"[" * 5_000 + b"]" * 5_000 + b"}",
        "another major": {**right, "v": "2.0"},
        "no version": {k: v for k, v in right.items() if k != "v"},
        "no seq": {k: v for k, v in right.items() if k != "seq"},
        "a seq that is none": {**right, "seq": "2"},
        "an epoch that is none": {**right, "epoch": 0},
        "no type": {k: v for k, v in right.items() if k != "type"},
        "no data": {**right, "data": None},
        "no message in it": {**right, "data": {}},
        "a message without an id": {**right, "data": {"message": {}}},
        "an id that is none": {**right, "data": {"message": {"id": 7}}},
        "a state without a list": bench.shown(2) | {"data": {"type": "chat", "messages": []}},
        "a list that is null": bench.shown(2, messages=None),
        "an entry that is none": bench.shown(2, participants=[{"id": "ann"}, 7]),
        "a state of no kind": bench.shown(2) | {"data": {}},
    }


@pytest.mark.parametrize("what", unusable(Bench().live()))
def test_what_cannot_be_used_is_a_gap_that_states_close(what: str) -> None:
    bench = Bench().live()
    held = report(bench.state)["slices"]
    assert types(bench.hears("events", unusable(bench)[what])) == ["session.sync"]
    assert (bench.place, report(bench.state)["slices"]) == ((1, 1), held)
    bench.answers("session.syncing", position=at(5), kinds=["chat"])
    bench.hears("state", bench.shown(6, messages=[message(2)]))
    assert (bench.place, bench.messages) == ((1, 6), [2])


def at(seq: int, epoch: int = 1, las: int = 0) -> dict[str, int]:
    return {"epoch": epoch, "seq": seq, "last_action_seq": las}


@pytest.mark.parametrize("data", [b"{", b"[]", b"\xff", b""])
def test_what_cannot_be_used_of_pushes_is_no_gap(data: bytes) -> None:
    bench = Bench().live()
    assert bench.hears("control", data) == []
    assert bench.hears("control", bench.envelope("session.news") | {"data": {}}) == []
    assert bench.hears("control", bench.envelope("session.heartbeat") | {"data": {}}) == []
    closing = bench.envelope("session.closing") | {"data": {"reconnect": "soon"}}
    assert bench.hears("control", closing) == []
    assert bench.state.phase == "live"


def test_last_action_seq_is_that_of_the_place() -> None:
    bench = Bench().live()
    bench.hears("events", bench.added(2, las=3))
    bench.beats(2, las=5)
    assert report(bench.state)["position"] == at(2, las=5)
    bench.beats(9, las=8)
    assert report(bench.state)["position"] == at(2, las=5)
