"""Faults of an open of a live session: what it takes away, lets in and tells."""
# ruff: noqa: D102  an override means what it overrides

from dataclasses import replace

from omnisession_faults.faults.registry import fault
from omnisession_faults.inside import book_of, clockwork_of, drop_held
from omnisession_reference.control import AnswerWithStates, Control, Request
from omnisession_reference.errors import Refusal
from omnisession_reference.kinds.articles_slice import ArticlesSlice
from omnisession_reference.kinds.chat import Chat
from omnisession_reference.kinds.users_slice import UserSlice
from omnisession_reference.protocol import grant
from omnisession_reference.session import Session
from omnisession_reference.users import from_token
from omnisession_reference.wire import JsonObject


def live(control: Control, request: Request) -> Session | None:
    """Return the session that a request opens again, if it does."""
    return control.services.sessions.live(request.user_id, request.session_id)


def answer_as_opened(control: Control, request: Request, session: Session) -> None:
    """Answer a request as one that opens a live session again."""
    data, kinds = control.opened(session), session.terms.kinds
    answer = AnswerWithStates("session.opened", data, kinds, "open")
    control.answer_with_states(request, session, answer)


# -- what the session has ------------------------------------------------------------------------------


@fault("reopen-forgets-selection", breaks="CTRL-004")
class ReopenForgetsSelection(Control):
    """An open of a live session clears what it has selected."""

    def open(self, request: Request) -> None:
        session = live(self, request)
        held = session.slices.get("articles") if session else None
        if isinstance(held, ArticlesSlice):
            held.current, held.revisions = None, []
        super().open(request)


@fault("reopen-takes-new-rights", breaks="CTRL-004")
class ReopenTakesNewRights(Control):
    """A session has the rights of the token that opened it last."""

    def open(self, request: Request) -> None:
        session = live(self, request)
        if session is not None:
            session.grant = self._auth.grant(request.data["auth"], request.user_id)
        super().open(request)


@fault("reopen-shows-new-rights", breaks="CTRL-004")
class ReopenShowsNewRights(Control):
    """A session that is opened again shows the permissions of its new token, which it does not have."""

    def open(self, request: Request) -> None:
        session = live(self, request)
        held = session.slices.get("user") if session else None
        if isinstance(held, UserSlice):
            told = self._auth.grant(request.data["auth"], request.user_id)
            held.permissions = sorted(told.permissions)
        super().open(request)


@fault("reopen-renames-user", breaks="CTRL-004")
class ReopenRenamesUser(Control):
    """An open of a live session gives the user the name and email of its new token."""

    def open(self, request: Request) -> None:
        if live(self, request) is not None:
            granted = self._auth.grant(request.data["auth"], request.user_id)
            self.services.store.put_user(from_token(granted))
        super().open(request)


@fault("reopen-dates-anew", breaks="CTRL-004")
class ReopenDatesAnew(Control):
    """A session that is opened again counts as opened at that time, in sessions that are opened later."""

    def open(self, request: Request) -> None:
        session = live(self, request)
        super().open(request)
        if session is not None:
            session.opened_at = self.services.clock.now_ms() + 1


@fault("reopen-ends-typing", breaks="CTRL-004")
class ReopenEndsTyping(Control):
    """An open of a live session ends its user's typing, and tells nobody."""

    def open(self, request: Request) -> None:
        chat = self._kinds.get("chat")
        if live(self, request) is not None and isinstance(chat, Chat):
            chat.typing.stop(request.user_id)
        super().open(request)


@fault("reopen-ends-edits", breaks="CTRL-004")
class ReopenEndsEdits(Control):
    """An open of a live session ends its edits."""

    def open(self, request: Request) -> None:
        session, articles = live(self, request), self._kinds.get("articles")
        if session is not None and articles is not None:
            self.services.fanout.apply(articles.left(session))
        super().open(request)


@fault("reopen-leaves-edits-behind", breaks="CTRL-004")
class ReopenLeavesEditsBehind(Control):
    """The edits of a session that was opened twice do not end with it."""

    def end(self, session: Session, why: str) -> None:
        again: set[tuple[str, str]] = self.__dict__.get("again", set())
        articles = self._kinds.get("articles")
        if session.key not in again or articles is None:
            super().end(session, why)
            return
        kept, self._kinds = self._kinds, {n: k for n, k in self._kinds.items() if k is not articles}
        super().end(session, why)
        self._kinds = kept

    def open(self, request: Request) -> None:
        if live(self, request) is not None:
            key = (request.user_id, request.session_id)
            self.__dict__.setdefault("again", set()).add(key)
        super().open(request)


