"""Carries changes to every session that they reach."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from omnisession_reference.action import Action
from omnisession_reference.change import Change, Listener
from omnisession_reference.ids import Ids
from omnisession_reference.log import Log
from omnisession_reference.out import Out
from omnisession_reference.wire import JsonObject


class Fanout:
    """Folds each change into the slices of its sessions and tells it there."""

    def __init__(self, out: Out, log: Log, ids: Ids) -> None:
        self.ids = ids
        self._out = out
        self._log = log

    def apply(self, changes: Iterable[Change], action: Action | None = None) -> None:
        """Carry changes in their order; `action` is what caused them, None for a timer or an end.

        When this returns everything is published, apart from what other sessions hold back.
        """
        own: list[tuple[Change, JsonObject]] = []
        changes = [self.named(change) for change in changes]
        for change in changes:
            for session in change.sessions:
                try:
                    own += self.reach(session, change, action)
                except Exception as error:  # noqa: BLE001 the other sessions are to be told all the same
                    self._log.failure("session_failed", error, type=change.type)
            if change.hint is not None:
                self._out.hint(change.hint, change.type, change.event_id, change.data)
        self.flush_impatient(changes)
        if action is not None and own:
            self.tell_acting(action, own)

    def named(self, change: Change) -> Change:
        """Give a change the one id that it has in all sessions, unless it has one."""
        return change if change.event_id else replace(change, event_id=self.ids.new())

    def reach(
        self, session: Listener, change: Change, action: Action | None
    ) -> list[tuple[Change, JsonObject]]:
        """Fold a change into one session and tell it; what the acting session has to tell waits."""
        held = session.slices.get(change.kind)
        if held is None:
            return []
        data = held.view(change)
        held.reduce(change.type, data)
        if action is not None and session is action.session:
            return [(change, data)]
        self.tell(session, change, data, action)
        return []

    def tell(
        self, session: Listener, change: Change, data: JsonObject, action: Action | None
    ) -> None:
        """Tell a change in a session that did not act."""
        if session.events:
            actor = None if action is None else action.user_id
            session.publish_event(change, data, actor, self.cause(session, action))
        else:
            session.hold_back(change.kind)

    def tell_acting(self, action: Action, own: Sequence[tuple[Change, JsonObject]]) -> None:
        """Tell an action's changes in its own session; the last message counts the action."""
        session = action.session
        if session.events:
            for change, data in own:
                if change is own[-1][0]:
                    session.count(action.client_seq)
                session.publish_event(change, data, action.user_id, self.cause(session, action))
        else:
            kinds = list(dict.fromkeys(change.kind for change, _ in own))
            for kind in kinds:
                if kind == kinds[-1]:
                    session.count(action.client_seq)
                session.publish_state(kind, "change")

    def cause(self, session: Listener, action: Action | None) -> JsonObject | None:
        """Name the action in sessions of the acting user, and in no other."""
        if action is None or session.user_id != action.user_id:
            return None
        return {
            "action_id": action.action_id,
            "session_id": action.session.session_id,
            "client_seq": action.client_seq,
        }

    def flush_impatient(self, changes: Iterable[Change]) -> None:
        """Publish at once in the sessions that let nothing be held back."""
        for change in changes:
            for session in change.sessions:
                if session.overdue:
                    session.flush()
