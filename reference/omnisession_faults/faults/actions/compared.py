"""Faults of copies that are compared by less or more than their bodies, and of steps around outcomes."""
# ruff: noqa: D102  an override means what it overrides

from dataclasses import replace
from typing import Any

from omnisession_faults.faults.registry import fault
from omnisession_faults.inside import drop_held
from omnisession_reference.action import Action, Outcome
from omnisession_reference.actions import Actions
from omnisession_reference.control import Control
from omnisession_reference.session import Session
from omnisession_reference.timers import Clockwork
from omnisession_reference.wire import Incoming, JsonObject, fingerprint

KNOWN = {
    "title", "slug", "subtitle", "leading", "content", "tags", "article_id", "message_id", "url_id",
    "changes", "active", "ttl_ms", "target_url", "short_code", "is_active", "username", "email",
}  # fmt: skip


def _compared(action: Action, *parts: Any) -> Action:
    """An action that is told from others of its id by its type and these parts alone."""
    return replace(action, fingerprint=fingerprint([action.body.get("type"), *parts]))


def _known(value: Any) -> Any:
    if isinstance(value, dict):
        members: dict[str, Any] = value  # pyright: ignore[reportUnknownVariableType]
        return {k: _known(v) for k, v in members.items() if k in KNOWN}
    return value


@fault("unknown-members-do-not-tell-bodies-apart", breaks="ACTION-009")
class UnknownMembersDoNotTellBodiesApart(Actions):
    """Bodies of one id are compared by the members that the protocol names."""

    def read(self, message: Incoming, row: str, session: Session, body: JsonObject) -> Action:
        action = super().read(message, row, session, body)
        return _compared(action, _known(action.data), body.get("expect"))


def _one(value: Any) -> Any:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, list):
        return [_one(item) for item in value]  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, dict):
        return {k: _one(v) for k, v in value.items()}  # pyright: ignore[reportUnknownVariableType]
    return value


@fault("true-is-one", breaks="ACTION-009")
class TrueIsOne(Actions):
    """In bodies of one id true is 1 and false is 0, as in the language of the server."""

    def read(self, message: Incoming, row: str, session: Session, body: JsonObject) -> Action:
        action = super().read(message, row, session, body)
        return _compared(action, _one(action.data), body.get("expect"))


def _some(value: Any) -> Any:
    if isinstance(value, list):
        return [_some(item) for item in value]  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, dict):
        members: dict[str, Any] = value  # pyright: ignore[reportUnknownVariableType]
        return {k: _some(v) for k, v in members.items() if v is not None}
    return value


@fault("null-like-a-member-left-out", breaks="ACTION-009")
class NullLikeAMemberLeftOut(Actions):
    """In bodies of one id a member that is null is as good as none."""

    def read(self, message: Incoming, row: str, session: Session, body: JsonObject) -> Action:
        action = super().read(message, row, session, body)
        return _compared(action, _some(action.data), _some(body.get("expect")))


@fault("numbers-of-expect-not-compared", breaks="ACTION-009")
class NumbersOfExpectNotCompared(Actions):
    """Of `expect` it is compared whether there is one, not what it says."""

    def read(self, message: Incoming, row: str, session: Session, body: JsonObject) -> Action:
        action = super().read(message, row, session, body)
        return _compared(action, action.data, "expect" in body)


@fault("data-beside-wins", breaks="CHAT-002")
class DataBesideWins(Actions):
    """On `chat.messages` a content in `data` wins over the one at top level."""

    def read(self, message: Incoming, row: str, session: Session, body: JsonObject) -> Action:
        action = super().read(message, row, session, body)
        data = body.get("data")
        if row == "chat.messages" and isinstance(data, dict) and "content" in data:
            return replace(action, data={"content": data["content"]})
        return action


@fault("data-beside-names-the-article", breaks="EDIT-001")
class DataBesideNamesTheArticle(Actions):
    """On `article.edit.start` an id in `data` wins over the one at top level."""

    def read(self, message: Incoming, row: str, session: Session, body: JsonObject) -> Action:
        action = super().read(message, row, session, body)
        data = body.get("data")
        if row == "article.edit.start" and isinstance(data, dict) and "article_id" in data:
            return replace(action, data={"article_id": data["article_id"]})
        return action


@fault("given-up-after-it-was-judged", breaks="ACTION-001")
class GivenUpAfterItWasJudged(Actions):
    """An action that was held and then judged is refused as well when its time is over."""

    def release(self, session: Session) -> None:
        next_up = session.last_action_seq + 1
        held = self._book(session).held.get(next_up, [])
        late = [action for action, _ in held]
        super().release(session)
        for action in late:
            gap_ms = session.terms.timers.gap_ms
            self.services.clock.call_later(gap_ms, lambda action=action: self.refuse_gap(action))


@fault("outcomes-in-every-session", breaks="ACTION-001")
class OutcomesInEverySession(Actions):
    """Outcomes are pushed in all sessions of the user, as each one's own."""

    def tell(
        self, action: Action, outcome: Outcome, position: JsonObject, status: str = "applied"
    ) -> None:
        super().tell(action, outcome, position, status)
        data: JsonObject = {"action_id": action.action_id, "client_seq": action.client_seq}
        data |= outcome.as_json(status)
        for session in self.services.sessions.of_user(action.user_id).values():
            if session is not action.session:
                data["position"] = session.position()
                session.push("action.ack" if outcome.error is None else "action.nack", data)


@fault("end-drops-what-other-sessions-hold", breaks="ACTION-001")
class EndDropsWhatOtherSessionsHold(Control):
    """The end of a session drops the actions that the user's other sessions hold."""

    def end(self, session: Session, why: str) -> None:
        super().end(session, why)
        for other in self.services.sessions.of_user(session.user_id).values():
            drop_held(self._actions, other)


@fault("heartbeats-in-whole-seconds", breaks="CTRL-008")
class HeartbeatsInWholeSeconds(Clockwork):
    """Heartbeats come once in as many whole seconds as they begin."""

    def _on_heartbeat(self) -> None:
        whole = -(-self._granted.heartbeat_ms // 1000) * 1000
        self._heartbeat = self._clock.call_later(whole, self._on_heartbeat)
        self.beat()


@fault("windows-in-whole-seconds", breaks="CTRL-016")
class WindowsInWholeSeconds(Clockwork):
    """A session may be silent for as many whole seconds as its window has."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self._expiry.cancel()
        self._expiry = self._clock.call_later(self.left_ms(), self._on_expiry)

    def left_ms(self) -> float:
        return super().left_ms() - self._granted.resume_window_ms % 1000
