"""Each PONG goes to who asked, whoever else asks meanwhile, and nobody but a proxy asks before its time."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnisession_conformance.environment.proxy.dialogue import Dialogue, Question, Say
from omnisession_conformance.environment.proxy.info import Door
from omnisession_conformance.environment.proxy.operations import (
    PING,
    PONG,
    Connect,
    Info,
    Msg,
    Ping,
    Pong,
    Side,
    Sub,
    Unreadable,
    no_responders,
)
from omnisession_conformance.environment.proxy.parser import Parser
from omnisession_conformance.errors import BrokerError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omnisession_conformance.environment.proxy.operations import Op

CLIENT, BROKER = Side.CLIENT, Side.BROKER
DOOR = Door("127.0.0.1", 7)


def op(raw: bytes) -> Op:
    (one,) = Parser().feed(raw)
    return one


class Honest:
    """A client, a broker, and a proxy between: each side answers a PING with what stands behind it."""

    def __init__(self) -> None:
        self.dialogue = Dialogue(DOOR)
        self.said: dict[Side, deque[bytes]] = {side: deque() for side in Side}
        """What each side has said that has not come to the proxy yet."""
        self.passed: dict[Side, deque[bytes]] = {side: deque() for side in Side}
        """What the proxy has written to each side that it has not read yet."""
        self.told: dict[Side, list[bytes]] = {side: [] for side in Side}
        """The PONGs that each side has read."""
        self.answered: list[int] = []

    def say(self, side: Side, raw: bytes) -> None:
        self.said[side].append(raw)

    def ask(self, to: Side, number: int) -> None:
        question = Question(lambda: self.answered.append(number))
        self._write(self.dialogue.ask(to, question))

    def proxy_reads(self, side: Side) -> None:
        if self.said[side]:
            one = op(self.said[side].popleft())
            said = self.dialogue.heard(side, one)
            self._write((Say(side.other, one.raw),) if said is None else said)

    def side_reads(self, side: Side) -> None:
        if self.passed[side]:
            raw = self.passed[side].popleft()
            if raw.startswith(b"PING"):
                self.say(side, b"PONG" + raw[4:])
            elif raw.startswith(b"PONG"):
                self.told[side].append(raw)

    def settle(self) -> None:
        while any(self.said.values()) or any(self.passed.values()):
            for side in Side:
                self.proxy_reads(side)
                self.side_reads(side)

    def _write(self, said: Sequence[Say]) -> None:
        for say in said:
            self.passed[say.to].append(say.raw)


STEPS = st.lists(
    st.tuples(st.sampled_from(["ping", "ask", "proxy", "side"]), st.sampled_from(list(Side))),
    max_size=60,
)


@given(steps=STEPS, early=st.lists(st.sampled_from(list(Side)), max_size=3))
def test_each_pong_goes_to_who_asked(steps: list[tuple[str, Side]], early: list[Side]) -> None:
    all_three = Honest()
    asked: dict[Side, int] = {CLIENT: 1, BROKER: 0}
    questions = 0
    for side in early:
        all_three.ask(side, questions)
        questions += 1
    all_three.say(CLIENT, b"PING client 0\r\n")
    for what, side in steps:
        if what == "ping":
            all_three.say(side, b"PING %s %d\r\n" % (side.value.encode(), asked[side]))
            asked[side] += 1
        elif what == "ask":
            all_three.ask(side, questions)
            questions += 1
        elif what == "proxy":
            all_three.proxy_reads(side)
        else:
            all_three.side_reads(side)
    all_three.settle()
    for side in Side:
        name = side.value.encode()
        assert all_three.told[side] == [b"PONG %s %d\r\n" % (name, n) for n in range(asked[side])]
    assert sorted(all_three.answered) == list(range(questions))


def test_nobody_is_asked_before_the_handshake_is_over() -> None:
    dialogue = Dialogue(DOOR)
    told: list[str] = []
    assert dialogue.ask(CLIENT, Question(lambda: told.append("client"))) == ()
    assert dialogue.ask(BROKER, Question(lambda: told.append("broker"))) == ()
    assert dialogue.heard(CLIENT, op(b'CONNECT {"name":"n"}\r\n')) is None
    assert dialogue.heard(CLIENT, Ping()) is None
    assert not dialogue.ready
    assert dialogue.heard(BROKER, Pong()) == [
        Say(CLIENT, PONG),
        Say(CLIENT, PING),
        Say(BROKER, PING),
    ]
    assert dialogue.ready
    assert dialogue.heard(CLIENT, Pong()) == ()
    assert told == ["client"]
    assert dialogue.heard(BROKER, Pong()) == ()
    assert told == ["client", "broker"]


def test_a_pong_that_nobody_asked_for_passes_and_is_no_handshake() -> None:
    dialogue = Dialogue(DOOR)
    assert dialogue.heard(BROKER, Pong()) is None
    assert dialogue.heard(CLIENT, Pong()) is None
    assert not dialogue.ready


def test_who_hears_says_what_is_said_instead() -> None:
    heard: list[tuple[Side, Op]] = []

    def hear(side: Side, one: Op) -> Sequence[Say] | None:
        heard.append((side, one))
        match one:
            case Sub(subject=b"hidden"):
                return ()
            case Ping():
                return (Say(side, PONG),)
            case Sub(subject=b"_INBOX.a"):
                return (Say(BROKER, one.raw), Say(CLIENT, no_responders(b"_INBOX.a", b"1")))
            case _:
                return None

    dialogue = Dialogue(DOOR)
    dialogue.hear = hear
    hidden, inbox = op(b"SUB hidden 9\r\n"), op(b"SUB _INBOX.a 1\r\n")
    assert dialogue.heard(CLIENT, hidden) == ()
    assert dialogue.heard(CLIENT, Ping()) == (Say(CLIENT, PONG),)
    assert dialogue.heard(CLIENT, inbox) is not None
    assert [one.sid for one in dialogue.subscriptions.live] == [b"1"]
    # The PING that did not pass is not waited for.
    assert dialogue.heard(BROKER, Pong()) is None
    assert not dialogue.ready
    assert heard == [(CLIENT, hidden), (CLIENT, Ping()), (CLIENT, inbox), (BROKER, Pong())]


def test_a_ping_in_the_place_of_another_is_waited_for_as_well() -> None:
    dialogue = Dialogue(DOOR)
    told: list[str] = []
    dialogue.heard(CLIENT, Ping())
    dialogue.heard(BROKER, Pong())
    dialogue.hear = lambda side, one: (Say(side.other, one.raw),)
    assert dialogue.heard(CLIENT, Ping(b"ping \r\n")) == (Say(BROKER, b"ping \r\n"),)
    dialogue.ask(BROKER, Question(lambda: told.append("broker")))
    assert dialogue.heard(BROKER, Pong()) == (Say(CLIENT, PONG),)
    assert not told
    assert dialogue.heard(BROKER, Pong()) == ()
    assert told == ["broker"]


def test_it_knows_who_is_connected_and_what_was_delivered() -> None:
    dialogue = Dialogue(DOOR)
    assert dialogue.name == ""
    dialogue.heard(CLIENT, op(b'CONNECT {"name":"n","echo":false}\r\n'))
    assert (dialogue.name, dialogue.connect) == ("n", {"name": "n", "echo": False})
    dialogue.heard(CLIENT, op(b"SUB a 1\r\n"))
    message = op(b"MSG a 1 2\r\n{}\r\n")
    assert isinstance(message, Msg)
    for _ in range(3):
        assert dialogue.heard(BROKER, message) is None
    assert dialogue.subscriptions.by_sid[b"1"].delivered == 3


@pytest.mark.parametrize("text", [b"{", b"[]", b"[" * 100_000, b'{"name":7}'])
def test_a_client_may_say_anything_of_itself(text: bytes) -> None:
    dialogue = Dialogue(DOOR)
    assert dialogue.heard(CLIENT, Connect(b"", text)) is None
    assert (dialogue.connected, dialogue.name) == (True, "")


def test_what_a_client_says_badly_is_the_broker_s_to_judge() -> None:
    dialogue = Dialogue(DOOR)
    assert dialogue.heard(CLIENT, Unreadable(b"x", "why")) is None
    assert dialogue.unreadable == "why"
    with pytest.raises(BrokerError, match="cannot read what the broker says: why"):
        dialogue.heard(BROKER, Unreadable(b"x", "why"))


def test_an_info_never_passes_as_it_is() -> None:
    dialogue = Dialogue(DOOR)
    said = dialogue.heard(BROKER, Info(b"", b'{"connect_urls":["a:1"],"port":1,"version":"2"}'))
    assert said == (Say(CLIENT, b'INFO {"port":7,"version":"2"} \r\n'),)
    assert dialogue.names_others
