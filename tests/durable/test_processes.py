"""Killed for real: what was acked is there when the server, or its broker, is started again."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import pytest
from tests.durable.clients import LATER, check_one_speaks, code_of, load
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


FROZEN_S = 3
"""Longer than the lease of an owner, and than any answer may take."""


def test_its_broker_frozen_it_says_that_it_does_not_know_or_nothing(running: Broker) -> None:
    server = Server(running.url)

    def disturb() -> None:
        running.freeze()
        try:
            time.sleep(FROZEN_S)  # this is what happens: for so long nothing comes through
        finally:
            running.thaw()

    try:
        peer = asyncio.run(load(running.url, disturb))
        check_one_speaks(peer)
        # What is refused is refused for now: nothing was claimed of what nobody could know.
        assert {code_of(body) for _, body in peer.seen} <= {0, *LATER}
        assert server.stop() == 0
    finally:
        server.kill()
