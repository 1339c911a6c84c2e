"""Drives a server and a client through one run: both started, both asked, and what scenarios get."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, cast

from omnisession_conformance.engine.role import Found, Part
from omnisession_conformance.errors import TargetError, UsageError
from omnisession_conformance.protocol.declared import Declared
from omnisession_conformance.protocol.roles import CLIENT, SERVER, of_a_pair
from omnisession_conformance.protocol.schemas.check import Checker
from omnisession_conformance.roles.client.errors import AdapterError
from omnisession_conformance.roles.client.facts import Facts as OfClient
from omnisession_conformance.roles.client.facts import Failure
from omnisession_conformance.roles.client.leaving import leaving
from omnisession_conformance.roles.client.probe import probe as probe_client
from omnisession_conformance.roles.interop.context import Context
from omnisession_conformance.roles.interop.facts import Facts
from omnisession_conformance.roles.interop.target import pair_of
from omnisession_conformance.roles.server.driver import ServerDriver
from omnisession_conformance.traffic.record import Party

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omnisession_conformance.engine.case import Case
    from omnisession_conformance.engine.finding import Finding
    from omnisession_conformance.roles.client.testee.keeping import Keeper
    from omnisession_conformance.roles.server.context import Context as OfServer
    from omnisession_conformance.roles.server.facts import Facts as ServerFacts

NOTHING_SHARED = (
    "The server serves {server}, and the client knows {client}: there is no kind that both have, so that "
    "they have nothing to say to each other."
)


@dataclass(slots=True)
class InteropDriver(ServerDriver):
    """Drives one pair through one run, as a driver of servers: the kit has sessions beside the client's."""

    checker: Checker = field(default_factory=Checker)
    of_server: Declared = field(default_factory=Declared)
    of_client: Declared = field(default_factory=Declared)
    failures: list[Failure] = field(default_factory=list[Failure])
    _open: dict[int, Context] = field(default_factory=dict[int, Context])
    """Those that are not left yet."""
    _reuse: bool = True

    @property
    def keeper(self) -> Keeper:
        """Who starts the client."""
        return pair_of(self.run.target).client.keeper

    async def look(self) -> Sequence[Finding]:
        """Look at fixture and broker; UsageError where that is somebody else's."""
        if self.run.broker is None:
            raise UsageError(
                "A server with a client is judged on a broker that the kit starts itself: leave out the "
                "url of [broker]."
            )
        return await ServerDriver.look(self)

    async def start(self) -> None:
        """Start the client and see that its adapter keeps the contract, then the server; else TargetError.

        The kit is the client's server for that, so that it has to be alone on the broker.
        """
        self.run.behind.push_async_callback(self._close_all)
        try:
            hello = (await self.keeper.client()).hello
            if not hello.reuse and not self.keeper.way.starts:
                raise TargetError(
                    "A client that declares reuse false has to be started by the kit."
                )
            self._reuse = hello.reuse
            self.of_client = (await probe_client(self.run, self.keeper, self.checker)).declared
        except AdapterError as error:
            raise TargetError(f"The client: {error}") from None
        await ServerDriver.start(self)

    async def probe(self) -> Found:
        """Ask the server what it declares; what both have is what the pair has."""
        try:
            found = await ServerDriver.probe(self)
        except TargetError as error:
            raise TargetError(f"The server: {error}") from None
        self.of_server = found.declared
        both = together(self.of_server, self.of_client)
        if not both.kinds:
            told = {"server": _listed(self.of_server), "client": _listed(self.of_client)}
            raise TargetError(NOTHING_SHARED.format(**told))
        pair = pair_of(self.run.target)
        parts = (
            Part(SERVER, pair.label, self.of_server),
            Part(CLIENT, pair.client.label, self.of_client),
        )
        return replace(found, declared=both, parts=parts)

    def at_a_time(self) -> int:
        """One: who ended or hung in a scenario did so because of it."""
        return 1

    def context(self, case: Case[OfServer]) -> Context:
        """What a scenario is handed."""
        self.keeper.once_more()
        context = Context(
            self.run,
            case,
            published=self.published,
            failing=self.failing,
            keeper=self.keeper,
            of_client=self.of_client,
            of_server=self.of_server,
        )
        self._open[id(context)] = context
        return context

    async def leave(self, context: OfServer) -> None:
        """Stop the client's sessions, then leave those of the kit."""
        mine = cast("Context", context)
        async with leaving(mine.case.name, lambda: mine.failed is not None):
            await self._close(mine)
        if mine.failed is not None:
            self._note(mine)
        await ServerDriver.leave(self, context)
        if not self._reuse:
            await self.keeper.renew()

    async def _close(self, context: Context) -> None:
        if self._open.pop(id(context), None) is not None:
            await context.close()

    async def _close_all(self) -> None:
        """Leave what scenarios have open that were cut off with the run, and end the client."""
        for context in list(self._open.values()):
            with contextlib.suppress(Exception):
                await self._close(context)
        await self.keeper.leave()

    def _note(self, context: Context) -> None:
        case = context.case.name
        heard = [r for r in self.run.log.records if r.party is not Party.STRANGER]
        mine = [r for r in heard if r.case == case] or heard
        if mine:
            self.failures.append(Failure(mine[-1].n, str(context.failed), case, 1))

    def facts(self) -> Facts:  # pyright: ignore[reportIncompatibleMethodOverride]
        """What is known of the run by now, for the rules of either side."""
        known: ServerFacts = ServerDriver.facts(self)
        return Facts(
            profiles=self.run.declared.profiles,
            outages=known.outages,
            stalls=known.stalls,
            deaths=known.deaths,
            server=replace(known, profiles=self.of_server.profiles),
            client=OfClient(
                profiles=self.of_client.profiles,
                stalls=known.stalls,
                failures=tuple(self.failures),
            ),
        )


def together(server: Declared, client: Declared) -> Declared:
    """What a pair has: kinds and features of both, and what the server takes, as the kit may do it."""
    kinds = tuple(kind for kind in server.claimed_kinds if kind in client.kinds)
    return replace(
        server,
        profiles=of_a_pair(server.profiles, client.profiles).union(kinds),
        kinds=kinds,
        features=tuple(name for name in server.features if name in client.features),
        server=f"{server.server or 'an unnamed server'} with {client.server or 'an unnamed client'}",
        version="",
    )


def _listed(declared: Declared) -> str:
    return ", ".join(declared.kinds) or "no kind"
