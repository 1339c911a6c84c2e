"""Parts of the reference server that tell a recorder what they write and decide, and are the same beside.

They begin with what the journal has: the core that is made of them goes on where another one ended.
"""

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from omnisession_durable.entries import Hint
from omnisession_durable.kept import Kept, Store
from omnisession_durable.owed import Copy
from omnisession_durable.people import Head, People
from omnisession_durable.posts import Place
from omnisession_durable.recorder import Recorder
from omnisession_durable.terms import read_terms
from omnisession_reference.action import Action, Effects, Outcome
from omnisession_reference.actions import Actions
from omnisession_reference.clock import Clock
from omnisession_reference.control import Control
from omnisession_reference.errors import Refusal
from omnisession_reference.kinds.articles import Articles
from omnisession_reference.kinds.articles_slice import ArticlesSlice
from omnisession_reference.kinds.chat_typing import Typing
from omnisession_reference.out import Out
from omnisession_reference.parts import Parts, T
from omnisession_reference.router import Router
from omnisession_reference.session import Key, Session
from omnisession_reference.sessions import Sessions
from omnisession_reference.store import Edit
from omnisession_reference.timers import Clockwork
from omnisession_reference.users import from_token
from omnisession_reference.wire import Incoming, JsonObject


class RecordedStore(Store):
    """Notes each write. Outcomes that were folded are those of the journal; here are only later ones."""

    def __init__(self, recorder: Recorder, kept: Kept, people: People) -> None:
        super().__init__()
        self._recorder = recorder
        self._people = people
        self.begin_with(kept.store)

    def end_all_edits(self) -> None:
        """Keep them: the sessions that they last as long as live on."""

    def put_article(self, article: JsonObject, revision: JsonObject) -> None:
        """Store an article and the revision that it now has."""
        super().put_article(article, revision)
        self._recorder.write("put_article", article, revision)

    def delete_article(self, article_id: str) -> None:
        """Remove an article with its revisions and edits."""
        super().delete_article(article_id)
        self._recorder.write("delete_article", article_id)

    def start_edit(self, article_id: str, session: Key, now: int) -> Edit | None:
        """Note that a session edits; returns the edit if it is its user's first."""
        edit = super().start_edit(article_id, session, now)
        self._recorder.write("start_edit", article_id, session, now)
        return edit

    def end_edit(self, article_id: str, session: Key) -> Edit | None:
        """Note that a session edits no more; returns the edit if it was its user's last."""
        edit = super().end_edit(article_id, session)
        self._recorder.write("end_edit", article_id, session)
        return edit

    def put_message(self, message: JsonObject) -> None:
        """Store a message; older ones than are shown are gone."""
        super().put_message(message)
        self._recorder.write("put_message", message)

    def delete_message(self, message_id: str) -> None:
        """Remove a message."""
        super().delete_message(message_id)
        self._recorder.write("delete_message", message_id)

    def put_url(self, url: JsonObject) -> None:
        """Store a url; where it was there before, its deletion is noted as well."""
        super().put_url(url)
        self._recorder.write("put_url", url)

    def delete_url(self, url_id: str) -> None:
        """Remove a url; its code is free again."""
        super().delete_url(url_id)
        self._recorder.write("delete_url", url_id)

    def put_user(self, user: JsonObject) -> None:
        """Store a user that was changed."""
        super().put_user(user)
        self._recorder.write("put_user", user)

    def outcome(self, user_id: str, action_id: str) -> Outcome | None:
        """Return the final outcome of an action of a user."""
        later = super().outcome(user_id, action_id)
        return known_outcome(self._people, user_id, action_id) if later is None else later

    def folded(self, user_id: str, action_id: str) -> None:
        """Let go of an outcome that the journal has by now."""
        outcomes = self._outcomes.get(user_id)
        if outcomes is not None:
            outcomes.pop(action_id, None)
            if not outcomes:
                del self._outcomes[user_id]


class RecordedSessions(Sessions):
    """Notes each session that is opened; the journal says which are over, by its own time."""

    def __init__(self, clock: Clock, recorder: Recorder, people: People) -> None:
        super().__init__(clock)
        self._recorder = recorder
        self.epoch = 0
        self._people = people

    def find(self, user_id: str, session_id: str) -> Session | None:
        """Return the live session, or None if it was never opened; refuses an ended one."""
        if self._people.is_over((user_id, session_id)):
            raise Refusal(4101, "The session is over; open a new one with a new id.")
        return super().find(user_id, session_id)

    def folded_end(self, key: Key) -> None:
        """Let go of an end that the journal has by now."""
        self._ended.pop(key, None)

    def _forget_old(self) -> None:
        """Keep the ends that are on their way, however late it is here."""

    def new_epoch(self) -> int:
        """Return the epoch of what is opened now, by the time of the journal."""
        return self.epoch

    def add(self, session: Session) -> None:
        """Take in a session that was opened."""
        super().add(session)
        self._recorder.opened(session)

    def add_again(self, session: Session) -> None:
        """Take in a session that was opened in another term."""
        super().add(session)


@dataclass(frozen=True, slots=True)
class Taken(Action):
    """An action that knows which copy it was read from."""

    copy: Copy


