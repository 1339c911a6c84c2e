"""The optional limit of actions a second."""

from __future__ import annotations

from tests.reference.bench import Bench, action

from omnisession_reference.core import Settings


def test_what_is_too_fast_is_forgotten_and_may_come_again() -> None:
    bench = Bench(settings=Settings(rate=4))
    bench.open("ann", "s", gap_ms=0)
    bench.open("ann", "t", gap_ms=0)
    for number in range(1, 5):
        assert bench.code("ann", "s", number, "session.noop") is None
    late = action("ann", "s", 5, "chat.send", content="hi")
    refused = bench.send(late)
    error = refused["error"]
    assert (error["code"], error["name"], error["retryable"]) == (4290, "RATE_LIMITED", True)
    assert refused["position"]["last_action_seq"] == 4
    assert bench.code("ann", "s", 6, "session.noop") == 4091
    assert bench.code("ann", "t", 1, "session.noop") is None
    assert bench.act("ann", "s", 1, "session.noop")["status"] == "duplicate"
    bench.clock.move(error["retry_after_ms"])
    assert bench.send(late)["status"] == "applied"
    assert bench.code("ann", "s", 6, "session.noop") == 4290


def test_a_bucket_holds_one_second() -> None:
    bench = Bench(settings=Settings(rate=4))
    bench.open("ann", "s", gap_ms=0)
    bench.clock.move(60_000)
    codes = [bench.code("ann", "s", number, "session.noop") for number in range(1, 6)]
    assert codes == [None] * 4 + [4290]


def test_there_is_no_limit_unless_it_is_asked_for() -> None:
    bench = Bench()
    bench.open("ann", "s")
    codes = {bench.code("ann", "s", number, "session.noop") for number in range(1, 300)}
    assert codes == {None}
