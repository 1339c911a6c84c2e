"""What the network does to messages: this, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.simulation.clock import START, VirtualClock
from tests.simulation.network import Fate, Network, Packet

if TYPE_CHECKING:
    from tests.simulation.network import Connection


class Two:
    """Someone who publishes and someone who hears."""

    def __init__(self, seed: str = "s", *, reorders: bool = False) -> None:
        self.clock = VirtualClock()
        self.network = Network(self.clock, seed, reorders=reorders)
        self.one, self.other = self.network.connect("one"), self.network.connect("other")
        self.heard: list[tuple[str, bytes | None]] = []
        self.listen(self.other, "session.*.*.state")

    def listen(self, who: Connection, subject: str) -> None:
        who.wanted[subject] = lambda packet: self.heard.append((packet.subject, packet.data))

    def say(self, *words: str, subject: str = "session.a.b.state", reply: str = "") -> list[str]:
        for word in words:
            self.network.publish(self.one, Packet(subject, word.encode(), reply))
        self.clock.move(10_000)
        return [(data or b"").decode() for _, data in self.heard]


def test_what_is_right_comes_once_and_in_order() -> None:
    words = [str(number) for number in range(200)]
    assert Two().say(*words) == words


def test_only_a_network_that_reorders_lets_one_overtake_another() -> None:
    words = [str(number) for number in range(50)]
    came = Two(reorders=True).say(*words)
    assert came != words
    assert sorted(came) == sorted(words)


def test_a_fate_is_that_of_so_many_messages_of_one_lane() -> None:
    two = Two()
    two.one.up.fates.append(Fate("lose", 2, lane="session"))
    assert two.say("a", "b", "c") == ["c"]
    two.other.down.fates.append(Fate("repeat", 1, 30))
    assert two.say("d", "e") == ["c", "d", "d", "e"]
    two.one.up.fates.append(Fate("lose", 1, lane="user"))
    assert two.say("f")[-1] == "f"


def test_what_is_delayed_holds_up_what_is_behind_it() -> None:
    two = Two()
    two.one.up.fates.append(Fate("delay", 1, 20_000))
    assert two.say("a", "b") == []
    two.clock.move(15_000)
    assert two.say() == ["a", "b"]


def test_a_cut_loses_what_is_on_its_way_and_what_comes_then() -> None:
    two = Two()
    two.network.publish(two.one, Packet("session.a.b.state", b"a"))
    two.other.cut()
    assert two.say("b") == []
    two.other.mend()
    assert two.say("c") == ["c"]


def test_what_is_on_its_way_up_may_outlive_its_connection() -> None:
    for forget, came in ((True, []), (False, ["a"])):
        two = Two()
        two.network.publish(two.one, Packet("session.a.b.state", b"a"))
        two.one.cut(forget=forget)
        assert two.say() == came


def test_nobody_hears_itself_and_where_nobody_hears_a_request_the_broker_says_so() -> None:
    two = Two()
    two.listen(two.one, "session.*.*.state")
    two.listen(two.one, "_INBOX.one.*")
    assert two.say("a", subject="user.actions.ann", reply="_INBOX.one.7") == [""]
    assert two.heard == [("_INBOX.one.7", None)]
    assert two.network.counts["nobody there"] == 1


def test_equal_seeds_take_equal_times() -> None:
    def times(seed: str) -> list[float]:
        two, came = Two(seed), list[float]()
        two.other.wanted["session.*.*.state"] = lambda _packet: came.append(two.clock.passed_ms)
        two.say(*"abc")
        return came

    assert times("x") == times("x")
    assert times("x") != times("y")


def test_time_begins_where_it_is_said_to_and_alarms_of_one_moment_keep_their_order() -> None:
    clock, rang = VirtualClock(), list[str]()
    assert clock.now_ms() == START
    for name in "abc":
        clock.call_later(5, lambda name=name: rang.append(name))
    cancelled = clock.call_later(1, lambda: rang.append("never"))
    cancelled.cancel()
    clock.move(4.5)
    assert rang == []
    clock.move(1)
    assert "".join(rang) == "abc"
