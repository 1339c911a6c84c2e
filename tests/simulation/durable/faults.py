"""What befalls instances, their connections and the journal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.simulation.durable.poison import forge, poison
from tests.simulation.durable.rest import FORGED
from tests.simulation.durable.stream import CONF

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.simulation.durable.node import Node
    from tests.simulation.durable.schedule import Fault
    from tests.simulation.durable.world import World

MOST_NODES = 5
BETWEEN_CLAIMS_MS = 60


def freeze(_world: World, node: Node, fault: Fault) -> None:
    """Its process stands still."""
    node.freeze(fault.ms)


def suspend(world: World, node: Node, fault: Fault) -> None:
    """Its machine stands still, and its steady clock with it: it does not know for how long."""
    world.tap.is_beyond_margins = True
    node.freeze(fault.ms, stops_clock=True)


def detour(world: World, node: Node, fault: Fault) -> None:
    """What it says on this connection takes longer than the margin for routes."""
    world.tap.is_beyond_margins = True
    node.way.takes_ms = fault.ms


def kill(world: World, node: Node, fault: Fault) -> None:
    """Its process ends without a word, and another one is started."""
    node.kill()
    world.clock.call_later(fault.ms, world.arrive)


def cut(_world: World, node: Node, fault: Fault) -> None:
    """It loses its connection, and hears of it soon, or when it has another."""
    node.cut(fault.ms, unnoticed=fault.way == "unnoticed")


def part(_world: World, node: Node, fault: Fault) -> None:
    """It is with the smaller part of the cluster: it reaches clients, and not the journal."""
    node.part(fault.ms)


def lag(world: World, node: Node, fault: Fault) -> None:
    """It folds late, for a while or for ever; somebody has to be quick enough."""
    if fault.way == "for ever" and len([one for one in world.alive if not one.lag_ms]) < 2:
        return
    node.lag_ms = fault.ms
    if fault.way != "for ever":
        world.clock.call_later(fault.ms * 2, node.keep_up)


def join(world: World, _node: Node, fault: Fault) -> None:
    """Another instance is started, which may have other limits than the journal."""
    if len(world.alive) < MOST_NODES:
        has_begun = (
            world.truth.fold.conf is not None
        )  # else it could be the one that others halt for
        world.arrive(has_other_limits=bool(fault.way) and has_begun)


def leave(world: World, node: Node, fault: Fault) -> None:
    """It is stopped as planned."""
    world.leaving.add(node.name)
    node.run(node.leave)
    if len(world.alive) == 1:
        world.clock.call_later(fault.ms, world.arrive)


def election(world: World, _node: Node, fault: Fault) -> None:
    """The journal has no leader for a while."""
    world.stream.no_leader_until = world.clock.passed_ms + fault.ms


def withhold(world: World, _node: Node, fault: Fault) -> None:
    """The journal stores beats, and no decision for a while: nobody can tell what becomes of them."""
    world.stream.withholds_until = world.clock.passed_ms + fault.ms


def refuse(world: World, _node: Node, fault: Fault) -> None:
    """The journal takes the next decisions never."""
    world.stream.refuses = fault.count


def poisoned(world: World, _node: Node, fault: Fault) -> None:
    """The journal has something that is no entry."""
    for number in range(fault.count):
        fold = world.truth.fold
        world.stream.store(poison(fault.way, fold.term, fold.n + 1, number))


def forged(world: World, _node: Node, fault: Fault) -> None:
    """The journal has entries in the name of its owner that it has not made."""
    for _ in range(fault.count):
        name = f"{FORGED}{len(world.stream.entries)}"
        if world.truth.fold.term:
            world.stream.store(forge(fault.way, world.truth.fold, name))


def skew(world: World, _node: Node, fault: Fault) -> None:
    """Another node leads, whose clock is wrong."""
    world.stream.skew_ms = fault.ms
    world.has_jumped = True


def claim(world: World, node: Node, fault: Fault) -> None:
    """A standby claims without need, or one after the other does, each over what it has folded."""
    first = world.alive.index(node)
    for number in range(fault.count):
        one = world.alive[(first + number) % len(world.alive)]
        world.clock.call_later(number * BETWEEN_CLAIMS_MS, lambda one=one: one.run(one.claim))


def rollback(world: World, _node: Node, fault: Fault) -> None:
    """The journal has lost its end, and everybody their connection."""
    world.stream.lose_the_end(fault.count)
    world.lost_the_end()
    for node in world.alive:
        node.cut(fault.ms, unnoticed=False)


def purge(world: World, _node: Node, fault: Fault) -> None:
    """Somebody has emptied the journal, or has deleted how it began; then another instance is started."""
    confs = [one.seq for one in world.stream.entries if CONF in one.data]
    if not confs:
        return
    world.lost_the_begin(confs[-1] if fault.way == "first" else len(world.stream.entries))
    world.clock.call_later(fault.ms, world.arrive)


FAULTS: dict[str, Callable[[World, Node, Fault], None]] = {
    "freeze": freeze,
    "suspend": suspend,
    "detour": detour,
    "kill": kill,
    "cut": cut,
    "part": part,
    "lag": lag,
    "join": join,
    "leave": leave,
    "election": election,
    "withhold": withhold,
    "refuse": refuse,
    "poison": poisoned,
    "forge": forged,
    "skew": skew,
    "claim": claim,
    "rollback": rollback,
    "purge": purge,
}
