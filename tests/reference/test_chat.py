"""The room, its messages, who is in it and who types."""

from __future__ import annotations

from typing import Any

import pytest
from tests.reference.bench import Bench, Body, action

from omnisession_reference.kinds.chat_slice import ChatSlice
from omnisession_reference.protocol import LIMITS

ROOM = (("ann", "a1"), ("ann", "a2"), ("bob", "b1"))


@pytest.fixture(name="bench")
def open_bench() -> Bench:
    """Ann is in the room twice, once without events; bob once; eve reads articles."""
    bench = Bench()
    bench.open("ann", "a1", ["events"], kinds=["chat"])
    bench.open("ann", "a2", kinds=["chat"], coalesce_ms=0)
    bench.open("bob", "b1", ["events"], kinds=["articles", "chat"])
    bench.open("eve", "e1", ["events"])
    return bench


def shown(bench: Bench, user: str, session: str) -> Body:
    return bench.slice(user, session, "chat")


def send(bench: Bench, user: str, session: str, number: int, content: str = "hi") -> str:
    outcome = bench.act(user, session, number, "chat.send", content=content)
    return outcome["result"]["message_id"]


def types(bench: Bench, user: str, session: str) -> list[str]:
    return [event["type"] for event in bench.events(user, session)]


def contents(bench: Bench, user: str, session: str) -> list[str]:
    return [message["content"] for message in shown(bench, user, session)["messages"]]


def test_a_message_shows_once_in_every_session_of_the_room(bench: Bench) -> None:
    bench.clock.move(5)
    message_id = send(bench, "ann", "a1", 1, "Zoë <&>")
    message = {
        "id": message_id,
        "user_id": "ann",
        "content": "Zoë <&>",
        "sent_at": bench.clock.now_ms(),
        "edited_at": None,
    }
    assert [shown(bench, *session)["messages"] for session in ROOM] == [[message]] * 3
    own, other = bench.events("ann", "a1")[-1], bench.events("bob", "b1")[-1]
    assert (own["event_id"], own["data"]) == (other["event_id"], other["data"])
    assert own["cause"] == {"action_id": "a1-1", "session_id": "a1", "client_seq": 1}
    assert (other["cause"], other["actor"]) == (None, "ann")
    assert [m for m in bench.stream("eve", "e1") if "event_id" in m] == []


def test_who_is_not_in_the_room_may_send(bench: Bench) -> None:
    send(bench, "eve", "e1", 1)
    assert shown(bench, "bob", "b1")["messages"][0]["user_id"] == "eve"
    assert [p["id"] for p in shown(bench, "bob", "b1")["participants"]] == ["ann", "bob"]


def test_the_shared_subject_does_the_same(bench: Bench) -> None:
    body = action("ann", "a1", 1, "chat.send")
    del body["data"]
    outcome = bench.send(body | {"content": "hi"}, "chat.messages")
    copy = bench.act("ann", "a1", 1, "chat.send", content="hi")
    assert copy == {**outcome, "status": "duplicate"}
    assert outcome["result"]["message_id"] == shown(bench, "bob", "b1")["messages"][0]["id"]
    assert bench.send(body | {"action_id": "x", "client_seq": 2}, "chat.messages")["error"]


def test_members_of_the_data_are_the_servers(bench: Bench) -> None:
    more: Body = {"id": "mine", "user_id": "bob", "sent_at": 1, "edited_at": 1}
    bench.act("ann", "a1", 1, "chat.send", content="hi", **more)
    [message] = shown(bench, "bob", "b1")["messages"]
    assert (message["user_id"], message["edited_at"]) == ("ann", None)
    assert message["id"] != "mine"
    assert message["sent_at"] == bench.clock.now_ms()


def test_messages_are_newest_first_and_an_edit_keeps_its_place(bench: Bench) -> None:
    ids = [send(bench, "ann", "a1", number, str(number)) for number in (1, 2, 3)]
    bench.clock.move(9)
    bench.act("ann", "a1", 4, "chat.edit", message_id=ids[1], content="new")
    assert [contents(bench, *session) for session in ROOM] == [["3", "new", "1"]] * 3
    edited = shown(bench, "bob", "b1")["messages"][1]
    assert (edited["id"], edited["edited_at"]) == (ids[1], edited["sent_at"] + 9)
    bench.act("ann", "a1", 5, "chat.delete", message_id=ids[2])
    bench.open("eve", "e2", kinds=["chat"])
    assert contents(bench, "eve", "e2") == ["new", "1"]


