"""Another tenant on another node is tried for a while: that node may learn late who listens where."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tests.kit.permissions.brokers import ALL, Broker, broker_with

from omnisession_conformance.environment.identities import Identity
from omnisession_conformance.roles.deployment.attempt import Names, hear, say
from omnisession_conformance.roles.deployment.exchanges import from_elsewhere
from omnisession_conformance.roles.deployment.trying import Trier, way_of
from omnisession_conformance.roles.deployment.watch import Line

if TYPE_CHECKING:
    import pytest

    from omnisession_conformance.roles.deployment.attempt import Attempt

LATE_S = 0.5


def unnoted(*_: object) -> None:
    """Take no note of what is published."""


def tried(broker: Broker, attempt: Attempt) -> bool:
    """Whether an attempt of ann of another tenant on bob gets through."""
    tenant = Identity("ann", broker.access("ann", "_INBOX.ann"))
    names = Names(tenant, Identity("bob", broker.access("bob", "_INBOX.bob")), "word")

    async def run() -> bool:
        access = broker.access(ALL)
        kit = await Line.open(access, None, unnoted, echo=True)
        await kit.listen(">")
        trier = Trier(kit, access, way_of(access), unnoted, lambda: None, 5)
        try:
            return await from_elsewhere(trier, names, attempt.named(names.texts))
        finally:
            await kit.close()

    return asyncio.run(run())


def test_who_is_known_late_on_another_node_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    listen, late = Line.listen, set[asyncio.Task[None]]()

    async def known_late(line: Line, subject: str, queue: str = "") -> None:
        if subject != "session.>":
            await listen(line, subject, queue)
            return
        task = asyncio.create_task(asyncio.sleep(LATE_S))
        late.add(task)
        task.add_done_callback(lambda _: late.add(asyncio.create_task(listen(line, subject))))

    monkeypatch.setattr(Line, "listen", known_late)
    monkeypatch.setattr(Line, "node", property(lambda line: f"node {id(line)}"))
    with broker_with({"ann": ""}) as broker:
        assert tried(broker, hear("session.>", "session.{v}.{t}.control"))
        assert not tried(broker, hear("nothing", "session.{v}.{t}.control"))


def test_what_is_said_on_the_same_node_is_caught_at_once() -> None:
    with broker_with({"ann": ""}) as broker:
        assert tried(broker, say("user.actions.{v}"))
        assert tried(broker, hear(">", "session.{v}.{t}.events"))
