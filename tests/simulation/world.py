"""A world: a clock, a network, a server, clients, and who looks at them. It plays one schedule."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.reference.bench import token
from tests.simulation import terms
from tests.simulation.client import ClientNode
from tests.simulation.clock import StandsStillError, VirtualClock
from tests.simulation.doings import At, doing
from tests.simulation.findings import Finding, FoundError
from tests.simulation.judges import rest
from tests.simulation.judges.client import ClientJudge
from tests.simulation.judges.wire import Wire
from tests.simulation.network import Fate, Network
from tests.simulation.server import ServerNode

from omnisession_client.values import Config
from omnisession_reference.variants import VARIANTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.simulation.ledger import Ledger
    from tests.simulation.schedule import Actor, Schedule, Step

    from omnisession_client.effects import Publish, Request
    from omnisession_client.messages import Message
    from omnisession_client.values import State

REST_MS = 60_000
LOOK_MS = 250
BEATS = 2


@dataclass(slots=True)
class Played:
    """How a run went: what was found, if anything, and what it was made of."""

    finding: Finding | None
    counts: Counter[str]
    digest: str
    lasted_ms: int
    lines: list[str] = field(default_factory=list[str])


class World:
    """One run of one schedule."""

    def __init__(
        self, schedule: Schedule, parts: Sequence[type] = (), *, keep_lines: bool = False
    ) -> None:
        self.schedule = schedule
        self.clock = VirtualClock()
        self.counts = Counter[str]()
        seed = str(schedule.seed)
        self.network = Network(self.clock, seed, reorders=schedule.reorders)
        unusual = VARIANTS[schedule.server].parts if schedule.server else ()
        self._ledgers: list[Ledger] = []
        self.server = ServerNode(self.clock, self.network, self, seed, [*unusual, *parts])
        self.wire = Wire(self._elapsed, lambda: self.server.ledger, self.find)
        self.clients: list[ClientNode] = []
        self.judges: dict[str, ClientJudge] = {}
        self._incarnations = Counter[int]()
        self._words = 0
        self._digest = hashlib.sha256()
        self._lines: list[str] | None = [] if keep_lines else None

    # -- playing

    def play(self) -> Played:
        """Play the whole schedule, and then rest."""
        finding: Finding | None = None
        try:
            self._play()
        except FoundError as found:
            finding = found.finding
        except StandsStillError:
            finding = Finding("time-goes-on", self._elapsed(), "a node", "alarms set each other")
        for counts in (self.network.counts, self.wire.counts):
            self.counts.update(counts)
        return Played(
            finding, self.counts, self._digest.hexdigest(), self._elapsed(), self._lines or []
        )

    def _play(self) -> None:
        self.server.start()
        self._note_ledger()
        self.clients = [self._arrive(who, actor) for who, actor in enumerate(self.schedule.actors)]
        for step in self.schedule.steps:
            self.clock.move(step.after_ms)
            STEPS[step.do](self, step)
        self._heal()
        self._rest()
        rest.look(self.clients, self.server, self.wire, self.find)
        for node in self.clients:
            if not node.is_over:
                self.judges[node.name].look_at_rest()
        for act in self.wire.acts.values():
            for ledger in self._ledgers:
                self.wire.look_at(act, ledger)

    def _heal(self) -> None:
        """End all faults: whatever was away is back."""
        for node in self.clients:
            node.connection.up.fates.clear()
            node.connection.down.fates.clear()
            self._join(node)
        self.network.reorders = False
        if self.server.core is None:
            self.server.start()
        self.server.mend()
        self._count_beats_anew()

    def _count_beats_anew(self) -> None:
        for judge in self.judges.values():
            judge.beats = 0

    def _rest(self) -> None:
        for _ in range(0, REST_MS, LOOK_MS):
            self.clock.move(LOOK_MS)
            if not all(self._is_quiet(node) for node in self.clients):
                self._count_beats_anew()
            elif all(self._rests(node) for node in self.clients):
                return
        late = next(node for node in self.clients if not self._rests(node))
        state = late.state
        told = f"{state.phase} at {state.place}, {len(state.pending)} pending, {state.recovery}"
        self.find("rest", late.name, told)

    def _rests(self, node: ClientNode) -> bool:
        judge = self.judges[node.name]
        if node.is_over:
            return True
        held_back = self.server.core is not None and any(
            session.held_back for session in self.server.core.sessions.all()
        )
        return judge.beats >= BEATS and judge.is_at_head() and not held_back

    def _is_quiet(self, node: ClientNode) -> bool:
        return node.is_over or self.judges[node.name].is_quiet()

    def _arrive(self, who: int, actor: Actor) -> ClientNode:
        self._incarnations[who] += 1
        name = f"c{who}-{self._incarnations[who]}"
        config = Config(
            actor.user,
            actor.kinds,
            actor.features,
            token(actor.user),
            mode=actor.mode,  # pyright: ignore[reportArgumentType]
        )
        node = ClientNode(name, config, self.clock, self.network, self, str(self.schedule.seed))
        self.judges[name] = ClientJudge(node, self.wire, self.find)
        node.start()
        return node

    def _note_ledger(self) -> None:
        if self.server.ledger not in self._ledgers:
            self._ledgers.append(self.server.ledger)

    def _join(self, node: ClientNode) -> None:
        if node.is_over or (node.connection.up.is_open and node.connection.down.is_open):
            return
        node.lost()
        node.connection.mend()
        node.connected()

    # -- steps

    def act(self, step: Step) -> None:
        """A user does something."""
        node = self.clients[step.who % len(self.clients)]
        if node.is_over or self.judges[node.name].leaves:
            return
        self._words += 1
        at = At(node.state.slices, step.pick, f"w{self._words}w")
        one = doing(step.what, at)
        node.act(one.type, one.data, one.expect)
        self.counts["acts"] += 1

    def spoil(self, step: Step) -> None:
        """Something becomes of the next messages on one way."""
        node = self.clients[step.who % len(self.clients)]
        way = node.connection.up if step.way == "up" else node.connection.down
        way.fates.append(Fate(step.do, step.count, step.ms, step.lane))  # pyright: ignore[reportArgumentType]

    def cut(self, step: Step) -> None:
        """A client loses its connection, and sees it after `pick` ms, or when it is there again."""
        node = self.clients[step.who % len(self.clients)]
        if node.is_over or not (node.connection.up.is_open and node.connection.down.is_open):
            return
        self.counts["cuts"] += 1
        node.connection.cut(ways=step.way or "both", forget=step.count == 0)
        if step.pick < step.ms:
            self.clock.call_later(step.pick, lambda: self._see_the_cut(node))
        self.clock.call_later(step.ms, lambda: self._join(node))

    def _see_the_cut(self, node: ClientNode) -> None:
        if not (node.connection.up.is_open and node.connection.down.is_open):
            node.lost()

    def cut_server(self, step: Step) -> None:
        """The server loses its connection."""
        self.counts["server cuts"] += 1
        self.server.cut()
        self.clock.call_later(step.ms, self.server.mend)

    def restart(self, step: Step) -> None:
        """The server ends, planned or not, and comes back with its store or with nothing."""
        if self.server.core is None:
            return
        keeps, planned = step.what == "store", step.way == "planned"
        self.counts[f"restarts with {'the store' if keeps else 'nothing'}"] += 1
        self.counts["planned stops"] += planned
        self.server.stop(planned=planned, keeps=keeps)
        self._note_ledger()
        self.clock.call_later(max(step.ms, 1), self._start_server)

    def _start_server(self) -> None:
        if self.server.core is None:
            self.server.start()

    def leave(self, step: Step) -> None:
        """A client goes, with a word or without, and another one comes for it."""
        who = step.who % len(self.clients)
        node = self.clients[who]
        if node.is_over or self.judges[node.name].leaves:
            return
        self.judges[node.name].leaves = True
        self.counts[f"clients that {'leave' if step.what == 'leave' else 'end'}"] += 1
        if step.what == "leave":
            node.leave()
        else:
            node.end()

        def come() -> None:
            node.end()
            self.clients[who] = self._arrive(who, self.schedule.actors[who])

        self.clock.call_later(max(step.ms, 2_000), come)

    def wait(self, _step: Step) -> None:
        """Nothing happens."""

    # -- watching

    def sent(self, node: ClientNode, effect: Publish | Request) -> None:
        self._write(f"{node.name} > {effect.subject}", effect.body)
        self.judges[node.name].sent(effect)

    def handled(self, node: ClientNode, before: State, message: Message) -> None:
        self.judges[node.name].handled(before, message)

    def told(self, subject: str, payload: bytes) -> None:
        self._write(f"server > {subject}", payload)
        self.wire.told(subject, payload)

    def failed(self, text: str) -> None:
        self.find("core-fails", "server", text)

    def find(self, rule: str, where: str, what: str) -> None:
        raise FoundError(Finding(rule, self._elapsed(), where, what))

    def _write(self, what: str, data: bytes) -> None:
        line = f"{self.clock.passed_ms:.3f} {what} ".encode() + data
        self._digest.update(line)
        if self._lines is not None:
            self._lines.append(line.decode())

    def _elapsed(self) -> int:
        return int(self.clock.passed_ms)


STEPS: dict[str, Any] = {
    "act": World.act,
    "lose": World.spoil,
    "repeat": World.spoil,
    "delay": World.spoil,
    "cut": World.cut,
    "cut_server": World.cut_server,
    "restart": World.restart,
    "leave": World.leave,
    "wait": World.wait,
}


def play(schedule: Schedule, parts: Sequence[type] = (), *, keep_lines: bool = False) -> Played:
    """Play a schedule in a world of its own."""
    with terms.in_force():
        return World(schedule, parts, keep_lines=keep_lines).play()
