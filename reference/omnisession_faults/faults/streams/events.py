"""Faults of events."""
# ruff: noqa: D102  an override means what it overrides

from collections.abc import Sequence
from dataclasses import replace

from omnisession_faults.faults.registry import fault
from omnisession_reference.action import Action
from omnisession_reference.change import Change, Listener
from omnisession_reference.fanout import Fanout
from omnisession_reference.kinds.articles import Articles
from omnisession_reference.kinds.articles_slice import ArticlesSlice
from omnisession_reference.session import Session
from omnisession_reference.wire import JsonObject


@fault("own-changes-untold", breaks="EVENT-001")
class OwnChangesUntold(Fanout):
    """The acting session gets no events of what it did itself."""

    def tell_acting(self, action: Action, own: Sequence[tuple[Change, JsonObject]]) -> None:
        if not action.session.events:
            super().tell_acting(action, own)


@fault("selection-untold", breaks="EVENT-001")
class SelectionUntold(Session):
    """There is no event of a selection."""

    def publish_event(
        self, change: Change, data: JsonObject, actor: str | None, cause: JsonObject | None
    ) -> None:
        if change.type != "article.selected":
            super().publish_event(change, data, actor, cause)


@fault("tags-untold", breaks="EVENT-001")
class TagsUntold(Session):
    """Events of articles leave the tags out; states show them."""

    def publish_event(
        self, change: Change, data: JsonObject, actor: str | None, cause: JsonObject | None
    ) -> None:
        if data.get("article"):
            data = {**data, "article": {**data["article"], "tags": []}}
        super().publish_event(change, data, actor, cause)


@fault("editors-of-deleted-stay", breaks="EVENT-002")
class EditorsOfDeletedStay(ArticlesSlice):
    """States show the editors of an article that an event told to be deleted."""

    def reduce(self, change_type: str, data: JsonObject) -> None:
        editors = self.editors
        super().reduce(change_type, data)
        if change_type == "article.deleted":
            self.editors = editors


@fault("stale-state", breaks="EVENT-002")
class StaleState(Session):
    """In a session with events each state shows what the state before it should have shown."""

    def state_data(self, kind: str) -> JsonObject:
        now = super().state_data(kind)
        before = getattr(self, "_before", now)
        self._before = now
        return before if self.events else now


@fault("events-unasked", breaks="EVENT-003")
class EventsUnasked(Session):
    """Sessions get events although they did not ask for them."""

    @property
    def events(self) -> bool:
        return True


@fault("event-id-per-session", breaks="EVENT-004")
class EventIdPerSession(Session):
    """One change has another `event_id` in every session."""

    def publish_event(
        self, change: Change, data: JsonObject, actor: str | None, cause: JsonObject | None
    ) -> None:
        own = replace(change, event_id=f"{change.event_id}-{self.session_id}")
        super().publish_event(own, data, actor, cause)


@fault("cause-in-acting-session-only", breaks="EVENT-005")
class CauseInActingSessionOnly(Fanout):
    """The acting user's other sessions are told no cause."""

    def cause(self, session: Listener, action: Action | None) -> JsonObject | None:
        acting = action is not None and session is action.session
        return super().cause(session, action) if acting else None


@fault("actor-is-receiver", breaks="EVENT-006")
class ActorIsReceiver(Session):
    """`actor` is the user who is told."""

    def publish_event(
        self, change: Change, data: JsonObject, actor: str | None, cause: JsonObject | None
    ) -> None:
        super().publish_event(change, data, actor and self.user_id, cause)


@fault("one-session-per-user", breaks="EVENT-007")
class OneSessionPerUser(Articles):
    """A change reaches only one session of each user."""

    def readers(self, article: JsonObject) -> list[Session]:
        return list({session.user_id: session for session in super().readers(article)}.values())
