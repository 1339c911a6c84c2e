"""Shows the server as a micro-service of NATS (ADR-32), so that operators find it without a session."""

import json
from collections.abc import Sequence

from nats.aio.client import Client
from nats.micro.service import Service, ServiceConfig

from omnisession_reference import __version__
from omnisession_reference.protocol import LIMITS, SPOKEN
from omnisession_reference.services import Services


class Discovery:
    """The service of one server; the library answers for it."""

    def __init__(self, services: Services, profiles: Sequence[str]) -> None:
        self.services = services
        self._profiles = profiles
        self._service: Service | None = None

    async def start(self, connection: Client) -> None:
        """Be found from now on."""
        config = ServiceConfig(
            name="omnisession",
            version=__version__,
            description="Omnisession server",
            metadata=self.metadata(),
        )
        self._service = Service(connection, config)
        await self._service.start()

    async def stop(self) -> None:
        """Be found no more."""
        if self._service is not None:
            await self._service.stop()

    def metadata(self) -> dict[str, str]:
        """Say what a session would be told at its open; nothing of users or sessions."""
        return {
            "protocol": ",".join(SPOKEN),
            "profiles": ",".join(self._profiles),
            "limits": json.dumps(LIMITS),
        }
