"""A task of a connection that ends before its time ends the run: what looks connected may be deaf."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from nats.aio.client import Client

from omnisession_conformance.environment.access import at
from omnisession_conformance.environment.broker import embedded_broker
from omnisession_conformance.environment.draws import Draws
from omnisession_conformance.traffic.connection import OrderedClient
from omnisession_conformance.traffic.ledger import Ledger
from omnisession_conformance.traffic.publisher import open_publisher

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.kit.command.inside import Inside

TASKS = {
    "_reading_task": "reads no more",
    "_flusher_task": "sends no more",
    "_ping_interval_task": "is not looked after any more",
}
CONNECTIONS = {
    "omnisession tap": "the tap",
    "omnisession actors": "the connection of the kit's actors",
    "omnisession case": "the connection of the kit's case",
}


def by_its_use(_: Draws, what: str) -> str:
    return f"omnisession {what}"


@pytest.mark.parametrize(
    ("connection", "task"),
    [
        ("omnisession actors", "_reading_task"),
        *(
            pytest.param(connection, task, marks=pytest.mark.dear)
            for connection in CONNECTIONS
            for task in TASKS
            if (connection, task) != ("omnisession actors", "_reading_task")
        ),
    ],
)
def test_a_run_ends_with_it(
    connection: str, task: str, inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = OrderedClient.on_end_of_work

    def ending(self: OrderedClient, tell: Callable[[str], None]) -> None:
        good(self, tell)
        if str(self.options["name"]).startswith(connection):
            getattr(self, task).cancel()

    monkeypatch.setattr(OrderedClient, "on_end_of_work", ending)
    # The names of a run's connections are drawn, and nothing tells them apart.
    monkeypatch.setattr(Draws, "connection_name", by_its_use)
    ran = inside.omnisession("check", "--case", "largest-action-is-taken")
    assert ran.code == 3, ran.out + ran.err
    assert ran.footer["run_status"] == "aborted"
    assert CONNECTIONS[connection] in ran.footer["reason"]
    assert TASKS[task] in ran.footer["reason"]
    assert not ran.statuses() & {"PASS", "WARN"}


def test_a_connection_that_is_closed_has_not_failed() -> None:
    lost: list[str] = []

    async def run() -> None:
        async with embedded_broker() as broker:
            first = await open_publisher(
                at(broker.url), Ledger(shared_broker=False), "a", lost.append
            )
            second = await first.another("b")
            for publisher in (first, second):
                await publisher.flush()
                await publisher.close()

    asyncio.run(run())
    assert not lost


def test_a_cancelled_flush_leaves_a_publishing_connection_as_it_was() -> None:
    lost: list[str] = []

    async def run() -> None:
        async with embedded_broker() as broker:
            publisher = await open_publisher(
                at(broker.url), Ledger(shared_broker=False), "a", lost.append
            )
            flush = asyncio.create_task(publisher.flush())
            for _ in range(2):
                await asyncio.sleep(0)
            flush.cancel()
            await asyncio.wait([flush])
            assert flush.cancelled()
            await publisher.flush()
            await publisher.flush()
            await publisher.close()

    asyncio.run(run())
    assert not lost


def test_the_tasks_have_these_names_in_the_library() -> None:
    assert set(TASKS) <= set(vars(Client()))
