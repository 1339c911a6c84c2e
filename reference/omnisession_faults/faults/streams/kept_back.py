"""Faults of states that are held back, of what resume keeps, and of what a session is told when."""
# ruff: noqa: D102  an override means what it overrides

from collections.abc import Sequence
from dataclasses import replace

from omnisession_faults.faults.registry import fault
from omnisession_reference.action import Action
from omnisession_reference.change import Change
from omnisession_reference.control import AnswerWithStates, Control, Request
from omnisession_reference.fanout import Fanout
from omnisession_reference.session import Session
from omnisession_reference.timers import Clockwork
from omnisession_reference.wire import JsonObject


@fault("flushed-as-a-sync", breaks="STATE-004")
class FlushedAsASync(Session):
    """A state that was held back until the session asked has the reason `sync`."""

    def flush(self) -> None:
        for kind in list(self.held_back):
            self.publish_state(kind, "sync")


@fault("every-change-begins-the-wait-anew", breaks="STATE-014")
class EveryChangeBeginsTheWaitAnew(Clockwork):
    """Each change of others puts what is held back off by a whole `coalesce_ms`."""

    def hold_back(self) -> None:
        if self._coalesce is not None:
            self._coalesce.cancel()
            self._coalesce = None
        super().hold_back()


@fault("no-wait-is-begun-after-an-answer", breaks="EDIT-005")
class WaitIsNotBegunAfterAFlush(Clockwork):
    """What is held back once the session has asked waits until it asks again."""

    def hold_back(self) -> None:
        if not self.__dict__.get("asked"):
            super().hold_back()

    def touch(self) -> None:
        super().touch()
        if self._coalesce is not None:
            self._coalesce.cancel()
            self.__dict__["asked"] = True


@fault("only-the-first-kind-before-an-answer", breaks="STATE-006")
class OnlyTheFirstKindBeforeAnAnswer(Session):
    """Of several kinds that are held back a pong or outcome is preceded by one."""

    def flush(self) -> None:
        if len(self.held_back) > 1:
            later = dict(list(self.held_back.items())[1:])
            first = next(iter(self.held_back))
            self.publish_state(first, "change")
            self.held_back.update(later)
            return
        super().flush()


@fault("own-changes-in-one-kind", breaks="STATE-005")
class OwnChangesInOneKind(Fanout):
    """Of an action with effects in two kinds its own session is shown one before the ack."""

    def tell_acting(self, action: Action, own: Sequence[tuple[Change, JsonObject]]) -> None:
        kinds = list(dict.fromkeys(change.kind for change, _ in own))
        if action.session.events or len(kinds) == 1:
            super().tell_acting(action, own)
            return
        super().tell_acting(action, [pair for pair in own if pair[0].kind == kinds[0]])
        for kind in kinds[1:]:
            action.session.hold_back(kind)


@fault("states-of-open-again-not-kept", breaks="RESUME-003")
class StatesOfOpenAgainNotKept(Session):
    """A replay lacks the states of an open of the live session."""

    def publish(self, suffix: str, body: JsonObject) -> None:
        super().publish(suffix, body)
        if body.get("reason") == "open" and body["seq"] > len(self.terms.kinds):
            kept: list[tuple[int, bytes]] = vars(self.buffer)["_bodies"]
            kept.pop()


@fault("states-of-sync-not-kept", breaks="RESUME-003")
class StatesOfSyncNotKept(Session):
    """A replay lacks the states of a sync."""

    def publish(self, suffix: str, body: JsonObject) -> None:
        super().publish(suffix, body)
        if body.get("reason") == "sync":
            kept: list[tuple[int, bytes]] = vars(self.buffer)["_bodies"]
            kept.pop()


def _as_opened(session: Session, answer: AnswerWithStates) -> AnswerWithStates:
    """An answer whose states come in the order of `opened.kinds`."""
    return replace(answer, kinds=tuple(k for k in session.terms.kinds if k in answer.kinds))


@fault("sync-in-the-order-of-open", breaks="CTRL-005")
class SyncInTheOrderOfOpen(Control):
    """The states of a sync come in the order of `opened.kinds`, whatever order was asked."""

    def answer_with_states(
        self, request: Request, session: Session, answer: AnswerWithStates
    ) -> None:
        super().answer_with_states(request, session, _as_opened(session, answer))


@fault("sync-told-in-the-order-of-open", breaks="CTRL-005")
class SyncToldInTheOrderOfOpen(Control):
    """The answer and the states of a sync have the order of `opened.kinds`, whatever was asked."""

    def answer_with_states(
        self, request: Request, session: Session, answer: AnswerWithStates
    ) -> None:
        answer = _as_opened(session, answer)
        if "kinds" in answer.data:
            answer = replace(answer, data={**answer.data, "kinds": list(answer.kinds)})
        super().answer_with_states(request, session, answer)


@fault("snapshots-in-alphabetic-order", breaks="RESUME-004")
class SnapshotsInAlphabeticOrder(Control):
    """The states of a snapshot come in alphabetic order."""

    def answer_with_states(
        self, request: Request, session: Session, answer: AnswerWithStates
    ) -> None:
        if answer.type_name == "session.resumed":
            kinds = tuple(sorted(answer.kinds))
            answer = AnswerWithStates(answer.type_name, answer.data, kinds, answer.reason)
        super().answer_with_states(request, session, answer)


@fault("snapshot-resets-the-count", breaks="ORDER-005")
class SnapshotResetsTheCount(Control):
    """A resume from another epoch lets the session count its actions from the beginning in its states."""

    def resume(self, request: Request) -> None:
        session = self.require(request)
        count = session.last_action_seq
        if request.data["epoch"] != session.epoch:
            session.last_action_seq = 0
        try:
            super().resume(request)
        finally:
            session.last_action_seq = count
