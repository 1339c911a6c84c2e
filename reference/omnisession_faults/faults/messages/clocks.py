"""Faults with the clocks of clients, of which a server takes no time."""
# ruff: noqa: D102  an override means what it overrides

from datetime import UTC, datetime

from omnisession_faults.faults.registry import fault
from omnisession_faults.inside import clockwork_of
from omnisession_reference.action import Action
from omnisession_reference.actions import Actions
from omnisession_reference.control import Control
from omnisession_reference.errors import Refusal
from omnisession_reference.wire import Incoming, decode

MOST_OFF_MS = 300_000


def _refuse(timestamp: int, now_ms: int) -> None:
    if abs(timestamp - now_ms) > MOST_OFF_MS:
        raise Refusal(4001, "Set your clock.", pointer="/timestamp")


def _told(message: Incoming) -> tuple[str, int]:
    body = decode(message.data)
    timestamp = body.get("timestamp")
    return str(body.get("type")), timestamp if type(timestamp) is int else 1


@fault("actions-of-wrong-clocks-refused", breaks="ENV-012")
class ActionsOfWrongClocksRefused(Actions):
    """An action whose timestamp is five minutes off is refused."""

    def check(self, action: Action) -> None:
        super().check(action)
        _refuse(action.body["timestamp"], self.services.clock.now_ms())


@fault("changes-of-wrong-clocks-refused", breaks="ENV-012")
class ChangesOfWrongClocksRefused(Actions):
    """An action whose timestamp is five minutes off is refused where it would change something."""

    def check(self, action: Action) -> None:
        super().check(action)
        if action.body["type"] != "session.noop":
            _refuse(action.body["timestamp"], self.services.clock.now_ms())


@fault("older-actions-refused", breaks="ENV-012")
class OlderActionsRefused(Actions):
    """An action that tells an earlier time than the one before it in its session is refused."""

    def check(self, action: Action) -> None:
        super().check(action)
        last: dict[object, int] = vars(self).setdefault("_last", {})
        told = action.body["timestamp"]
        if told < last.get(action.session.key, 0):
            raise Refusal(4001, "Your clock was set back.", pointer="/timestamp")
        last[action.session.key] = told


@fault("requests-of-wrong-clocks-refused", breaks="ENV-012")
class RequestsOfWrongClocksRefused(Control):
    """A request whose timestamp is five minutes off is refused, as a defence against replays."""

    def receive(self, message: Incoming, user_id: str, session_id: str) -> None:
        _refuse(_told(message)[1], self.services.clock.now_ms())
        super().receive(message, user_id, session_id)


@fault("opens-of-wrong-clocks-refused", breaks="ENV-012")
class OpensOfWrongClocksRefused(Control):
    """An open whose timestamp is five minutes off is refused."""

    def receive(self, message: Incoming, user_id: str, session_id: str) -> None:
        type_, timestamp = _told(message)
        if type_ == "session.open":
            _refuse(timestamp, self.services.clock.now_ms())
        super().receive(message, user_id, session_id)


@fault("older-requests-ignored", breaks="ENV-012")
class OlderRequestsIgnored(Control):
    """A request that tells an earlier time than the one before it in its session is taken for a copy."""

    def receive(self, message: Incoming, user_id: str, session_id: str) -> None:
        last: dict[tuple[str, str], int] = vars(self).setdefault("_last", {})
        timestamp = _told(message)[1]
        if timestamp >= last.get((user_id, session_id), 0):
            last[user_id, session_id] = timestamp
            super().receive(message, user_id, session_id)


@fault("times-beyond-the-calendar-fail", breaks="ENV-012")
class TimesBeyondTheCalendarFail(Control):
    """A request fails whose timestamp no calendar of its language has."""

    def receive(self, message: Incoming, user_id: str, session_id: str) -> None:
        try:
            datetime.fromtimestamp(_told(message)[1] / 1_000, UTC)
        except (ValueError, OverflowError, OSError):
            raise Refusal(5000, "Something went wrong.") from None
        super().receive(message, user_id, session_id)


@fault("life-by-the-clocks-of-clients", breaks="CTRL-016")
class LifeByTheClocksOfClients(Control):
    """A sign of life is dated by its timestamp, so that a client with a slow clock is taken for gone."""

    def receive(self, message: Incoming, user_id: str, session_id: str) -> None:
        super().receive(message, user_id, session_id)
        session = self.services.sessions.live(user_id, session_id)
        type_, timestamp = _told(message)
        if session is not None and type_ == "session.ping":
            off = timestamp - self.services.clock.now_ms()
            clockwork_of(session)["_alive_at"] += off
