"""An owner and a standby on one broker or on three, all of it real, and what may happen to them."""

from __future__ import annotations

import asyncio
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.durable.cluster import NAMES, Cluster, cluster
from tests.durable.processes import PATIENCE_S, Broker, Server, broker

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

FROZEN_S = 4.0
"""A node stands still for so long: well above what a lease, and a leader's silence, may take."""
AWAY_S = 2.0


class Fleet:
    """Two instances, each at a node of its own where there are three; whoever ends is started again."""

    def __init__(self, brokers: Mapping[str, Broker], nodes: Cluster | None) -> None:
        self.brokers = brokers
        self._nodes = nodes
        self._news = threading.Condition()
        self._places: dict[Server, int] = {}

    def begin(self) -> None:
        """Start both, and wait until one speaks, the other is ready, and the journal has all its copies."""
        if self._nodes is not None:
            asyncio.run(self._nodes.ready())
        self._start(0).wait_for("speaks")
        self._start(1).wait_for("ready")
        self.settle()

    def settle(self) -> None:
        """Wait until the journal has a leader and all its copies, where there are several."""
        if self._nodes is not None:
            self.leader()

    def end(self) -> None:
        """End both, whatever they do."""
        for server in self._places:
            server.thaw()
            server.kill()

    def stop(self) -> None:
        """Stop both as planned, the owner last."""
        for server in self._places:
            server.wait_for("ready")
        for server in sorted(self._places, key=lambda one: one.term):
            assert server.stop() == 0, server.log

    @property
    def url_of_clients(self) -> str:
        """Where clients are: at a node with no instance, where there are three."""
        return self._url(2)

    @property
    def owner(self) -> Server:
        """Who has spoken last."""
        return max(self._places, key=lambda server: server.term)

    @property
    def standby(self) -> Server:
        """The other one."""
        return min(self._places, key=lambda server: server.term)

    def leader(self) -> Broker:
        """The node that leads the journal, once all copies are up to date."""
        return self.brokers[self._leader()]

    def _leader(self) -> str:
        assert self._nodes is not None
        return asyncio.run(self._nodes.leader())

    def _url(self, place: int) -> str:
        return self.brokers["n1"].url if self._nodes is None else self._nodes.urls(place)

    def _start(self, place: int) -> Server:
        server = Server(self._url(place), news=self._news)
        self._places[server] = place
        return server

    def _speaks_above(self, term: int) -> None:
        with self._news:
            told = self._news.wait_for(lambda: self.owner.term > term, PATIENCE_S)
        assert told, [server.log for server in self._places]

    def _again(self, *ended: Server) -> None:
        for server in ended:
            self._start(self._places.pop(server))

    # -- instances

    def kill_owner(self) -> None:
        """The owner is killed"""
        owner = self.owner
        owner.kill()
        self._again(owner)
        self._speaks_above(owner.term)

    def kill_standby(self) -> None:
        """The standby is killed"""
        standby = self.standby
        standby.kill()
        self._again(standby)

    def stop_owner(self) -> None:
        """The owner is stopped as planned"""
        owner = self.owner
        assert owner.stop() == 0, owner.log
        self._again(owner)
        self._speaks_above(owner.term)

    def freeze_owner(self) -> None:
        """The owner is frozen until another one speaks"""
        owner, before = self.owner, self.owner.term
        owner.freeze()
        self._speaks_above(before)
        owner.thaw()

    def kill_instances(self) -> None:
        """All instances are killed"""
        both, before = tuple(self._places), self.owner.term
        for server in both:
            server.kill()
        self._again(*both)
        self._speaks_above(before)

    # -- one broker

    def kill_broker(self) -> None:
        """The only broker is killed"""
        self._kill_nodes("n1")

    def kill_broker_and_owner(self) -> None:
        """The only broker and the owner are killed"""
        self._with_owner(lambda: self._kill_nodes("n1"))

    # -- three brokers

    def kill_leader(self) -> None:
        """The journal's leader is killed"""
        self._kill_nodes(self._leader())

    def kill_follower(self) -> None:
        """Another node is killed"""
        leader = self._leader()
        self._kill_nodes(next(name for name in NAMES if name != leader))

    def stop_leader(self) -> None:
        """The journal's leader is stopped as planned"""
        node = self.leader()
        node.stop()
        node.start()

    def stop_nodes_in_turn(self) -> None:
        """All nodes are stopped as planned, in turn"""
        for node in self.brokers.values():
            node.stop()
            node.start()
            self.leader()

    def freeze_leader(self) -> None:
        """The journal's leader is frozen"""
        self._freeze(self._leader())

    def freeze_node_of_owner(self) -> None:
        """The owner's node is frozen"""
        self._freeze(NAMES[self._places[self.owner]])

    def kill_leader_and_owner(self) -> None:
        """The journal's leader and the owner are killed"""
        leader = self._leader()
        self._with_owner(lambda: self._kill_nodes(leader))

    def kill_two_nodes(self) -> None:
        """Two of three nodes are killed, and away for a while"""
        self._kill_nodes(*NAMES[:2], away_s=AWAY_S)

    def kill_nodes(self) -> None:
        """All three nodes are killed"""
        self._kill_nodes(*NAMES)

    def _kill_nodes(self, *names: str, away_s: float = 0) -> None:
        for name in names:
            self.brokers[name].kill()
        time.sleep(away_s)  # that is what happens: nothing is waited for
        for name in names:
            self.brokers[name].start()

    def _freeze(self, name: str) -> None:
        self.brokers[name].freeze()
        time.sleep(FROZEN_S)  # that is what happens: nothing is waited for
        self.brokers[name].thaw()

    def _with_owner(self, disturb: Callable[[], None]) -> None:
        owner = self.owner
        owner.kill()
        disturb()
        self._again(owner)
        self._speaks_above(owner.term)


@contextmanager
def fleet(nodes: int) -> Generator[Fleet]:
    """Run one on files of its own."""
    if nodes == 1:
        with broker() as alone, _running(Fleet({"n1": alone}, None)) as running:
            yield running
    else:
        with cluster() as three, _running(Fleet(three.nodes, three)) as running:
            yield running


@contextmanager
def _running(one: Fleet) -> Generator[Fleet]:
    try:
        one.begin()
        yield one
    finally:
        one.end()
