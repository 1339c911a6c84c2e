"""What users see of themselves, and what others see of them."""

from __future__ import annotations

import json

import pytest
from tests.reference.bench import Bench, Body

from omnisession_reference.wire import size

EMAIL = "ann@example.org"


@pytest.fixture(name="bench")
def open_bench() -> Bench:
    """Ann has two user sessions, one without events, and one in the chat; bob has both kinds."""
    bench = Bench()
    ann = {"name": "Ann", "email": EMAIL}
    bench.open("ann", "a1", ["events"], "b", "a", "b", kinds=["user"], claims=ann)
    bench.clock.move(1)
    bench.open("ann", "a2", kinds=["user"], coalesce_ms=0)
    bench.open("ann", "a3", ["events"], kinds=["chat"])
    bench.open("bob", "b1", ["events"], kinds=["user", "chat"])
    return bench


def shown(bench: Bench, user: str = "ann", session: str = "a1") -> Body:
    return bench.slice(user, session, "user")


def update(bench: Bench, session: str, number: int, **changes: object) -> int | None:
    return bench.code("ann", session, number, "user.update", changes=changes)


def names(bench: Bench) -> list[str]:
    return [p["username"] for p in bench.slice("bob", "b1", "chat")["participants"]]


def test_a_session_shows_its_user_and_the_rights_of_its_token(bench: Bench) -> None:
    first, second, bob = shown(bench), shown(bench, "ann", "a2"), shown(bench, "bob", "b1")
    ann = {"id": "ann", "username": "Ann", "email": EMAIL}
    assert (first["user"], first["permissions"]) == (ann, ["a", "b"])
    assert (second["user"], second["permissions"]) == (ann, [])
    assert bob["user"] == {"id": "bob", "username": "bob"}


def test_sessions_are_the_live_ones_of_the_user_of_any_kind(bench: Bench) -> None:
    sessions = shown(bench)["sessions"]
    assert [(s["session_id"], s["kinds"]) for s in sessions] == [
        ("a1", ["user"]),
        ("a2", ["user"]),
        ("a3", ["chat"]),
    ]
    assert sessions[1]["opened_at"] == sessions[0]["opened_at"] + 1
    assert sessions == shown(bench, "ann", "a2")["sessions"]
    bench.request("ann", "a3", "session.close")
    bench.clock.move(1_000)
    bench.open("ann", "a4", resume_window_ms=1_000, heartbeat_ms=200)
    bench.clock.move(999)
    for session in ("a1", "a2"):
        ids = [s["session_id"] for s in shown(bench, "ann", session)["sessions"]]
        assert ids == ["a1", "a2", "a4"]
    bench.clock.move(1)
    assert [s["session_id"] for s in shown(bench)["sessions"]] == ["a1", "a2"]
    told = [(e["type"], e["actor"], e["cause"]) for e in bench.events("ann", "a1")]
    opened, closed = "user.session_opened", "user.session_closed"
    assert told == [(t, None, None) for t in (opened, opened, closed, opened, closed)]
    assert not [e for e in bench.events("bob", "b1") if e["type"].startswith("user.")]


def test_an_open_again_is_no_further_session(bench: Bench) -> None:
    before = shown(bench), len(bench.events("ann", "a1"))
    bench.clock.move(5)
    bench.open("ann", "a2", kinds=["user"])
    assert (shown(bench), len(bench.events("ann", "a1"))) == before


def test_update_reaches_the_users_sessions_and_the_room(bench: Bench) -> None:
    before = len(bench.events("ann", "a1"))
    assert update(bench, "a3", 1, username="Ann B.", email="b@example.org") is None
    user = {"id": "ann", "username": "Ann B.", "email": "b@example.org"}
    assert [shown(bench, "ann", s)["user"] for s in ("a1", "a2")] == [user, user]
    assert names(bench) == ["Ann B.", "bob"]
    [updated] = bench.events("ann", "a1")[before:]
    joined, other = bench.events("ann", "a3")[-1], bench.events("bob", "b1")[-1]
    assert (updated["type"], updated["data"]) == ("user.updated", {"user": user})
    assert joined["data"] == other["data"] == {"user": {"id": "ann", "username": "Ann B."}}
    assert joined["event_id"] == other["event_id"] != updated["event_id"]
    assert (joined["cause"], other["cause"]) == (updated["cause"], None)
    assert (joined["last_action_seq"], updated["last_action_seq"]) == (1, 0)
    bench.request("ann", "a3", "session.close")
    assert update(bench, "a1", 1, username="C") is None
    assert names(bench) == ["bob"]


