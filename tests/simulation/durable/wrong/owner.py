"""Owners that say what is not so, too early or never, and cores that do not note what they decide."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from omnisession_durable.appending import Appending
from omnisession_durable.core_term import CoreTerm
from omnisession_durable.posts import Post
from omnisession_durable.recorded import (
    RecordedActions,
    RecordedArticles,
    RecordedClockwork,
    RecordedControl,
    RecordedSessions,
    RecordedStore,
    RecordedTyping,
)
from omnisession_reference.control import Control
from omnisession_reference.kinds.articles import Articles
from omnisession_reference.sessions import Sessions
from omnisession_reference.store import MemoryStore
from omnisession_reference.timers import Clockwork

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from omnisession_durable.appending import Pending
    from omnisession_durable.entries import Body
    from omnisession_durable.fold import Judged
    from omnisession_durable.kept import Kept
    from omnisession_durable.owed import Copy
    from omnisession_durable.people import Head
    from omnisession_reference.action import Action, Effects, Outcome
    from omnisession_reference.session import Session
    from omnisession_reference.wire import JsonObject


# -- terms


class AckFirst(CoreTerm):
    """What is decided is told at once."""

    def release(self) -> None:
        self._folded = self._appended
        super().release()


class TellsAll(CoreTerm):
    """Whatever comes back lets go of what waits for it, whether it counts or not."""

    def came_back(self, judged: Judged, body: Body, *, is_own: bool) -> None:
        self.let_go(body)
        self._folded += 1
        self.release()


class OverlooksOthers(CoreTerm):
    """What somebody else has decided in its name is passed over."""

    def stop(self, why: str) -> None:
        if not why.startswith("somebody else"):
            super().stop(why)


class ServesEarly(CoreTerm):
    """It serves before all sessions live again."""

    def receive(self, request: Any) -> None:
        if self.core is None:
            self._waiting.append(request)
        else:
            self.serve(request)


class LeavesThemWaiting(CoreTerm):
    """What has come before all sessions live again is not served any more."""

    def catch_up(self) -> None:
        self._waiting.clear()


class RestsOnMemory(CoreTerm):
    """A term that is over leaves its alarms and what it has held back."""

    def end(self) -> None:
        pass


class IdleAlways(CoreTerm):
    """Whoever hands over waits for nothing that is under way."""

    @property
    def is_idle(self) -> bool:
        return True


# -- entries


class ByNumber(Appending):
    """Whatever counts under the number of a decision is taken for it."""

    def is_own(self, judged: Judged, pending: Pending) -> bool:
        return True


class OwnNumbers(Appending):
    """An owner looks at no number but those that it has given."""

    def note_number(self, n: int) -> None:
        pass


class NeverAgain(Appending):
    """What does not come back is not appended again."""

    def tick(self) -> None:
        pass


class NoNil(Appending):
    """What the journal refuses is appended again and again."""

    def refused(self, data: bytes) -> None:
        pass


class OnlyTheFirst(Appending):
    """What stood behind a hole waits until its own time is over."""

    def send_rest(self) -> None:
        pass


# -- how sessions live on


class SameEpoch(RecordedControl):
    """A term goes on in the epoch in which a session was opened."""

    def make_again(self, head: Head, sessions: RecordedSessions) -> None:
        super().make_again(head, sessions)
        session = sessions.live(*head.key)
        if session is not None:
            session.epoch = head.terms["opened_at"]


class TermAlone(RecordedSessions):
    """What is opened begins in the epoch of the term, whatever time it is."""

    def new_epoch(self) -> int:
        return vars(self).setdefault("_first", self.epoch)


class CountsFromZero(RecordedControl):
    """A session does not know how far its actions count."""

    def make_again(self, head: Head, sessions: RecordedSessions) -> None:
        super().make_again(head, sessions)
        session = sessions.live(*head.key)
        if session is not None:
            session.last_action_seq = 0


class OneByOne(RecordedControl):
    """A session is shown before the others are there."""

    def go_on(
        self, heads: Iterable[Head], kept: Kept, sessions: RecordedSessions
    ) -> Iterator[None]:
        for head in list(heads):
            self.make_again(head, sessions)
            session = sessions.live(*head.key)
            if session is not None:
                self.build_again(session, kept)
                for kind in session.terms.kinds:
                    session.publish_state(kind, "takeover")
            yield


class ForgetsSelected(RecordedControl):
    """Nobody has a current article in the next term."""

    def build_again(self, session: Session, kept: Kept) -> None:
        kept.selected.pop(session.key, None)
        super().build_again(session, kept)


# -- what is noted


class EndsUnnoted(RecordedControl):
    """A session that is over is not noted."""

    def end(self, session: Session, why: str) -> None:
        Control.end(self, session, why)


class OpensUnnoted(RecordedSessions):
    """A session that is opened is not noted."""

    def add(self, session: Session) -> None:
        Sessions.add(self, session)


class SelectsUnnoted(RecordedArticles):
    """Which article is the current one is not noted."""

    def select(self, action: Action) -> Effects:
        return Articles.select(self, action)


class WritesUnnoted(RecordedStore):
    """A message is written, and not noted."""

    def put_message(self, message: JsonObject) -> None:
        MemoryStore.put_message(self, message)


class EditsUnnoted(RecordedStore):
    """Who edits is not noted."""

    def start_edit(self, article_id: str, session: Any, now: int) -> Any:
        return MemoryStore.start_edit(self, article_id, session, now)


class CopiesUnnoted(RecordedActions):
    """A copy that takes a number is not noted."""

    def repeat_as_next(self, action: Action, known: Outcome) -> None:
        super(RecordedActions, self).repeat_as_next(action, known)


class ForgetsNumbers(RecordedActions):
    """Who took a number in another term is not looked up."""

    def recall(self, action: Action) -> None:
        pass


class ForgetsOutcomes(RecordedStore):
    """Outcomes of other terms are not looked up."""

    def outcome(self, user_id: str, action_id: str) -> Outcome | None:
        return MemoryStore.outcome(self, user_id, action_id)


class ForgetsEnds(RecordedSessions):
    """That a session is over is known only while the term lasts."""

    def find(self, user_id: str, session_id: str) -> Session | None:
        return Sessions.find(self, user_id, session_id)


class RenewsAlways(RecordedClockwork):
    """Each take-over gives all clients a new window."""

    def go_on(self, left_ms: float) -> None:
        super().go_on(self._granted.resume_window_ms)


class SignsUnnoted(RecordedClockwork):
    """Signs of life are not noted."""

    def touch(self) -> None:
        Clockwork.touch(self)


class TypesUnnoted(RecordedTyping):
    """Who types is not noted."""

    def start(self, user_id: str, ttl_ms: int | None) -> bool:
        return super(RecordedTyping, self).start(user_id, ttl_ms)


# -- what has no answer in time


class AnswersAfterAll(CoreTerm):
    """What was given up gets its outcome all the same."""

    def say(self, post: Post) -> None:
        super().say(replace(post, of=None))


class TellsAhead(CoreTerm):
    """Whoever waits for too long is told where the core is, ahead of what was said."""

    def tell_unknown(self, copy: Copy) -> None:
        if copy.action is not None:
            self._owed.said(Post("", b"", None, place=(copy.action.session.key, _ahead(copy))))
        super().tell_unknown(copy)


def _ahead(copy: Copy) -> tuple[int, int, int]:
    told = {} if copy.action is None else copy.action.session.position()
    return told["epoch"], told["seq"], told["last_action_seq"]


class HintsOnce(CoreTerm):
    """Hints of another term are not said again."""

    def hint_again(self) -> None:
        pass
