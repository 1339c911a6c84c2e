"""Looks at a client after each message that it has handled, and at all that it sends."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.simulation.judges.views import ViewJudge
from tests.simulation.terms import AWAY_MS

from omnisession_client.effects import Request
from omnisession_client.messages import Answered, Began, Dispatched, Heard, Lost
from omnisession_conformance.protocol.model.compare import first_difference

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.simulation.client import ClientNode
    from tests.simulation.judges.wire import Act, Place, Wire

    from omnisession_client.effects import Publish
    from omnisession_client.messages import Message
    from omnisession_client.values import State

RECOVERIES = ("session.open", "session.resume", "session.sync")
SLACK_MS = 20_000
"""How much earlier than a server may forget a client may give up: its margin, and the ways of messages."""


@dataclass(slots=True)
class Sending:
    """What a client has sent in one session."""

    bodies: dict[int, bytes] = field(default_factory=dict[int, bytes])
    under_way: dict[int, str] = field(default_factory=dict[int, str])
    quiet_until_ms: int = 0
    answered_ms: int = 0


class ClientJudge:
    """Judges one client from its first message to its last."""

    def __init__(self, node: ClientNode, wire: Wire, find: Callable[..., None]) -> None:
        self.node = node
        self.acted: list[str] = []
        self.beats = 0
        self.leaves = False
        self._wire = wire
        self._find = find
        self._views = ViewJudge(wire)
        self._sessions: dict[str, Sending] = {}
        self._numbers_of: dict[tuple[str, str], int] = {}
        self._due: Place | None = None
        self._nacks: set[str] = set()

    # -- what it sends

    def sent(self, effect: Publish | Request) -> None:
        """Look at a body before it leaves."""
        reply = f"_INBOX.{self.node.name}.{effect.number}" if isinstance(effect, Request) else ""
        body = self._wire.sent(self.node.name, effect.subject, effect.body, reply)
        sending = self._sessions.setdefault(body["session_id"], Sending())
        if body["type"] in RECOVERIES and isinstance(effect, Request):
            self._asked(sending, effect.number, body["type"])
        elif "action_id" in body:
            self._acted(sending, body, effect.body)

    def _asked(self, sending: Sending, number: int, type_: str) -> None:
        if sending.under_way:
            self._found("one-recovery", f"{type_} beside {', '.join(sending.under_way.values())}")
        if self.node.clock.now_ms() < sending.quiet_until_ms:
            self._found("no-recovery-in-a-stop", f"{type_} before {sending.quiet_until_ms}")
        sending.under_way[number] = type_

    def _acted(self, sending: Sending, body: dict[str, Any], raw: bytes) -> None:
        number, action_id = body["client_seq"], body["action_id"]
        if (before := sending.bodies.get(number)) is not None:
            if before != raw:
                self._found("same-bytes", f"number {number} has other bytes than before")
            return
        if number != len(sending.bodies) + 1:
            self._found("numbers", f"{number} follows {len(sending.bodies)}")
        if self._numbers_of.setdefault((body["session_id"], action_id), number) != number:
            self._found("own-id", f"{action_id} has two numbers in a session")
        sending.bodies[number] = raw

    # -- what it has handled

    def handled(self, before: State, message: Message) -> None:
        """Look at the state after a message."""
        after = self.node.state
        match message:
            case Dispatched():
                self.acted.append(message.action_id)
            case Answered():
                self._answered(before, message)
            case Heard():
                self._heard(before, message)
            case Lost():
                for sending in self._sessions.values():
                    sending.under_way.clear()
            case Began():
                self._due = None
            case _:
                pass
        if after.phase == "closed" and not self.leaves:
            self._found("client-closed", f"after {type(message).__name__}")
        self._look_at_place(before, after)
        self._look_at_pending(before, after)
        self._look_at_told(before, after)
        if not self._is_between(after):
            self._views.look(self.node, self._found)

    def _answered(self, before: State, message: Answered) -> None:
        sending = self._sessions.get(before.session_id)
        if sending is None or message.data is None:
            if sending is not None:
                sending.under_way.pop(message.number, None)
            return
        body = json.loads(message.data)
        if body["type"] != "error":
            sending.answered_ms = self.node.clock.now_ms()
        if sending.under_way.pop(message.number, None) is None:
            return
        data = body["data"]
        if body["type"] in ("session.opened", "session.syncing"):
            self._promised(data["position"], len(data["kinds"]))
        elif body["type"] == "session.resumed" and data["mode"] == "snapshot":
            opened = before.opened
            self._promised(data["position"], len(opened.kinds) if opened is not None else 0)

    def _promised(self, at: dict[str, Any], kinds: int) -> None:
        self._due = (at["epoch"], at["seq"] + kinds)

    def _heard(self, before: State, message: Heard) -> None:
        if not message.subject.endswith(".control"):
            return
        body = json.loads(message.data)
        type_, data = body["type"], body["data"]
        if body["session_id"] != before.session_id:
            return
        if type_ == "session.heartbeat":
            self._beat(data["position"])
        elif type_ == "session.closing":
            sending = self._sessions.setdefault(before.session_id, Sending())
            sending.under_way.clear()
            sending.quiet_until_ms = self.node.clock.now_ms() + data["after_ms"]
        elif type_ in ("action.ack", "action.nack"):
            self._sessions[before.session_id].answered_ms = self.node.clock.now_ms()
            if type_ == "action.nack" and not data["error"]["retryable"]:
                self._nacked(before, data["action_id"])

    def _nacked(self, before: State, action_id: str) -> None:
        self._nacks.add(action_id)
        after = self.node.state
        stays = any(one.doing.action_id == action_id for one in after.pending)
        # Before an answer is there it is held.
        if stays and before.phase == after.phase == "live":
            self._found("refused-is-over", f"{action_id} stays pending")

    def _beat(self, at: dict[str, Any]) -> None:
        state = self.node.state
        own = None if state.place is None else (*state.place, state.counted)
        told = (at["epoch"], at["seq"], at["last_action_seq"])
        self.beats = self.beats + 1 if own == told and self.is_quiet() else 0

    # -- rules

    def is_quiet(self) -> bool:
        """Whether nothing is left to do."""
        state = self.node.state
        pending = state.pending or state.under_way
        return state.phase == "live" and state.recovery.goal is None and not pending

    def is_at_head(self) -> bool:
        """Whether nothing is on its way to it."""
        state = self.node.state
        stream = self._wire.streams.get(state.session_id)
        return stream is not None and state.place == stream.head

    def _is_between(self, state: State) -> bool:
        """Whether some of the states are yet to come that begin an epoch or a session, or were promised."""
        if state.place is None:
            return len(self._sessions) > 0
        return self._due is not None and state.place < self._due

    def _look_at_place(self, before: State, after: State) -> None:
        old, new = before.place, after.place
        if new is None or (before.session_id == after.session_id and old == new):
            return
        if (
            old is not None
            and before.session_id == after.session_id
            and new < old
            and new.epoch == old.epoch
        ):
            self._found("position", f"{tuple(new)} after {tuple(old)}")
        self._look_at_fold(after, (new.epoch, new.seq))

    def _look_at_fold(self, after: State, place: Place) -> None:
        stream = self._wire.streams.get(after.session_id)
        if stream is None or after.phase != "live" or self._is_between(after):
            return
        for kind, expected in stream.folds.get(place, {}).items():
            seen = after.slices.get(kind)
            if seen is None or seen == expected:
                continue
            if (found := first_difference(kind, expected, seen)) is not None:
                self._found("fold", f"{kind} at {place}: {found}")

    def _look_at_pending(self, before: State, after: State) -> None:
        told = {one.action_id for one in after.refused[len(before.refused) :]}
        left = {one.doing.action_id for one in after.pending}
        stream = self._wire.streams.get(before.session_id)
        for one in before.pending:
            action_id = one.doing.action_id
            if action_id in left or action_id in told:
                continue
            at = None if stream is None or one.number is None else stream.counted_at.get(one.number)
            if at is None or after.place is None or at > after.place:
                self._found("settled", f"{one.doing.type} counts at {at}, not at {after.place}")
        one_at_a_time = before.under_way
        if one_at_a_time is not None and one_at_a_time != after.under_way:
            action_id = one_at_a_time.action_id
            gone = after.under_way is None or after.under_way.action_id != action_id
            if gone and action_id not in told and not self._has_outcome(action_id):
                self._found("settled", f"{action_id} has no outcome")

    def _has_outcome(self, action_id: str) -> bool:
        act = self._wire.acts.get(action_id)
        return act is not None and (act.acked or act.refused is not None)

    def _look_at_told(self, before: State, after: State) -> None:
        for one in after.refused[len(before.refused) :]:
            act = self._wire.acts.get(one.action_id)
            if one.code is not None and (act is None or act.refused != one.code):
                self._found("told", f"{one.action_id} has {one.code}, which the server did not say")
            if one.reason == "given_up" and after.config.mode != "pure":
                self._given_up(act)

    def _given_up(self, act: Act | None) -> None:
        self._wire.counts["given up"] += 1
        last = None if act is None else self._sessions.get(act.copies[-1].session_id)
        away_ms = self.node.clock.now_ms() - (last.answered_ms if last is not None else 0)
        if away_ms < AWAY_MS - SLACK_MS:
            self._found("dropped", f"given up {away_ms} ms after its session answered")

    def look_at_rest(self) -> None:
        """Look at what became of each action, once all is quiet."""
        told = {one.action_id for one in self.node.state.refused}
        for action_id in self.acted:
            if action_id not in told and not self._has_outcome(action_id):
                self._found("dropped", f"{action_id} has no outcome")
        if untold := self._nacks & set(self.acted) - told:
            self._found(
                "told", f"{', '.join(sorted(untold))}: its refusal came, and nobody is told"
            )

    def _found(self, rule: str, what: str) -> None:
        self._find(rule, self.node.name, what)
