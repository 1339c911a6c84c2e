"""Two servers on one journal: whatever becomes of one, nothing acked is lost, and one alone speaks."""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from tests.durable.clients import ROUNDS, Listener, check_one_speaks, load
from tests.durable.processes import Broker, Server, broker

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

pytestmark = pytest.mark.dear


class Pair:
    """An owner and a standby; whoever ends has a successor, which stands by."""

    def __init__(self, running: Broker) -> None:
        self.running = running
        self.disturbed_at: list[float] = []
        self.servers = [Server(running.url)]
        self.servers[0].wait_for("speaks")
        self.start()

    def start(self) -> None:
        self.servers.append(Server(self.running.url))
        self.servers[-1].wait_for("ready")

    @property
    def living(self) -> tuple[Server, Server]:
        """Who has spoken last, then the other one: a busy machine may change that by itself."""
        standby, owner = sorted(self.servers[-2:], key=lambda server: server.term)
        return owner, standby

    def now(self) -> None:
        """The next thing happens."""
        self.disturbed_at.append(time.monotonic())

    # -- what happens

    def kill_owner(self) -> None:
        self.end_owner(Server.kill)

    def stop_owner(self) -> None:
        self.end_owner(lambda owner: self.well(owner.stop()))

    def well(self, code: int) -> None:
        assert code == 0

    def end_owner(self, end: Callable[[Server], None]) -> None:
        owner, standby = self.living
        before = owner.term
        self.now()
        end(owner)
        standby.speaks_above(before)
        self.servers.remove(owner)
        self.start()

    def freeze_owner(self) -> None:
        """It wakes up when the other one speaks, and in the middle of what it was about to say."""
        owner, standby = self.living
        before = owner.term
        self.now()
        owner.freeze()
        standby.speaks_above(before)
        owner.thaw()

    def kill_standby(self) -> None:
        _, standby = self.living
        self.now()
        standby.kill()
        self.servers.remove(standby)
        self.start()

    def end(self) -> None:
        for server in reversed(self.living):
            self.well(server.stop())


@contextmanager
def pair() -> Generator[Pair]:
    with broker() as running:
        two = Pair(running)
        try:
            yield two
        finally:
            for server in two.servers:
                server.kill()


def tried(two: Pair, disturb: Callable[[], None]) -> Listener:
    """Let it happen under load; both servers have ended in order before anything is judged."""
    peer = asyncio.run(load(two.running.url, disturb, then=two.end))
    check_one_speaks(peer)
    return peer


def told(what: str, two: Pair, peer: Listener) -> None:
    """What a reader of the test's output wants to know; times are no part of its verdict."""
    logging.getLogger(__name__).warning(
        "silence after %s: %s ms", what, [peer.silence_ms(at) for at in two.disturbed_at]
    )


def test_its_owner_killed_the_standby_goes_on() -> None:
    with pair() as two:
        peer = tried(two, two.kill_owner)
        assert peer.terms() > ROUNDS
        told("kill -9 of the owner", two, peer)


def test_an_owner_that_was_frozen_says_nothing_more_in_its_term() -> None:
    with pair() as two:
        peer = tried(two, two.freeze_owner)
        assert peer.terms() > ROUNDS
        assert all(server.term for server in two.servers)
        told("a freeze of the owner", two, peer)


def test_an_owner_that_stops_as_planned_hands_over() -> None:
    with pair() as two:
        peer = tried(two, two.stop_owner)
        assert peer.terms() > ROUNDS
        for user in ("u0", "u3"):
            pushed = [body["type"] for body in peer.on(f"session.{user}.s.control")]
            assert "session.closing" in pushed
        told("a planned stop of the owner", two, peer)


def test_without_its_standby_the_owner_goes_on() -> None:
    with pair() as two:
        peer = tried(two, two.kill_standby)
        logging.getLogger(__name__).warning("terms without a standby: %d", peer.terms())
