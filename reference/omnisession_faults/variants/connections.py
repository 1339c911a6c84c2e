"""Right servers that take up a lost connection in another way."""

from typing import Any

from omnisession_faults.variants.registry import variant
from omnisession_reference.access import Access
from omnisession_reference.buffer import ResumeBuffer
from omnisession_reference.connection import Connection
from omnisession_reference.control import Control


@variant("connects-again-in-four-seconds")
class ConnectsAgainInFourSeconds(Connection):
    """A lost connection is taken up again after some seconds, as careful libraries do."""

    async def reach(self, access: Access, **settings: Any) -> None:
        """Wait longer than others."""
        await super().reach(access, **{**settings, "reconnect_time_wait": 4})


@variant("new-epoch-with-a-new-connection")
class NewEpochWithANewConnection(Control):
    """Every session begins a new epoch when a lost connection is there again."""

    def reconnected(self) -> None:
        """Publish all that sessions are to show."""
        for session in self.services.sessions.all():
            session.epoch, session.seq = session.epoch + 1, 0
            session.buffer = ResumeBuffer()
            session.held_back.clear()
            for kind in session.terms.kinds:
                session.publish_state(kind, "takeover")


@variant("silent-with-a-new-connection")
class SilentWithANewConnection(Control):
    """Sessions are not told that a lost connection is there again."""

    def reconnected(self) -> None:
        """Leave it to the next heartbeat."""


@variant("drops-what-nobody-can-hear")
class DropsWhatNobodyCanHear(Connection):
    """What would be published without a connection is dropped, and not kept for later."""

    def send(self, subject: str, payload: bytes, trace: str | None) -> None:
        """Send it only where there is a connection."""
        if self.is_connected:
            super().send(subject, payload, trace)
