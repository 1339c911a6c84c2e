"""Drives one server through one run: start, probe, the contexts of cases, and how they are left."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from itertools import cycle
from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import Case, Phase
from omnisession_conformance.engine.stops import Prerequisite
from omnisession_conformance.roles.server.context import Context
from omnisession_conformance.roles.server.facts import Facts
from omnisession_conformance.roles.server.look import deaf_to, look
from omnisession_conformance.roles.server.probe import probe
from omnisession_conformance.roles.server.reading.failing import never_works
from omnisession_conformance.roles.server.reading.lifetimes import error_code
from omnisession_conformance.roles.server.reply import BUSY
from omnisession_conformance.roles.server.restart import revive
from omnisession_conformance.roles.server.steps.lists import crowded
from omnisession_conformance.roles.server.watch import watch_attached

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from omnisession_conformance.engine.blame import NeverWorks
    from omnisession_conformance.engine.finding import Finding
    from omnisession_conformance.engine.role import Found
    from omnisession_conformance.engine.run import Run
    from omnisession_conformance.protocol.verdict import CheckId
    from omnisession_conformance.roles.server.pending import PendingRequest
    from omnisession_conformance.traffic.record import Record


async def _never(context: Context) -> None:
    del context


OTHERS = (1, 3, 2)
"""How many sessions a server that was started again is asked for besides, another number each time."""
_PROBE_CASE = Case("probe", (), _never)


@dataclass(slots=True)
class ServerDriver:
    """Drives one server through one run."""

    run: Run
    published: set[str] = field(default_factory=set[str])
    """What a case has made or published for others, so that every later case may see it."""
    failing: dict[str, CheckId] = field(default_factory=dict[str, "CheckId"])
    """By type of actions the check of the plain case that found it to fail."""
    _others: Iterator[int] = field(default_factory=lambda: cycle(OTHERS))
    _closing: list[PendingRequest] = field(default_factory=list["PendingRequest"])

    async def look(self) -> Sequence[Finding]:
        """Look at fixture and broker; see `look` for errors."""
        return await look(self.run)

    async def deaf_to(self) -> str | None:
        """What the kit may not hear any more."""
        return await deaf_to(self.run)

    async def start(self) -> None:
        """Start the server."""
        await self.run.target.start()

    async def probe(self) -> Found:
        """Open a session and read what the server declares; see `probe` for errors."""
        fixture = self.run.fixture
        user = fixture.mint("probe", "author", 0) if fixture.mints else fixture.config.users[0]
        return await probe(self.run, user)

    async def revive(self) -> None:
        """Start the server again and wait until it opens a session; else TargetError."""
        # The one that was asked to close them is gone.
        self._closing.clear()
        await revive(self.context(_PROBE_CASE), next(self._others))

    async def watch(self, lose: Callable[[str], None]) -> None:
        """Ask the broker until cancelled whether anybody listens; calls `lose` when nobody does."""
        await watch_attached(self.run, lose)

    def at_a_time(self) -> int:
        """Some, where each has users of its own."""
        return self.run.draws.at_a_time if self.run.fixture.mints else 1

    def context(self, case: Case[Context]) -> Context:
        """What a case is handed."""
        return Context(self.run, case, published=self.published, failing=self.failing)

    async def leave(self, context: Context) -> None:
        """Delete what a case made and close its sessions; answers are awaited by `settle`."""
        # On a server of the kit's own nobody is bothered by what is left, once few look at lists.
        tidy = context.case.phase is Phase.QUIET or self.run.target.mode != "spawn"
        if self.run.target.running:
            await _put_back(context)
        for session in context.sessions if self.run.target.running else ():
            if session.opened is not None and not session.leave_open:
                if tidy:
                    await session.remove_created()
                self._closing.append(await session.send("session.close"))
        async with contextlib.AsyncExitStack() as closing:
            # One that cannot be flushed any more is left all the same.
            for publisher in context.publishers:
                closing.push_async_callback(publisher.close)
            for publisher in context.publishers:
                await publisher.flush()
        self.run.fixture.give_back(context.users)

    def abandon(self, context: Context) -> None:
        """Take back the users that were lent to a case."""
        self.run.fixture.give_back(context.users)

    async def settle(self) -> None:
        """Return when the sessions that were left are closed, or their time is over."""
        pending, self._closing = self._closing, []
        if self.run.target.running:
            await asyncio.gather(*(one.answer() for one in pending))

    def refuses_for_now(self, record: Record) -> bool:
        """Whether it is a refusal of a server that is busy."""
        return error_code(record) in BUSY

    def crowded(self, context: Context) -> bool:
        """Whether a list that its sessions were shown was at its limit."""
        return crowded(context.sessions)

    def lets_pass(self, context: Context) -> bool:
        """Whether the case did not mind what a list that was full for others did not show."""
        return any(session.lets_pass for session in context.sessions)

    def never_works(self) -> Sequence[NeverWorks]:
        """The types of actions that plain cases found to fail, and that nothing has shown to work."""
        return never_works(self.run.log.records, self.failing) if self.failing else ()

    def facts(self) -> Facts:
        """What fixture and run know by now."""
        fixture = self.run.fixture
        return Facts(
            profiles=self.run.declared.profiles,
            outages=self.run.outages(),
            stalls=tuple(self.run.clock.stalls),
            disturbances=tuple(self.run.disturbances),
            deaths=tuple(self.run.deaths),
            broken_ns=self.run.broken_ns,
            emails=fixture.emails,
            tokens=frozenset(fixture.tokens),
            private_prefixes=self.run.private_prefixes,
            editors=fixture.editors(),
        )


async def _put_back(context: Context) -> None:
    """Make the users that a case was lent what they were before, each in a session of its own."""
    for id_, (type_, data) in context.put_back.items():
        user = next(user for user in context.users if user.id == id_)
        session = context.session(user)
        with contextlib.suppress(Prerequisite):
            answer = await session.open()
            if answer.type == "session.opened":
                await session.act(type_, data)
