"""Plays a schedule: instances, clients and a journal on a virtual clock, and all that befalls them."""

from __future__ import annotations

import contextlib
import hashlib
import json
import traceback
from collections import Counter
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

from tests.simulation.clock import VirtualClock
from tests.simulation.durable.client import User
from tests.simulation.durable.faults import FAULTS
from tests.simulation.durable.node import Node
from tests.simulation.durable.rest import Rest, core_of
from tests.simulation.durable.said import Answer, Hinted, Told, read, reply_of
from tests.simulation.durable.schedule import OWNER
from tests.simulation.durable.stream import BEAT, SIGNS, Stream
from tests.simulation.durable.tap import Tap
from tests.simulation.durable.truth import Truth
from tests.simulation.durable.wires import SLOW_MS, Group
from tests.simulation.findings import Finding, FoundError

from omnisession_durable.decoding import EXPIRED
from omnisession_durable.entries import NOBODY, Limits
from omnisession_durable.margins import Margins
from omnisession_durable.reader import Exit
from omnisession_reference.errors import Refusal
from omnisession_reference.parts import Parts
from omnisession_reference.protocol import LIMITS as CORE_LIMITS

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from tests.simulation.durable.said import Said
    from tests.simulation.durable.schedule import Client, Fault, Schedule
    from tests.simulation.durable.tap import Mark

    from omnisession_durable.fold import Fold, Stored
    from omnisession_durable.posts import Post
    from omnisession_reference.session import Key
    from omnisession_reference.wire import Incoming

LIMITS = Limits(sessions=3, outcomes=64, outcomes_ms=2_000, window_ms=3_000)
OTHER_LIMITS = Limits(sessions=4, outcomes=64, outcomes_ms=2_000, window_ms=3_000)
HEALS_MS, ENDS_MS, STEP_MS = 6_500, 16_000, 250
"""When the last fault is over, and when everything has to be done; how often it is looked at."""
RESTARTS_MS = 300
TAKES_OVER_MS = 4_000
MOST_TAKEOVERS, BETWEEN_TAKEOVERS_MS = 8, 1_250
"""How often another one takes over at the end, as long as somebody is there who is gone."""
MARGINS = Margins()
MUCH_NOISE = 4
RATE = 0.97
"""So much of a window is sure, by whatever clock: one may run a few percent faster."""
SHARE_ASKED = 0.3
"""How many of the sessions are asked after an ack whether they show it."""


@dataclass
class Played:
    """A run: what was found, what has happened, and what was said, as far as it was kept."""

    finding: Finding | None
    counts: Counter[str]
    lasted_ms: int
    digest: str
    lines: list[str] = field(default_factory=list[str])


