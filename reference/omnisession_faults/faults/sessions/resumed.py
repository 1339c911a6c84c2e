"""Faults of resumes: how a position is read, and what a replay has."""
# ruff: noqa: D102  an override means what it overrides

from collections.abc import Callable
from dataclasses import replace

from omnisession_faults.faults.registry import fault
from omnisession_reference.control import AnswerWithStates, Control, Request
from omnisession_reference.session import Session
from omnisession_reference.wire import JsonObject, decode, encode

BITS = 2**32


def _asked(request: Request, **other: int) -> Request:
    return replace(request, data={**request.data, **other})


@fault("zero-is-the-head", breaks="RESUME-002")
class ZeroIsTheHead(Control):
    """A resume from seq 0 is taken for one of a client that has seen everything."""

    def resume(self, request: Request) -> None:
        session = self.services.sessions.live(request.user_id, request.session_id)
        if session is not None and not request.data["seq"]:
            request = _asked(request, seq=session.seq, epoch=session.epoch)
        super().resume(request)


@fault("positions-in-32-bits", breaks="RESUME-005")
class PositionsIn32Bits(Control):
    """Of the seq that a resume names the last 32 bits are read."""

    def resume(self, request: Request) -> None:
        super().resume(_asked(request, seq=request.data["seq"] % BITS))


@fault("epochs-in-32-bits", breaks="RESUME-005")
class EpochsIn32Bits(Control):
    """Of the epoch that a resume names the last 32 bits are compared."""

    def resume(self, request: Request) -> None:
        session = self.services.sessions.live(request.user_id, request.session_id)
        if session is not None and request.data["epoch"] % BITS == session.epoch % BITS:
            request = _asked(request, epoch=session.epoch)
        super().resume(request)


@fault("epochs-not-compared", breaks="RESUME-005")
class EpochsNotCompared(Control):
    """The epoch that a resume names is not looked at."""

    def resume(self, request: Request) -> None:
        session = self.services.sessions.live(request.user_id, request.session_id)
        if session is not None:
            request = _asked(request, epoch=session.epoch)
        super().resume(request)


@fault("lower-epochs-fit", breaks="RESUME-005")
class LowerEpochsFit(Control):
    """A resume from a lower epoch is answered as one from this."""

    def resume(self, request: Request) -> None:
        session = self.services.sessions.live(request.user_id, request.session_id)
        if session is not None and request.data["epoch"] < session.epoch:
            request = _asked(request, epoch=session.epoch)
        super().resume(request)


def _changed(payload: bytes, change: Callable[[JsonObject], JsonObject]) -> bytes:
    return encode(change(decode(payload)))


@fault("replay-without-digests", breaks="RESUME-003")
class ReplayWithoutDigests(Session):
    """The states of a replay have no digest."""

    def missed(self, seq: int) -> list[bytes] | None:
        def change(body: JsonObject) -> JsonObject:
            return {name: value for name, value in body.items() if name != "digest"}

        found = super().missed(seq)
        return None if found is None else [_changed(payload, change) for payload in found]


@fault("replay-has-causes-of-none", breaks="RESUME-003")
class ReplayHasCausesOfNone(Session):
    """The events of a replay have no cause, whatever they were told with."""

    def missed(self, seq: int) -> list[bytes] | None:
        def change(body: JsonObject) -> JsonObject:
            return {**body, "cause": None} if "cause" in body else body

        found = super().missed(seq)
        return None if found is None else [_changed(payload, change) for payload in found]


@fault("replay-of-changes-only", breaks="RESUME-003")
class ReplayOfChangesOnly(Session):
    """A replay lacks states that tell what the one before them told."""

    def missed(self, seq: int) -> list[bytes] | None:
        found = super().missed(seq)
        kept: list[bytes] = []
        shown: dict[str, JsonObject] = {}
        for payload in found or []:
            body = decode(payload)
            if body["type"] == "session.state" and shown.get(body["data"]["type"]) == body["data"]:
                continue
            if body["type"] == "session.state":
                shown[body["data"]["type"]] = body["data"]
            kept.append(payload)
        return None if found is None else kept


@fault("replay-counts-the-actions-of-now", breaks="RESUME-003")
class ReplayCountsTheActionsOfNow(Session):
    """The bodies of a replay count the actions that are done by then."""

    def missed(self, seq: int) -> list[bytes] | None:
        def change(body: JsonObject) -> JsonObject:
            return {**body, "last_action_seq": self.last_action_seq}

        found = super().missed(seq)
        return None if found is None else [_changed(payload, change) for payload in found]


@fault("snapshot-of-changed-kinds", breaks="RESUME-004")
class SnapshotOfChangedKinds(Control):
    """A snapshot lacks the states of kinds that are as their last state showed them."""

    def answer_with_states(
        self, request: Request, session: Session, answer: AnswerWithStates
    ) -> None:
        shown: dict[tuple[str, str, str], JsonObject] = vars(self).setdefault("_shown", {})
        now = {(*session.key, kind): session.state_data(kind) for kind in answer.kinds}
        if answer.type_name == "session.resumed":
            kinds = tuple(key[2] for key, data in now.items() if shown.get(key) != data)
            answer = replace(answer, kinds=kinds)
        shown |= now
        super().answer_with_states(request, session, answer)


@fault("syncs-nothing-for-an-empty-list", breaks="CTRL-005")
class SyncsNothingForAnEmptyList(Control):
    """A sync with an empty list of kinds brings no state."""

    def sync(self, request: Request) -> None:
        if request.data.get("kinds") != []:
            super().sync(request)
            return
        answer = AnswerWithStates("session.syncing", {"kinds": []}, (), "sync")
        self.answer_with_states(request, self.require(request), answer)


@fault("pongs-count-as-the-last-message", breaks="CTRL-007")
class PongsCountAsTheLastMessage(Control):
    """A pong counts the actions that the last state or event counted."""

    def answer(self, request: Request, session: Session, type_name: str, data: JsonObject) -> None:
        if type_name == "session.pong" and (last := session.buffer.after(session.seq - 1)):
            counted = decode(last[0])["last_action_seq"]
            data = {"position": {**data["position"], "last_action_seq": counted}}
        super().answer(request, session, type_name, data)
