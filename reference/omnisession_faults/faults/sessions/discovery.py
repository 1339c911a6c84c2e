"""Faults of the micro-service."""
# ruff: noqa: D102  an override means what it overrides

from typing import Any

from nats.aio.client import Client

from omnisession_faults.faults.registry import fault
from omnisession_reference.connection import LIBRARY_SUBJECTS, Connection
from omnisession_reference.discovery import Discovery
from omnisession_reference.sessions import Sessions


@fault("no-service", breaks="DISC-001")
class NoService(Discovery):
    """Nothing answers on `$SRV.`."""

    async def start(self, connection: Client) -> None:
        pass


@fault("service-deaf-to-headers", breaks="DISC-001")
class ServiceDeafToHeaders(Connection):
    """What is asked on `$SRV.` with a header gets no answer."""

    async def _process_msg(
        self, sid: int, subject: bytes, reply: bytes, data: bytes, headers: Any
    ) -> None:
        if not (headers and subject.startswith(LIBRARY_SUBJECTS)):
            await super()._process_msg(sid, subject, reply, data, headers)


@fault("service-lacks-profiles", breaks="DISC-002")
class ServiceLacksProfiles(Discovery):
    """The metadata names the profile `core` alone."""

    def metadata(self) -> dict[str, str]:
        return {**super().metadata(), "profiles": "core"}


class _Census(dict[str, str]):
    """Metadata that are written with the users of the moment."""

    def __init__(self, metadata: dict[str, str], sessions: Sessions) -> None:
        super().__init__(metadata)
        self.sessions = sessions

    def items(self):  # noqa: ANN202  the view of a plain dictionary
        users = ",".join(sorted({session.user_id for session in self.sessions.all()}))
        return {**self, "users": users}.items()


@fault("service-names-users", breaks="DISC-003")
class ServiceNamesUsers(Discovery):
    """The metadata name the users with live sessions."""

    def metadata(self) -> dict[str, str]:
        return _Census(super().metadata(), self.services.sessions)
