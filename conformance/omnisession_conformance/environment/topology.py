"""Which brokers the kit starts, and how they hang together: one, a cluster of three, or a leaf and its hub.

Kit and target are at different nodes wherever there is more than one, so that what is between nodes is
between them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from omnisession_conformance.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

SINGLE = "single"
CLUSTER = "cluster"
LEAF = "leaf"
NODES = "nodes"
"""Three nodes that keep what a server stores, each of which may end: the kit has one of its own beside."""
NUMBERS = (1, 3)
"""How many nodes a broker may have that may end: with two, neither is more than a half."""


@dataclass(frozen=True, slots=True)
class BrokerPlan:
    """What the kit starts: the shape, lines that each node has on top, and which nats-server.

    Without `program` it is looked for, see `find_binary`.
    """

    topology: str = SINGLE
    extra: str = ""
    program: Path | None = None

    @property
    def plain(self) -> bool:
        """Whether it is one broker as the kit makes it, on which nothing comes twice or changed."""
        return self.topology == SINGLE and not self.extra


@dataclass(frozen=True, slots=True)
class Link:
    """How a node finds the others: lines of its configuration, and how it tells that it has found them.

    `domain` is that of its streams, where they are apart from those of other nodes. Its monitoring tells on
    `page` of links; `others` of them, told apart by the member `member`, have to be there. One that is
    not `keeping` has no streams.
    """

    lines: str = ""
    domain: str = ""
    page: str = ""
    member: str = ""
    others: int = 0
    keeping: bool = True


@dataclass(frozen=True, slots=True)
class Topology:
    """A shape: names of its nodes, and at which of them kit and target are.

    `links` makes the link of each node from as many free ports as there are nodes. With `all_told` a target
    is told all nodes but the kit's, else its own alone.
    """

    names: tuple[str, ...]
    kit: int
    target: int
    links: Callable[[Sequence[int]], Sequence[Link]]
    all_told: bool = False


def _alone(ports: Sequence[int]) -> Sequence[Link]:
    del ports
    return (Link(),)


def _cluster(ports: Sequence[int]) -> Sequence[Link]:
    return [
        Link(
            'cluster {{ name: "omnisession", listen: "127.0.0.1:{own}", routes: [{others}] }}\n'.format(
                own=own,
                others=", ".join(f'"nats://127.0.0.1:{port}"' for port in ports if port != own),
            ),
            page="/routez",
            member="remote_id",
            others=len(ports) - 1,
        )
        for own in ports
    ]


def _with_the_kits(ports: Sequence[int]) -> Sequence[Link]:
    """A cluster, of which the last one keeps nothing, and is not told to those who connect to others."""
    *those, own = _cluster(ports)
    lines = own.lines.replace("{ name:", "{ no_advertise: true, name:")
    return (*those, replace(own, lines=lines, keeping=False))


def _leaf(ports: Sequence[int]) -> Sequence[Link]:
    hub, _ = ports
    return (
        Link(f'leafnodes {{ listen: "127.0.0.1:{hub}" }}\n', domain="hub"),
        Link(
            f'leafnodes {{ remotes: [{{ url: "nats-leaf://127.0.0.1:{hub}" }}] }}\n',
            domain="leaf",
            page="/leafz",
            member="name",
            others=1,
        ),
    )


TOPOLOGIES = {
    SINGLE: Topology(("n1",), 0, 0, _alone),
    CLUSTER: Topology(("n1", "n2", "n3"), 0, 1, _cluster),
    LEAF: Topology(("hub", "leaf"), 1, 0, _leaf),
}
"""Those that may be asked for by their names."""
SHAPES = {
    **TOPOLOGIES,
    NODES: Topology(("n1", "n2", "n3", "kit"), 3, 0, _with_the_kits, all_told=True),
}


def read_plan(
    where: str, own: Mapping[str, str], topology: str | None = None, nodes: int = 1
) -> BrokerPlan:
    """Read the settings `topology`, `extra` and `program`; `topology` of the command line comes first.

    Of several `nodes` each may end, so that they have a shape of their own. UsageError names `where` the
    settings are.
    """
    if nodes > 1 and (topology or own.get("topology", SINGLE)) != SINGLE:
        raise UsageError(
            f"{where}.topology, or --topology: {nodes} nodes that may end are a shape of their own: leave "
            "out either the topology or cluster.nodes (--nodes)."
        )
    shape = topology or own.get("topology", SINGLE)
    if shape not in TOPOLOGIES:
        close = get_close_matches(shape, TOPOLOGIES, 1)
        hint = f"did you mean '{close[0]}'?" if close else f"known are {', '.join(TOPOLOGIES)}"
        raise UsageError(f"{where}.topology: there is no topology '{shape}'; {hint}")
    program = Path(own["program"]).expanduser() if "program" in own else None
    if program is not None and not program.is_file():
        raise UsageError(f"{where}.program: there is no file '{program}'.")
    return BrokerPlan(NODES if nodes > 1 else shape, own.get("extra", ""), program)