@fault("reopen-is-announced", breaks="CTRL-004")
class ReopenIsAnnounced(Control):
    """An open of a live session is told to others as one more session."""

    def open(self, request: Request) -> None:
        session = live(self, request)
        if session is not None:
            for kind in self._kinds.values():
                self.services.fanout.apply(kind.joined(session))
        super().open(request)


@fault("reopen-forgets-numbers", breaks="CTRL-004")
class ReopenForgetsNumbers(Control):
    """An open of a live session forgets what its numbers were used for."""

    def open(self, request: Request) -> None:
        session = live(self, request)
        if session is not None:
            book_of(self._actions, session).done.clear()
        super().open(request)


@fault("reopen-forgets-outcomes", breaks="CTRL-004")
class ReopenForgetsOutcomes(Control):
    """An open of a live session forgets the outcomes of its user."""

    def open(self, request: Request) -> None:
        if live(self, request) is not None:
            self.services.store.forget_outcomes(request.user_id)
        super().open(request)


@fault("reopen-drops-what-is-held", breaks="ACTION-001")
class ReopenDropsWhatIsHeld(Control):
    """Actions that are held get no outcome when their session is opened again."""

    def open(self, request: Request) -> None:
        session = live(self, request)
        if session is not None:
            drop_held(self._actions, session)
        super().open(request)


# -- what is asked and told ----------------------------------------------------------------------------


@fault("reopen-asks-no-credential", breaks="CTRL-004")
class ReopenAsksNoCredential(Control):
    """The credential of an open of a live session is not looked at."""

    def open(self, request: Request) -> None:
        session = live(self, request)
        if session is None:
            super().open(request)
            return
        self.services.versions.negotiate(request.data["protocol"])
        answer_as_opened(self, request, session)


@fault("reopen-takes-expired-token", breaks="CTRL-004")
class ReopenTakesExpiredToken(Control):
    """An expired token opens a live session again."""

    def open(self, request: Request) -> None:
        try:
            super().open(request)
        except Refusal as refusal:
            session = live(self, request)
            if refusal.code != 4011 or session is None:
                raise
            answer_as_opened(self, request, session)


@fault("reopen-takes-any-version", breaks="CTRL-004")
class ReopenTakesAnyVersion(Control):
    """The versions that an open of a live session offers are not looked at."""

    def open(self, request: Request) -> None:
        if live(self, request) is not None:
            request = replace(request, data={**request.data, "protocol": ["1.0"]})
        super().open(request)


@fault("refused-reopen-closes", breaks="CTRL-004")
class RefusedReopenCloses(Control):
    """An open of a live session that is refused ends the session."""

    def open(self, request: Request) -> None:
        session = live(self, request)
        try:
            super().open(request)
        except Refusal:
            if session is not None:
                self.end(session, "closed")
            raise


@fault("refused-reopen-shows-states", breaks="CTRL-004")
class RefusedReopenShowsStates(Control):
    """An open of a live session that is refused publishes its states all the same."""

    def open(self, request: Request) -> None:
        session = live(self, request)
        try:
            super().open(request)
        except Refusal:
            if session is not None:
                for kind in session.terms.kinds:
                    session.publish_state(kind, "open")
            raise


@fault("reopen-tells-an-end", breaks="CTRL-004")
class ReopenTellsAnEnd(Control):
    """An open of a live session tells `expires_at`, which the first one did not."""

    def opened(self, session: Session) -> JsonObject:
        told = super().opened(session)
        if session.seq:
            told["expires_at"] = self.services.clock.now_ms() + 3_600_000
        return told


# -- timers --------------------------------------------------------------------------------------------


@fault("reopen-ends-expiry", breaks="CTRL-016")
class ReopenEndsExpiry(Control):
    """A session that was opened again never expires."""

    def open(self, request: Request) -> None:
        session = live(self, request)
        super().open(request)
        if session is not None:
            clockwork_of(session)["_expiry"].cancel()


@fault("reopen-asks-for-a-window", breaks="CTRL-016")
class ReopenAsksForAWindow(Control):
    """A session expires by the window that its last open asked for, and is told the first one."""

    def open(self, request: Request) -> None:
        session = live(self, request)
        super().open(request)
        if session is not None:
            window = grant(request.data.get("timers", {})).resume_window_ms
            granted = replace(session.terms.timers, resume_window_ms=window)
            clockwork_of(session)["_granted"] = granted


@fault("reopen-holds-back-for-ever", breaks="STATE-014")
class ReopenHoldsBackForEver(Control):
    """A session that was opened again is told what others change only when it asks."""

    def open(self, request: Request) -> None:
        session = live(self, request)
        super().open(request)
        if session is not None:
            granted = replace(session.terms.timers, coalesce_ms=0)
            clockwork_of(session)["_granted"] = granted
