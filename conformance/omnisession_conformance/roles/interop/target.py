"""Both programs of a pair: the server is the target that is started, the client stands beside it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, cast

from omnisession_conformance.environment.target import REFERENCE_COMMAND, SpawnedTarget
from omnisession_conformance.protocol.roles import CLIENT
from omnisession_conformance.roles.client.target import Testee
from omnisession_conformance.roles.client.target import target_of as client_of

if TYPE_CHECKING:
    from omnisession_conformance.environment.settings import Settings
    from omnisession_conformance.environment.target import Target


@dataclass(slots=True)
class Pair(SpawnedTarget):
    """A server that the kit starts, and the client that meets it: each is started by itself.

    As a target it is the server: that is what is stopped, started again, and told of where it fails.
    """

    client: Testee = field(kw_only=True)

    def wires(self) -> frozenset[str]:
        """None: what is cut here are connections of clients, at their gates."""
        return frozenset()


def target_of(settings: Settings) -> Pair:
    """The server and the client of some settings; the reference where either has no command."""
    alone = replace(settings, role=CLIENT, command=settings.client_command)
    return Pair(settings.command or REFERENCE_COMMAND, dict(settings.env), client=client_of(alone))


def pair_of(target: Target) -> Pair:
    """The target of a run on a pair."""
    return cast("Pair", target)
