"""Who would receive a message, as brokers tell it in traces (ADR-41), over all nodes that it passes.

A broker that passes a message on names the hop, and the node behind it answers for what it does itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from omnisession_conformance.protocol.json import as_int, as_object, as_text, member, objects

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Sequence

EGRESS, IMPORT = "eg", "si"
"""Events of a trace: somebody would receive the message; another account would."""
CLIENT = 0
"""The kind of a receiver that is a client."""
HOP = "Nats-Trace-Hop"


@dataclass(frozen=True, slots=True)
class Receivers:
    """The clients that would receive a message, as the broker's egress objects, without the kit's own.

    `untold` says why there may be more of them, None where these are all. `waits` is whether nodes have
    yet to answer. `account` is the one that a message goes into by an import, if any, and `far` tells
    whether it goes on to other nodes.
    """

    clients: tuple[dict[str, Any], ...] = ()
    untold: str | None = None
    waits: bool = False
    account: str = ""
    far: bool = False


def read_receivers(traces: Sequence[dict[str, Any]], own: Iterable[tuple[str, int]]) -> Receivers:
    """Read the traces of one message that have come by now.

    `own` are the kit's connections: the id of their node, and their number there.
    """
    if not traces:
        return Receivers(untold="the broker does not answer trace-only probes", waits=True)
    mine = frozenset(own)
    told = {_hop(trace): trace for trace in traces}
    if len(told) < len(traces):
        return Receivers(untold="two traces came of one node, which no broker sends")
    found = [part for trace in told.values() for part in _of_node(trace, mine, told)]
    untold = [part.untold for part in found if part.untold is not None]
    return Receivers(
        clients=tuple(client for part in found for client in part.clients),
        untold=untold[0] if untold else None,
        waits=any(part.waits for part in found),
        account=next((part.account for part in found if part.account), ""),
        far=any(part.far for part in found),
    )


def _of_node(
    trace: dict[str, Any], mine: frozenset[tuple[str, int]], told: Container[str]
) -> Iterator[Receivers]:
    """What one node tells, event by event; `told` are the hops behind which a node has answered."""
    node, events = as_text(member(member(trace, "server"), "id")), objects(trace.get("events"))
    for event in events:
        kind, name = as_text(event.get("type")), as_text(event.get("name"))
        if kind == IMPORT:
            account = as_text(event.get("acc"))
            why = f"it is imported from account {account}, which allows no traces"
            yield Receivers(untold=None if _goes_on(event, events) else why, account=account)
        elif kind != EGRESS:
            continue
        elif as_int(event.get("kind")) == CLIENT:
            if (node, as_int(event.get("cid"))) not in mine:
                yield Receivers((event,))
        elif error := as_text(event.get("error")):
            yield Receivers(untold=f"it goes on to node {name}: {error}", far=True)
        elif as_text(event.get("hop")) in told:
            yield Receivers(far=True)
        else:
            yield Receivers(untold=f"node {name} tells nothing", waits=True, far=True)


def _hop(trace: Any) -> str:
    hops = as_object(member(member(trace, "request"), "header")).get(HOP)
    return as_text(hops[0]) if isinstance(hops, list) and hops else ""


def _goes_on(imported: dict[str, Any], events: Sequence[dict[str, Any]]) -> bool:
    """Whether the trace goes on in the account that a service is imported from."""
    account, after = imported.get("acc"), events[events.index(imported) + 1 :]
    return any(e.get("type") == EGRESS and (e.get("hop") or e.get("acc") == account) for e in after)
