"""Faults of what a copy of an action is, and of what it is told."""
# ruff: noqa: ARG002, D102  an override means what it overrides

from dataclasses import replace
from typing import Any

from omnisession_faults.faults.registry import fault
from omnisession_reference.action import Action, Outcome
from omnisession_reference.actions import Actions
from omnisession_reference.connection import Connection
from omnisession_reference.errors import Refusal
from omnisession_reference.session import Session
from omnisession_reference.store import MemoryStore
from omnisession_reference.wire import Incoming, JsonObject

SEEN: set[bytes] = set()


@fault("copy-told-the-head", breaks="ACTION-005")
class CopyToldTheHead(Actions):
    """The ack of a copy carries the head instead of the position told first."""

    def tell(
        self, action: Action, outcome: Outcome, position: JsonObject, status: str = "applied"
    ) -> None:
        head = action.session.position()
        super().tell(action, outcome, head if status == "duplicate" else position, status)


@fault("copy-is-applied", breaks="ACTION-005")
class CopyIsApplied(Actions):
    """The ack of a copy has the status `applied`."""

    def tell(
        self, action: Action, outcome: Outcome, position: JsonObject, status: str = "applied"
    ) -> None:
        super().tell(action, outcome, position)


@fault("copy-is-refused", breaks="ACTION-005")
class CopyIsRefused(Actions):
    """A copy of an acked action is refused for its used number."""

    def used(self, action: Action) -> None:
        known = self.known(action)
        if known is None or known.error is not None:
            super().used(action)
        else:
            self.forgotten(action, Refusal(4092, "This client_seq was used."))


@fault("refused-tried-again", breaks="ACTION-006")
class RefusedTriedAgain(Actions):
    """A copy of a refused action is judged anew."""

    def used(self, action: Action) -> None:
        known = self.known(action)
        if known is None or known.error is None or not self.same(action, known):
            super().used(action)
        else:
            self.run(action)


@fault("copy-of-refused-acked", breaks="ACTION-006")
class CopyOfRefusedAcked(Actions):
    """A copy of a refused action is acked as a duplicate."""

    def tell(
        self, action: Action, outcome: Outcome, position: JsonObject, status: str = "applied"
    ) -> None:
        told = replace(outcome, error=None) if status == "duplicate" else outcome
        super().tell(action, told, position, status)


@fault("id-is-enough", breaks="ACTION-009")
class IdIsEnough(Actions):
    """Another action under a known id is taken for a copy."""

    def same(self, action: Action, outcome: Outcome) -> bool:
        return outcome.action_id == action.action_id


@fault("used-ids-applied", breaks="ACTION-009")
class UsedIdsApplied(Actions):
    """Another action under a known id has its effect."""

    def repeat_as_next(self, action: Action, known: Outcome) -> None:
        if self.same(action, known):
            super().repeat_as_next(action, known)
        else:
            self.run(action)


@fault("memory-per-subject", breaks="ACTION-019")
class MemoryPerSubject(Actions):
    """A copy on another action subject is taken for another action."""

    def read(self, message: Incoming, row: str, session: Session, body: JsonObject) -> Action:
        action = super().read(message, row, session, body)
        return replace(action, fingerprint=action.fingerprint + row.encode())


@fault("memory-per-session", breaks="ACTION-020")
class MemoryPerSession(Actions):
    """A copy in another session of the user has its effect again."""

    def known(self, action: Action) -> Outcome | None:
        done = self._book(action.session).done.values()
        here = any(outcome.action_id == action.action_id for outcome, _ in done)
        return super().known(action) if here else None


@fault("copy-elsewhere-is-another", breaks="ACTION-020")
class CopyElsewhereIsAnother(Actions):
    """A copy in another session of the user is refused as another action."""

    def read(self, message: Incoming, row: str, session: Session, body: JsonObject) -> Action:
        action = super().read(message, row, session, body)
        return replace(action, fingerprint=action.fingerprint + session.session_id.encode())


@fault("copy-elsewhere-not-counted", breaks="ACTION-020")
class CopyElsewhereNotCounted(Actions):
    """A copy in another session of the user does not take the number that it comes with."""

    def repeat_as_next(self, action: Action, known: Outcome) -> None:
        if self.same(action, known):
            self.tell(action, known, action.session.position(), "duplicate")
        else:
            super().repeat_as_next(action, known)


@fault("copies-by-header", breaks="ACTION-022")
class CopiesByHeader(Connection):
    """A message with a known `Nats-Msg-Id` is dropped."""

    async def _process_msg(
        self, sid: int, subject: bytes, reply: bytes, data: bytes, headers: Any
    ) -> None:
        named = (headers or b"").lower().partition(b"nats-msg-id:")[2]
        name = named.partition(b"\r\n")[0].strip()
        if name and name in SEEN:
            return
        SEEN.add(name)
        await super()._process_msg(sid, subject, reply, data, headers)


@fault("remembers-100", breaks="ACTION-023")
class Remembers100(MemoryStore):
    """The last 100 outcomes of a user are remembered, no more."""

    def remember(self, user_id: str, outcome: Outcome) -> None:
        super().remember(user_id, outcome)
        kept = self._outcomes[user_id]
        if len(kept) > 100:
            kept.popitem(last=False)
