"""The puppet where a case has it lie about actions: what is said, what counts, and what is known later."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.kit.clients.puppetbench import Bench

from omnisession_conformance.protocol.subjects import tok
from omnisession_conformance.roles.client.puppet.puppet import ACTIONS

if TYPE_CHECKING:
    from omnisession_conformance.roles.client.puppet.asked import Asked

SEND = "chat.send"


class Lossy(Bench):
    """A bench whose puppet keeps actions back until a test says what becomes of them."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: list[Asked] = []
        self.session = self.open(kinds=["chat"])
        self.puppet.instead(ACTIONS, self.kept.append)

    def send(self, number: int, id_: str = "") -> Asked:
        """An action that has come."""
        named = {"action_id": id_ or f"a{number}", "client_seq": number}
        body = self.body(SEND, "s", {"content": "x"}, **named)
        self.said.take()
        assert self.hear(f"user.actions.{tok(self.user)}", body, reply="") == []
        return self.kept[-1]

    def told(self) -> list[tuple[str, Any]]:
        """Types of what was said since, each with the actions that count there."""
        return [(body["type"], _counted(body)) for _, body in self.said.take()]


def _counted(body: dict[str, Any]) -> int:
    return body.get("last_action_seq", body["data"].get("position", {}).get("last_action_seq"))


def test_an_outcome_gets_lost_alone_or_with_its_effects() -> None:
    bench = Lossy()
    bench.puppet.lose_outcome_of(bench.send(1))
    assert bench.told() == [("chat.message_added", 1)]
    bench.puppet.say_nothing_of(bench.send(2))
    bench.puppet.lose_effects_of(bench.send(3))
    assert bench.told() == [("action.ack", 3)]
    assert [bench.session.counted, len(bench.session.slices["chat"]["messages"])] == [3, 3]


def test_an_action_counts_and_changes_nothing() -> None:
    bench = Lossy()
    bench.puppet.count(bench.send(1), told=False)
    assert bench.told() == []
    head = bench.session.position.head
    bench.puppet.count(bench.send(2))
    assert bench.told() == [("action.ack", 2)]
    assert bench.session.position.head == head


def test_an_effect_is_counted_by_a_later_state_for_copies_too() -> None:
    bench = Lossy()
    asked = bench.send(1)
    bench.puppet.show_effects_of(asked)
    assert bench.told() == [("chat.message_added", 0)]
    bench.puppet.count_effects_of(asked)
    assert bench.told() == [("session.state", 1), ("action.ack", 1)]
    head = bench.session.seq
    bench.puppet.step(bench.session, deliver=False)
    bench.puppet.tell(asked)
    ((_, copy),) = bench.said.take()
    assert (copy["data"]["status"], copy["data"]["position"]["seq"]) == ("duplicate", head)


def test_what_was_promised_is_not_done() -> None:
    bench = Lossy()
    before = bench.session.position
    asked = bench.send(1)
    bench.puppet.promise(asked)
    assert bench.told() == [("action.ack", 1)]
    assert bench.session.position == before
    bench.puppet.tell(asked)
    assert bench.told() == [("chat.message_added", 1), ("action.ack", 1)]


def test_what_is_forgotten_is_done_again() -> None:
    bench = Lossy()
    bench.puppet.tell(bench.send(1, "x"))
    bench.puppet.tell(bench.send(2, "x"))
    bench.puppet.forget_outcomes()
    bench.puppet.tell(bench.send(3, "x"))
    assert len(bench.session.slices["chat"]["messages"]) == 2
