"""What wrong and unusual clients do with a shell: other ids, and messages from elsewhere."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from omnisession_client.messages import Began, Dispatched, Heard
from omnisession_client.shell import CRASHED, CrashedError


@dataclass(frozen=True, slots=True)
class Doing:
    """What a user does."""

    type: str
    data: Mapping[str, Any]
    expect: Mapping[str, Any] | None


def begin(shell: Any, session_id: str) -> None:
    """Begin a session under an id."""

    def began(at_ms: int) -> Began:
        return Began(at_ms=at_ms, session_id=session_id)

    shell._put(began)


def hear(shell: Any, subject: str, data: bytes) -> None:
    """Handle a message as if the session's subscription had brought it."""

    def heard(at_ms: int) -> Heard:
        return Heard(at_ms=at_ms, subject=subject, data=data)

    shell._put(heard)


async def dispatch(shell: Any, doing: Doing, action_id: str) -> tuple[str, str | None]:
    """Send an action under an id: that id, and why it was refused here, if it was."""
    told: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
    if shell._crashed:
        raise CrashedError(CRASHED)

    def dispatched(at_ms: int) -> Dispatched:
        return Dispatched(
            at_ms=at_ms,
            action_id=action_id,
            type=doing.type,
            data=doing.data,
            expect=doing.expect,
        )

    shell._takers[action_id] = told
    shell._put(dispatched)
    return action_id, await told
