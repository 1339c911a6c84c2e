"""What is known of a run on a pair and its messages do not tell: what the rules for either side need."""

from __future__ import annotations

from dataclasses import dataclass, field

from omnisession_conformance.engine.role import RunFacts
from omnisession_conformance.roles.client.facts import Facts as OfClient
from omnisession_conformance.roles.server.facts import Facts as OfServer


@dataclass(frozen=True, slots=True)
class Facts(RunFacts):
    """Those of both sides, each with the profiles of its own."""

    server: OfServer = field(default_factory=OfServer)
    client: OfClient = field(default_factory=OfClient)
