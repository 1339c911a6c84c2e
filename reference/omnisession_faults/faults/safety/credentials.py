"""Faults in how a session ends with its credential, and in how it is renewed."""
# ruff: noqa: D102  an override means what it overrides

from omnisession_faults.faults.registry import Fault, enter, fault
from omnisession_reference import control
from omnisession_reference.auth import Auth, Grant
from omnisession_reference.control import Control
from omnisession_reference.errors import Refusal
from omnisession_reference.session import Session
from omnisession_reference.wire import JsonObject


@fault("ends-told-are-not-kept", breaks="SECU-018", secure=True)
class EndsToldAreNotKept(Control):
    """A session tells when it ends, and goes on."""

    ends_with_token = True

    def expire(self, session: Session) -> None:
        if not session.is_over(self.services.clock.wall_ms()):
            super().expire(session)


@fault("ends-without-a-word", breaks="SECU-018", secure=True)
class EndsWithoutAWord(Control):
    """A session whose credential has ended is over, and nobody says so."""

    ends_with_token = True

    def expire(self, session: Session) -> None:
        self.end(session, "expired")


@fault("end-told-as-a-stop", breaks="SECU-018", secure=True)
class EndToldAsAStop(Control):
    """The end of a credential is told as the stop of a server."""

    ends_with_token = True

    def expire(self, session: Session) -> None:
        session.push(
            "session.closing", {**control.CREDENTIAL_OVER, "code": 5030, "reconnect": True}
        )
        self.end(session, "expired")


@fault("renewals-are-forgotten", breaks="SECU-019", secure=True)
class RenewalsAreForgotten(Control):
    """A session ends with the token that opened it, whatever it was shown since."""

    ends_with_token = True

    def renew(self, session: Session, granted: Grant) -> None:
        if session.ends_at is not None and granted.permissions != session.grant.permissions:
            raise Refusal(4030, "Open a new session for other permissions.")


@fault("renewals-only-later", breaks="SECU-019", secure=True)
class RenewalsOnlyLater(Control):
    """A token that ends earlier than the one before moves nothing."""

    ends_with_token = True

    def renew(self, session: Session, granted: Grant) -> None:
        was = session.ends_at
        super().renew(session, granted)
        session.ends_at = max(was or 0, session.ends_at or 0) or None


def _end_with(session: Session, granted: Grant) -> None:
    """Have a session end with another token, whatever that permits."""
    if session.ends_at is not None and granted.expires_at is not None:
        session.ends_at = granted.expires_at
        session.timers.watch_end()


@fault("renewed-by-any-token", breaks="SECU-019", secure=True)
class RenewedByAnyToken(Control):
    """A token of other permissions renews as well."""

    ends_with_token = True

    def renew(self, session: Session, granted: Grant) -> None:
        _end_with(session, granted)


@fault("refused-renewal-moves-the-end", breaks="SECU-019", secure=True)
class RefusedRenewalMovesTheEnd(Control):
    """A token of other permissions is refused, and its end counts."""

    ends_with_token = True

    def renew(self, session: Session, granted: Grant) -> None:
        _end_with(session, granted)
        super().renew(session, granted)


@fault("revoked-sessions-live-on", breaks="SECU-020", secure=True)
class RevokedSessionsLiveOn(Control):
    """A revoked token opens nothing more, and what it has opened goes on."""

    ends_with_token = True

    def watch_revocations(self) -> None:
        pass


@fault("revoked-without-a-word", breaks="SECU-020", secure=True)
class RevokedWithoutAWord(Control):
    """A session whose token was revoked is over, and nobody says so."""

    ends_with_token = True

    def revoke(self, session: Session) -> None:
        self.end(session, "revoked")


@fault("revocation-told-as-an-end", breaks="SECU-020", secure=True)
class RevocationToldAsAnEnd(Control):
    """A session whose token was revoked is told that it has expired, as if a new one were to be had."""

    ends_with_token = True

    def revoke(self, session: Session) -> None:
        session.push("session.closing", control.CREDENTIAL_OVER)
        self.end(session, "revoked")


@fault("revocation-ends-all-of-a-user", breaks="SECU-020", secure=True)
class RevocationEndsAllOfAUser(Control):
    """When a token is revoked all sessions of its user end."""

    ends_with_token = True

    def revoke(self, session: Session) -> None:
        for other in list(self.services.sessions.of_user(session.user_id).values()):
            super().revoke(other)


@fault("revocation-of-the-first-token-alone", breaks="SECU-020", secure=True)
class RevocationOfTheFirstTokenAlone(Control):
    """A session ends with the token that opened it, whatever it was shown since."""

    ends_with_token = True

    def renew(self, session: Session, granted: Grant) -> None:
        credential = session.credential
        super().renew(session, granted)
        session.credential = credential


class _TakesRevoked(Auth):
    """What was revoked counts for sessions that live, not for a token that opens one."""

    def claims(self, token: str) -> JsonObject:
        try:
            return super().claims(token)
        except Refusal as refusal:
            if refusal.code != 4013:
                raise
            return self.signed(token)


class _EndsWithToken(Control):
    """Sessions end with their token."""

    ends_with_token = True


enter(
    Fault(
        "revoked-tokens-open",
        "SECU-020",
        "A revoked token ends what it has opened, and opens anew.",
        (_TakesRevoked, _EndsWithToken),
        secure=True,
    )
)
