"""Drives a run on a deployment: who tries is made, and shown to be able to do what it has to, first."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, cast

from omnisession_conformance.engine.role import Found, RunFacts
from omnisession_conformance.environment.settings import NEEDED_CLIENTS
from omnisession_conformance.errors import BrokerError, TargetError, first_line
from omnisession_conformance.protocol.declared import Declared
from omnisession_conformance.protocol.roles import SECURE
from omnisession_conformance.protocol.subjects import tok
from omnisession_conformance.roles.deployment.attempt import RIGHT, each_on_another
from omnisession_conformance.roles.deployment.context import Context
from omnisession_conformance.roles.deployment.kit import deaf_to, look
from omnisession_conformance.roles.deployment.trying import (
    KitUnfitError,
    Trier,
    UnclearError,
    way_of,
)
from omnisession_conformance.roles.deployment.watch import Line

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from omnisession_conformance.engine.blame import NeverWorks
    from omnisession_conformance.engine.case import Case
    from omnisession_conformance.engine.finding import Finding
    from omnisession_conformance.engine.run import Run
    from omnisession_conformance.environment.access import Access
    from omnisession_conformance.environment.identities import Identity
    from omnisession_conformance.roles.deployment.attempt import Names
    from omnisession_conformance.roles.deployment.target import Deployment
    from omnisession_conformance.traffic.record import Record

NOTHING_JUDGED = (
    "{who} cannot do what a client has to: {what}. A deployment that refuses everything would seem to be "
    "secure, so nothing of it is judged. `omnisession permissions --role client --user ID` prints what a "
    "client needs, and identities.clients says how its inboxes begin (inbox_prefix)."
)


@dataclass(frozen=True, slots=True)
class Offered(Declared):
    """What a deployment claims, and which identities there are beside two clients."""

    identities: frozenset[str] = frozenset()

    def offers(self) -> frozenset[str]:
        """What cases may name in `needs`."""
        return frozenset(f"identity:{name}" for name in self.identities)


@dataclass(slots=True)
class DeploymentDriver:
    """Drives one run; holds the clients that it has, and the connection by which the kit sees."""

    run: Run
    clients: list[Identity] = field(default_factory=list["Identity"])
    _kit: Line | None = None
    _way: Access | None = None
    _case: str | None = None

    @property
    def deployment(self) -> Deployment:
        """What is judged."""
        return cast("Deployment", self.run.target)

    async def look(self) -> Sequence[Finding]:
        """Look what the kit's own user may say and hear; BrokerError where there is no broker."""
        return await look(self.run)

    async def deaf_to(self) -> str | None:
        """What the kit's user may not hear any more."""
        return await deaf_to(self.run)

    async def start(self) -> None:
        """Have the clients that the configuration does not name made; TargetError where that fails."""
        self.clients = list(self.deployment.identities.clients)
        for name in ("a", "b")[len(self.clients) : NEEDED_CLIENTS]:
            self.clients.append(await self.deployment.credentials(f"{self.run.tag}-{name}"))

    async def probe(self) -> Found:
        """Show that each client can do what it has to; TargetError where one cannot."""
        began = time.monotonic()
        trier = await self.trier()
        trip = time.monotonic() - began
        for names in each_on_another(self.clients, self.run.tag):
            await self._controls(trier, names)
        named = self.deployment.identities
        there = {"server": named.server, "tenant": named.tenant, "odd": self._odd() or None}
        profiles = frozenset((SECURE, *named.profiles))
        version = str(trier.kit.client.info.get("version", ""))
        who = frozenset(name for name, one in there.items() if one is not None)
        return Found(Offered(profiles, server="deployment", identities=who), version, trip)

    async def _controls(self, trier: Trier, names: Names) -> None:
        who = f"The client {names.attacker.id!r}"
        try:
            tried = await trier.all(names, RIGHT)
        except KitUnfitError as error:
            raise TargetError(f"Nothing is judged: {error}") from error
        except UnclearError as error:
            raise TargetError(NOTHING_JUDGED.format(who=who, what=error)) from error
        except BrokerError as error:
            raise TargetError(f"{who} cannot connect: {first_line(str(error))}") from error
        for one in tried:
            if not one.through:
                raise TargetError(NOTHING_JUDGED.format(who=who, what=one.attempt))

    def _odd(self) -> bool:
        """Whether there are users whose ids are not written into subjects as they are."""
        ids = (client.id for client in self.clients)
        return "hook:credentials" in self.deployment.hooks() or any(tok(id_) != id_ for id_ in ids)

    async def trier(self) -> Trier:
        """What makes attempts; raises BrokerError where the kit cannot connect."""
        if self._kit is None:
            name = self.run.draws.connection_name("watch")
            # It hears itself as well: what it may not say would seem to be heard by nobody.
            self._kit = await Line.open(self.run.access, name, self._enter, echo=True)
            self.run.behind.push_async_callback(self._kit.close)
            self.run.of_role.add(self._kit.client.place)
            await self._kit.listen(">")
            await self._kit.flush(self.run.clock.answer_s)
        return self._trier_with(self._kit)

    def _trier_with(self, kit: Line) -> Trier:
        draws, answer_s = self.run.draws, self.run.clock.answer_s
        if self._way is None:
            self._way = way_of(self.run.access)
        name = partial(draws.connection_name, "identity")
        return Trier(kit, self.run.access, self._way, self._enter, name, answer_s)

    def _enter(self, subject: str, reply: str, data: bytes) -> None:
        self.run.ledger.enter(subject, reply, data, self._case)

    async def revive(self) -> None:
        """Nothing: it is somebody else's to run."""

    async def watch(self, lose: Callable[[str], None]) -> None:
        """Nothing: the tap sees whether the broker is there."""
        del lose
        await asyncio.Event().wait()

    def at_a_time(self) -> int:
        """One: a case makes its attempts side by side."""
        return 1

    def context(self, case: Case[Context]) -> Context:
        """What a case is handed."""
        if self._kit is None:
            raise RuntimeError("nobody has looked at the deployment yet")
        self._case = case.name
        return Context(
            self.run,
            case,
            trier=self._trier_with(self._kit),
            deployment=self.deployment,
            clients=self.clients,
        )

    async def leave(self, context: Context) -> None:
        """Nothing is left behind: each attempt closes its connection."""
        del context

    def abandon(self, context: Context) -> None:
        """Nothing was lent."""
        del context

    async def settle(self) -> None:
        """Nothing is under way."""

    def refuses_for_now(self, record: Record) -> bool:
        """A broker refuses for good."""
        del record
        return False

    def crowded(self, context: Context) -> bool:
        """There are no lists."""
        del context
        return False

    def lets_pass(self, context: Context) -> bool:
        """Nothing is let pass."""
        del context
        return False

    def never_works(self) -> Sequence[NeverWorks]:
        """What had to work was shown to, first."""
        return ()

    def facts(self) -> RunFacts:
        """What is known of the run by now."""
        return RunFacts(profiles=self.run.declared.profiles, stalls=tuple(self.run.clock.stalls))
