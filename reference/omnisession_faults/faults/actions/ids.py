"""Faults of how long an `action_id` may be, and of how much of it counts."""
# ruff: noqa: ARG002, D102  an override means what it overrides

from dataclasses import replace

from omnisession_faults.faults.registry import fault
from omnisession_reference.action import Action, Outcome
from omnisession_reference.actions import Actions
from omnisession_reference.errors import Refusal
from omnisession_reference.session import Session
from omnisession_reference.store import MemoryStore
from omnisession_reference.wire import Incoming, JsonObject


@fault("long-ids-cut", breaks="ACTION-027")
class LongIdsCut(Actions):
    """An `action_id` above 128 characters is cut to them, and taken."""

    def too_long(self, action_id: str) -> bool:
        return False

    def read(self, message: Incoming, row: str, session: Session, body: JsonObject) -> Action:
        return super().read(message, row, session, {**body, "action_id": body["action_id"][:128]})


@fault("long-ids-taken", breaks="ACTION-027")
class LongIdsTaken(Actions):
    """An `action_id` may be as long as it likes."""

    def too_long(self, action_id: str) -> bool:
        return False


@fault("ids-one-longer", breaks="ACTION-027")
class IdsOneLonger(Actions):
    """An `action_id` of 129 characters is taken."""

    def too_long(self, action_id: str) -> bool:
        return len(action_id) > 129


@fault("ids-one-shorter", breaks="ACTION-027")
class IdsOneShorter(Actions):
    """An `action_id` of 128 characters is refused."""

    def too_long(self, action_id: str) -> bool:
        return len(action_id) > 127


@fault("ids-counted-in-bytes", breaks="ACTION-027")
class IdsCountedInBytes(Actions):
    """The length of an `action_id` is counted in bytes."""

    def too_long(self, action_id: str) -> bool:
        return len(action_id.encode()) > 128


@fault("ids-counted-in-utf16", breaks="ACTION-027")
class IdsCountedInUtf16(Actions):
    """The length of an `action_id` is counted in units of UTF-16."""

    def too_long(self, action_id: str) -> bool:
        return len(action_id.encode("utf-16-le")) > 256


@fault("long-ids-refused-in-session", breaks="ACTION-027")
class LongIdsRefusedInSession(Actions):
    """An `action_id` above 128 characters gets a final nack, which takes the number."""

    def too_long(self, action_id: str) -> bool:
        return False

    def check(self, action: Action) -> None:
        if len(action.action_id) > 128:
            raise Refusal(4001, "An action_id has at most 128 characters.", pointer="/action_id")
        super().check(action)


@fault("ids-known-by-their-beginning", breaks="ACTION-027")
class IdsKnownByTheirBeginning(MemoryStore):
    """Of an `action_id` the first 127 characters are remembered."""

    def outcome(self, user_id: str, action_id: str) -> Outcome | None:
        return super().outcome(user_id, action_id[:127])

    def remember(self, user_id: str, outcome: Outcome) -> None:
        super().remember(user_id, replace(outcome, action_id=outcome.action_id[:127]))


@fault("ids-known-by-their-end", breaks="ACTION-027")
class IdsKnownByTheirEnd(MemoryStore):
    """Of an `action_id` the last 64 characters are remembered."""

    def outcome(self, user_id: str, action_id: str) -> Outcome | None:
        return super().outcome(user_id, action_id[-64:])

    def remember(self, user_id: str, outcome: Outcome) -> None:
        super().remember(user_id, replace(outcome, action_id=outcome.action_id[-64:]))