class RecordedActions(Actions):
    """Notes each final outcome; knows who took the numbers of sessions in other terms."""

    recorder: Recorder
    people: People

    def read(self, message: Incoming, row: str, session: Session, body: JsonObject) -> Action:
        """Bring an action into its form, and note whose outcome is owed."""
        action, copy = super().read(message, row, session, body), self.recorder.copy
        if copy is None:
            return action
        taken = Taken(
            session, row, body, action.data, action.fingerprint, action.reply, action.trace, copy
        )
        copy.action = taken
        return taken

    def tell(
        self, action: Action, outcome: Outcome, position: JsonObject, status: str = "applied"
    ) -> None:
        """Publish an outcome, as that of its copy."""
        self.recorder.telling = action.copy if isinstance(action, Taken) else None
        super().tell(action, outcome, position, status)
        self.recorder.telling = None

    def used(self, action: Action) -> None:
        """Answer an action whose number was taken: a copy, or a number used twice."""
        self.recall(action)
        is_known = self.known(action) is not None
        super().used(action)
        outcome = self.known(action)
        if outcome is not None and not is_known:
            self.recorder.acted(action, outcome, counts=False)

    def recall(self, action: Action) -> None:
        """Know a number that was taken in another term; its copies are told the place of this one."""
        done = self._book(action.session).done
        head = self.people.head(action.session.key)
        name = None if head is None else head.numbers.get(action.client_seq)
        if name is None or action.client_seq in done:
            return
        known = known_outcome(self.people, action.user_id, name)
        if known is not None:
            done[action.client_seq] = (known, action.session.position())

    def run(self, action: Action) -> None:
        """Judge an action that is next and new, and let it have its effects."""
        super().run(action)
        self.recorder.check()

    def settle(self, action: Action, outcome: Outcome) -> None:
        """Make an outcome final: it takes the id and the number."""
        self.recorder.acted(action, outcome)
        super().settle(action, outcome)

    def repeat_as_next(self, action: Action, known: Outcome) -> None:
        """Answer a copy that comes as the next of its session: the number is taken all the same."""
        super().repeat_as_next(action, known)
        outcome, _ = self._book(action.session).done[action.client_seq]
        self.recorder.acted(action, outcome, copy=True)


class RecordedSession(Session):
    """Notes where it is by what it says."""

    recorder: Recorder

    def publish(self, suffix: str, body: JsonObject) -> None:
        """Publish a numbered body, whose place is its own."""
        self.recorder.place = (self.key, place_of(body))
        super().publish(suffix, body)
        self.recorder.place = None

    def push(self, type_name: str, data: JsonObject) -> JsonObject:
        """Publish on `.control`; it may tell a place."""
        told = data.get("position")
        self.recorder.place = None if told is None else (self.key, place_of(told))
        body = super().push(type_name, data)
        self.recorder.place = None
        return body


def place_of(told: JsonObject) -> Place:
    """A place as messages tell it."""
    return told["epoch"], told["seq"], told["last_action_seq"]


class RecordedOut(Out):
    """Notes what is said beside sessions: whoever takes over says it again."""

    recorder: Recorder

    def hint(self, article_id: str, type_name: str, event_id: str, data: JsonObject) -> None:
        """Tell readers that a published article changed."""
        self.recorder.hint(Hint(article_id, type_name, event_id))
        super().hint(article_id, type_name, event_id, data)


class RecordedRouter(Router):
    """Notes that a message failed half-way: nobody knows how far."""

    recorder: Recorder

    def dispatch(self, message: Incoming) -> None:
        """Route by subject; answer a refusal on the reply subject."""
        try:
            super().dispatch(message)
        except Exception:
            self.recorder.spoil()
            raise


class RecordedTyping(Typing):
    """Notes who types and who stops; that it ends by itself follows from the time."""

    recorder: Recorder

    def start(self, user_id: str, ttl_ms: int | None) -> bool:
        """Let a user type from now on; True if it did not before."""
        is_new = super().start(user_id, ttl_ms)
        if user_id in self._alarms:
            self.recorder.write("note_typing", user_id, self.granted(ttl_ms))
        return is_new

    def start_again(self, user_id: str, ttl_ms: int) -> None:
        """Let a user go on typing who began in another term, as long as if it began now."""
        super().start(user_id, ttl_ms)

    def stop(self, user_id: str) -> bool:
        """Let a user type no more; True if it did."""
        did = super().stop(user_id)
        if did:
            self.recorder.write("note_typing", user_id, 0)
        return did


class RecordedArticles(Articles):
    """Notes which article is the current one of a session."""

    recorder: Recorder

    def select(self, action: Action) -> Effects:
        """Make an article the current one of the acting session, or none."""
        effects = super().select(action)
        self.recorder.write("select", action.session.key, action.data["article_id"])
        return effects


