"""Looks at all that the server publishes, and knows from it what was told, done and refused."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.client.bench import row_of
from tests.reference.bench import schemas
from tests.simulation.ledger import WORD, Ledger
from tests.simulation.terms import OUTCOMES_MS

from omnisession_conformance.protocol.model.fold import Folder
from omnisession_reference.errors import Refusal
from omnisession_reference.protocol import LIMITS

if TYPE_CHECKING:
    from collections.abc import Callable

Place = tuple[int, int]
ROWS = {"state": "session.state", "events": "session.events", "control": "session.control.pushes"}


@dataclass(slots=True)
class Stream:
    """What was published in one session: the fold at each place, and where each action was counted."""

    folder: Folder
    folds: dict[Place, dict[str, Any]] = field(default_factory=dict[Place, dict[str, Any]])
    counted_at: dict[int, Place] = field(default_factory=dict[int, Place])
    counted: int = 0
    bodies: dict[Place, dict[str, Any]] = field(default_factory=dict[Place, dict[str, Any]])
    event_ids: set[str] = field(default_factory=set[str])

    @property
    def head(self) -> Place:
        """The place of the last message."""
        return self.folder.head


class Copy(NamedTuple):
    """A copy of an action, as a client sent it."""

    session_id: str
    at_ms: int


@dataclass(slots=True)
class Act:
    """What is known of one action on the wire."""

    type: str
    word: str
    copies: list[Copy] = field(default_factory=list[Copy])
    acked: bool = False
    made: str | None = None
    refused: int | None = None
    nacked_in: list[Ledger] = field(default_factory=list[Ledger])


class Wire:
    """The tap of a world."""

    def __init__(
        self, now: Callable[[], int], ledger: Callable[[], Ledger], find: Callable[..., None]
    ) -> None:
        self.streams: dict[str, Stream] = {}
        self.acts: dict[str, Act] = {}
        self.counts = Counter[str]()
        self._asked: dict[str, Place] = {}
        self._now = now
        self._ledger = ledger
        self._find = find

    # -- what clients send

    def sent(self, who: str, subject: str, raw: bytes, reply: str = "") -> dict[str, Any]:
        """Look at a body of a client; it is returned, decoded."""
        body = json.loads(raw)
        try:
            schemas().check(row_of(subject), body["type"], body)
        except Refusal as refusal:
            self._find("client-valid", who, f"{body['type']}: {refusal.message}")
        if "action_id" in body:
            self._note(body)
        elif body["type"] == "session.resume":
            self._asked[reply] = (body["data"]["epoch"], body["data"]["seq"])
        return body

    def _note(self, body: dict[str, Any]) -> None:
        words = WORD.findall(str(body["data"]))
        act = self.acts.setdefault(body["action_id"], Act(body["type"], words[0] if words else ""))
        if len({copy.session_id for copy in act.copies} | {body["session_id"]}) > len(
            {copy.session_id for copy in act.copies}
        ):
            self.counts["carried"] += bool(act.copies)
        act.copies.append(Copy(body["session_id"], self._now()))
        self.counts["actions"] += len(act.copies) == 1
        self.counts["copies"] += len(act.copies) > 1

    # -- what the server says

    def told(self, subject: str, payload: bytes) -> None:
        """Look at a body of the server."""
        body = json.loads(payload)
        first, _, rest = subject.partition(".")
        if first == "article":
            return
        row = ROWS[rest.rpartition(".")[2]] if first == "session" else "reply"
        kind = body["data"]["type"] if row == "session.state" else body["type"]
        try:
            schemas().check(row, kind, body)
        except Refusal as refusal:
            self._find("server-valid", "server", f"{kind} on {subject}: {refusal.message}")
        if row in ("session.state", "session.events"):
            self._numbered(body)
        elif row == "session.control.pushes":
            self._pushed(body)
        else:
            self._answered(body, subject)

    def _numbered(self, body: dict[str, Any]) -> None:
        session_id, place = body["session_id"], (body["epoch"], body["seq"])
        stream = self.streams.get(session_id)
        if stream is None:
            stream = self.streams[session_id] = Stream(Folder(LIMITS))
        epoch, seq = stream.head
        if place[0] > epoch > 0:
            self.counts["new epochs in a session"] += 1
        if place != (epoch, seq + 1) and not (place[0] > epoch and place[1] == 1):
            self._find("seq", "server", f"{place} follows {stream.head} in {session_id}")
        if "event_id" in body:
            self._event(stream, body, place)
        stream.bodies[place] = body
        stream.folder.take(body)
        stream.folds[place] = dict(stream.folder.slices)
        self._count(stream, place, body["last_action_seq"])
        self.counts["states" if body["type"] == "session.state" else "events"] += 1

    def _event(self, stream: Stream, body: dict[str, Any], place: Place) -> None:
        if body["event_id"] in stream.event_ids:
            self._find("event-once", "server", f"{body['type']} at {place} was told before")
        stream.event_ids.add(body["event_id"])
        cause = body["cause"]
        if cause is not None and cause["session_id"] == body["session_id"]:
            counted_at = stream.counted_at.get(cause["client_seq"], place)
            if counted_at < place:
                what = f"{body['type']} at {place} is an effect of what counts at {counted_at}"
                self._find("counted-last", "server", what)

    def _pushed(self, body: dict[str, Any]) -> None:
        data, type_ = body["data"], body["type"]
        self._position(body)
        if type_ == "action.ack":
            self._acked(data)
        elif type_ == "action.nack":
            self._nacked(data)
        else:
            self.counts[type_] += 1

    def _answered(self, body: dict[str, Any], reply: str) -> None:
        type_, data = body["type"], body["data"]
        if type_.startswith("action."):
            return
        self._position(body)
        if type_ == "session.resumed" and reply in self._asked:
            self._resumed(body, self._asked[reply])
        mode = f" {data['mode']}" if type_ == "session.resumed" else ""
        code = f" {data['error']['code']}" if type_ == "error" else ""
        self.counts[f"{type_}{mode}{code}"] += 1
        if type_ == "session.opened" and data["position"]["seq"] == 0:
            # Another life of the id, if it had one before: its numbers begin anew, and its epoch may.
            self.streams[body["session_id"]] = Stream(Folder(LIMITS))

    def _resumed(self, body: dict[str, Any], asked: Place) -> None:
        data, stream = body["data"], self.streams.get(body["session_id"])
        at = (data["position"]["epoch"], data["position"]["seq"])
        if (data["mode"] == "current") != (asked == at):
            self._find("resume-mode", "server", f"{data['mode']} at {at} for {asked}")
        if data["mode"] == "replay" and stream is not None:
            places = [(asked[0], seq) for seq in range(asked[1] + 1, at[1] + 1)]
            if data["messages"] != [stream.bodies.get(place) for place in places]:
                self._find("replay", "server", f"other messages than those of {places}")

    def _position(self, body: dict[str, Any]) -> None:
        at = body["data"].get("position")
        if at is None:
            return
        place = (at["epoch"], at["seq"])
        stream = self.streams.get(body["session_id"])
        head = stream.head if stream is not None else (0, 0)
        if place > head and at["seq"] > 0:
            self._find("position-told", "server", f"{body['type']} tells {place}, ahead of {head}")
        if stream is not None:
            self._count(stream, place, at["last_action_seq"])

    def _count(self, stream: Stream, place: Place, last_action_seq: int) -> None:
        for number in range(stream.counted + 1, last_action_seq + 1):
            stream.counted_at[number] = place
        stream.counted = max(stream.counted, last_action_seq)

    # -- outcomes

    def _acked(self, data: dict[str, Any]) -> None:
        self.counts[f"ack {data['status']}"] += 1
        act = self.acts.get(data["action_id"])
        if act is None:
            return
        if self._ledger() in act.nacked_in:
            self._find("outcome-stays", "server", f"{act.type} was refused with {act.refused}")
        act.acked = True
        act.made = next(iter(data.get("result", {}).values()), None)
        if act.word:
            self.look_at(act, self._ledger())
            if self._ledger().counts[act.word] == 0:
                self._find("acked-is-done", "server", f"{act.type} {act.word} has no effect")

    def _nacked(self, data: dict[str, Any]) -> None:
        error = data["error"]
        self.counts[f"nack {error['code']}"] += 1
        act = self.acts.get(data["action_id"])
        if act is None or error["retryable"]:
            return
        act.refused = error["code"]
        if not act.acked:
            act.nacked_in.append(self._ledger())
            self.look_at(act, self._ledger())

    def look_at(self, act: Act, ledger: Ledger) -> None:
        """See how often an action was done in a store."""
        done = ledger.counts[act.word] if act.word else 0
        if done > 1:
            late = max((b.at_ms - a.at_ms for a, b in pairs(act.copies)), default=0)
            rule = "once-carried" if late > OUTCOMES_MS else "once"
            self._find(rule, "server", f"{act.type} {act.word} was done {done} times")
        if done and ledger in act.nacked_in:
            self._find("nacked-is-not", "server", f"{act.type} {act.word} got {act.refused}")


def pairs(copies: list[Copy]) -> list[tuple[Copy, Copy]]:
    """Each copy of a new session, with the one before it."""
    return [(one, other) for one, other in pairwise(copies) if one.session_id != other.session_id]
