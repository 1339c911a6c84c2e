"""The rows of the table: what is killed, frozen or stopped, and on how many nodes."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.durable.clients import check_one_speaks, load
from tests.durable.kills.fleet import Fleet, fleet

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Row:
    """A thing that happens to a fleet on so many nodes.

    Where brokers end that carry messages there are `holes`; what one holds that stands still comes `late`.
    """

    nodes: int
    disturb: Callable[[Fleet], None]
    holes: bool = False
    late: bool = False

    @property
    def name(self) -> str:
        """As it is chosen."""
        return f"{self.disturb.__name__.replace('_', '-')}-{self.nodes}"

    @property
    def what(self) -> str:
        """As it is told."""
        return self.disturb.__doc__ or ""


@dataclass(frozen=True, slots=True)
class Run:
    """What came of it: how many actions were acked, and how long one of them waited at most, in seconds."""

    acked: int
    longest_s: float


OF_INSTANCES = (
    Fleet.kill_owner,
    Fleet.freeze_owner,
    Fleet.stop_owner,
    Fleet.kill_standby,
    Fleet.kill_instances,
)
ROWS = (
    *(Row(1, happens) for happens in OF_INSTANCES),
    Row(1, Fleet.kill_broker, holes=True),
    Row(1, Fleet.kill_broker_and_owner, holes=True),
    *(Row(3, happens) for happens in OF_INSTANCES),
    *(
        Row(3, happens, holes=True)
        for happens in (
            Fleet.kill_leader,
            Fleet.kill_follower,
            Fleet.stop_leader,
            Fleet.stop_nodes_in_turn,
            Fleet.kill_leader_and_owner,
            Fleet.kill_two_nodes,
            Fleet.kill_nodes,
        )
    ),
    *(
        Row(3, happens, holes=True, late=True)
        for happens in (Fleet.freeze_leader, Fleet.freeze_node_of_owner)
    ),
)


def run(row: Row) -> Run:
    """Let it happen once under load, on files of its own.

    Raises AssertionError where something acked is lost, an action has two effects, or an instance speaks in
    an epoch that is over; TimeoutError where nobody goes on.
    """

    def disturb() -> None:
        row.disturb(running)
        running.settle()

    with fleet(row.nodes) as running:
        peer = asyncio.run(load(running.url_of_clients, disturb, then=running.stop, rounds=1))
        check_one_speaks(peer, holes=row.holes, late=row.late)
    acked = sum(len(client.acked) for client in peer.clients)
    return Run(acked, max(client.longest_s for client in peer.clients))
