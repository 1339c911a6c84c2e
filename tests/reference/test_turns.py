"""Whose message is handled next, and what is refused because too much waits."""

from __future__ import annotations

import asyncio

import pytest
from tests.reference.bench import Bench, Body, action, control

from omnisession_reference import turns as module
from omnisession_reference.turns import MOST_OF_A_USER, Turns
from omnisession_reference.wire import Incoming, encode


class Line:
    """A server on the bench with the queues in front of it; `answers` are those to inboxes."""

    def __init__(self) -> None:
        self.bench = Bench()
        self.turns = Turns(self.bench.core.router, self.bench.core.sessions)
        for user in ("ann", "bob"):
            self.bench.open(user, f"s-{user}", gap_ms=0)
        self.before = len(self.bench.sent)

    def put(self, subject: str, body: Body, reply: str = "") -> None:
        assert self.turns.put(Incoming(subject, reply, encode(body))) is None

    def act(self, user: str, number: int, subject: str = "", reply: str = "") -> None:
        body = action(user, f"s-{user}", number, "session.noop")
        self.put(subject or f"user.actions.{user}", body, reply)

    def ping(self, user: str, reply: str) -> None:
        self.put(
            f"session.{user}.s-{user}.control", control("session.ping", user, f"s-{user}"), reply
        )

    def handle(self) -> None:
        """Handle all that waits."""
        while self.turns.has_work:
            self.turns.next()

    def told(self) -> list[tuple[str, Body]]:
        return [(sent.subject, sent.body) for sent in self.bench.sent[self.before :]]

    def order(self) -> list[str]:
        return [subject for subject, _ in self.told()]


def test_a_ping_behind_a_burst_is_answered_behind_one_of_its_actions() -> None:
    line = Line()
    for number in range(1, 101):
        line.act("ann", number)
    line.ping("bob", "_INBOX.bob")
    line.handle()
    assert line.order().index("_INBOX.bob") == 1
    assert line.order().count("session.ann.s-ann.control") == 100


def test_what_a_user_sends_on_several_subjects_keeps_its_order() -> None:
    line = Line()
    subjects = ("user.actions.ann", "chat.messages", "article.edit.start")
    for number in range(1, 31):
        line.act("ann", number, subjects[number % 3])
    line.ping("ann", "_INBOX.ann")
    line.handle()
    numbers = [body["data"]["client_seq"] for _, body in line.told()[:-1]]
    assert numbers == list(range(1, 31))
    assert line.told()[-1][1]["data"]["position"]["last_action_seq"] == 30


def test_too_much_of_one_user_is_refused_for_a_while_and_nobody_else_is() -> None:
    line = Line()
    for number in range(1, MOST_OF_A_USER + 3):
        line.act("ann", number, reply=f"_INBOX.{number}")
    line.ping("ann", "_INBOX.ping")
    line.ping("bob", "_INBOX.bob")
    line.handle()
    answers = dict(line.told())
    for inbox in (f"_INBOX.{MOST_OF_A_USER + 1}", f"_INBOX.{MOST_OF_A_USER + 2}", "_INBOX.ping"):
        assert answers[inbox]["type"] == "error"
        assert answers[inbox]["data"]["error"]["code"] == 4290
        assert answers[inbox]["data"]["error"]["retry_after_ms"] > 0
        assert answers[inbox]["user_id"] == "ann"
    assert answers[f"_INBOX.{MOST_OF_A_USER}"]["type"] == "action.ack"
    assert answers["_INBOX.bob"]["type"] == "session.pong"
    line.act("ann", MOST_OF_A_USER + 1, reply="_INBOX.again")
    line.handle()
    assert dict(line.told())["_INBOX.again"]["type"] == "action.ack"


def test_what_is_refused_and_asks_for_no_answer_takes_no_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "MOST_OF_A_USER", 2)
    line = Line()
    for number in range(1, 10):
        line.act("ann", number)
    line.handle()
    assert [body["data"]["client_seq"] for _, body in line.told()] == [1, 2]


def test_large_messages_of_a_user_are_bounded_by_their_bytes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "MOST_BYTES_OF_A_USER", 1_000)
    line = Line()
    for number in range(1, 4):
        body = action("ann", "s-ann", number, "session.noop") | {"padding": "p" * 800}
        line.put("user.actions.ann", body, f"_INBOX.{number}")
    line.handle()
    answers = dict(line.told())
    types = [answers[f"_INBOX.{number}"]["type"] for number in (1, 2, 3)]
    assert types == ["action.ack", "error", "error"]


@pytest.mark.parametrize(
    "data",
    [
        b"{",
        b"x" * 200_000,
        encode(action("ann", "s-nobody", 1, "session.noop")),
        encode(action("ann", "s-ann", 1, "session.noop") | {"user_id": 5}),
    ],
)
def test_who_claims_to_be_another_takes_none_of_its_room(
    monkeypatch: pytest.MonkeyPatch, data: bytes
) -> None:
    monkeypatch.setattr(module, "MOST_OF_A_USER", 2)
    line = Line()
    for _ in range(5):
        line.turns.put(Incoming("chat.messages", "", data))
    line.ping("ann", "_INBOX.ann")
    line.handle()
    assert dict(line.told())["_INBOX.ann"]["type"] == "session.pong"


def test_reading_waits_where_far_too_much_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_BYTES", 2_000)

    async def scenario() -> None:
        line = Line()
        body = encode(action("ann", "s-ann", 1, "session.noop"))
        waits = [line.turns.put(Incoming("user.actions.ann", "", body)) for _ in range(9)]
        assert waits[0] is None
        room = [wait for wait in waits if wait is not None]
        assert room
        serving = asyncio.create_task(line.turns.serve(lambda: asyncio.sleep(0)))
        await asyncio.gather(*room)
        serving.cancel()

    asyncio.run(scenario())