class World:
    """One run."""

    def __init__(
        self, schedule: Schedule, parts: Sequence[type] = (), *, keep_lines: bool = False
    ) -> None:
        self.schedule = schedule
        self.parts = Parts(parts)
        self.clock = VirtualClock()
        self.counts = Counter[str]()
        self.chance = Random(f"{schedule.seed} world")  # noqa: S311 no secret
        self.stream = Stream(self.clock, self.chance, self._stored)
        self.stream.noise = schedule.noise
        self.group = Group(self.clock, self.chance)
        self.truth = Truth(self.parts, self._ended)
        self.users: dict[tuple[str, str], User] = {}
        self.tap = Tap(lambda: self.truth, self.users, self.find)
        self.nodes: list[Node] = []
        self.marks: dict[str, Mark] = {}
        self.leaving: set[str] = set()
        self.is_quiet = False
        self.has_jumped = False
        self.is_over = False
        self.has_lost_the_end = False
        self.has_lost_the_begin = False
        self.has_lost_its_time = False
        self.lost_ms = 0
        self.begins_at = 0
        self._term_ms = 0.0
        self._stamp = 0
        self._made = 0
        self._asked = 0
        self._digest = hashlib.sha256()
        self._lines: list[str] | None = [] if keep_lines else None

    # -- the run

    def play(self) -> Played:
        """Play all of it."""
        finding = None
        try:
            with shorter_limits():
                self._play()
        except FoundError as found:
            finding = found.finding
        parts = (self.stream, self.group, self.tap, self.truth)
        counts = sum((part.counts for part in parts), self.counts)
        lines = self._lines or []
        lasted_ms = int(self.clock.passed_ms)
        return Played(finding, counts, lasted_ms, self._digest.hexdigest(), lines)

    def _play(self) -> None:
        for _ in range(self.schedule.instances):
            self.arrive()
        for client in self.schedule.clients:
            self._meet(client)
        for fault in self.schedule.faults:
            self.clock.call_at(fault.at_ms, lambda fault=fault: self._befall(fault))
        self.clock.call_at(HEALS_MS, self._heal)
        self.clock.move(HEALS_MS)
        self._come_to_rest(ENDS_MS)
        self._judge()
        if not self.is_lossy:
            self._take_over_once_more()

    def _meet(self, client: Client) -> None:
        key = (client.user, client.session)
        shown = self.tap.seen[key].folder.slices
        self.users[key] = User(client, self.clock, self.chance, self._ask, lambda: shown, LIMITS)

    def _come_to_rest(self, until_ms: float) -> None:
        at = (0, 0)
        while self.clock.passed_ms < until_ms:
            self.clock.move(STEP_MS)
            # What an owner says is on its way for a while.
            now = (self.fold.term, self.fold.n)
            if at == now and self._is_done():
                break
            at = now

    def _is_done(self) -> bool:
        is_done = all(user.is_done for user in self.users.values()) and not self._behind()
        has_come = all(node.way.last_ms <= self.clock.passed_ms for node in self.alive)
        is_idle = core_of(self.owner) is not None and has_come
        return is_done and not self._too_many() and is_idle

    @property
    def owner(self) -> Node | None:
        """Who owns the journal."""
        return next((node for node in self.alive if node.name == self.fold.owner), None)

    def _take_over_once_more(self) -> None:
        """When nothing is to be done any more another one takes over, and all is shown as before."""
        self.is_over = True
        rest = self._rest()
        before, term = rest.shown(), self.fold.term
        standby = self._standby()
        if standby is None:
            return
        standby.claim()
        until_ms = self.clock.passed_ms + TAKES_OVER_MS
        while self.clock.passed_ms < until_ms and self.fold.term == term:
            self.clock.move(STEP_MS)
        self._come_to_rest(until_ms)
        if core_of(self.owner) is None:
            self.find("everybody-is-done", "the journal", "has no owner that speaks")
        self._rest().lives_on(before)
        if not self.has_lost_the_end and not self.has_jumped:
            self._take_over_until_they_are_gone()

    def _standby(self) -> Node | None:
        nodes = (node for node in self.alive if node is not self.owner and not node.lag_ms)
        return None if self.owner is None else next(nodes, None)

    def _take_over_until_they_are_gone(self) -> None:
        """One after the other takes over, while sessions are there whose clients are gone."""
        for _ in range(MOST_TAKEOVERS):
            standby = self._standby()
            if standby is None or not self._rest().gone():
                return
            standby.claim()
            self.clock.move(BETWEEN_TAKEOVERS_MS)
            self._rest().silence(self.clock.passed_ms)

    def _too_many(self) -> set[str]:
        """Who hears what clients send, and is not the owner."""
        return set(self.group.members) - {self.fold.owner}

    def _behind(self) -> list[Node]:
        last = max((one.seq for one in self.stream.entries if self._is_kept(one)), default=0)
        return [node for node in self.alive if node.instance.reader.seq < last and not node.lag_ms]

    def _is_kept(self, stored: Stored) -> bool:
        return BEAT not in stored.data and SIGNS not in stored.data

    def _judge(self) -> None:
        for key, user in self.users.items():
            if not user.is_done and not self.is_lossy:
                self.find("everybody-is-done", key[1], f"{user.left} has no outcome")
        for node in self._behind():
            self.find("everybody-follows", node.name, f"is at {node.instance.reader.seq}")
        rest = self._rest()
        rest.folds(node for node in self.begun if not node.lag_ms)
        rest.limits(LIMITS.sessions)
        if not self.is_lossy:
            rest.audit(self.stream.after(0), self.parts)
            rest.effects()
            rest.hints()
            core = core_of(self.owner)
            if core is None:
                self.find("everybody-is-done", "the journal", "has no owner that speaks")
            else:
                rest.sessions(core)
        if self._too_many():
            told = f"{self.fold.owner} is the owner"
            self.find("subscribed", str(sorted(self._too_many())), told)
        self.counts["acked"] += len(self.tap.acked)

    def _rest(self) -> Rest:
        return Rest(self.truth, self.fold, self.tap, self.users.values(), self.find)

    # -- instances

    @property
    def alive(self) -> list[Node]:
        """The processes that run."""
        return [node for node in self.nodes if node.is_alive]

    def arrive(self, *, has_other_limits: bool = False) -> None:
        """Start an instance under a name that is new."""
        self._made += 1
        chance = Random(f"{self.schedule.seed} {self._made}")  # noqa: S311 no secret
        limits = OTHER_LIMITS if has_other_limits else LIMITS
        node = Node(
            self.name(), limits, self.clock, self.stream, self.group, self, chance, self.parts
        )
        self.nodes.append(node)
        self.note(node.name, "starts")
        node.start()

    def name(self) -> str:
        """The name of the next instance."""
        return f"i{self._made}"

    @property
    def is_lossy(self) -> bool:
        """Whether the journal has lost more than a decision bears: its begin, or its end and its time."""
        return self.has_lost_its_time or self.has_lost_the_begin

    @property
    def begun(self) -> list[Node]:
        """Those that have folded a begin; the others have no part in anything yet."""
        return [node for node in self.alive if node.instance.fold.conf is not None]

    @property
    def fold(self) -> Fold:
        """What is true; where the journal has lost its begin those know it who have folded that."""
        if self.has_lost_the_begin and self.begun:
            return self.begun[0].instance.fold
        return self.truth.fold

    # -- faults

    def _befall(self, fault: Fault) -> None:
        alive = self.alive
        if self.is_quiet or not alive:
            return
        node = next((one for one in alive if one.name == self.fold.owner), alive[0])
        if fault.who != OWNER:
            node = alive[fault.who % len(alive)]
        self.note(node.name, f"FAULT {fault.do} {fault.way} {fault.ms} {fault.count}")
        self.counts[f"faults: {fault.do} {fault.way}".strip()] += 1
        FAULTS[fault.do](self, node, fault)

    def lost_the_end(self) -> None:
        """What is true is what the journal has now; nothing is promised of what it had."""
        self.has_lost_the_end = True
        self.lost_ms = max(self.lost_ms, self.truth.fold.at_ms)
        self.tap.lost_the_end(max(self.truth.fold.term, self.lost_ms))
        self.marks.clear()
        for user in self.users.values():
            user.lost()
        self.truth = Truth(self.parts, self._ended)
        for stored in self.stream.entries:
            self.truth.read(stored)
        if self.has_lost_the_begin or self.truth.fold.conf is None:
            self.lost_the_begin(self.stream.begins_at - 1)

    def lost_the_begin(self, behind: int) -> None:
        """Who has folded it goes on, and nobody else may; an empty journal may begin anew."""
        rests_on_it = self.stream.lose_the_begin(behind)
        self.begins_at = self.truth.fold.conf_seq if rests_on_it else 0
        self.has_lost_the_begin = True

    def _heal(self) -> None:
        self.is_quiet = True
        self.stream.noise = 0
        self.stream.refuses = 0
        for node in self.alive:
            node.mend()
            node.rejoin()
            node.way.takes_ms = min(node.way.takes_ms, SLOW_MS[-1])
        usable = [one for one in self.alive if not one.lag_ms and one.limits == LIMITS]
        for _ in range(len(usable), 2):
            self.arrive()

    # -- watching

    def _stored(self, stored: Stored) -> None:
        if self._is_kept(stored):
            self.note("journal", f"{stored.seq} {stored.data!r}")
        # Nobody was there for so long, or the clock has jumped: all clients are taken for alive then.
        self.has_jumped |= 0 < self._stamp < stored.at_ms - LIMITS.window_ms
        self._stamp = max(self._stamp, stored.at_ms)
        if stored.at_ms <= self.lost_ms:
            self.has_lost_its_time = True
        owner, term = self.fold.owner, self.fold.term
        try:
            self.truth.read(stored)
        except Exception as error:  # noqa: BLE001 a fold has a verdict on whatever it is handed
            self.find("core-fails", "the journal", repr(error))
        if self.fold.term != term:
            self._begins(owner)
        for node in self.nodes:
            node.hand(stored)

    def _begins(self, before: str) -> None:
        """A term begins, of another owner or the same one."""
        owner, now_ms = self.fold.owner, self.clock.passed_ms
        if owner != before:
            is_usual = not self.schedule.faults and self.schedule.noise < MUCH_NOISE
            if before != NOBODY and is_usual and not self.is_over:
                self._look_at_haste(before)
            self.stream.signs_ms[owner] = now_ms
        self._term_ms = now_ms

    def _look_at_haste(self, owner: str) -> None:
        """Where nothing else happens nobody claims the journal within a lease after a sign of its owner.

        A claim may come late, and who has sent it knew of nothing that was said behind it.
        """
        claimed_ms = self.stream.claimed_ms
        silent_ms = claimed_ms - self.stream.signs_ms[owner]
        if claimed_ms < self._term_ms:
            self.find("no-haste", owner, "was deposed by a claim from before its term")
        if 0 <= silent_ms < MARGINS.lease:
            self.find("no-haste", owner, f"a claim was sent {silent_ms:.0f} ms after a sign of it")

    def _ended(self, key: Key, why: str) -> None:
        """A session has ended: who gave signs of life that were answered has not been silent."""
        user = self.users.get(key)
        if user is None or why != EXPIRED or self.has_lost_the_end or self.has_jumped:
            return
        silent_ms = self.clock.passed_ms - user.answered_ms
        if silent_ms < user.client.window_ms * RATE:
            told = f"its sign of {user.answered_ms:.0f} was answered, {silent_ms:.0f} ms ago"
            self.find("expires-late", key[1], told)

    def folded(self, node: Node, stored: Stored) -> None:
        """An instance was handed an entry: its fold is that of everybody."""
        instance = node.instance
        if instance.is_over or instance.reader.seq != stored.seq or self.has_lost_the_begin:
            return
        at_ms, digest = self.truth.digests.get(stored.seq, (0, b""))
        if at_ms == stored.at_ms and digest != instance.fold.digest:
            self.find("same-folds", node.name, f"differs at {stored.seq}")

    def subscribed(self, node: Node) -> None:
        """An instance subscribes: it owns the journal, as far as it can know."""
        self.note(node.name, "subscribes")
        if node.instance.fold.owner != node.name:
            self.find("subscribed", node.name, f"the owner is {node.instance.fold.owner}")

    def heard(self, request: Incoming) -> None:
        """An instance is handed what a client has sent."""
        body = json.loads(request.data)
        if "action_id" in body:
            self.tap.heard((body["user_id"], body["session_id"]), body["action_id"])

    def speaks(self, node: Node, message: Post) -> None:
        """An instance publishes something."""
        self.note(node.name, f"says {message}")
        begin = node.instance.fold.conf_seq
        if self.begins_at not in (0, begin):
            self.find("begin", node.name, f"began at {begin}, the journal at {self.begins_at}")
        if not self.is_lossy and message.claims:
            self.tap.speaks(node)

    def told(self, node: Node, message: Post) -> None:
        """What an instance has published arrives."""
        try:
            said = read(message)
        except Refusal as refusal:
            self.find("server-valid", node.name, f"{message}: {refusal.message}")
            return
        if isinstance(said, Hinted):
            self.tap.hinted(said)
            return
        if said is None or said.key not in self.users:
            return  # nobody has asked for a session that somebody has forged
        drops = self.tap.drops(said)
        if not self.is_lossy and not drops:
            self.tap.told(node, said)
            self._ask_whether_it_is_there(node, said)
        if not drops:
            self.users[said.key].hear(said)

    def _ask_whether_it_is_there(self, node: Node, message: Said) -> None:
        if isinstance(message, Answer) and message.what == "pong":
            mark = self.marks.pop(message.reply, None)
            if mark is not None:
                self.tap.pong(node, message, mark)
        if not isinstance(message, Told) or self.is_quiet or message.error is not None:
            return
        if message.position.epoch <= self.tap.lost_epoch:
            return
        made = self.users[message.key].made.get(message.action_id)
        mark = None if made is None else self.tap.mark(message, made.type)
        for key, user in self.users.items():
            shows = mark is not None and self.tap.shows(mark.kind, key)
            if mark is not None and shows and self.chance.random() < SHARE_ASKED:
                self._asked += 1
                self.marks[reply_of(key, f"ping-{self._asked}")] = mark
                user.request("ping", {}, f"ping-{self._asked}")

    def halted(self, node: Node, code: int, why: str) -> None:
        """An instance has ended by itself: for a reason, and a supervisor starts it again."""
        self.note(node.name, f"halts with {code}: {why}")
        self.counts[f"halts: {Exit(code).name.lower()}"] += 1
        if code == Exit.FAILED:
            self.find("core-fails", node.name, why)
        expected = {
            Exit.PLANNED: node.name in self.leaving,
            Exit.AGAIN: self.has_lost_the_end or self.has_lost_the_begin,
            Exit.CONFIGURED: node.limits != LIMITS or self.has_lost_the_begin,
        }
        if not expected[Exit(code)]:
            self.find("halts", node.name, why)
        if code == Exit.AGAIN:
            self.clock.call_later(RESTARTS_MS, self.arrive)

    def failed(self, node: Node, error: BaseException) -> None:
        """An instance has raised what it must not."""
        at = traceback.extract_tb(error.__traceback__)[-1]
        self.find("core-fails", node.name, f"{error!r} in {at.name}, line {at.lineno}")

    def logged(self, event: str) -> None:
        """An instance notes that something is not as usual."""
        self.counts[f"log: {event}"] += 1

    def _ask(self, request: Incoming) -> None:
        self.note("client", f"asks {request}")
        self.group.ask(request)

    def note(self, who: str, what: str) -> None:
        """Write a line."""
        line = f"{self.clock.passed_ms:.1f} {who} {what}"
        self._digest.update(line.encode())
        if self._lines is not None:
            self._lines.append(line)

    def find(self, rule: str, where: str, what: str) -> None:
        """Something is not as it has to be: the run ends."""
        raise FoundError(Finding(rule, int(self.clock.passed_ms), where, what))


@contextlib.contextmanager
def shorter_limits() -> Generator[None]:
    """Have the core work by the limits of the journal of a world."""
    before = dict(CORE_LIMITS)
    CORE_LIMITS.update(sessions=LIMITS.sessions, outcomes_ms=LIMITS.outcomes_ms)
    try:
        yield
    finally:
        CORE_LIMITS.clear()
        CORE_LIMITS.update(before)


def play(schedule: Schedule, parts: Sequence[type] = (), *, keep_lines: bool = False) -> Played:
    """Play a schedule in a world of its own."""
    return World(schedule, parts, keep_lines=keep_lines).play()