def test_the_last_message_of_an_update_counts_it() -> None:
    bench = Bench()
    for session, features in (("s", ["events"]), ("t", list[str]())):
        bench.open("ann", session, features, kinds=["chat", "user"])
        before = len(bench.stream("ann", session))
        assert update(bench, session, 1, username=session) is None
        told = bench.stream("ann", session)[before:]
        assert [m["last_action_seq"] for m in told] == [0, 1]
        assert bench.pushes("ann", session)[-1]["data"]["position"]["seq"] == told[-1]["seq"]


def test_an_update_without_change_tells_nobody(bench: Bench) -> None:
    before = len(bench.stream("ann", "a1")), len(bench.stream("bob", "b1"))
    assert update(bench, "a2", 1) is None
    assert update(bench, "a2", 2, username="Ann", email=EMAIL) is None
    assert update(bench, "a2", 3, password="x", id="bob", permissions=["c"]) is None
    assert (len(bench.stream("ann", "a1")), len(bench.stream("bob", "b1"))) == before


def test_only_the_email_is_news_to_its_owner_alone(bench: Bench) -> None:
    before = len(bench.stream("bob", "b1"))
    assert update(bench, "a2", 1, email="new@example.org") is None
    assert bench.events("ann", "a1")[-1]["type"] == "user.updated"
    assert len(bench.stream("bob", "b1")) == before


def test_unknown_members_go_nowhere(bench: Bench) -> None:
    assert update(bench, "a1", 1, username="A", password="hunter2") is None
    assert update(bench, "a1", 2, username=7, password="hunter2") == 4001
    shown(bench)
    assert "hunter2" not in json.dumps([sent.body for sent in bench.sent])


def test_emails_go_to_their_owners_user_slices_alone(bench: Bench) -> None:
    assert update(bench, "a3", 1, username="A", email="secret@example.org") is None
    bench.act("ann", "a3", 2, "chat.send", content="hi")
    bench.act("ann", "a3", 3, "chat.typing", active=True)
    bench.open("eve", "e1", kinds=["chat", "articles", "url", "user"])
    for sent in bench.sent:
        if EMAIL in json.dumps(sent.body) or "secret@" in json.dumps(sent.body):
            assert sent.subject.startswith(("session.ann.a1.", "session.ann.a2."))
            kind = sent.body["data"].get("type")
            assert (sent.body["type"], kind) in (("session.state", "user"), ("user.updated", None))


def test_an_older_token_does_not_undo_an_update(bench: Bench) -> None:
    assert update(bench, "a1", 1, username="New") is None
    bench.open("ann", "a5", kinds=["user"], claims={"name": "Ann", "email": "x"})
    assert shown(bench, "ann", "a5")["user"]["username"] == "New"
    assert shown(bench, "ann", "a5")["user"]["email"] == EMAIL


def test_texts_are_limited_in_bytes(bench: Bench) -> None:
    full = "é" * 127
    assert update(bench, "a1", 1, username=full, email=full) is None
    assert update(bench, "a1", 2, username=full + "e") == 4130
    assert update(bench, "a1", 3, email=full + "e") == 4130
    assert shown(bench)["user"]["email"] == full
    bench.open("zoe", "z", kinds=["user"], claims={"name": "\U0001f600" * 999, "email": "\n" * 999})
    user = shown(bench, "zoe", "z")["user"]
    assert (size(user["username"]), size(user["email"])) == (254, 256)
