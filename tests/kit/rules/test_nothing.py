"""Events that change nothing, events told twice, and ids of other users."""

from __future__ import annotations

from typing import Any

import pytest
from tests.kit.model.values import (
    article,
    articles_slice,
    chat_slice,
    editor,
    session,
    user,
    user_slice,
)
from tests.kit.rules.builder import LIMITS, START_MS, Player, Tape, expect
from tests.kit.rules.story import ANN, BOB, noop_copy, story

A1, A2, B1 = (f"k7tag-{letter * 16}01" for letter in "acb")


def shown() -> dict[str, dict[str, Any]]:
    """What a session of each kind shows: an article that is edited, two users who are there, one types."""
    return {
        "articles": articles_slice(articles=[article("a-1")], editors=[editor("a-1", ANN)]),
        "chat": chat_slice(participants=[user(ANN), user(BOB)], typing_indicators=[ANN]),
        "user": user_slice(user=user(BOB), sessions=[session(B1, START_MS)]),
    }


def opened(slices: dict[str, dict[str, Any]] | None = None) -> tuple[Tape, Player]:
    tape, told = Tape(), slices or shown()
    kinds = tuple(told)
    return tape, tape.opened(BOB, B1, kinds=kinds, features=("events",), slices=told)


NOTHING: list[tuple[str, dict[str, Any], set[str]]] = [
    ("article.updated", {"article": article("a-1")}, set()),
    ("article.edit_started", editor("a-1", ANN), set()),
    ("article.edit_ended", editor("a-1", BOB), set()),
    ("chat.typing_changed", {"user_id": ANN, "active": True}, set()),
    ("chat.typing_changed", {"user_id": "cyd-0003", "active": False}, set()),
    ("chat.participant_joined", {"user": user(ANN)}, {"CHAT-011"}),
    ("chat.participant_left", {"user_id": "cyd-0003"}, {"CHAT-011"}),
    ("user.updated", {"user": user(BOB)}, set()),
    ("user.session_opened", {"session": session(B1, START_MS)}, set()),
    ("user.session_closed", {"session_id": A2}, set()),
]


@pytest.mark.parametrize(("type_", "data", "also"), NOTHING)
def test_an_event_that_changes_nothing(type_: str, data: dict[str, Any], also: set[str]) -> None:
    tape, bob = opened()
    event = bob.event(type_, data)
    expect(tape.judge(), "EVENT-009", *also, blamed=event, pointer="/data")


CHANGES: list[tuple[str, dict[str, Any]]] = [
    ("article.updated", {"article": article("a-1", revision=9)}),
    ("article.edit_started", editor("a-1", ANN, START_MS + 5)),
    ("article.edit_ended", editor("a-1", ANN)),
    ("chat.typing_changed", {"user_id": "cyd-0003", "active": True}),
    ("chat.typing_changed", {"user_id": ANN, "active": False}),
    ("chat.participant_joined", {"user": user(ANN, "Another")}),
    ("chat.participant_left", {"user_id": ANN}),
    ("user.updated", {"user": user(BOB, "Another")}),
    ("user.session_opened", {"session": session(A2, START_MS + 9)}),
]


def test_events_that_change_something() -> None:
    tape, bob = opened()
    for type_, data in CHANGES:
        bob.event(type_, data)
    found = tape.judge()
    assert "EVENT-009" not in found.broken, found.told()
    assert found.seen("EVENT-009") == len(CHANGES)


def test_an_entry_that_was_cut_off() -> None:
    ids = [f"u-{n:03}" for n in range(LIMITS["participants"])]
    tape, bob = opened({"chat": chat_slice(participants=[*map(user, ids)])})
    bob.event("chat.participant_left", {"user_id": "z"})
    bob.event("chat.participant_joined", {"user": user(ids[0])})
    assert "EVENT-009" not in tape.judge().broken


def test_the_end_of_an_edit_that_went_with_its_article() -> None:
    tape, bob = opened()
    bob.event("article.deleted", {"article_id": "a-1"})
    event = bob.event("article.edit_ended", editor("a-1", ANN))
    expect(tape.judge(), "EVENT-009", blamed=event)


def test_what_a_hole_hid_is_not_known() -> None:
    tape, bob = opened()
    bob.seq += 1
    bob.event("chat.typing_changed", {"user_id": ANN, "active": True})
    assert "EVENT-009" not in tape.judge().broken


def test_ids_that_are_no_texts() -> None:
    tape, bob = opened()
    bob.event("chat.typing_changed", {"user_id": [ANN], "active": True})
    bob.event("chat.participant_joined", {"user": {"id": {}}})
    assert "EVENT-009" not in tape.judge().broken


def test_an_event_told_twice() -> None:
    tape, bob = opened()
    first = bob.event("x-acme.one", {})
    again = bob.event("x-acme.one", {}, str(first.body["event_id"]))
    expect(tape.judge(), "EVENT-001", blamed=again, pointer="/event_id")


def test_a_duplicate_of_another_users_action() -> None:
    told = story()
    copy = told.b1.sends("session.noop", action_id=str(told.edit.copy.body["action_id"]))
    told.b1.count = told.b1.sent
    pushed, _ = told.b1.ack(copy, "duplicate")
    found = told.tape.judge()
    assert "ACTION-021" in found.broken, found.told()
    assert found.of("ACTION-021")[0].records[0] == pushed.n


def test_a_duplicate_of_ones_own_action() -> None:
    told = story()
    mine = noop_copy(told.b1)
    told.b1.ack(mine, "applied")
    told.b1.ack(told.b1.sends("session.noop", action_id=str(mine.body["action_id"])), "duplicate")
    assert "ACTION-021" not in told.tape.judge().broken


def test_of_two_copies_under_way_the_later_one_may_be_the_first_to_be_done() -> None:
    tape = Tape()
    bob = tape.opened(BOB, "s-00000009")
    one, other = (tape.opened(ANN, f"s-0000000{n}") for n in (1, 2))
    bobs = noop_copy(bob)
    bob.ack(bobs, "applied")
    id_ = str(bobs.body["action_id"])
    early, late = (ann.sends("session.noop", action_id=id_) for ann in (one, other))
    one.count, other.count = one.sent, other.sent
    other.ack(late, "applied")
    one.ack(early, "duplicate")
    assert "ACTION-021" not in tape.judge().broken
