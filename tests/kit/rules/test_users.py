"""Whom the kind user shows, and what never comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.kit.model.values import session, user, user_slice
from tests.kit.rules.builder import START_MS, Tape, clean, expect
from tests.kit.rules.story import ANN, BOB

if TYPE_CHECKING:
    from tests.kit.rules.builder import Entry, Player

A1, A2 = "k7tag-aaaaaaaaaaaaaaaa01", "k7tag-aaaaaaaaaaaaaaaa02"
B1 = "k7tag-bbbbbbbbbbbbbbbb01"
SECRET = "k7tag-what-nobody-may-see"


def of(user_id: str, *ids: str, **members: Any) -> dict[str, Any]:
    sessions = [session(id_, START_MS + n) for n, id_ in enumerate(ids)]
    return user_slice(**{"user": user(user_id), "sessions": sessions, **members})


def opened(tape: Tape, user_id: str, id_: str, slice_: dict[str, Any], *features: str) -> Player:
    return tape.opened(user_id, id_, kinds=("user",), features=features, slices={"user": slice_})


def alone(**members: Any) -> tuple[Tape, Player, Entry]:
    tape = Tape()
    ann = opened(tape, ANN, A1, of(ANN, A1, **members), "events")
    return tape, ann, ann.stream[0]


def test_users_and_their_sessions() -> None:
    tape, ann, _ = alone(permissions=["B", "a"])
    bob = opened(tape, BOB, B1, of(BOB, B1))
    opened(tape, ANN, A2, of(ANN, A1, A2))
    tape.change([("user.session_opened", {"session": session(A2, START_MS + 1)})], (ann,))
    ann.acts(
        "user.update",
        {"changes": {"username": "Anna"}},
        events=[("user.updated", {"user": user(ANN, "Anna")})],
        seen_by=(ann,),
    )
    tape.change([("user.permissions_changed", {"permissions": ["x"]})], (ann,))
    for player in (ann, bob):
        player.sync()
    found = tape.judge()
    clean(found)
    assert found.seen("USER-001") >= 8
    assert found.seen("USER-003") == 5


def test_another_user_in_a_state() -> None:
    tape, _, state = alone()
    state.data["user"]["id"] = BOB
    expect(tape.judge(), "USER-001", blamed=state, pointer="/data/user/id")


def test_another_user_in_an_event() -> None:
    tape, ann, _ = alone()
    (event,) = tape.change([("user.updated", {"user": user(BOB)})], (ann,))
    found = tape.judge()
    assert "USER-001" in found.broken, found.told()
    assert found.of("USER-001")[0].records == (event.n,)


def test_a_user_that_the_server_does_not_know() -> None:
    tape, *_ = alone(user=None)
    clean(tape.judge())


def test_permissions_out_of_order() -> None:
    tape, _, state = alone(permissions=["a", "B"])
    found = tape.judge()
    expect(found, "USER-001", "STATE-010", blamed=state, pointer="/data/permissions/1")


def test_permissions_out_of_order_in_an_event() -> None:
    tape, ann, _ = alone()
    (event,) = tape.change([("user.permissions_changed", {"permissions": ["a", "B"]})], (ann,))
    expect(tape.judge(), "USER-001", blamed=event, pointer="/data/permissions/1")


# -- sessions --------------------------------------------------------------------------------------


def test_sessions_that_others_opened() -> None:
    tape, *_ = alone(sessions=[session("of-an-app", START_MS - 9), session(A1, START_MS)])
    clean(tape.judge())


@pytest.mark.parametrize("listed", [[], [session(A2, START_MS)]])
def test_a_list_without_its_own_session(listed: list[dict[str, Any]]) -> None:
    tape, _, state = alone(sessions=listed)
    expect(tape.judge(), "USER-003", blamed=state, pointer="/data/sessions")


def test_sessions_of_another_user() -> None:
    tape, _, _ = alone()
    bob = opened(tape, BOB, B1, of(BOB, A1, B1))
    found = tape.judge()
    expect(found, "USER-003", "SEC-004", blamed=bob.stream[0], pointer="/data/sessions/0")


def test_sessions_out_of_order() -> None:
    tape, _, state = alone(sessions=[session(A1, START_MS), session(A2, START_MS - 5)])
    expect(tape.judge(), "USER-003", blamed=state, pointer="/data/sessions/1")


# -- unknown members -------------------------------------------------------------------------------


def updates(ann: Player, **changes: Any) -> Entry:
    copy = ann.sends("user.update", {"changes": changes})
    ann.count = ann.sent
    return copy


def test_an_unknown_member_in_a_user() -> None:
    tape, ann, _ = alone()
    ann.ack(updates(ann, username="Anna", password=SECRET))
    clean(tape.judge())
    _, _, (state,) = ann.sync()
    found = tape.judge()
    clean(found)
    assert found.seen("USER-005")
    state.data["user"]["password"] = SECRET
    found = tape.judge()
    assert "USER-005" in found.broken, found.told()
    assert found.of("USER-005")[0].records[0] == state.n


def test_an_unknown_member_in_a_refusal() -> None:
    tape, ann, _ = alone()
    pushed, _ = ann.nack(
        updates(ann, password=SECRET), 4220, details={"changes": {"password": SECRET}}
    )
    expect(tape.judge(), "USER-005", blamed=pushed)


def test_a_name_that_is_also_an_unknown_member() -> None:
    tape, ann, _ = alone(user=user(ANN, SECRET))
    ann.ack(updates(ann, username=SECRET, x_alias=SECRET))
    ann.sync()
    clean(tape.judge())


def test_what_was_told_before_is_no_secret() -> None:
    tape, ann, _ = alone(user=user(ANN, SECRET))
    ann.ack(updates(ann, x_alias=SECRET))
    ann.sync()
    clean(tape.judge())
