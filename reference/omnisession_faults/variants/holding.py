"""What a server may do with what is ahead, held back or sent under a used number."""

from collections.abc import Sequence
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from omnisession_faults.variants.registry import variant
from omnisession_reference.action import Action, Outcome
from omnisession_reference.actions import Actions
from omnisession_reference.change import Change
from omnisession_reference.control import Control
from omnisession_reference.fanout import Fanout
from omnisession_reference.wire import JsonObject

if TYPE_CHECKING:
    from omnisession_reference.session import Session


@variant("holds-one-action")
class HoldsOneAction(Actions):
    """A session holds one action ahead of the count; what else is ahead gets 4091 at once."""

    def ahead(self, action: Action) -> None:
        """Look whether there is one."""
        if self._book(action.session).held:
            self.refuse_gap(action)
        else:
            super().ahead(action)


@variant("last-rival-first")
class LastRivalFirst(Actions):
    """Of different actions that were held under one number the last that came takes it."""

    def ahead(self, action: Action) -> None:
        """Put it in front of those that came before."""
        super().ahead(action)
        batch = self._book(action.session).held.get(action.client_seq)
        if batch and batch[-1][0] is action:
            batch.insert(0, batch.pop())


@variant("used-numbers-told-as-first")
class UsedNumbersToldAsFirst(Actions):
    """A further refusal of one action for its used number tells the position of the first one."""

    def __init__(self, *parts: object) -> None:
        super().__init__(*parts)  # pyright: ignore[reportArgumentType]
        self._first: WeakKeyDictionary[Session, dict[tuple[int, str, bytes], JsonObject]]
        self._first = WeakKeyDictionary()

    def tell(
        self, action: Action, outcome: Outcome, position: JsonObject, status: str = "applied"
    ) -> None:
        """Remember where a session stood."""
        if outcome.error is not None and outcome.error["code"] == 4092:
            known = self._first.setdefault(action.session, {})
            position = known.setdefault(
                (action.client_seq, action.action_id, action.fingerprint), position
            )
        super().tell(action, outcome, position, status)


@variant("two-equal-states")
class TwoEqualStates(Fanout):
    """In sessions without events two equal states show an action, and its ack names the second."""

    def tell_acting(self, action: Action, own: Sequence[tuple[Change, JsonObject]]) -> None:
        """Show the kinds once before they count the action."""
        session = action.session
        if not session.events:
            for kind in dict.fromkeys(change.kind for change, _ in own):
                session.publish_state(kind, "change")
        super().tell_acting(action, own)


@variant("stop-shows-after-its-push")
class StopShowsAfterItsPush(Control):
    """Before a stop sessions are told of it first, and then what they still hold back."""

    def announce_stop(self, after_ms: int) -> None:
        """Keep what is held back for the end."""
        kept = {session: dict(session.held_back) for session in self.services.sessions.all()}
        for session in kept:
            session.held_back.clear()
        super().announce_stop(after_ms)
        for session, held_back in kept.items():
            session.held_back.update(held_back)
            session.flush()
