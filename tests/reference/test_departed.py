"""What is known of users who went away, and for how long."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.reference.bench import Bench, action

from omnisession_reference.protocol import LIMITS

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.reference.bench import Ringing

KEPT_MS = 150_000


@pytest.fixture(name="bench")
def forgetting_bench(monkeypatch: pytest.MonkeyPatch) -> Bench:
    monkeypatch.setitem(LIMITS, "outcomes_ms", KEPT_MS)
    return Bench()


def visit(bench: Bench, session: str, user: str = "ann") -> str:
    """Open, act under an id that is always the same, close; returns the status."""
    bench.open(user, session)
    body = action(user, session, 1, "session.noop") | {"action_id": "act"}
    status = bench.send(body)["status"]
    bench.request(user, session, "session.close")
    return status


@pytest.mark.parametrize(("away_ms", "status"), [(KEPT_MS - 1, "duplicate"), (KEPT_MS, "applied")])
def test_outcomes_age_from_the_end_of_the_last_session(
    bench: Bench, away_ms: int, status: str
) -> None:
    visit(bench, "a1")
    bench.clock.move(KEPT_MS / 2)
    assert visit(bench, "a2") == "duplicate"
    bench.clock.move(away_ms)
    assert visit(bench, "a3") == status


def test_an_expired_session_counts_from_its_end(bench: Bench) -> None:
    bench.open("ann", "a1")
    body = action("ann", "a1", 1, "session.noop") | {"action_id": "act"}
    assert bench.send(body)["status"] == "applied"
    bench.clock.move(120_000 + KEPT_MS - 1)
    assert visit(bench, "a2") == "duplicate"


def test_outcomes_do_not_age_while_a_session_lives(bench: Bench) -> None:
    visit(bench, "a1")
    bench.open("ann", "a2")
    bench.open("ann", "a3")
    bench.request("ann", "a3", "session.close")
    for _ in range(4):
        bench.clock.move(KEPT_MS / 2)
        bench.ping("ann", "a2")
    assert visit(bench, "a4") == "duplicate"


def test_without_a_time_outcomes_do_not_age(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(LIMITS, "outcomes_ms")
    bench = Bench()
    visit(bench, "a1")
    bench.clock.move(10**12)
    assert visit(bench, "a2") == "duplicate"


def test_each_user_goes_at_its_own_time(bench: Bench) -> None:
    visit(bench, "a1")
    bench.clock.move(KEPT_MS - 10)
    visit(bench, "b1", "bob")
    bench.clock.move(10)
    assert visit(bench, "b2", "bob") == "duplicate"
    assert visit(bench, "a2") == "applied"


def test_a_user_that_was_changed_is_kept_and_any_other_is_made_anew(bench: Bench) -> None:
    for user in ("ann", "bob"):
        bench.open(user, f"{user}-1", kinds=["user"])
    bench.act("ann", "ann-1", 1, "user.update", changes={"username": "Chosen"})
    for user in ("ann", "bob"):
        bench.request(user, f"{user}-1", "session.close")
    bench.clock.move(KEPT_MS)
    shown: list[str] = []
    for user in ("ann", "bob"):
        bench.open(user, f"{user}-2", kinds=["user"], claims={"name": "Newer"})
        shown.append(bench.slice(user, f"{user}-2", "user")["user"]["username"])
    assert shown == ["Chosen", "Newer"]


def test_it_looks_once_whatever_the_fraction_of_a_millisecond(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.clock.move(0.02)
    visit(bench, "a1")
    later, looked = bench.clock.call_later, list[float]()

    def call_later(delay_ms: float, callback: Callable[[], None]) -> Ringing:
        looked.append(delay_ms)
        assert len(looked) < 10, "it sets its alarm for the moment in which it rings"
        return later(delay_ms, callback)

    monkeypatch.setattr(bench.clock, "call_later", call_later)
    bench.clock.move(KEPT_MS)
    assert looked == []
    assert visit(bench, "a2") == "applied"
