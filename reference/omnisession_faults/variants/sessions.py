"""Sessions: their epochs, their end, and answers that take their time."""

from collections import deque

from omnisession_faults.variants.registry import Variant, enter, variant
from omnisession_reference import actions, store
from omnisession_reference.actions import Actions
from omnisession_reference.auth import Grant
from omnisession_reference.control import Control
from omnisession_reference.errors import Refusal
from omnisession_reference.out import Out
from omnisession_reference.protocol import LIMITS
from omnisession_reference.router import Router
from omnisession_reference.services import Services
from omnisession_reference.session import Session, Terms
from omnisession_reference.sessions import Sessions
from omnisession_reference.wire import Incoming

DELAY_MS = 120


@variant("slow-answers")
class SlowAnswers(Router):
    """Every message waits a moment before it is looked at."""

    def __init__(self, services: Services, control: Control, actions: Actions) -> None:
        super().__init__(services, control, actions)
        self._waiting: deque[Incoming] = deque()

    def receive(self, message: Incoming) -> None:
        """Put it at the end of the queue."""
        self._waiting.append(message)
        self.services.clock.call_later(DELAY_MS, self._next)

    def _next(self) -> None:
        super().receive(self._waiting.popleft())


@variant("epochs-from-one", warns=("CTRL-025",))
class EpochsFromOne(Sessions):
    """Every session begins with epoch 1, also after a restart that nothing survived."""

    def new_epoch(self) -> int:
        """Number nothing."""
        return 1


@variant("epochs-that-jump")
class EpochsThatJump(Session):
    """Epochs are large, and differ from session to session."""

    def __init__(
        self, session_id: str, grant: Grant, terms: Terms, *, epoch: int, opened_at: int, out: Out
    ) -> None:
        far = 2**52 + epoch + len(session_id) * 1_000_003
        super().__init__(session_id, grant, terms, epoch=far, opened_at=opened_at, out=out)


@variant("forgets-expired")
class ForgetsExpired(Sessions):
    """An expired session is forgotten at once: what names it gets 4041."""

    def end(self, session: Session) -> None:
        """Remember a session that was closed, but none whose time was up."""
        super().end(session)
        if session.timers.left_ms() <= 0:
            del self._ended[session.key]


@variant("forgets-after-the-window")
class ForgetsAfterTheWindow(Sessions):
    """A closed session is remembered for its own resume window and not longer."""

    def end(self, session: Session) -> None:
        """Remember it for as long as it has to be."""
        super().end(session)
        self._ended[session.key] = self._clock.now_ms() + session.terms.timers.resume_window_ms

    def _forget_old(self) -> None:
        now = self._clock.now_ms()
        for key in [key for key, until in self._ended.items() if until < now]:
            del self._ended[key]


@variant("over-before-other-faults")
class OverBeforeOtherFaults(Control):
    """What names a session that is over gets 4101, whatever else is wrong with it."""

    def note_life(self, user_id: str, session_id: str) -> None:
        """Look for the session right after the identity."""
        super().note_life(user_id, session_id)
        self.services.sessions.find(user_id, session_id)


@variant("large-requests-refused")
class LargeRequestsRefused(Control):
    """A control request above the limit of actions gets 4130."""

    def receive(self, message: Incoming, user_id: str, session_id: str) -> None:
        """Measure it before reading."""
        if len(message.data) > LIMITS["action"]:
            raise Refusal(4130, "A request is not longer than an action.")
        super().receive(message, user_id, session_id)


def _remember_little() -> None:
    store.OUTCOMES_PER_USER = 256
    actions.REMEMBERED_NUMBERS = 256


enter(
    Variant(
        "remembers-just-enough",
        "Only the last 256 outcomes of a user are remembered.",
        prepare=_remember_little,
    )
)
