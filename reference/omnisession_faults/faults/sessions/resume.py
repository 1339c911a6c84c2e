"""Faults of resume."""
# ruff: noqa: D102  an override means what it overrides

import json
from dataclasses import replace
from weakref import WeakKeyDictionary

from omnisession_faults.faults.registry import fault
from omnisession_reference.control import AnswerWithStates, Control, Request
from omnisession_reference.errors import Refusal
from omnisession_reference.protocol import LIMITS
from omnisession_reference.session import Session
from omnisession_reference.wire import JsonObject, encode

# The positions that each session was resumed from.
RESUMED: WeakKeyDictionary[Session, set[tuple[int, int]]] = WeakKeyDictionary()


@fault("replay-one-too-early", breaks="RESUME-003")
class ReplayOneTooEarly(Session):
    """A replay begins with the body at the position asked."""

    def missed(self, seq: int) -> list[bytes] | None:
        behind = 0 < seq < self.seq
        return super().missed(seq - 1 if behind else seq)


@fault("ahead-is-current", breaks="RESUME-005")
class AheadIsCurrent(Session):
    """A position ahead of the head is taken for the head."""

    def missed(self, seq: int) -> list[bytes] | None:
        return [] if seq > self.seq else super().missed(seq)


@fault("always-snapshot", breaks="RESUME-001")
class AlwaysSnapshot(Session):
    """A resume at the head is answered by a snapshot."""

    def missed(self, seq: int) -> list[bytes] | None:
        return None if seq == self.seq else super().missed(seq)


@fault("state-at-the-head", breaks="RESUME-001")
class StateAtTheHead(Control):
    """After the answer `current` a state is published."""

    def resume(self, request: Request) -> None:
        super().resume(request)
        session = self.require(request)
        if session.missed(request.data["seq"]) == []:
            session.publish_state(session.terms.kinds[0], "sync")


@fault("always-current", breaks="RESUME-002")
class AlwaysCurrent(Session):
    """A resume below the head is answered by `current`."""

    def missed(self, seq: int) -> list[bytes] | None:
        return super().missed(max(seq, self.seq))


@fault("behind-is-refused", breaks="RESUME-002")
class BehindIsRefused(Control):
    """A resume below the head is refused."""

    def resume(self, request: Request) -> None:
        session = self.require(request)
        if request.data["epoch"] == session.epoch and request.data["seq"] < session.seq:
            raise Refusal(4220, "This position is too old; use session.sync.")
        super().resume(request)


@fault("replay-without-states", breaks="RESUME-003")
class ReplayWithoutStates(Session):
    """A replay has the events and leaves the states out."""

    def missed(self, seq: int) -> list[bytes] | None:
        missed = super().missed(seq)
        return missed and [payload for payload in missed if b'"reason"' not in payload]


@fault("replay-of-now", breaks="RESUME-003")
class ReplayOfNow(Session):
    """The bodies of a replay have a new timestamp."""

    def missed(self, seq: int) -> list[bytes] | None:
        missed = super().missed(seq)
        now = self.body("", {})["timestamp"] + 1
        return missed and [encode({**json.loads(body), "timestamp": now}) for body in missed]


@fault("snapshot-without-states", breaks="RESUME-004")
class SnapshotWithoutStates(Control):
    """No states follow a snapshot answer."""

    def answer_with_states(
        self, request: Request, session: Session, answer: AnswerWithStates
    ) -> None:
        if answer.type_name == "session.resumed":
            answer = replace(answer, kinds=())
        super().answer_with_states(request, session, answer)


@fault("snapshot-of-one-kind", breaks="RESUME-004")
class SnapshotOfOneKind(Control):
    """A snapshot is followed by a state of the first kind alone."""

    def answer_with_states(
        self, request: Request, session: Session, answer: AnswerWithStates
    ) -> None:
        if answer.type_name == "session.resumed":
            answer = replace(answer, kinds=answer.kinds[:1])
        super().answer_with_states(request, session, answer)


@fault("nothing-to-resume", breaks="RESUME-006")
class NothingToResume(Control):
    """A resume before anything changed is refused."""

    def resume(self, request: Request) -> None:
        session = self.require(request)
        if session.seq <= len(session.terms.kinds):
            raise Refusal(4220, "Nothing changed in this session yet.")
        super().resume(request)


@fault("resumed-once", breaks="RESUME-006")
class ResumedOnce(Control):
    """A second resume from the same position is not answered."""

    def resume(self, request: Request) -> None:
        session = self.require(request)
        position = (request.data["epoch"], request.data["seq"])
        if position not in RESUMED.setdefault(session, set()):
            RESUMED[session].add(position)
            super().resume(request)


@fault("replay-short-of-head", breaks="RESUME-007")
class ReplayShortOfHead(Session):
    """A replay ends one body before the seq that its answer names."""

    def missed(self, seq: int) -> list[bytes] | None:
        missed = super().missed(seq)
        return missed[:-1] if missed and len(missed) > 1 else missed


@fault("replay-past-its-position", breaks="RESUME-007")
class ReplayPastItsPosition(Control):
    """The answer of a replay names the seq before the last of its bodies."""

    def answer(self, request: Request, session: Session, type_name: str, data: JsonObject) -> None:
        if data.get("mode") == "replay":
            position = {**data["position"], "seq": data["position"]["seq"] - 1}
            data = {**data, "position": position}
        super().answer(request, session, type_name, data)


@fault("replay-cut-at-50", breaks="RESUME-003")
class ReplayCutAt50(Session):
    """A replay of more than 50 messages lacks the first ones."""

    def missed(self, seq: int) -> list[bytes] | None:
        missed = super().missed(seq)
        return missed and missed[-50:]


@fault("replay-cut-at-200", breaks="RESUME-003")
class ReplayCutAt200(Session):
    """A replay lacks what is behind 200 messages, fewer where the largest state is small."""

    def missed(self, seq: int) -> list[bytes] | None:
        missed = super().missed(seq)
        return missed and missed[: min(200, LIMITS["state"] // 1_024)]
