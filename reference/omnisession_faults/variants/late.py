"""What comes later than it could, or in another order than usual."""

from collections.abc import Iterable
from dataclasses import replace

from omnisession_faults.variants.registry import variant
from omnisession_reference.action import Action, Outcome
from omnisession_reference.actions import Actions
from omnisession_reference.change import Change
from omnisession_reference.errors import Refusal
from omnisession_reference.fanout import Fanout
from omnisession_reference.kinds.articles import Articles
from omnisession_reference.kinds.chat import Chat
from omnisession_reference.kinds.chat_slice import ChatSlice
from omnisession_reference.kinds.chat_typing import Typing
from omnisession_reference.out import Out
from omnisession_reference.services import Services
from omnisession_reference.session import Session
from omnisession_reference.timers import Clockwork
from omnisession_reference.wire import JsonObject

LATE_MS = 900
BUSY_EVERY = 25
# A server is busy for a while only: what is tried again later must succeed.
BUSY = range(400, 2_000)


@variant("hints-come-late")
class LateHints(Out):
    """Hints are published a while after their ack."""

    def hint(self, article_id: str, type_name: str, event_id: str, data: JsonObject) -> None:
        """Put it off."""
        later = super().hint
        self._clock.call_later(LATE_MS, lambda: later(article_id, type_name, event_id, data))


@variant("typing-ends-late")
class LateTyping(Typing):
    """Typing lasts a while longer than was asked."""

    def granted(self, ttl_ms: int | None) -> int:
        """Add the while."""
        return super().granted(ttl_ms) + LATE_MS


@variant("expires-late")
class LateExpiry(Clockwork):
    """Sessions expire a while after their window."""

    def left_ms(self) -> float:
        """Add the while."""
        return super().left_ms() + LATE_MS


@variant("edits-end-late")
class LateEnds(Articles):
    """The edits of a session that has ended end a while after it."""

    def left(self, session: Session) -> Iterable[Change]:
        """Tell nothing yet."""
        end = super().left
        self.services.clock.call_later(
            LATE_MS, lambda: self.services.fanout.apply(list(end(session)))
        )
        return ()


@variant("leaves-late")
class LateLeaving(Chat):
    """Who leaves the chat is there a while longer, and has not left if it comes back meanwhile."""

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self._lingering = set[str]()

    def build(self, session: Session) -> ChatSlice:
        """Show those, too, whose leaving was not told yet."""
        built = super().build(session)
        known = {user["id"] for user in built.participants}
        for user_id in self._lingering - known:
            built.reduce("chat.participant_joined", {"user": self.participant(user_id)})
        return built

    def joined(self, session: Session) -> Iterable[Change]:
        """Tell nothing of a user who is still shown."""
        came = list(super().joined(session))
        if came and session.user_id in self._lingering:
            self._lingering.discard(session.user_id)
            return ()
        return came

    def left(self, session: Session) -> Iterable[Change]:
        """End the typing, and put off the rest."""
        changes = list(super().left(session))
        if changes:
            self._lingering.add(session.user_id)
            self.services.clock.call_later(LATE_MS, lambda: self._leave(session.user_id))
        return [change for change in changes if change.type == "chat.typing_changed"]

    def _leave(self, user_id: str) -> None:
        if user_id in self._lingering:
            self._lingering.discard(user_id)
            gone = Change(self.name, "chat.participant_left", {"user_id": user_id}, self.room())
            self.services.fanout.apply([gone])


@variant("replies-before-pushes")
class RepliesFirst(Actions):
    """An outcome goes to the reply subject first, then to the session."""

    def tell(
        self, action: Action, outcome: Outcome, position: JsonObject, status: str = "applied"
    ) -> None:
        """Publish the same body twice, the other way round."""
        data: JsonObject = {"action_id": action.action_id, "client_seq": action.client_seq}
        data |= outcome.as_json(status)
        data["position"] = position
        type_name = "action.ack" if outcome.error is None else "action.nack"
        body = action.session.body(type_name, data)
        self.services.out.answer(action.reply, body)
        self.services.out.control(action.session.prefix, body)


@variant("acting-session-first")
class ActingFirst(Fanout):
    """The acting session is told what it did before all others."""

    def apply(self, changes: Iterable[Change], action: Action | None = None) -> None:
        """Carry the changes to the one session, then to the rest."""
        changes = [self.named(change) for change in changes]
        if action is not None:
            own = [action.session]
            first = [c for c in changes if action.session in c.sessions]
            super().apply([replace(c, sessions=own, hint=None) for c in first], action)
            rest = [[s for s in c.sessions if s is not action.session] for c in changes]
            changes = [replace(c, sessions=s) for c, s in zip(changes, rest, strict=True)]
        super().apply(changes, action)


@variant("busy-now-and-then")
class Busy(Actions):
    """For a while, an action now and then gets 5030, and is taken when it comes again."""

    _taken = 0

    def check(self, action: Action) -> None:
        """Have no time for one of many."""
        super().check(action)
        self._taken += 1
        if self._taken in BUSY and self._taken % BUSY_EVERY == 0:
            raise Refusal(5030, "Try again in a moment.", retry_after_ms=20)
