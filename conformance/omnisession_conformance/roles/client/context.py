"""What a case for clients is handed: sessions of the client, each with its gate and its server."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from omnisession_conformance.engine.context import CaseContext
from omnisession_conformance.roles.client.actor import Actor
from omnisession_conformance.roles.client.errors import GoneError
from omnisession_conformance.roles.client.probe import ways
from omnisession_conformance.roles.client.profiles import DIGESTS, EVENTS
from omnisession_conformance.roles.client.stage import TIMERS, WITHIN_S, Wanted, staged
from omnisession_conformance.roles.client.waiting import Bell

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from omnisession_conformance.protocol.schemas.check import Checker
    from omnisession_conformance.roles.client.errors import AdapterError
    from omnisession_conformance.roles.client.gate.gate import Gate
    from omnisession_conformance.roles.client.puppet.puppet import Puppet
    from omnisession_conformance.roles.client.puppet.terms import Terms
    from omnisession_conformance.roles.client.stage import Stage
    from omnisession_conformance.roles.client.testee.client import Client
    from omnisession_conformance.roles.client.testee.keeping import Keeper


@dataclass(slots=True)
class Context(CaseContext):
    """What a case for clients is handed.

    Cases act through `Actor`s. Where the client or its adapter fails, what a case does raises one of
    `errors`, and the case ends there.
    """

    keeper: Keeper
    checker: Checker
    is_first: bool = True
    """Whether the case has not run before: what nobody can be sure of is then looked at once more."""
    actors: list[Actor] = field(default_factory=list[Actor])
    turned_away: bool = False
    """Whether a session did not begin: the client ended or hung first, or had ended too often."""
    _open: contextlib.AsyncExitStack = field(default_factory=contextlib.AsyncExitStack)

    # -- what the client can do -------------------------------------------------------------------------

    @property
    def kind(self) -> str:
        """The first kind that the client declares: what a case opens that is about none."""
        return self.declared.kinds[0]

    def kinds(self, number: int) -> tuple[str, ...]:
        """So many of its kinds, fewer where it has not as many."""
        return self.declared.kinds[:number]

    @property
    def ways(self) -> tuple[tuple[str, ...], ...]:
        """The features that sessions are opened with to see changes as events and as states.

        What is about no feature is judged in each of these ways.
        """
        return ways(self.declared)

    @property
    def usual(self) -> tuple[str, ...]:
        """The features that a case opens with that is about none."""
        return self.ways[0]

    @property
    def digests(self) -> tuple[str, ...]:
        """The features with digests; the profile `digests` is declared where this is used."""
        return (EVENTS, DIGESTS) if EVENTS in self.declared.features else (DIGESTS,)

    # -- sessions ---------------------------------------------------------------------------------------

    async def start(
        self,
        kinds: Sequence[str] = (),
        features: Sequence[str] | None = None,
        *,
        user_id: str | None = None,
        token: str | None = "credential",  # noqa: S107 - nobody checks it
        timers: Mapping[str, int] | None = None,
        terms: Terms | None = None,
        beside: Actor | None = None,
        before: Callable[[Gate, Puppet], None] | None = None,
    ) -> Actor:
        """Start a session of the client, and wait for nothing.

        By default it has one kind and the usual features; `timers` change some of the usual ones, see
        `TIMERS`. One `beside` another is of the same user, and has the same server. `before` is called
        before the client begins, to have gate and server lie from the start. Where the client has no room
        for one more, the user leaves the oldest of the case first.
        """
        bell = Bell() if beside is None else beside.stage.bell
        user = user_id or (self.draws.user_id() if beside is None else beside.user_id)
        self.run.ledger.lend(user, self.case.name)
        wanted = Wanted(
            tuple(kinds) or (self.kind,),
            self.usual if features is None else tuple(features),
            token=token,
            timers={**TIMERS, **(timers or {})},
            terms=terms,
            user_id=user,
        )
        try:
            stage = await self._begun(wanted, beside, before, bell)
        except GoneError:
            self.turned_away = True
            raise
        actor = Actor(self, stage, wanted)
        self.actors.append(actor)
        return actor

    async def live(
        self,
        kinds: Sequence[str] = (),
        features: Sequence[str] | None = None,
        *,
        user_id: str | None = None,
        timers: Mapping[str, int] | None = None,
        terms: Terms | None = None,
        beside: Actor | None = None,
        before: Callable[[Gate, Puppet], None] | None = None,
    ) -> Actor:
        """Start a session, and return once it has its first states; Prerequisite where it has not."""
        actor = await self.start(
            kinds,
            features,
            user_id=user_id,
            timers=timers,
            terms=terms,
            beside=beside,
            before=before,
        )
        await actor.opened(within_s=WITHIN_S)
        return actor

    # -- for the role -----------------------------------------------------------------------------------

    @property
    def failed(self) -> AdapterError | None:
        """Why a session of the case can go on no more, if so: the client has ended, hangs or fails."""
        return next((one.failed for one in self.actors if one.failed is not None), None)

    async def close(self) -> None:
        """Stop the sessions, and leave their brokers."""
        await self._open.aclose()

    async def _begun(
        self,
        wanted: Wanted,
        beside: Actor | None,
        before: Callable[[Gate, Puppet], None] | None,
        bell: Bell,
    ) -> Stage:
        begun = staged(
            await self._with_room(),
            self.run.url,
            wanted,
            checker=self.checker,
            beside=None if beside is None else beside.stage,
            note=self._note,
            bell=bell,
            before=before,
        )
        return await self._open.enter_async_context(begun)

    async def _with_room(self) -> Client:
        """The client, with room for one more session."""
        room = (await self.keeper.client()).hello.room
        running = [one for one in self.actors if one.runs]
        for actor in running[: max(0, len(running) + 1 - room)]:
            await actor.stop()
        # Another process, perhaps: some have one session, and none after it.
        return await self.keeper.client()

    def _note(self, subject: str, data: bytes) -> None:
        self.run.ledger.enter(subject, "", data, self.case.name)
