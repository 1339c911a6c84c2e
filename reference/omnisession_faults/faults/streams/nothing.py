"""Faults of events that tell what did not change, or what was told already."""
# ruff: noqa: D102  an override means what it overrides

from collections.abc import Collection, Iterable
from dataclasses import replace

from omnisession_faults.faults.registry import fault
from omnisession_reference.action import Action, Effects
from omnisession_reference.change import Change, Listener
from omnisession_reference.control import Control
from omnisession_reference.fanout import Fanout
from omnisession_reference.kinds.articles import Articles
from omnisession_reference.kinds.chat import Chat
from omnisession_reference.kinds.users import Users
from omnisession_reference.session import Session
from omnisession_reference.wire import JsonObject


@fault("events-told-twice", breaks="EVENT-001")
class EventsToldTwice(Session):
    """Every event is published twice."""

    def publish_event(
        self, change: Change, data: JsonObject, actor: str | None, cause: JsonObject | None
    ) -> None:
        super().publish_event(change, data, actor, cause)
        super().publish_event(change, data, actor, cause)


@fault("changes-told-twice", breaks="EVENT-009")
class ChangesToldTwice(Fanout):
    """What others did to articles is told twice in sessions with events, under two ids."""

    def tell(
        self, session: Listener, change: Change, data: JsonObject, action: Action | None
    ) -> None:
        super().tell(session, change, data, action)
        if session.events and change.type == "article.edit_started":
            super().tell(session, replace(change, event_id=self.ids.new()), data, action)


@fault("typing-off-told-anyway", breaks="EVENT-009")
class TypingOffToldAnyway(Chat):
    """That a user types no more is told also where it did not type."""

    def note_typing(self, action: Action) -> Effects:
        effects = super().note_typing(action)
        if effects.changes or action.data["active"]:
            return effects
        return Effects([self.typing_change(action.user_id, active=False)])


@fault("typing-on-told-again", breaks="EVENT-009")
class TypingOnToldAgain(Chat):
    """That a user types is told whenever it says so."""

    def note_typing(self, action: Action) -> Effects:
        effects = super().note_typing(action)
        if effects.changes or action.user_id not in self.typing.users():
            return effects
        return Effects([self.typing_change(action.user_id, active=True)])


@fault("second-session-joins-again", breaks="CHAT-011")
class SecondSessionJoinsAgain(Chat):
    """Every chat session of a user is told to the others as if the user had come."""

    def joined(self, session: Session) -> Iterable[Change]:
        if self.name not in session.terms.kinds:
            return ()
        user = {"user": self.participant(session.user_id)}
        return [Change(self.name, "chat.participant_joined", user, self.room())]


@fault("first-end-leaves-and-joins", breaks="CHAT-011")
class FirstEndLeavesAndJoins(Chat):
    """With each session of a user that ends the user leaves; with others live it comes again at once."""

    def left(self, session: Session) -> Iterable[Change]:
        changes = list(super().left(session))
        if changes or self.name not in session.terms.kinds:
            return changes
        data, room = {"user_id": session.user_id}, self.others(session.user_id)
        user = {"user": self.participant(session.user_id)}
        return [
            Change(self.name, "chat.participant_left", data, room),
            Change(self.name, "chat.participant_joined", user, room),
        ]


@fault("email-joins-again", breaks="EVENT-009")
class EmailJoinsAgain(Users):
    """An update of the email alone is told to the chat, too."""

    def update(self, action: Action) -> Effects:
        effects = super().update(action)
        if not effects.changes or len(effects.changes) > 1:
            return effects
        told = self.renamed(self.services.store.user(action.user_id))
        return replace(effects, changes=[*effects.changes, *told])


@fault("same-user-told-again", breaks="EVENT-009")
class SameUserToldAgain(Users):
    """An update of the user that changes nothing is told."""

    def update(self, action: Action) -> Effects:
        effects = super().update(action)
        if effects.changes:
            return effects
        user = self.services.store.user(action.user_id)
        return Effects(
            [Change(self.name, "user.updated", {"user": user}, self.audience(user["id"]))]
        )


@fault("edit-told-again", breaks="EVENT-009")
class EditToldAgain(Articles):
    """A second start of an edit is told as the first was."""

    def edit_start(self, action: Action) -> Effects:
        effects = super().edit_start(action)
        if effects.changes:
            return effects
        article = self.find(action)
        since = self.services.store.edits(article["id"])[action.user_id].since
        data = {"article_id": article["id"], "user_id": action.user_id, "since": since}
        return Effects([Change(self.name, "article.edit_started", data, self.readers(article))])


@fault("no-edit-ended", breaks="EVENT-009")
class NoEditEnded(Articles):
    """The end of an edit that was never started is told."""

    def edit_end(self, action: Action) -> Effects:
        effects = super().edit_end(action)
        article = self.find(action)
        if effects.changes or action.user_id in self.services.store.edits(article["id"]):
            return effects
        data = {
            "article_id": article["id"],
            "user_id": action.user_id,
            "since": self.services.clock.now_ms(),
        }
        return Effects([Change(self.name, "article.edit_ended", data, self.readers(article))])


@fault("deletion-ends-edits-again", breaks="EVENT-009")
class DeletionEndsEditsAgain(Articles):
    """A deletion is followed by the ends of the edits that went with it."""

    def delete(self, action: Action) -> Effects:
        article = self.find_to_write(action)
        editors = self._editors(article["id"])
        effects = super().delete(action)
        readers = self.readers(article)
        ended = [Change(self.name, "article.edit_ended", e, readers) for e in editors]
        return replace(effects, changes=[*effects.changes, *ended])


@fault("edits-told-to-all-at-publish", breaks="EVENT-009")
class EditsToldToAllAtPublish(Articles):
    """At a publish the edits that run are told to all readers, the old ones too."""

    def publish(self, action: Action) -> Effects:
        effects = super().publish(action)
        everybody: Collection[Session] = self.readers(self.find(action))
        told = [
            replace(c, sessions=everybody) if c.type == "article.edit_started" else c
            for c in effects.changes
        ]
        return replace(effects, changes=told)


@fault("second-publish-told", breaks="EVENT-009")
class SecondPublishTold(Articles):
    """A second publish is told as an update that changes nothing."""

    def publish(self, action: Action) -> Effects:
        effects = super().publish(action)
        if effects.changes:
            return effects
        return Effects(
            [replace(self._article_change("article.updated", self.find(action)), hint=None)]
        )


@fault("edit-start-updates", breaks="EVENT-009")
class EditStartUpdates(Articles):
    """The start of an edit tells the article again."""

    def edit_start(self, action: Action) -> Effects:
        effects = super().edit_start(action)
        again = replace(self._article_change("article.updated", self.find(action)), hint=None)
        return replace(effects, changes=[*effects.changes, again])


@fault("reopen-tells-session-again", breaks="EVENT-009")
class ReopenTellsSessionAgain(Control):
    """The open of a live session is told to the user's others as if it were new."""

    def opened(self, session: Session) -> JsonObject:
        told = super().opened(session)
        if session.seq > 0:
            again = {
                "session_id": session.session_id,
                "opened_at": session.opened_at,
                "kinds": list(session.terms.kinds),
            }
            sessions = self.services.sessions.of_user(session.user_id).values()
            others = [other for other in sessions if other is not session]
            self.services.fanout.apply(
                [Change("user", "user.session_opened", {"session": again}, others)]
            )
        return told
