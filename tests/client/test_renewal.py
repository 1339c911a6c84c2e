"""A session that ends with its token: its user is warned, and it goes on by another one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.client.bench import Bench, position, sent_by

from omnisession_client.effects import Expiring, Renewed
from omnisession_client.messages import Renewing

if TYPE_CHECKING:
    from omnisession_client.values import Mode

OLD, FRESH = "t-old", "t-fresh"
FIRST, LATER = 1_730_000_060_000, 1_730_003_660_000


def warned(bench: Bench, ends_at: Any = FIRST) -> list[Any]:
    body = bench.envelope("auth.expiring") | {"data": {"expires_at": ends_at}}
    return bench.hears("control", body)


def renews(bench: Bench, token: str = FRESH) -> list[tuple[str, str | None]]:
    """The requests that another token makes the client send, with the tokens of opens."""
    return asked(bench.put(Renewing(at_ms=0, token=token)))


def asked(effects: list[Any]) -> list[tuple[str, str | None]]:
    sent = [s for s in sent_by(effects) if s.type in ("session.open", "session.resume")]
    return [(s.type, s.body["data"]["auth"]["token"] if "open" in s.type else None) for s in sent]


def told(effects: list[Any]) -> list[Renewed]:
    return [e for e in effects if isinstance(e, Renewed)]


OPEN = [("session.open", FRESH)]
MOVED = [Renewed(moved=True, expires_at=LATER)]


def test_a_warning_is_told_and_changes_nothing() -> None:
    bench = Bench().live()
    before = bench.state
    assert warned(bench) == [Expiring(FIRST)]
    assert bench.state == before
    bench.hears("events", bench.added(3))
    assert bench.state.phase == "recovering"
    assert warned(bench) == [Expiring(FIRST)]
    odds: tuple[Any, ...] = (None, "soon", 0, 1.5, {})
    for odd in odds:
        assert warned(bench, odd) == []


@pytest.mark.parametrize("mode", ["pure", "hybrid", "optimistic"])
def test_a_renewal_keeps_the_session_and_its_numbers(mode: Mode) -> None:
    bench = Bench(token=OLD, mode=mode).live()
    bench.dispatch("act-1")
    session = bench.state.session_id
    assert renews(bench) == OPEN
    assert told(bench.opens(1, expires_at=LATER)) == MOVED
    bench.hears("state", bench.shown(2))
    assert (bench.state.phase, bench.state.session_id) == ("live", session)
    assert bench.state.opened is not None
    assert bench.state.opened.expires_at == LATER
    bench.hears("state", bench.shown(3, las=1))
    bench.outcome("action.ack", "act-1", 1, 3, status="applied")
    (sent,) = [s for s in sent_by(bench.dispatch("act-2")) if s.type == "chat.send"]
    assert sent.body["client_seq"] == 2


def test_a_renewal_waits_for_the_recovery_that_is_under_way() -> None:
    bench = Bench(token=OLD).live()
    bench.hears("events", bench.added(3))
    assert renews(bench) == []
    missed = [bench.added(2), bench.added(3)]
    after = bench.answers("session.resumed", mode="replay", messages=missed, **position(3))
    assert asked(after) == OPEN


def test_a_renewal_is_tried_until_it_is_answered() -> None:
    bench = Bench(token=OLD).live()
    assert renews(bench) == OPEN
    assert told(bench.nobody_answers()) == []
    assert asked(bench.rings("retry")) == OPEN
    assert told(bench.refuses(5030, retryable=True)) == []
    bench.lost()
    assert asked(bench.ready()) == OPEN
    assert told(bench.opens(1, expires_at=LATER)) == MOVED


def test_a_refusal_moves_nothing_and_the_session_goes_on() -> None:
    bench = Bench(token=OLD).live()
    renews(bench)
    effects = bench.refuses(4030)
    assert told(effects) == [Renewed(moved=False, code=4030)]
    assert asked(effects) == [("session.resume", None)]
    bench.answers("session.resumed", mode="current", messages=[], **position(1))
    assert bench.state.phase == "live"


def test_a_token_that_comes_before_the_first_answer_is_shown_behind_it() -> None:
    bench = Bench(token=OLD)
    bench.begin()
    bench.ready()
    assert renews(bench) == []
    bench.opens()
    assert asked(bench.effects)[-1:] == OPEN
    assert told(bench.opens(1, expires_at=LATER)) == MOVED


def test_a_session_that_is_over_renews_nothing() -> None:
    bench = Bench(token=OLD).live()
    renews(bench)
    assert told(bench.stops()) == [Renewed(moved=False)]
    assert told(bench.put(Renewing(at_ms=0, token=FRESH))) == [Renewed(moved=False)]
    assert warned(bench) == []