class RecordedControl(Control):
    """Notes each end of a session; lets sessions live on in another epoch."""

    recorder: Recorder
    people: People
    at_ms: int

    def end(self, session: Session, why: str) -> None:
        """End a session, and with it what lasts only as long as it."""
        super().end(session, why)
        self.recorder.ended(session, why)

    def go_on(
        self, heads: Iterable[Head], kept: Kept, sessions: RecordedSessions
    ) -> Iterator[None]:
        """Make all sessions of the journal live again, then begin the epoch of one after the other.

        Between two of them anything may happen by time, and nothing that a client asks.
        """
        for head in list(heads):
            self.make_again(head, sessions)
        for session in sessions.all():
            if sessions.live(*session.key) is session:
                self.build_again(session, kept)
                for kind in session.terms.kinds:
                    session.publish_state(kind, "takeover")
            yield

    def make_again(self, head: Head, sessions: RecordedSessions) -> None:
        """Make a session from what was agreed."""
        user_id, session_id = head.key
        agreed = read_terms(user_id, head.terms)
        if agreed is None:
            raise ValueError("the fold has let in a session of other terms")
        session = self.services.parts.of(Session)(
            session_id,
            agreed.grant,
            agreed.terms,
            epoch=sessions.epoch,
            opened_at=agreed.opened_at,
            out=self.services.out,
        )
        session.count(head.last_action_seq)
        self.services.store.meet_user(from_token(agreed.grant))
        self._departed.came(user_id)
        sessions.add_again(session)

    def build_again(self, session: Session, kept: Kept) -> None:
        """Make the slices of a session, with all others there; its client is as silent as it was."""
        kinds = {name: self._kinds[name] for name in session.terms.kinds}
        session.slices = {name: kind.build(session) for name, kind in kinds.items()}
        held = session.slices.get(Articles.name)
        article_id = kept.selected.get(session.key)
        article = None if article_id is None else self.services.store.article(article_id)
        if article is not None and isinstance(held, ArticlesSlice):
            revisions = list(self.services.store.revisions(article["id"]))
            held.reduce("article.selected", {"article": article, "revisions": revisions})
        timers = self.services.parts.of(Clockwork)(session, self.services.clock, self.expire)
        session.timers = timers
        head = self.people.head(session.key)
        if head is not None and isinstance(timers, RecordedClockwork):
            window_ms = session.terms.timers.resume_window_ms
            timers.go_on(head.left_ms(self.at_ms, window_ms))


class RecordedClockwork(Clockwork):
    """Notes a sign of life in half a window, and the first one of a term."""

    recorder: Recorder

    def __init__(self, session: Session, clock: Clock, expire: Callable[[Session], None]) -> None:
        super().__init__(session, clock, expire)
        self._noted_at: float = self._alive_at

    def touch(self) -> None:
        """Note a sign of life."""
        super().touch()
        if self._alive_at - self._noted_at >= self._granted.resume_window_ms / 2:
            self._noted_at = self._alive_at
            self.recorder.live(self.session.key)

    def go_on(self, left_ms: float) -> None:
        """Wait for so long, as another one has waited before."""
        self._noted_at = -math.inf
        self._alive_at -= self._granted.resume_window_ms - left_ms
        self._expiry.cancel()
        self._expiry = self._clock.call_later(left_ms, self._on_expiry)


class RecordedParts(Parts):
    """The parts above in place of those that they are made from, each with what it is told."""

    def __init__(
        self, recorder: Recorder, kept: Kept, people: People, at_ms: int, parts: Parts
    ) -> None:
        super().__init__()
        self._parts = parts
        self._recorder = recorder
        self._kept = kept
        self._people = people
        # Fold time at the begin of the term.
        self._at_ms = at_ms

    def of(self, part: type[T]) -> type[T]:
        """Return what makes a part."""
        made: dict[type, Any] = {
            Sessions: self.sessions,
            Actions: self.bound(RecordedActions),
            Session: self.bound(RecordedSession),
            Control: self.bound(RecordedControl),
            Articles: self.bound(RecordedArticles),
            Out: self.bound(RecordedOut),
            Router: self.bound(RecordedRouter),
            Clockwork: self.bound(RecordedClockwork),
            Typing: self.typing,
        }
        return made.get(part) or self._parts.of(part)

    def bound(self, recorded: type[Any]) -> type[Any]:
        """A part that knows the recorder, who is in the journal, and when the term began by its time."""
        part = self._parts.of(recorded)
        known = {"recorder": self._recorder, "people": self._people, "at_ms": self._at_ms}
        return type(part.__name__, (part,), known)

    def sessions(self, clock: Clock) -> Sessions:
        """Make the sessions: none is live yet, some are over."""
        return self._parts.of(RecordedSessions)(clock, self._recorder, self._people)

    def typing(self, *arguments: Any) -> Typing:
        """Make who types, with those who did."""
        typing: RecordedTyping = self.bound(RecordedTyping)(*arguments)
        for user_id, ttl_ms in self._kept.who_types(self._at_ms):
            typing.start_again(user_id, ttl_ms)
        return typing


def known_outcome(people: People, user_id: str, action_id: str) -> Outcome | None:
    """An outcome of the journal as the core has it."""
    known = people.known(user_id, action_id)
    if known is None:
        return None
    outcome = known.outcome
    return Outcome(action_id, bytes.fromhex(known.fingerprint), outcome.result, outcome.error)
