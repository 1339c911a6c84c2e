"""Hears all that instances say, as it arrives, and judges it by what was said before."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.simulation.durable.client import NOT_FINAL, NUMBER_USED

from omnisession_durable.messages import Answer, Event, Position, State, Told
from omnisession_reference.session import Key

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.simulation.durable.node import Node
    from tests.simulation.durable.truth import Truth

    from omnisession_durable.messages import Message, Try


@dataclass(slots=True)
class Seen:
    """What was seen of a session: where it is, what it shows, and since which place."""

    head: tuple[int, int] = (0, 0)
    last_action_seq: int = 0
    kinds: list[str] = field(default_factory=list[str])
    slices: dict[str, Any] = field(default_factory=dict[str, Any])
    shown: dict[int, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))


class Tap:
    """One listener to everything, at one broker."""

    def __init__(self, truth: Callable[[], Truth], find: Callable[[str, str, str], None]) -> None:
        self.seen: dict[Key, Seen] = defaultdict(Seen)
        self.outcomes: dict[tuple[str, str], str] = {}
        self.acked: dict[str, Told] = {}
        self.counts = Counter[str]()
        self.speaks_in = 0
        self.lost_epoch = 0
        self.is_beyond_margins = False
        self._truth = truth
        self._find = find
        self._copies = Counter[tuple[Key, str]]()
        self._first: dict[tuple[Key, int, str, int], Position] = {}

    def lost_the_end(self, epoch: int) -> None:
        """Nothing is promised of what was told in epochs up to this one; those that follow are higher."""
        self.lost_epoch = epoch
        self.outcomes.clear()
        self.acked.clear()
        self.speaks_in = 0

    def drops(self, message: Message) -> bool:
        """Whether a client drops this, as it is of an epoch below one that it has seen.

        Within the margins that never happens. After a lost end something of a term that was lost may come.
        """
        position = message.position
        if position is None or not (self.lost_epoch or self.is_beyond_margins):
            return False
        return position.epoch < self.seen[message.key].head[0]

    def speaks(self, node: Node) -> None:
        """An instance says something, at this moment: nobody of a later term has done so before."""
        term = node.instance.term
        if self.is_beyond_margins or (term is not None and term.number <= self.lost_epoch):
            return  # nobody could wait for it
        if term is None or term.number < self.speaks_in:
            said = "without a term" if term is None else f"in term {term.number}"
            self._find("deposed", node.name, f"speaks {said}, term {self.speaks_in} has begun")
        else:
            self.speaks_in = term.number

    def told(self, node: Node, message: Message) -> None:
        """Something has arrived."""
        match message:
            case State() | Event():
                self._streamed(node, message)
            case Told():
                self._outcome(node, message)
            case Answer(key, _, what, position):
                self.counts[f"answers: {what}"] += 1
                if position is not None:
                    self._reached(node, key, position)

    def heard(self, copy: Try) -> None:
        """An instance was handed a copy of an action."""
        self._copies[copy.key, copy.action.action_id] += 1

    def pong(self, node: Node, answer: Answer, action_id: str) -> None:
        """A pong that was asked for after an ack: what was acked is shown up to its place."""
        if self.is_beyond_margins:
            return  # whoever does not know that it was deposed may answer by what it knew
        if answer.position is None or answer.position.epoch <= self.lost_epoch:
            return
        epoch, seq, _ = answer.position
        at = self.seen[answer.key].shown[epoch].get(action_id)
        if at is None or at > seq:
            told = f"pong of {answer.key[1]} at {epoch, seq} is before {action_id}, which was acked"
            self._find("pong-covers", node.name, told)

    # -- streams

    def _streamed(self, node: Node, message: State | Event) -> None:
        seen = self.seen[message.key]
        place, before = message.position[:2], seen.head
        where = f"{message.key[1]} {place} after {before}"
        if place <= before:
            self._find("positions", node.name, where)
        if place[0] == before[0] and place[1] != before[1] + 1:
            self._find("positions", node.name, f"{where}: a hole")
        self._counted(node, seen, message)
        if place[0] > before[0]:
            if place[1] != 1:
                self._find("epoch-begins", node.name, f"{where} is no begin")
            seen.kinds, seen.slices = [], {}
        seen.head = place
        if isinstance(message, State):
            self._state(node, seen, message)
        else:
            self._event(node, seen, message)

    def _counted(self, node: Node, seen: Seen, message: State | Event) -> None:
        counted = message.position.last_action_seq
        if counted < seen.last_action_seq:
            told = f"{message.key[1]} counts {counted} after {seen.last_action_seq}"
            if not seen.head[0] <= self.lost_epoch < message.position.epoch:
                self._find("counted", node.name, told)
            seen.last_action_seq = counted
        if isinstance(message, Event):
            record = self._truth().effects.get(message.change["by"], [None])[0]
            if record is not None and (record.user, record.session) == message.key:
                number = record.client_seq or 0
                if number <= seen.last_action_seq:
                    told = (
                        f"{message.key[1]} was told that {number} counts, and of its effects then"
                    )
                    self._find("counted-last", node.name, told)
        seen.last_action_seq = counted

    def _state(self, node: Node, seen: Seen, message: State) -> None:
        known = seen.slices.get(message.kind)
        if known is not None and known != message.data:
            told = f"{message.key[1]} {message.kind} at {message.position[:2]}"
            self._find("state-is-fold", node.name, f"{told}: {message.data}, not {known}")
        seen.slices[message.kind] = json.loads(json.dumps(message.data))
        self.counts[f"states: {message.reason}"] += 1
        shown = seen.shown[message.position.epoch]
        for by in message.data.get("messages", message.data.get("log", ())):
            shown.setdefault(by, message.position.seq)

    def _event(self, node: Node, seen: Seen, message: Event) -> None:
        self.counts["events"] += 1
        change = message.change
        known = seen.slices.get(change["kind"])
        if known is None:
            where = f"{message.key[1]} {message.position[:2]}"
            self._find("epoch-begins", node.name, f"{where}: an event before the state of its kind")
            return
        fold_in(known, change)
        if change["type"] in ("said", "logged"):
            seen.shown[message.position.epoch].setdefault(change["by"], message.position.seq)

    # -- outcomes

    def _outcome(self, node: Node, told: Told) -> None:
        self._reached(node, told.key, told.position)
        self._copies[told.key, told.action_id] -= 1
        if self._copies[told.key, told.action_id] < 0:
            where = f"{told.action_id} in {told.key[1]}"
            self._find("one-outcome", node.name, f"{where} has more outcomes than copies")
        error = told.outcome.error
        code = 0 if error is None else error["code"]
        self.counts[f"outcomes: {told.status} {code or ''}".strip()] += 1
        if code in NOT_FINAL or code == NUMBER_USED:
            return
        if told.position.epoch <= self.lost_epoch:
            return
        what = json.dumps([told.outcome.result, error])
        known = self.outcomes.setdefault((told.key[0], told.action_id), what)
        if known != what:
            self._find("outcome-stays", node.name, f"{told.action_id}: {what} after {known}")
        place = (told.key, told.client_seq, told.action_id, told.position.epoch)
        first = self._first.setdefault(place, told.position)
        if first != told.position:
            self._find("first-position", node.name, f"{told.action_id}: {told.position}, {first}")
        if error is None:
            self.acked.setdefault(told.action_id, told)

    def _reached(self, node: Node, key: Key, position: Position) -> None:
        head = self.seen[key].head
        if position.epoch < head[0]:
            told = f"{key[1]} is told of {position[:2]}, it is at {head}"
            self._find("positions", node.name, told)
        elif position[:2] > head and position.seq:
            told = f"{key[1]} is told of {position[:2]}, its stream is at {head}"
            self._find("position-told", node.name, told)


def fold_in(slice_: dict[str, Any], change: dict[str, Any]) -> None:
    """Fold a change into a slice."""
    match change["type"]:
        case "said":
            slice_["messages"].append(change["by"])
        case "logged":
            slice_["log"].append(change["by"])
        case "put":
            slice_["entities"][change["key"]] = change["value"]
        case _:
            slice_["entities"].pop(change["key"], None)