def test_only_its_author_may_change_a_message(bench: Bench) -> None:
    mine = send(bench, "ann", "a1", 1)
    before = shown(bench, "ann", "a1")
    assert bench.code("bob", "b1", 1, "chat.edit", message_id=mine, content="x") == 4030
    assert bench.code("bob", "b1", 2, "chat.delete", message_id=mine) == 4030
    assert bench.code("bob", "b1", 3, "chat.delete", message_id="none") == 4040
    assert bench.code("ann", "a1", 2, "chat.delete", message_id=mine) is None
    assert bench.code("ann", "a1", 3, "chat.edit", message_id=mine, content="x") == 4040
    assert before["messages"][0]["content"] == "hi"


@pytest.mark.parametrize(("letter", "quoted"), [("a", 1), ("é", 2), ("\n", 2)])
def test_content_is_limited_in_bytes(bench: Bench, letter: str, quoted: int) -> None:
    full = letter * ((LIMITS["chat_content"] - 2) // quoted)
    message_id = send(bench, "ann", "a1", 1, full)
    assert bench.code("ann", "a1", 2, "chat.send", content=full + letter) == 4130
    over = {"message_id": message_id, "content": full + letter}
    assert bench.code("ann", "a1", 3, "chat.edit", **over) == 4130
    assert contents(bench, "bob", "b1") == [full]


def test_the_list_of_messages_is_cut_at_its_end(bench: Bench) -> None:
    most = LIMITS["chat_messages"]
    ids = [send(bench, "ann", "a1", number, str(number)) for number in range(1, most + 2)]
    assert contents(bench, "bob", "b1") == [str(number) for number in range(most + 1, 1, -1)]
    assert bench.code("ann", "a1", most + 2, "chat.delete", message_id=ids[0]) == 4040
    bench.open("eve", "e2", kinds=["chat"])
    assert len(contents(bench, "eve", "e2")) == most


def test_participants_are_the_users_in_the_room(bench: Bench) -> None:
    assert types(bench, "ann", "a1") == ["chat.participant_joined"]
    joined = bench.events("ann", "a1")[0]
    assert joined["data"] == {"user": {"id": "bob", "username": "bob"}}
    assert (joined["actor"], joined["cause"]) == (None, None)
    assert types(bench, "bob", "b1") == []
    bench.open("eve", "e2", kinds=["chat"])
    bench.request("ann", "a1", "session.close")
    assert [p["id"] for p in shown(bench, "bob", "b1")["participants"]] == ["ann", "bob", "eve"]
    bench.request("ann", "a2", "session.close")
    assert [p["id"] for p in shown(bench, "bob", "b1")["participants"]] == ["bob", "eve"]
    assert types(bench, "bob", "b1") == ["chat.participant_joined", "chat.participant_left"]
    assert types(bench, "eve", "e1") == []


def test_an_open_again_tells_nobody_anything(bench: Bench) -> None:
    before = [len(bench.stream(*session)) for session in ROOM[1:]]
    bench.open("ann", "a1", ["events"], kinds=["chat"])
    assert [len(bench.stream(*session)) for session in ROOM[1:]] == before


def typing(bench: Bench, user: str, session: str) -> list[str]:
    return shown(bench, user, session)["typing_indicators"]


def test_typing_is_shown_to_others_alone(bench: Bench) -> None:
    bench.open("Zoe", "z1", kinds=["chat"])
    bench.act("bob", "b1", 1, "chat.typing", active=True)
    bench.act("ann", "a2", 1, "chat.typing", active=True)
    told = len(bench.stream("bob", "b1"))
    bench.act("ann", "a1", 1, "chat.typing", active=True)
    bench.act("Zoe", "z1", 1, "chat.typing", active=True)
    assert typing(bench, "Zoe", "z1") == ["ann", "bob"]
    assert [typing(bench, "ann", s) for s in ("a1", "a2")] == [["Zoe", "bob"]] * 2
    assert typing(bench, "bob", "b1") == ["Zoe", "ann"]
    bench.open("ann", "a3", kinds=["chat"])
    assert typing(bench, "ann", "a3") == ["Zoe", "bob"]
    new = bench.stream("bob", "b1")[told:-1]
    assert [m["type"] for m in new] == ["chat.typing_changed"]
    bench.act("ann", "a2", 2, "chat.typing", active=False)
    assert typing(bench, "bob", "b1") == ["Zoe"]
    last = bench.events("bob", "b1")[-1]
    assert (last["actor"], last["cause"]) == ("ann", None)


@pytest.mark.parametrize(
    ("asked", "granted"), [(None, 6_000), (300, 300), (-5, 200), (10**9, 6_000)]
)
def test_typing_ends_by_itself(bench: Bench, asked: int | None, granted: int) -> None:
    more: dict[str, Any] = {} if asked is None else {"ttl_ms": asked}
    bench.act("ann", "a1", 1, "chat.typing", active=True, **more)
    bench.clock.move(granted - 1)
    assert typing(bench, "bob", "b1") == ["ann"]
    bench.clock.move(1)
    last = bench.events("bob", "b1")[-1]
    assert last["data"] == {"user_id": "ann", "active": False}
    assert (last["actor"], last["cause"]) == (None, None)
    assert typing(bench, "bob", "b1") == []


def test_typing_again_begins_the_time_anew(bench: Bench) -> None:
    bench.act("ann", "a1", 1, "chat.typing", active=True, ttl_ms=5_000)
    bench.act("ann", "a2", 1, "chat.typing", active=True, ttl_ms=300)
    bench.clock.move(250)
    bench.act("ann", "a1", 2, "chat.typing", active=True, ttl_ms=300)
    bench.clock.move(299)
    assert typing(bench, "bob", "b1") == ["ann"]
    bench.clock.move(1)
    assert typing(bench, "bob", "b1") == []
    bench.clock.move(5_000)
    assert types(bench, "bob", "b1") == ["chat.typing_changed"] * 2


def test_typing_ends_with_the_last_chat_session(bench: Bench) -> None:
    bench.act("ann", "a1", 1, "chat.typing", active=True)
    bench.request("ann", "a1", "session.close")
    assert typing(bench, "bob", "b1") == ["ann"]
    bench.open("ann", "a3")
    bench.request("ann", "a2", "session.close")
    assert types(bench, "bob", "b1")[-2:] == ["chat.typing_changed", "chat.participant_left"]
    assert typing(bench, "bob", "b1") == []
    bench.clock.move(6_000)
    assert types(bench, "bob", "b1")[-1] == "chat.participant_left"


def test_typing_that_changes_nothing_is_acked(bench: Bench) -> None:
    before = len(bench.stream("bob", "b1"))
    assert bench.code("eve", "e1", 1, "chat.typing", active=True) is None
    assert bench.code("ann", "a1", 1, "chat.typing", active=False) is None
    assert len(bench.stream("bob", "b1")) == before


def test_more_than_fit_into_a_state_do_not_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(LIMITS, "participants", 2)
    # No server may have so short a list; this one is to be full soon.
    bench = Bench(judged=False)
    for user in "abcd":
        bench.open(user, user, ["events"], kinds=["chat"])
        assert bench.code(user, user, 1, "chat.typing", active=True) is None
    data = shown(bench, "d", "d")
    assert data["typing_indicators"] == ["a", "b"]
    assert [p["id"] for p in data["participants"]] == ["a", "b"]
    bench.clock.move(6_000)
    assert typing(bench, "d", "d") == []


class Brittle(ChatSlice):
    """Breaks in the sessions of those who see ann type."""

    def reduce(self, change_type: str, data: Body) -> None:
        if change_type == "chat.message_added" and self.typing:
            raise ValueError(change_type)
        super().reduce(change_type, data)


def test_an_error_in_one_session_is_not_another_ones() -> None:
    bench = Bench([Brittle])
    for user in ("ann", "bob"):
        bench.open(user, user, ["events"], kinds=["chat"])
    bench.act("ann", "ann", 1, "chat.typing", active=True)
    bench.open("ann", "ann2", ["events"], kinds=["chat"])
    assert bench.act("bob", "bob", 1, "chat.send", content="hi")["status"] == "applied"
    for session in ("ann", "ann2"):
        assert contents(bench, "ann", session) == ["hi"]
    assert contents(bench, "bob", "bob") == []
    assert bench.code("bob", "bob", 2, "session.noop") is None
