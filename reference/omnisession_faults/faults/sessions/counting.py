"""Faults of which sessions are held for those of a user, and of what an open that is refused leaves."""
# ruff: noqa: D102  an override means what it overrides

from collections import Counter
from dataclasses import replace

from omnisession_faults.faults.registry import fault
from omnisession_reference.change import Change
from omnisession_reference.control import Control, Request
from omnisession_reference.errors import Refusal
from omnisession_reference.protocol import LIMITS, grant
from omnisession_reference.session import Session, Terms

TOO_MANY: Counter[str] = Counter()
"""Sessions of a user that count and are not live."""


def _check_room(control: Control, request: Request) -> None:
    """Refuse one session more than a user may have, of whom some count that are not live."""
    live = len(control.services.sessions.of_user(request.user_id))
    if live + TOO_MANY[request.user_id] >= LIMITS["sessions"]:
        raise Refusal(4291, "Close another session first.")


def _refused_count(name: str, what: str, *codes: int) -> None:
    class RefusedCount(Control):
        def agree(self, request: Request, version: str) -> Terms:
            terms = super().agree(request, version)
            _check_room(self, request)
            return terms

        def open(self, request: Request) -> None:
            try:
                super().open(request)
            except Refusal as refusal:
                TOO_MANY[request.user_id] += refusal.code in codes
                raise

    RefusedCount.__doc__ = (
        f"An open that is refused for its {what} counts as a session of the user."
    )
    fault(name, breaks="LIMIT-004")(RefusedCount)


_refused_count("opens-without-a-kind-count", "kinds", 4220)
_refused_count("opens-without-a-version-count", "versions", 4003)
_refused_count("opens-without-a-credential-count", "credential", 4010, 4011, 4031)


@fault("expired-sessions-count", breaks="LIMIT-004")
class ExpiredSessionsCount(Control):
    """Sessions that expired count as live for the limit of sessions."""

    def agree(self, request: Request, version: str) -> Terms:
        terms = super().agree(request, version)
        _check_room(self, request)
        return terms

    def expire(self, session: Session) -> None:
        TOO_MANY[session.user_id] += 1
        super().expire(session)


def _tell(control: Control, request: Request, kinds: list[str]) -> None:
    """Tell a user's sessions of one that opens."""
    opened_at = control.services.clock.now_ms()
    entry = {"session_id": request.session_id, "opened_at": opened_at, "kinds": kinds}
    listening = [
        s for s in control.services.sessions.of_user(request.user_id).values() if "user" in s.slices
    ]
    change = Change("user", "user.session_opened", {"session": entry}, listening)
    control.services.fanout.apply([change])


@fault("refused-open-is-told", breaks="USER-003")
class RefusedOpenIsTold(Control):
    """An open beyond the limit of sessions is told to the user's other sessions, and refused."""

    def agree(self, request: Request, version: str) -> Terms:
        terms = super().agree(request, version)
        if len(self.services.sessions.of_user(request.user_id)) >= LIMITS["sessions"]:
            _tell(self, request, list(terms.kinds))
        return terms


@fault("unknown-kinds-are-told", breaks="USER-003")
class UnknownKindsAreTold(Control):
    """An open without a kind that is served is told to the user's other sessions, and refused."""

    def agree(self, request: Request, version: str) -> Terms:
        try:
            return super().agree(request, version)
        except Refusal:
            _tell(self, request, [])
            raise


@fault("reopen-asks-for-a-gap", breaks="CTRL-004")
class ReopenAsksForAGap(Control):
    """A session holds what is ahead for as long as its last open asked, and is told what the first was."""

    def open(self, request: Request) -> None:
        session = self.services.sessions.live(request.user_id, request.session_id)
        super().open(request)
        if session is not None:
            gap = grant(request.data.get("timers", {})).gap_ms
            session.terms = replace(session.terms, timers=replace(session.terms.timers, gap_ms=gap))
