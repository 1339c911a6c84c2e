"""The codes of what `omnisession doctor` looks at: they stay the same, for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from omnisession_conformance.protocol.rights import OF_THE_KIT, OF_THE_SERVER

if TYPE_CHECKING:
    from collections.abc import Mapping

CODES: Final[Mapping[str, str]] = {
    "broker.program": "nats-server, which the kit starts where no broker is named",
    "broker.none": "there is no broker to be had, or it refused the credentials",
    "broker.version": "which nats-server it is",
    "broker.tracing": "whether it tells who receives a subject",
    "broker.max-payload": "whether it takes the largest messages of the protocol",
    "broker.anybody": "what a client without credentials may do on it",
    **{f"right.kit.{r.code}": f"whether the kit may {r.shown('_INBOX')}" for r in OF_THE_KIT},
    **{
        f"right.server.{r.code}": "whether the server, which is started as the kit's user, may "
        f"{r.shown('_INBOX')}"
        for r in OF_THE_SERVER
    },
    "fixture.users": "which users a run may use",
    "fixture.roles": "a role that none of the listed users has",
    "fixture.expired": "there is no expired token",
    "target.none": "the server did not start, or does not answer",
    "target.answers": "who answers, and how soon",
    "target.profiles": "the profiles that it declares",
    "target.kinds": "the kinds that it serves",
}
"""Every code of a finding, with what it is about."""
