"""Whether a count is complete, without gate or client: what came and what is said to be handled."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnisession_conformance.environment.proxy.subscriptions import Subscription
from omnisession_conformance.roles.client.gate.counting import Count, count, subjects_of
from omnisession_conformance.roles.client.metering import Meter, Reading

BEHIND, COMPLETE, LIKELY = Reading.BEHIND, Reading.COMPLETE, Reading.LIKELY
ABOVE, ELSEWHERE = Reading.ABOVE, Reading.ELSEWHERE


def read(meter: Meter, now: Count, handled: int, *, still: bool = False, of: str = "s") -> Reading:
    return meter.read(of, now, now, handled, still=still)


@pytest.mark.parametrize(
    ("now", "handled", "reading"),
    [(Count(), 0, COMPLETE), (Count(3), 2, BEHIND), (Count(3), 3, COMPLETE), (Count(3), 4, ABOVE)],
)
def test_the_first_subscription_counts_from_nothing(
    now: Count, handled: int, reading: Reading
) -> None:
    assert read(Meter(), now, handled) is reading


def test_what_came_after_the_question_need_not_be_handled() -> None:
    meter = Meter()
    assert meter.read("s", Count(3), Count(9), 3, still=False) is COMPLETE
    assert meter.read("s", Count(3), Count(9), 9, still=False) is COMPLETE
    assert meter.read("s", Count(3), Count(9), 10, still=False) is ABOVE


def test_a_new_session_begins_anew_whatever_is_under_way_to_the_old_one() -> None:
    meter = Meter()
    assert read(meter, Count(9), 4) is BEHIND
    assert read(meter, Count(), 0, of="t") is COMPLETE
    assert read(meter, Count(2), 1, of="t") is BEHIND
    assert read(meter, Count(2), 2, of="t") is COMPLETE


def test_after_a_quiet_cut_a_count_may_go_on() -> None:
    meter = Meter()
    assert read(meter, Count(9), 9) is COMPLETE
    assert read(meter, Count(2, 9, 1), 10) is BEHIND
    assert read(meter, Count(2, 9, 1), 11) is COMPLETE
    assert read(meter, Count(2, 9, 1), 12) is ABOVE


def test_after_a_quiet_cut_a_count_may_begin_anew() -> None:
    meter = Meter()
    assert read(meter, Count(9), 9) is COMPLETE
    assert read(meter, Count(2, 9, 1), 1) is BEHIND
    assert read(meter, Count(2, 9, 1), 2) is COMPLETE
    assert read(meter, Count(3, 9, 1), 2) is BEHIND
    assert read(meter, Count(3, 9, 1), 4) is ABOVE


def test_messages_under_way_at_a_cut_are_never_waited_for() -> None:
    meter = Meter()
    assert read(meter, Count(5), 5) is COMPLETE
    # Four of nine were lost with the connection.
    assert read(meter, Count(2, 9, 1), 7) is BEHIND
    assert read(meter, Count(2, 9, 1), 7, still=True) is LIKELY
    assert read(meter, Count(3, 9, 1), 7) is BEHIND
    assert read(meter, Count(3, 9, 1), 8) is LIKELY
    # It had only stood still: no fault of its count.
    assert read(meter, Count(3, 9, 1), 10) is LIKELY
    assert read(meter, Count(4, 9, 1), 11) is LIKELY


def test_a_subscription_that_ends_meanwhile_is_looked_at_again() -> None:
    meter = Meter()
    assert meter.read("s", Count(3), Count(0, 3, 1), 3, still=False) is ELSEWHERE


@dataclass
class Client:
    """A right client: it counts on, or anew, after each of its connections; some of them lose messages."""

    anew: bool
    handled: int = 0
    waiting: int = 0
    live: int = 0
    ended: int = 0
    ends: int = 0
    readings: list[Reading] = field(default_factory=list[Reading])

    @property
    def now(self) -> Count:
        return Count(self.live, self.ended, self.ends)

    def come(self, number: int) -> None:
        self.live += number
        self.waiting += number

    def handle(self, number: int) -> None:
        number = min(number, self.waiting)
        self.waiting -= number
        self.handled += number

    def late(self, number: int) -> None:
        """Something was under way to a subscription that is over: nobody counts it."""
        self.ended += number if self.ends else 0

    def cut(self, lost: int) -> None:
        self.ended, self.live, self.ends = self.ended + self.live, 0, self.ends + 1
        self.waiting -= min(lost, self.waiting)
        if self.anew:
            # What it still has of the old connection is none of the new count's.
            self.handled = self.waiting = 0


STEPS = st.lists(
    st.tuples(st.sampled_from(["come", "handle", "cut", "late", "read"]), st.integers(0, 5)),
    max_size=40,
)


@given(st.booleans(), STEPS)
def test_no_right_client_is_ever_above_and_what_is_complete_is(
    anew: bool, steps: list[tuple[str, int]]
) -> None:
    client, meter = Client(anew), Meter()
    for step, number in steps:
        if step != "read":
            getattr(client, step)(number)
            continue
        reading = read(meter, client.now, client.handled)
        assert reading is not ABOVE
        if reading is COMPLETE:
            assert client.waiting == 0, (steps, client)
    # At rest it is found to be, however it counts.
    client.handle(client.waiting)
    assert read(meter, client.now, client.handled, still=True) in (COMPLETE, LIKELY)


def test_only_subscriptions_of_the_session_count() -> None:
    wanted = subjects_of("Zoë.x", "s-1")
    assert wanted[0] == b"session.Zo=c3=ab=2ex.s-1.state"
    subjects = [
        (b"session.Zo=c3=ab=2ex.s-1.*", True, 3),
        (b"session.Zo=c3=ab=2ex.s-1.events", True, 4),
        (b"session.Zo=c3=ab=2ex.s-2.*", True, 50),
        (b"_INBOX.x.*", True, 60),
        (b"article.a.updates", True, 70),
        (b"session.Zo=c3=ab=2ex.s-1.*", False, 5),
    ]
    found = [
        (Subscription(b"%d" % sid, subject, b"", delivered), connected)
        for sid, (subject, connected, delivered) in enumerate(subjects)
    ]
    assert count(wanted, found) == Count(7, 5, 1)
    found[0][0].stop(None)
    assert count(wanted, found) == Count(4, 8, 2)
