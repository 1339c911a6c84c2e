"""Hears all that instances say, as it arrives, and judges it by what was said before."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.simulation.durable.client import NUMBER_USED, UNKNOWN
from tests.simulation.durable.said import Answer, Beat, Streamed, Told

from omnisession_conformance.protocol.model.compare import first_difference
from omnisession_conformance.protocol.model.fold import Folder
from omnisession_conformance.protocol.model.slices import kind_of_event
from omnisession_reference.protocol import LIMITS
from omnisession_reference.session import Key

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.simulation.durable.client import User
    from tests.simulation.durable.node import Node
    from tests.simulation.durable.said import Hinted, Position, Said
    from tests.simulation.durable.truth import Truth


@dataclass(slots=True)
class Seen:
    """What was seen of a session: where it is, what it shows, and of which kinds in this epoch."""

    head: tuple[int, int] = (0, 0)
    last_action_seq: int = 0
    kinds: set[str] = field(default_factory=set[str])
    folder: Folder = field(default_factory=lambda: Folder(LIMITS))


@dataclass(frozen=True, slots=True)
class Mark:
    """What an ack promises to each session that shows it: an entry of a list, from a revision on."""

    action_id: str
    kind: str
    entry: str
    revision: int = 0


class Tap:
    """One listener to everything, at one broker."""

    def __init__(
        self,
        truth: Callable[[], Truth],
        users: Mapping[Key, User],
        find: Callable[[str, str, str], None],
    ) -> None:
        self.seen: dict[Key, Seen] = defaultdict(Seen)
        self.outcomes: dict[tuple[str, str], str] = {}
        self.acked: dict[str, Told] = {}
        self.counts = Counter[str]()
        self.speaks_in = 0
        # Event ids of hints that were heard, and the terms whose take-over was.
        self.hints: set[str] = set()
        self.terms: set[int] = set()
        self.lost_epoch = 0
        self.is_beyond_margins = False
        self._truth = truth
        self._users = users
        self._find = find
        self._copies = Counter[tuple[Key, str]]()
        self._first: dict[tuple[Key, int, str, int], Position] = {}

    def lost_the_end(self, epoch: int) -> None:
        """Nothing is promised of what was told in epochs up to this one; those that follow are higher."""
        self.lost_epoch = epoch
        self.outcomes.clear()
        self.acked.clear()
        self.speaks_in = 0

    def drops(self, message: Said) -> bool:
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

    def told(self, node: Node, message: Said) -> None:
        """Something has arrived."""
        match message:
            case Streamed():
                self._streamed(node, message)
            case Told():
                self._outcome(node, message)
            case Answer(key, _, what, position):
                self.counts[f"answers: {what}"] += 1
                self._reached(node, key, position)
            case Beat(key, what, position):
                self.counts[f"pushes: {what}"] += 1
                self._reached(node, key, position)

    def hinted(self, hint: Hinted) -> None:
        """A hint has arrived."""
        self.hints.add(hint.event_id)
        self.counts["hints"] += 1

    def heard(self, key: Key, action_id: str) -> None:
        """An instance was handed a copy of an action."""
        self._copies[key, action_id] += 1

    # -- streams

    def _streamed(self, node: Node, message: Streamed) -> None:
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
            seen.kinds.clear()
        seen.head = place
        if message.kind:
            self._state(node, seen, message)
        else:
            self._event(node, seen, message)
        seen.folder.take(message.body)

    def _counted(self, node: Node, seen: Seen, message: Streamed) -> None:
        counted = message.position.last_action_seq
        if counted < seen.last_action_seq:
            told = f"{message.key[1]} counts {counted} after {seen.last_action_seq}"
            # What comes may be of a term that was lost as well, by an end that was lost later.
            has_begun_anew = seen.head[0] < message.position.epoch
            if seen.head[0] > self.lost_epoch or not has_begun_anew:
                self._find("counted", node.name, told)
        cause = message.body.get("cause")
        if cause is not None and cause["session_id"] == message.key[1]:
            number = cause["client_seq"]
            if number <= seen.last_action_seq:
                told = f"{message.key[1]} was told that {number} counts, and of its effects then"
                self._find("counted-last", node.name, told)
        seen.last_action_seq = counted

    def _state(self, node: Node, seen: Seen, message: Streamed) -> None:
        kind, reason = message.kind, message.body["reason"]
        user = self._users.get(message.key)
        has_events = user is not None and "events" in user.client.features
        if has_events and kind in seen.kinds:
            told, known = message.body["data"], seen.folder.slices[kind]
            if (found := first_difference(kind, known, told)) is not None:
                where = f"{message.key[1]} {kind} at {message.position[:2]}"
                self._find("state-is-fold", node.name, f"{where}: {found}")
        if reason == "takeover":
            self.terms.add(message.position.epoch)
        seen.kinds.add(kind)
        self.counts[f"states: {reason}"] += 1

    def _event(self, node: Node, seen: Seen, message: Streamed) -> None:
        self.counts["events"] += 1
        if kind_of_event(message.body["type"]) not in seen.kinds:
            where = f"{message.key[1]} {message.position[:2]}"
            self._find("epoch-begins", node.name, f"{where}: an event before the state of its kind")

    # -- outcomes

    def _outcome(self, node: Node, told: Told) -> None:
        # That one claims nothing: it may be said by who does not know that it was deposed.
        self._reached(node, told.key, told.position, may_be_old=told.code == UNKNOWN)
        self._copies[told.key, told.action_id] -= 1
        if self._copies[told.key, told.action_id] < 0:
            where = f"{told.action_id} in {told.key[1]}"
            self._find("one-outcome", node.name, f"{where} has more outcomes than copies")
        self.counts[f"outcomes: {told.status} {told.code or ''}".strip()] += 1
        if told.error is not None and told.error["retryable"]:
            return
        if told.position.epoch <= self.lost_epoch or self._is_used(told):
            return
        what = json.dumps([told.result, told.error])
        known = self.outcomes.setdefault((told.key[0], told.action_id), what)
        if known != what:
            self._find("outcome-stays", node.name, f"{told.action_id}: {what} after {known}")
        place = (told.key, told.client_seq, told.action_id, told.position.epoch)
        first = self._first.setdefault(place, told.position)
        if first != told.position:
            self._find("first-position", node.name, f"{told.action_id}: {told.position}, {first}")
        if told.error is None:
            self.acked.setdefault(told.action_id, told)

    def _is_used(self, told: Told) -> bool:
        """Whether a number was used by something else, which the client has meant or cannot know."""
        user = self._users[told.key]
        return told.code == NUMBER_USED and (user.has_lost or told.action_id == user.rogue)

    def _reached(
        self, node: Node, key: Key, position: Position | None, *, may_be_old: bool = False
    ) -> None:
        if position is None:
            return
        head = self.seen[key].head
        if position.epoch < head[0] and may_be_old:
            return
        if position.epoch < head[0]:
            told = f"{key[1]} is told of {position[:2]}, it is at {head}"
            self._find("positions", node.name, told)
        elif position[:2] > head and position.seq:
            told = f"{key[1]} is told of {position[:2]}, its stream is at {head}"
            self._find("position-told", node.name, told)

    # -- what is there after an ack

    def mark(self, told: Told, type_: str) -> Mark | None:
        """What each session has to show that is asked after an ack; None where that is not easy to say."""
        records = self._truth().effects.get(told.action_id)
        if not records:
            return None
        first = records[0].changes[0]
        match type_:
            case "chat.send":
                return Mark(told.action_id, "chat", first["values"][0]["id"])
            case "article.create" | "article.update" | "article.publish":
                article = first["values"][0]
                return Mark(told.action_id, "articles", article["id"], article["revision"])
            case _:
                return None

    def shows(self, kind: str, key: Key) -> bool:
        """Whether a session shows all of a kind."""
        client = self._users[key].client
        may = kind != "articles" or bool(client.permissions)
        return self._users[key].is_open and kind in client.kinds and may

    def pong(self, node: Node, answer: Answer, mark: Mark) -> None:
        """A pong that was asked for after an ack: what was acked is shown at its place."""
        if self.is_beyond_margins:
            return  # whoever does not know that it was deposed may answer by what it knew
        seen, place = self.seen[answer.key], answer.position
        if place is None or place.epoch <= self.lost_epoch or place[:2] != seen.head:
            return
        self.counts["pongs looked at"] += 1
        list_ = "messages" if mark.kind == "chat" else "articles"
        entries: list[dict[str, Any]] = seen.folder.slices.get(mark.kind, {}).get(list_, [])
        shown = next((one for one in entries if one["id"] == mark.entry), None)
        if shown is None:
            store = self._truth().kept.store
            find = store.message if mark.kind == "chat" else store.article
            is_there = find(mark.entry) is not None
        else:
            is_there = shown.get("revision", 0) < mark.revision
        if is_there:
            told = f"pong of {answer.key[1]} at {place[:2]} does not show {mark.action_id}"
            self._find("pong-covers", node.name, f"{told}, which was acked")
