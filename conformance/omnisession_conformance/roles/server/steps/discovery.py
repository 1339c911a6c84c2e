"""How cases ask for a server as the micro-service `omnisession` of NATS (ADR-32)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from omnisession_conformance.protocol.subjects import SERVICES
from omnisession_conformance.traffic.record import Party

if TYPE_CHECKING:
    from collections.abc import Mapping

    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.traffic.record import Record

NAME = "omnisession"


@dataclass(slots=True)
class Asked:
    """What was asked on `$SRV.`: every instance of every service on the broker may answer."""

    ctx: Context
    inboxes: dict[str, str] = field(default_factory=dict[str, str])
    """Inboxes by subject."""

    async def ask(self, *parts: str, headers: Mapping[str, str] | None = None) -> str:
        """Publish a request, and return its subject."""
        publisher, subject = self.ctx.publisher, SERVICES + ".".join(parts)
        inbox = self.inboxes[subject] = publisher.inbox()
        await publisher.publish(subject, b"", reply=inbox, headers=headers, case=self.ctx.case.name)
        return subject

    def answers(self, subject: str) -> list[Record]:
        """What session servers have answered so far; other services are none of the kit's business."""
        came = self.ctx.log.on(self.inboxes[subject])
        return [r for r in came if r.party is Party.TARGET and (r.body or {}).get("name") == NAME]

    async def first(self, subject: str) -> Record | None:
        """The first answer of a session server, None where none comes in its time."""

        def find() -> Record | None:
            came = self.answers(subject)
            return came[0] if came else None

        bound = self.ctx.answer_s
        return await self.ctx.log.wait((self.inboxes[subject],), find, timeout_s=bound)
