"""Streams that hold more than they need to, and resumes that replay less than they could."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from omnisession_faults.floors import FLOORS
from omnisession_faults.variants.registry import variant
from omnisession_reference.action import Action, Outcome
from omnisession_reference.actions import Actions
from omnisession_reference.change import Change, Listener
from omnisession_reference.control import AnswerWithStates, Control, Request
from omnisession_reference.fanout import Fanout
from omnisession_reference.kinds.articles_slice import ArticlesSlice
from omnisession_reference.session import Session
from omnisession_reference.timers import Clockwork
from omnisession_reference.wire import JsonObject


def _note(session: Session, type_name: str) -> Change:
    return Change("x-acme", type_name, {"x-acme": {"seen": True}}, [session])


@variant("unknown-events")
class UnknownEvents(Fanout):
    """The effects of an action come after an event of a type that the protocol does not name."""

    def tell_acting(self, action: Action, own: Sequence[tuple[Change, JsonObject]]) -> None:
        """Tell the acting session something of the server's own first."""
        session = action.session
        if session.events:
            # A type has the kind of its prefix, named or not, and a kind is told where it is open.
            named = ("article.glanced_at",) if "articles" in session.slices else ()
            for type_name in ("x-acme.thing_done", *named):
                note = self.named(_note(session, type_name))
                cause = self.cause(session, action)
                session.publish_event(note, note.data, action.user_id, cause)
        super().tell_acting(action, own)


@variant("unknown-events-after-open")
class UnknownEventsAfterOpen(Control):
    """The states of an open are followed by an event that the protocol does not name."""

    def open(self, request: Request) -> None:
        """Greet every session that is opened for the first time."""
        known = self.services.sessions.live(request.user_id, request.session_id)
        super().open(request)
        session = self.services.sessions.live(request.user_id, request.session_id)
        if known is None and session is not None and session.events:
            note = self.services.fanout.named(_note(session, "x-acme.greeting"))
            session.publish_event(note, note.data, None, None)


@variant("states-beside-events")
class StatesBesideEvents(Fanout):
    """Sessions with events get a state of the kind after each change, too."""

    def tell(
        self, session: Listener, change: Change, data: JsonObject, action: Action | None
    ) -> None:
        """Show the whole kind after the event."""
        super().tell(session, change, data, action)
        if session.events:
            session.publish_state(change.kind, "change")

    def tell_acting(self, action: Action, own: Sequence[tuple[Change, JsonObject]]) -> None:
        """Show the whole kinds after the last event, before the ack."""
        super().tell_acting(action, own)
        if action.session.events:
            for kind in dict.fromkeys(change.kind for change, _ in own):
                action.session.publish_state(kind, "change")


@variant("state-before-the-effect")
class StateBeforeTheEffect(Fanout):
    """Two states go before an ack where one would do: the first shows nothing new."""

    def apply(self, changes: Iterable[Change], action: Action | None = None) -> None:
        """Publish a state of the acting session before it changes."""
        changes = list(changes)
        if action is not None and not action.session.events:
            session = action.session
            kinds = [c.kind for c in changes if session in c.sessions and c.kind in session.slices]
            if kinds:
                session.publish_state(kinds[0], "change")
        super().apply(changes, action)


@variant("extra-heartbeats")
class ExtraHeartbeats(Clockwork):
    """Heartbeats come twice, so more often than was agreed."""

    def beat(self) -> None:
        """Say it again."""
        super().beat()
        super().beat()


@variant("heartbeat-after-outcomes")
class HeartbeatAfterOutcomes(Actions):
    """Every final outcome is followed by a heartbeat."""

    def settle(self, action: Action, outcome: Outcome) -> None:
        """Tell the position once more."""
        super().settle(action, outcome)
        action.session.timers.beat()


@variant("snapshot-only")
class SnapshotOnly(Session):
    """Every resume below the head is answered with a snapshot."""

    def missed(self, seq: int) -> list[bytes] | None:
        """Remember nothing."""
        return [] if seq == self.seq else None


@variant(
    "lists-filled-up-again",
    limits={
        name: FLOORS[name] for name in ("articles", "revisions", "editors", "urls", "chat_messages")
    },
)
class FilledUpAgain(Control):
    """Short lists that lost entries are filled up again by a sync."""

    def answer_with_states(
        self, request: Request, session: Session, answer: AnswerWithStates
    ) -> None:
        """Make the slices anew before they are shown, but for what the session selected."""
        for name in answer.kinds if answer.type_name == "session.syncing" else ():
            old, new = session.slices[name], self._kinds[name].build(session)
            if isinstance(old, ArticlesSlice) and isinstance(new, ArticlesSlice):
                new.current, new.revisions = old.current, old.revisions
            # The list of sessions is never cut, and a slice that is made holds its own session.
            session.slices[name] = old if name == "user" else new
        super().answer_with_states(request, session, answer)


@variant("buffer-of-one")
class BufferOfOne(Session):
    """Only the last message of a session can be replayed."""

    def missed(self, seq: int) -> list[bytes] | None:
        """Forget all but the last."""
        return super().missed(seq) if seq >= self.seq - 1 else None


@variant("content-everywhere")
class ContentEverywhere(ArticlesSlice):
    """Events carry the content of articles that are not selected, too."""

    def view(self, change: Change) -> JsonObject:
        """Show every session the same."""
        return change.data


@variant("revisions-where-selected")
class RevisionsWhereSelected(Fanout):
    """New revisions are told only where their article is the current one."""

    def reach(
        self, session: Listener, change: Change, action: Action | None
    ) -> list[tuple[Change, JsonObject]]:
        """Leave out what changes nothing."""
        held = session.slices.get("articles")
        if change.type != "article.revision_added" or not isinstance(held, ArticlesSlice):
            return super().reach(session, change, action)
        if not held.is_current(change.data["revision"]["article_id"]):
            return []
        return super().reach(session, change, action)


@variant("event-ids-of-another-form")
class LongEventIds(Fanout):
    """Event ids are long, and hold dots and letters beyond ASCII."""

    def named(self, change: Change) -> Change:
        """Name every change in another way."""
        plain = super().named(change)
        return replace(plain, event_id=f"Ereignis.№ {plain.event_id}/{change.type}")
