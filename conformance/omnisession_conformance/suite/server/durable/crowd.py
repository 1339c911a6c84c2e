"""Users who act while something is done to instances: each sends the same bytes until it is told."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from omnisession_conformance.roles.server.steps.any_kind import CREATE, one_kind, open_any
from omnisession_conformance.suite.server.durable.again import (
    GONE,
    patiently,
    until_answered,
    until_final,
)
from omnisession_conformance.suite.server.durable.alive import LONG
from omnisession_conformance.suite.server.durable.room import size_for

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping

    from omnisession_conformance.environment.users import User
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.reply import Answer
    from omnisession_conformance.roles.server.session import Session
    from omnisession_conformance.roles.server.steps.any_kind import AnyKind, Deed
    from omnisession_conformance.roles.server.steps.sending import Body


@dataclass(frozen=True, slots=True)
class Done:
    """A deed that was acked, with the bytes that were sent."""

    deed: Deed
    body: Body
    ack: Answer


@dataclass(slots=True)
class Actor:
    """One session that acts when it is told to, one action after the other."""

    ctx: Context
    session: Session
    kind: AnyKind
    acked: list[Done] = field(default_factory=list[Done])
    stuck: Deed | None = None
    """What had no outcome in time; after that it does nothing more."""
    refused: Answer | None = None
    """What an action was refused for good with; after that it does nothing more."""
    left: int = 0
    """How many actions it has still to do."""
    within_s: float | None = None
    """How long an outcome may take, where it is not as long as a takeover may."""

    @property
    def is_served(self) -> bool:
        """Whether each of its actions was acked so far."""
        return self.stuck is None and self.refused is None

    async def act(self, moved: asyncio.Event) -> None:
        """Do what is left; each outcome is told."""
        while self.left and self.is_served:
            deed = self.kind.new(self.ctx)
            body = deed.body(self.session)
            answer = await until_final(self.session, body, within_s=self.within_s)
            if answer is None:
                self.stuck = deed
            elif answer.acked:
                self.acked.append(Done(deed, body, answer))
            else:
                self.refused = answer
            self.left -= 1
            moved.set()


@dataclass(slots=True)
class Crowd:
    """Sessions of several users that act at once; `at_a_time` actions of each in every round."""

    ctx: Context
    kind: AnyKind
    actors: list[Actor]
    at_a_time: int
    rounds: list[int] = field(default_factory=list[int])
    """Where in the log each round began."""
    _moved: asyncio.Event = field(default_factory=asyncio.Event)

    @classmethod
    async def gather(
        cls,
        ctx: Context,
        users: int,
        each: int,
        rounds: int,
        timers: Mapping[str, int] | None = None,
    ) -> Crowd:
        """Open at most so many sessions of each of so many users, for so many rounds.

        They are fewer where the list of what they make has less room.
        """
        kind = one_kind(ctx, CREATE)
        size = size_for(kind, ctx.declared.limits, users, each, rounds)
        all_of_them = [ctx.user() for _ in range(size.users)]
        wanted = {**LONG, **(timers or {})}
        sessions = [
            await patiently(ctx, partial(open_any, ctx, user, kind, timers=wanted))
            for user in all_of_them
            for _ in range(size.each)
        ]
        return cls(ctx, kind, [Actor(ctx, session, kind) for session in sessions], size.at_a_time)

    @property
    def sessions(self) -> list[Session]:
        """All sessions."""
        return [actor.session for actor in self.actors]

    def by_user(self) -> Iterator[tuple[User, list[Actor]]]:
        """The users, each with the sessions of that user."""
        users: dict[str, list[Actor]] = {}
        for actor in self.actors:
            users.setdefault(actor.session.user.id, []).append(actor)
        for actors in users.values():
            yield actors[0].session.user, actors

    def be_patient(self, within_s: float) -> None:
        """Wait so long for an outcome."""
        for actor in self.actors:
            actor.within_s = within_s

    async def act(self, do: Callable[[], Awaitable[object]] | None = None) -> None:
        """Have each do its actions; once each has one of them, `do` is done in the midst of the others."""
        self.rounds.append(self.ctx.log.mark())
        for actor in self.actors:
            actor.left = self.at_a_time
        async with asyncio.TaskGroup() as group:
            for actor in self.actors:
                group.create_task(actor.act(self._moved))
            await self._until(lambda actor: actor.left < self.at_a_time or not actor.is_served)
            if do is not None:
                await do()

    async def ask_all(self, times: int) -> None:
        """Ask so many times in each session where it is, and wait for no answer."""
        for _ in range(times):
            for session in self.sessions:
                await session.send("session.ping")

    async def _until(self, reached: Callable[[Actor], bool]) -> None:
        while not all(reached(actor) for actor in self.actors):
            self._moved.clear()
            await self._moved.wait()

    async def fences(self) -> None:
        """Fence all sessions that are there: those that are gone are for others to judge."""
        for session in self.sessions:
            answer = await until_answered(session, "session.ping")
            if answer.code not in GONE:
                await session.reach(answer.position_or_stop("session.pong"))
