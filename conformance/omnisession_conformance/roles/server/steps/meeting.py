"""Sessions that are told of each other: who is there, and which sessions a user has, within two seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.protocol.bounds import BOUND_MS
from omnisession_conformance.roles.server.steps import chat, users
from omnisession_conformance.roles.server.steps.sending import entries

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session


async def meet(ctx: Context, *sessions: Session) -> bool:
    """Wait until each of some sessions shows those that it has to show, as long as that may take.

    Who opens is told to others within two seconds, so who is not shown at once is not missing, and what
    is told meanwhile is of an open. Returns False where a session does not show them by then.
    """
    for session in sessions:

        def met(session: Session = session) -> bool | None:
            return _shows(session, sessions) or None

        if await session.wait(met, ctx.within(BOUND_MS)) is None:
            return False
    return True


def _shows(session: Session, others: Sequence[Session]) -> bool:
    """Whether a session shows the users and the sessions that some sessions make, as far as it was told."""
    if not all(session.states(kind) for kind in (chat.KIND, users.KIND) if kind in session.kinds):
        return False
    there = {other.user.id for other in others if chat.KIND in other.kinds}
    own = {other.id for other in others if other.user.id == session.user.id}
    if (
        chat.KIND in session.kinds
        and not chat.crowded(session)
        and there - {*chat.present(session)}
    ):
        return False
    if users.KIND not in session.kinds:
        return True
    listed = entries(session.slice(users.KIND), "sessions")
    return own <= {entry.get("session_id") for entry in listed}
