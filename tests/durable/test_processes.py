"""Killed for real: what was acked is there when the server, or its broker, is started again."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from tests.durable.clients import check_one_speaks, load
from tests.durable.processes import Broker, Server, broker

if TYPE_CHECKING:
    from collections.abc import Generator

pytestmark = pytest.mark.dear


@pytest.fixture(name="running")
def running_broker() -> Generator[Broker]:
    with broker() as one:
        yield one


def test_killed_and_started_again_it_has_lost_nothing(running: Broker) -> None:
    servers = [Server(running.url)]

    def disturb() -> None:
        servers[-1].kill()
        servers.append(Server(running.url))

    try:
        peer = asyncio.run(load(running.url, disturb))
        check_one_speaks(peer)
        assert peer.terms() >= 4
        assert servers[-1].stop() == 0
    finally:
        servers[-1].kill()


def test_its_broker_killed_it_has_lost_nothing(running: Broker) -> None:
    server = Server(running.url)

    def disturb() -> None:
        running.kill()
        running.start()

    try:
        peer = asyncio.run(load(running.url, disturb))
        assert peer.terms() >= 4
        assert server.stop() == 0
    finally:
        server.kill()
