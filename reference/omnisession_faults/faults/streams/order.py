"""Faults of numbers and their order."""
# ruff: noqa: D102  an override means what it overrides

import itertools
import json
from collections.abc import Sequence
from dataclasses import replace

from omnisession_faults.faults.registry import fault
from omnisession_faults.faults.streams.late_events import WAITING, waiting
from omnisession_reference.action import Action, Outcome
from omnisession_reference.actions import Actions
from omnisession_reference.auth import Grant
from omnisession_reference.change import Change
from omnisession_reference.control import AnswerWithStates, Control, Request
from omnisession_reference.errors import Refusal
from omnisession_reference.fanout import Fanout
from omnisession_reference.protocol import Timers
from omnisession_reference.session import Session, Terms
from omnisession_reference.timers import Clockwork
from omnisession_reference.wire import JsonObject

NUMBERS = itertools.count(1)


@fault("events-have-their-own-seq", breaks="ORDER-001")
class EventsHaveTheirOwnSeq(Session):
    """States and events are counted apart."""

    def publish(self, suffix: str, body: JsonObject) -> None:
        number = getattr(self, f"_{suffix}", 0) + 1
        setattr(self, f"_{suffix}", number)
        super().publish(suffix, {**body, "seq": number})


@fault("resume-in-band", breaks="ORDER-001")
class ResumeInBand(Control):
    """What a resume replays is published in the session once more."""

    def resume(self, request: Request) -> None:
        super().resume(request)
        session = self.require(request)
        for payload in session.missed(request.data["seq"]) or ():
            body = json.loads(payload)
            suffix = "state" if "reason" in body else "events"
            self.services.out.post(f"{session.prefix}.{suffix}", body)


@fault("one-seq-for-all", breaks="ORDER-002")
class OneSeqForAll(Session):
    """All sessions share one counter."""

    def next_seq(self) -> int:
        self.seq = next(NUMBERS)
        return self.seq


@fault("seq-for-refusals", breaks="ORDER-002")
class SeqForRefusals(Actions):
    """A refused action takes a seq that no message has."""

    def refuse(self, action: Action, refusal: Refusal) -> None:
        action.session.next_seq()
        super().refuse(action, refusal)


@fault("begins-with-one-state", breaks="ORDER-003")
class BeginsWithOneState(Control):
    """A session begins with a state of its first kind alone."""

    def answer_with_states(
        self, request: Request, session: Session, answer: AnswerWithStates
    ) -> None:
        if answer.reason == "open":
            answer = replace(answer, kinds=answer.kinds[:1])
        super().answer_with_states(request, session, answer)


@fault("same-epoch-after-restart", breaks="ORDER-004")
class SameEpochAfterRestart(Control):
    """A session of an earlier run goes on in its epoch, from seq 1."""

    def resume(self, request: Request) -> None:
        user_id, session_id, epoch = request.user_id, request.session_id, request.data["epoch"]
        of_earlier_run = 0 < self.services.sessions.began - epoch < 3_600_000
        if of_earlier_run and self.services.sessions.find(user_id, session_id) is None:
            grant = Grant(user_id, user_id, frozenset())
            terms = Terms("1.0", tuple(self._kinds), (), Timers())
            self.start(
                Session(
                    session_id, grant, terms, epoch=epoch, opened_at=epoch, out=self.services.out
                )
            )
        super().resume(request)


@fault("counts-actions-of-other-sessions", breaks="ORDER-005")
class CountsActionsOfOtherSessions(Session):
    """Events of the user's other sessions count their actions in this one."""

    def publish(self, suffix: str, body: JsonObject) -> None:
        cause = body.get("cause")
        if cause is not None:
            body = {**body, "last_action_seq": cause["client_seq"]}
        super().publish(suffix, body)


@fault("states-asked-for-count-nothing", breaks="ORDER-005")
class StatesAskedForCountNothing(Session):
    """A state that was asked for has `last_action_seq` 0."""

    def publish(self, suffix: str, body: JsonObject) -> None:
        if body.get("reason") in ("open", "sync"):
            body = {**body, "last_action_seq": 0}
        super().publish(suffix, body)


@fault("effects-after-ack", breaks="ORDER-006")
class EffectsAfterAck(Session):
    """An ack counts its action before its events are published in its session."""

    def publish_event(
        self, change: Change, data: JsonObject, actor: str | None, cause: JsonObject | None
    ) -> None:
        if cause is None or cause["session_id"] != self.session_id:
            super().publish_event(change, data, actor, cause)
        else:
            WAITING.setdefault(self, []).append((change, data, actor, cause))

    def push(self, type_name: str, data: JsonObject) -> JsonObject:
        body = super().push(type_name, data)
        for told in waiting(self):
            super().publish_event(*told)
        return body


@fault("counted-at-first-effect", breaks="ORDER-006")
class CountedAtFirstEffect(Fanout):
    """The first of several effects already counts the action."""

    def tell_acting(self, action: Action, own: Sequence[tuple[Change, JsonObject]]) -> None:
        action.session.count(action.client_seq)
        super().tell_acting(action, own)


@fault("counted-at-first-state", breaks="ORDER-006")
class CountedAtFirstState(Fanout):
    """The first of the states that tell an action already counts it."""

    def tell_acting(self, action: Action, own: Sequence[tuple[Change, JsonObject]]) -> None:
        if not action.session.events:
            action.session.count(action.client_seq)
        super().tell_acting(action, own)


@fault("heartbeat-ahead", breaks="ORDER-007")
class HeartbeatAhead(Clockwork):
    """A heartbeat names the next seq."""

    def beat(self) -> None:
        self.session.flush()
        position = self.session.position()
        ahead = {**position, "seq": position["seq"] + 1}
        self.session.push("session.heartbeat", {"position": ahead})


@fault("heartbeat-read-early", breaks="ORDER-007")
class HeartbeatReadEarly(Clockwork):
    """A heartbeat names the seq from before the states that it lets go first."""

    def beat(self) -> None:
        data = {"position": self.session.position()}
        self.session.flush()
        if self.session.digests:
            data["digests"] = self.session.digests_now()
        self.session.push("session.heartbeat", data)


@fault("heartbeat-of-last-time", breaks="ORDER-007")
class HeartbeatOfLastTime(Clockwork):
    """A heartbeat names the seq that the stream had at the heartbeat before."""

    def beat(self) -> None:
        self.session.flush()
        now = self.session.position()
        position = getattr(self, "_before", now)
        self._before = now
        self.session.push("session.heartbeat", {"position": position})


@fault("ack-ahead", breaks="ORDER-007")
class AckAhead(Actions):
    """An ack names the next seq."""

    def tell(
        self, action: Action, outcome: Outcome, position: JsonObject, status: str = "applied"
    ) -> None:
        super().tell(action, outcome, {**position, "seq": position["seq"] + 1}, status)
