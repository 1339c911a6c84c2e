"""Whose chat messages are told, in which order, what stays of them, who types and who is there."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any

import pytest
from tests.kit.model.values import chat_slice, message, user
from tests.kit.rules.builder import START_MS, Tape, clean, expect
from tests.kit.rules.story import ANN, BOB

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.kit.rules.builder import Done, Entry, Player

CYD = "cyd-0003"
A1, A2 = "k7tag-aaaaaaaaaaaaaaaa01", "k7tag-aaaaaaaaaaaaaaaa02"
B1, B2 = "k7tag-bbbbbbbbbbbbbbbb01", "k7tag-bbbbbbbbbbbbbbbb02"


def room(*users: str) -> dict[str, dict[str, Any]]:
    return {"chat": chat_slice(participants=[user(id_) for id_ in sorted(users or (ANN, BOB))])}


def four() -> tuple[Tape, Player, Player, Player, Player]:
    """Two sessions of Ann and two of Bob, of each one with events and one without."""
    tape = Tape()
    players = [
        tape.opened(user_id, id_, kinds=("chat",), features=features, slices=room())
        for user_id, id_, features in (
            (ANN, A1, ("events",)),
            (ANN, A2, ()),
            (BOB, B1, ("events",)),
            (BOB, B2, ()),
        )
    ]
    return (tape, players[0], players[1], players[2], players[3])


def sends(who: Player, id_: str, text: str = "", **members: Any) -> Done:
    content = text or f"text of {id_}"
    told = {"user_id": who.user, "sent_at": START_MS + who.tape.ms, **members}
    return who.acts(
        "chat.send",
        {"content": content},
        events=[("chat.message_added", {"message": {**message(id_, content), **told}})],
        result={"message_id": id_},
    )


def edits(who: Player, id_: str, old: Done, content: str, **members: Any) -> Done:
    before: dict[str, Any] = old.effects[0].data["message"]
    after = {**before, "content": content, "edited_at": START_MS + who.tape.ms, **members}
    return who.acts(
        "chat.edit",
        {"message_id": id_, "content": content},
        events=[("chat.message_edited", {"message": after})],
    )


def deletes(who: Player, id_: str) -> Done:
    return who.acts(
        "chat.delete",
        {"message_id": id_},
        events=[("chat.message_deleted", {"message_id": id_})],
    )


def types(who: Player, seen_by: Sequence[Player], *, active: bool = True) -> Done:
    return who.acts(
        "chat.typing",
        {"active": active},
        events=[("chat.typing_changed", {"user_id": who.user, "active": active})],
        seen_by=seen_by,
    )


# -- a right room ------------------------------------------------------------------------------------


def test_a_right_room() -> None:
    tape, a1, a2, b1, b2 = four()
    first = sends(a1, "m-1")
    sends(b2, "m-2")
    sends(a2, "m-3")
    edits(a2, "m-1", first, "other")
    types(a1, (b1, b2))
    types(a1, (b1, b2), active=False)
    deletes(b1, "m-2")
    for player in (a1, a2, b1, b2):
        player.sync()
    found = tape.judge()
    clean(found)
    for number in (1, 3, 4, 5, 6, 7, 8):
        assert found.seen(f"CHAT-{number:03}"), number


def test_a_refused_edit_of_another_user() -> None:
    tape, a1, _, b1, _ = four()
    sends(a1, "m-1")
    copy = b1.sends("chat.edit", {"message_id": "m-1", "content": "x"})
    b1.count = b1.sent
    b1.nack(copy, 4030)
    clean(tape.judge())


# -- messages ----------------------------------------------------------------------------------------


def test_a_message_added_twice() -> None:
    tape, a1, _, b1, _ = four()
    done = sends(a1, "m-1")
    again = b1.event("chat.message_added", dict(done.of(b1)[0].data), actor=ANN)
    again.body["event_id"] = "e-other"
    found = tape.judge()
    assert again.n in [o.records[0] for o in found.of("CHAT-001")], found.told()


def test_another_content_than_was_sent() -> None:
    tape, a1, *_ = four()
    done = sends(a1, "m-1")
    for effect in done.effects:
        told: dict[str, Any] = effect.data
        held = told["message"] if "message" in told else told["messages"][0]
        held["content"] = "text of m-1…"
    found = expect(tape.judge(), "CHAT-001", blamed=done.of(a1)[0])
    assert found[0].pointer == "/data/message/content"


def test_a_content_of_the_shared_subject() -> None:
    tape, a1, *_ = four()
    done = sends(a1, "m-1")
    done.copy.subject = "chat.messages"
    done.copy.body["content"] = done.copy.body.pop("data")["content"]
    clean(tape.judge())
    done.copy.body["content"] = "something else"
    expect(tape.judge(), "CHAT-001", blamed=done.of(a1)[0])


def test_a_message_of_the_wrong_user() -> None:
    tape, a1, *_ = four()
    done = sends(a1, "m-1", user_id=BOB)
    expect(tape.judge(), "CHAT-004", blamed=done.of(a1)[0], pointer="/data/message/user_id")


def test_one_id_for_two_messages() -> None:
    tape, a1, _, b1, _ = four()
    sends(a1, "m-1")
    second = sends(b1, "m-1", "of b")
    found = tape.judge()
    assert second.ack.n in [o.records[0] for o in found.of("CHAT-004")], found.told()


def test_a_copy_in_another_session_is_no_other_message() -> None:
    tape, a1, a2, *_ = four()
    first = sends(a1, "m-1")
    copy = a2.sends("chat.send", {"content": "text of m-1"})
    copy.body["action_id"] = first.copy.body["action_id"]
    a2.count = a2.sent
    a2.ack(copy, "duplicate", result={"message_id": "m-1"})
    clean(tape.judge())


@pytest.mark.parametrize("name", ["sent_at", "user_id"])
def test_an_edit_that_changes_too_much(name: str) -> None:
    tape, a1, *_ = four()
    old = sends(a1, "m-1")
    value = {"sent_at": START_MS + 9_999, "user_id": BOB}[name]
    done = edits(a1, "m-1", old, "new", **{name: value})
    found = tape.judge()
    assert done.of(a1)[0].n in [o.records[0] for o in found.of("CHAT-005")], found.told()


def test_an_edit_that_is_not_told() -> None:
    tape, a1, *_ = four()
    old = sends(a1, "m-1")
    done = edits(a1, "m-1", old, "new", edited_at=None)
    expect(tape.judge(), "CHAT-005", blamed=done.of(a1)[0], pointer="/data/message/edited_at")


def test_messages_in_the_wrong_order() -> None:
    tape, a1, a2, b1, _ = four()
    sends(a1, "m-1")
    sends(b1, "m-2")
    sends(a1, "m-3")
    _, _, (state,) = a2.sync()
    for wrong in (("m-1", "m-2", "m-3"), ("m-3", "m-1", "m-2"), ("m-2", "m-3", "m-1")):
        by_id = {entry["id"]: entry for entry in state.data["messages"]}
        state.data["messages"] = [by_id[id_] for id_ in wrong]
        expect(tape.judge(), "CHAT-003", blamed=state)


def test_messages_that_were_sent_at_a_time_may_stand_in_any_order() -> None:
    tape, a1, a2, b1, b2 = four()
    mine, theirs = sends(a1, "m-1"), sends(b1, "m-2")
    tape.move(theirs.copy, behind=mine.copy)
    for player in (a2, b2):
        for entry in player.stream[1:]:
            entry.data["messages"].sort(key=itemgetter("id"))
    clean(tape.judge())


def test_an_ack_for_a_message_of_another_user() -> None:
    tape, a1, _, b1, _ = four()
    sends(a1, "m-1")
    done = deletes(b1, "m-1")
    expect(tape.judge(), "CHAT-006", blamed=done.ack)


def test_a_deleted_message_that_comes_back() -> None:
    tape, a1, a2, *_ = four()
    sends(a1, "m-1")
    kept = a2.slices["chat"]["messages"]
    deletes(a1, "m-1")
    _, _, (state,) = a2.sync()
    clean(tape.judge())
    state.data["messages"] = kept
    expect(tape.judge(), "CHAT-007", blamed=state, pointer="/data/messages/0")


# -- who types ---------------------------------------------------------------------------------------


def test_typing_in_own_sessions() -> None:
    tape, a1, a2, b1, b2 = four()
    done = types(a1, (a1, a2, b1, b2))
    found = tape.judge()
    blamed = {o.records[0] for o in found.of("CHAT-008")}
    assert blamed == {done.of(a1)[0].n, done.of(a2)[0].n}, found.told()


# -- who is there ------------------------------------------------------------------------------------


def leaves(tape: Tape, user_id: str, told_to: Sequence[Player]) -> list[Entry]:
    return tape.change([("chat.participant_left", {"user_id": user_id})], told_to)


def test_who_left_and_is_still_there() -> None:
    tape, a1, a2, _, b2 = four()
    a1.close()
    a2.close()
    _, _, (soon,) = b2.sync()
    assert ANN in [p["id"] for p in soon.data["participants"]]
    clean(tape.judge())
    tape.wait(3_000)
    _, _, (late,) = b2.sync()
    expect(tape.judge(), "CHAT-011", blamed=late, pointer="/data/participants/0")


def test_who_has_a_session_left() -> None:
    tape, a1, _, _, b2 = four()
    a1.close()
    tape.wait(3_000)
    b2.sync()
    found = tape.judge()
    clean(found)
    assert found.seen("CHAT-011")


def test_strangers_may_be_there() -> None:
    tape = Tape()
    ann = tape.opened(ANN, A1, kinds=("chat",), slices=room(ANN, BOB, CYD))
    tape.wait(3_000)
    ann.sync()
    clean(tape.judge())


def test_an_own_user_who_is_not_there() -> None:
    tape = Tape()
    ann = tape.opened(ANN, A1, kinds=("chat",), slices=room(BOB))
    _, _, (soon,) = ann.sync()
    clean(tape.judge())
    tape.wait(3_000)
    _, _, (late,) = ann.sync()
    found = expect(tape.judge(), "CHAT-011", blamed=late, pointer="/data/participants")
    assert soon.n not in [o.records[0] for o in found]


def test_an_own_user_in_a_full_room() -> None:
    tape = Tape()
    ann = tape.player(ANN, A1, kinds=("chat",), slices=room(BOB))
    ann.limits["participants"] = 1
    ann.open()
    tape.wait(3_000)
    ann.sync()
    clean(tape.judge())


def test_an_own_user_who_is_told_to_have_left() -> None:
    tape, a1, *_ = four()
    (told,) = leaves(tape, ANN, (a1,))
    found = tape.judge()
    assert told.n in [o.records[0] for o in found.of("CHAT-011")], found.told()
