"""Drives one client through one run: its process, the probe, and what each case is handed."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from omnisession_conformance.engine.case import Phase
from omnisession_conformance.errors import TargetError, UsageError
from omnisession_conformance.protocol.schemas.check import Checker
from omnisession_conformance.roles.client.context import Context
from omnisession_conformance.roles.client.errors import AdapterError
from omnisession_conformance.roles.client.facts import Facts, Failure, Rest
from omnisession_conformance.roles.client.leaving import leaving
from omnisession_conformance.roles.client.probe import probe
from omnisession_conformance.roles.client.profiles import HYBRID
from omnisession_conformance.roles.client.resting import look_at_rest
from omnisession_conformance.traffic.record import Party

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from omnisession_conformance.engine.blame import NeverWorks
    from omnisession_conformance.engine.case import Case
    from omnisession_conformance.engine.finding import Finding
    from omnisession_conformance.engine.role import Found
    from omnisession_conformance.engine.run import Run
    from omnisession_conformance.roles.client.target import Testee
    from omnisession_conformance.roles.client.testee.keeping import Keeper
    from omnisession_conformance.traffic.record import Record

ROOM_FOR_ALL = 50
"""So many sessions are enough for cases side by side; with fewer they run one after the other.

Those that wait for real timers run beside all others, and some have several sessions each.
"""
ENOUGH = 5
"""So many sessions that are not right at rest: to look at more takes time, and says nothing new."""
TWICE = 2
"""So often a client has to fail in one case to have failed because of it."""


def _is_alone(case: Case[Context]) -> bool:
    """Whether nothing runs beside a case: where the client fails then, it fails because of that."""
    return case.phase is not Phase.QUIET or case.alone


@dataclass(slots=True)
class ClientDriver:
    """Drives one client through one run."""

    run: Run
    checker: Checker = field(default_factory=Checker)
    failures: list[Failure] = field(default_factory=list[Failure])
    rests: list[Rest] = field(default_factory=list[Rest])
    _runs: Counter[str] = field(default_factory=Counter[str])
    _failed: Counter[str] = field(default_factory=Counter[str])
    _open: dict[int, Context] = field(default_factory=dict[int, "Context"])
    """Those that are not left yet."""
    _reuse: bool = True
    _at_a_time: int = 1

    @property
    def keeper(self) -> Keeper:
        """Who starts the client."""
        return cast("Testee", self.run.target).keeper

    async def look(self) -> Sequence[Finding]:
        """Nothing more than the broker; UsageError where that is somebody else's."""
        if self.run.broker is None:
            raise UsageError(
                "A client is judged on a broker that the kit starts itself: leave out --nats, NATS_URL and "
                "the url of [broker]."
            )
        return ()

    async def deaf_to(self) -> str | None:
        """Nothing: the broker is the kit's own."""
        return None

    async def start(self) -> None:
        """Start the client and hear what it declares; TargetError where it fails."""
        try:
            hello = (await self.keeper.client()).hello
        except AdapterError as error:
            raise TargetError(str(error)) from None
        if not (hello.reuse or self.keeper.way.starts):
            raise TargetError(
                "The client declares reuse false, so that each case needs a process of its own, and one "
                "that is attached to is not the kit's to start: give the command that starts it."
            )
        self.run.behind.push_async_callback(self._close_all)
        self._reuse = hello.reuse
        if hello.room >= ROOM_FOR_ALL:
            self._at_a_time = self.run.draws.at_a_time

    async def probe(self) -> Found:
        """Ask the client for what it can do, and see that its reports are what they say they are."""
        try:
            return await probe(self.run, self.keeper, self.checker)
        except AdapterError as error:
            raise TargetError(str(error)) from None

    async def revive(self) -> None:
        """Nothing: a client is started where a case needs it."""

    async def watch(self, lose: Callable[[str], None]) -> None:
        """Nothing: whoever asks the client is told of its end."""
        del lose
        await asyncio.Event().wait()

    def at_a_time(self) -> int:
        """As many as the client has sessions for."""
        return self._at_a_time

    def context(self, case: Case[Context]) -> Context:
        """What a case is handed."""
        self._runs[case.name] += 1
        if self._runs[case.name] > 1 or _is_alone(case):
            self.keeper.once_more()
        is_first = self._runs[case.name] == 1
        context = Context(self.run, case, self.keeper, self.checker, is_first=is_first)
        self._open[id(context)] = context
        return context

    async def leave(self, context: Context) -> None:
        """Look at the sessions of a case and stop them, and note where the client failed in it again."""
        async with leaving(context.case.name, lambda: context.failed is not None):
            if HYBRID in self.run.declared.profiles:
                await self._look(context)
            await self._close(context)
        if context.failed is not None:
            self._note(context, str(context.failed))
        if not self._reuse:
            await self.keeper.renew()

    async def _look(self, context: Context) -> None:
        for actor in context.actors:
            if actor.runs and actor.failed is None and self._found < ENOUGH:
                with contextlib.suppress(AdapterError):
                    rest = await look_at_rest(actor)
                    self.rests += [] if rest is None else [rest]

    @property
    def _found(self) -> int:
        return sum(1 for rest in self.rests if rest.wrong)

    async def _close(self, context: Context) -> None:
        if self._open.pop(id(context), None) is not None:
            await context.close()

    async def _close_all(self) -> None:
        """Leave what cases have open that were cut off with the run."""
        for context in list(self._open.values()):
            with contextlib.suppress(Exception):
                await self._close(context)

    def _note(self, context: Context, said: str) -> None:
        case = context.case
        self._failed[case.name] += 1
        enough = 1 if _is_alone(case) else TWICE
        heard = [r for r in self.run.log.records if r.case == case.name]
        if self._failed[case.name] == enough and heard:
            self.failures.append(Failure(heard[-1].n, said, case.name, enough))

    def _unexplained(self) -> Sequence[Failure]:
        """What is left to say where the client has ended again and again, and in no case alone."""
        heard = [r for r in self.run.log.records if r.party is not Party.STRANGER]
        if self.failures or self.keeper.ends < TWICE or not heard:
            return ()
        return (Failure(heard[-1].n, str(self.keeper.last)),)

    def abandon(self, context: Context) -> None:
        """Nothing: the client ends with the run."""
        del context

    async def settle(self) -> None:
        """Nothing: `leave` has waited."""

    def refuses_for_now(self, record: Record) -> bool:
        """Clients refuse nothing for a while."""
        del record
        return False

    def crowded(self, context: Context) -> bool:
        """Whether the client failed, be it for a case beside."""
        return context.failed is not None or context.turned_away

    def lets_pass(self, context: Context) -> bool:
        """Nothing is let pass."""
        del context
        return False

    def never_works(self) -> Sequence[NeverWorks]:
        """Nothing is told twice."""
        return ()

    def facts(self) -> Facts:
        """What is known of the run by now."""
        return Facts(
            profiles=self.run.declared.profiles,
            stalls=tuple(self.run.clock.stalls),
            failures=(*self.failures, *self._unexplained()),
            rests=tuple(self.rests),
        )
