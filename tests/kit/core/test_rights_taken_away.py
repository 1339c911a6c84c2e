"""A right that the broker takes away in the middle of a run: nobody is blamed for what came of it."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.kit.broker.rights import ALL, SERVER_CMD, Brokerage, brokerage, deny
from tests.kit.core.running import REQUIREMENT, case, good, watched

from omnisession_conformance.engine import hearing
from omnisession_conformance.environment.access import at
from omnisession_conformance.environment.settings import Settings
from omnisession_conformance.environment.users import FixtureConfig
from omnisession_conformance.errors import BrokerError
from omnisession_conformance.protocol.excuses import Excuse
from omnisession_conformance.protocol.rights import OF_THE_KIT, Right
from omnisession_conformance.protocol.verdict import Status
from omnisession_conformance.traffic.rights import try_rights

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context

KIT = "kit"
WITHIN_S = 20.0


def settings(broker: Brokerage) -> Settings:
    """The kit is a user whose rights change, and starts the server as another."""
    return Settings(
        access=at(broker.url(KIT)),
        command=tuple(SERVER_CMD.split()),
        env={"NATS_URL": broker.url("server"), "NATS_USER": "server"},
        fixture=FixtureConfig(secret="a-secret-for-rights-that-are-taken-away"),
    )


async def take_away(broker: Brokerage, right: Right) -> None:
    """Return when the broker has taken a right from the kit's user."""
    broker.change({KIT: deny(right.verb.value, right.subjects("_INBOX"))})
    async with asyncio.timeout(WITHIN_S):
        while not await _refused(broker, right):
            await asyncio.sleep(0)


async def _refused(broker: Brokerage, right: Right) -> bool:
    # A broker that reads its configuration anew may turn away who connects in that moment.
    with contextlib.suppress(BrokerError):
        return bool((await try_rights(at(broker.url(KIT)), [right], ("u",), "t"))[0].refused)
    return False


def right(code: str) -> Right:
    return next(r for r in OF_THE_KIT if r.code == code)


@pytest.mark.dear
def test_to_publish_costs_the_case_its_word() -> None:
    with brokerage({KIT: ALL}) as broker:

        async def blames_for_silence(w: Context) -> None:
            session = await w.open(w.user())
            await take_away(broker, right("publish.actions"))
            w.check(REQUIREMENT, good=False, expected="one", seen="two")
            sent = await session.send_action(session.action_body("session.noop"))
            assert await sent.outcome() is None
            w.absent(REQUIREMENT, expected="an outcome")

        outcome, _ = watched(case(blames_for_silence), settings=settings(broker))
    (verdict,) = [v for v in outcome.verdicts if v.check.source == "blames_for_silence"]
    assert outcome.lost is None
    assert (verdict.status, verdict.excuse) == (Status.NOT_RUN, Excuse.NO_RIGHT)
    assert "may not publish on user.actions." in verdict.reason


@pytest.mark.dear
def test_to_ask_ends_the_run() -> None:
    with brokerage({KIT: ALL}) as broker:

        async def asks(w: Context) -> None:
            session = await w.open(w.user())
            await take_away(broker, right("publish.control"))
            await session.fence()

        outcome, _ = watched(case(asks), settings=settings(broker))
    assert outcome.lost is not None
    assert "may not publish on session." in outcome.lost
    assert {v.status for v in outcome.verdicts} == {Status.NOT_RUN}


def test_to_hear_ends_the_run_and_nothing_that_was_seen_counts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(hearing, "LOOK_EVERY_S", 0.05)
    with brokerage({KIT: ALL}) as broker:

        async def blames_for_silence(w: Context) -> None:
            await w.open(w.user())
            await take_away(broker, right("subscribe.state"))
            w.absent(REQUIREMENT, expected="a state")

        outcome, _ = watched(case(blames_for_silence), case(good), settings=settings(broker))
    assert outcome.lost is not None
    assert "may not subscribe to session.*.*.state" in outcome.lost
    assert {v.status for v in outcome.verdicts} == {Status.NOT_RUN}


@pytest.mark.dear
def test_a_broker_of_the_kits_own_is_not_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    async def note(engine: object) -> None:
        asked.append(engine)

    monkeypatch.setattr(hearing, "look_at_hearing", note)
    outcome, _ = watched(
        case(good), settings=replace(Settings(), command=tuple(SERVER_CMD.split()))
    )
    assert outcome.lost is None
    assert asked == []
