"""Faults of several users and sessions that edit, type and are there together."""
# ruff: noqa: D102  an override means what it overrides

from collections.abc import Iterable

from omnisession_faults.faults.registry import fault
from omnisession_reference.action import Action, Effects
from omnisession_reference.change import Change
from omnisession_reference.errors import Refusal
from omnisession_reference.kinds.articles import Articles
from omnisession_reference.kinds.chat import Chat
from omnisession_reference.services import Services
from omnisession_reference.session import Key, Session
from omnisession_reference.store import Edit, MemoryStore
from omnisession_reference.wire import JsonObject


@fault("end-forgets-other-editors", breaks="EDIT-004")
class EndForgetsOtherEditors(MemoryStore):
    """Where one user stops, later sessions do not show the others who edit the article."""

    def end_edit(self, article_id: str, session: Key) -> Edit | None:
        edit = super().end_edit(article_id, session)
        if edit is not None:
            self._edits.pop(article_id, None)
        return edit


@fault("end-ends-other-editors", breaks="EDIT-004")
class EndEndsOtherEditors(Articles):
    """Where one user stops, the edits of all others on the article end."""

    def edit_end(self, action: Action) -> Effects:
        effects = super().edit_end(action)
        if not effects.changes:
            return effects
        store, article_id = self.services.store, action.data["article_id"]
        sessions = [s for s in self.services.sessions.all() if article_id in store.edited_in(s.key)]
        over = [self.end_edit(article_id, session) for session in sessions]
        return Effects([*effects.changes, *(c for c in over if c is not None)])


@fault("close-ends-other-editors", breaks="EDIT-004")
class CloseEndsOtherEditors(Articles):
    """Where the session of one user ends, the edits of all others on its articles end."""

    def left(self, session: Session) -> Iterable[Change]:
        store = self.services.store
        articles = store.edited_in(session.key)
        changes = list(super().left(session))
        for article_id in articles:
            for other in self.services.sessions.all():
                if article_id in store.edited_in(other.key):
                    over = self.end_edit(article_id, other)
                    changes += [over] if over is not None else []
        return changes


@fault("close-ends-edits-of-user", breaks="EDIT-004")
class CloseEndsEditsOfUser(MemoryStore):
    """The end of a session ends the edits of all sessions of its user."""

    def edited_in(self, session: Key) -> list[str]:
        found = list(super().edited_in(session))
        for article_id in found:
            edit = self._edits[article_id][session[0]]
            for other in list(edit.sessions - {session}):
                edit.sessions.discard(other)
                self._leave(article_id, other)
        return found


@fault("expiry-ends-edits-of-user", breaks="EDIT-004")
class ExpiryEndsEditsOfUser(Articles):
    """The expiry of one session ends the edits of all sessions of its user."""

    def left(self, session: Session) -> Iterable[Change]:
        changes = list(super().left(session))
        if session.timers.left_ms() > 0:
            return changes
        store = self.services.store
        for other in self.services.sessions.of_user(session.user_id).values():
            for article_id in store.edited_in(other.key):
                over = self.end_edit(article_id, other)
                changes += [over] if over is not None else []
        return changes


@fault("second-start-not-held", breaks="EDIT-004")
class SecondStartNotHeld(MemoryStore):
    """A start in a second session of the user is not remembered."""

    def start_edit(self, article_id: str, session: Key, now: int) -> Edit | None:
        if session[0] in self._edits.get(article_id, {}):
            return None
        return super().start_edit(article_id, session, now)


@fault("second-editor-not-shown", breaks="EDIT-002")
class SecondEditorNotShown(MemoryStore):
    """Of an article one user at a time is shown to edit it."""

    def start_edit(self, article_id: str, session: Key, now: int) -> Edit | None:
        if any(user_id != session[0] for user_id in self._edits.get(article_id, {})):
            return None
        return super().start_edit(article_id, session, now)


@fault("second-edit-ends-first", breaks="EDIT-004")
class SecondEditEndsFirst(Articles):
    """A session that starts an edit ends the one that it had on another article."""

    def edit_start(self, action: Action) -> Effects:
        before = list(self.services.store.edited_in(action.session.key))
        effects = super().edit_start(action)
        rest = [a for a in before if a != action.data["article_id"]]
        over = [self.end_edit(a, action.session) for a in rest]
        return Effects([*effects.changes, *(c for c in over if c is not None)])


@fault("edit-begun-anew-is-old", breaks="EDIT-002")
class EditBegunAnewIsOld(MemoryStore):
    """An edit that ended and is started again has the `since` of the first time."""

    def __init__(self) -> None:
        super().__init__()
        self.since: dict[tuple[str, str], int] = {}

    def start_edit(self, article_id: str, session: Key, now: int) -> Edit | None:
        now = self.since.setdefault((article_id, session[0]), now)
        return super().start_edit(article_id, session, now)


@fault("since-of-the-article", breaks="EDIT-002")
class SinceOfTheArticle(MemoryStore):
    """A second user who edits has the `since` of the first."""

    def start_edit(self, article_id: str, session: Key, now: int) -> Edit | None:
        others = self._edits.get(article_id, {}).values()
        return super().start_edit(article_id, session, min((e.since for e in others), default=now))


# -- chat ----------------------------------------------------------------------------------------------


@fault("expiry-leaves-with-first", breaks="CHAT-011")
class ExpiryLeavesWithFirst(Chat):
    """The expiry of one of several chat sessions lets its user leave."""

    def left(self, session: Session) -> Iterable[Change]:
        changes = list(super().left(session))
        if changes or self.name not in session.terms.kinds or session.timers.left_ms() > 0:
            return changes
        data = {"user_id": session.user_id}
        return [Change(self.name, "chat.participant_left", data, self.others(session.user_id))]


@fault("other-kind-ends-typing", breaks="CHAT-012")
class OtherKindEndsTyping(Chat):
    """The end of a session of another kind ends the typing of its user."""

    def left(self, session: Session) -> Iterable[Change]:
        over = self.typing_ended(session.user_id) if self.name not in session.terms.kinds else []
        return [*over, *super().left(session)]


@fault("absent-users-type", breaks="CHAT-008")
class AbsentUsersType(Chat):
    """A user without a chat session types, too."""

    def note_typing(self, action: Action) -> Effects:
        user_id = action.user_id
        if action.data["active"] and not self.present(user_id):
            self.typing.start(user_id, action.data.get("ttl_ms"))
            return Effects([self.typing_change(user_id, active=True)])
        return super().note_typing(action)


@fault("edit-in-other-session-not-own", breaks="CHAT-006")
class EditInOtherSessionNotOwn(Chat):
    """Only the session that sent a message may change it."""

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self.senders: dict[str, Key] = {}

    def send(self, action: Action) -> Effects:
        effects = super().send(action)
        self.senders[(effects.result or {})["message_id"]] = action.session.key
        return effects

    def find_own(self, action: Action) -> JsonObject:
        found = super().find_own(action)
        if self.senders.get(found["id"], action.session.key) != action.session.key:
            raise Refusal(4030, "Another session sent this message.")
        return found
