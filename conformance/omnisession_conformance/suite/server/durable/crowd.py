"""Users who act while something is done to instances: each sends the same bytes until it is told."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.stops import Prerequisite
from omnisession_conformance.roles.server.steps.any_kind import CREATE, one_kind, open_any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping

    from omnisession_conformance.environment.users import User
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.reply import Answer
    from omnisession_conformance.roles.server.session import Session
    from omnisession_conformance.roles.server.steps.any_kind import AnyKind, Deed
    from omnisession_conformance.roles.server.steps.sending import Body

AGAIN_S = 0.5
"""What had no answer for so long is sent again."""
TRIES = 50
PATIENCE_S = AGAIN_S * TRIES
"""How long others may take until they serve in the place of one that ended: no requirement bounds it."""
GONE = (4041, 4101)
"""What a session is refused that is not there, or is over."""
REST_S = 0.05
"""How long after a refusal for now the same is sent again."""


async def until_final(session: Session, body: Body) -> Answer | None:
    """Send the same bytes until an outcome is final; None where none is within `PATIENCE_S`."""
    left_s = PATIENCE_S
    while left_s > 0:
        sent = await session.send_action(body)
        answer = await sent.outcome(AGAIN_S)
        if answer is not None and answer.error.get("retryable") is not True:
            return answer
        left_s -= await _before_again(session, answer)
    return None


async def _before_again(session: Session, answer: Answer | None) -> float:
    """Rest where it was refused for now; how long was waited in all."""
    if answer is None:
        return AGAIN_S
    await session.wait(lambda: None, REST_S)
    return REST_S


async def until_answered(
    session: Session, type_: str, data: Mapping[str, Any] | None = None
) -> Answer:
    """Ask until there is an answer that is no refusal for now; Prerequisite where none is in time."""
    left_s = PATIENCE_S
    while left_s > 0:
        pending = await session.send(type_, data)
        answer = await pending.answer(AGAIN_S)
        if answer is not None and answer.error.get("retryable") is not True:
            return answer
        left_s -= await _before_again(session, answer)
    raise Prerequisite(f"{type_} was not answered within {PATIENCE_S:g} s")


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
    left: int = 0
    """How many actions it has still to do."""

    async def act(self, moved: asyncio.Event) -> None:
        """Do what is left; each outcome is told."""
        while self.left and self.stuck is None:
            deed = self.kind.new(self.ctx)
            body = deed.body(self.session)
            answer = await until_final(self.session, body)
            if answer is None:
                self.stuck = deed
            elif answer.acked:
                self.acked.append(Done(deed, body, answer))
            self.left -= 1
            moved.set()


@dataclass(slots=True)
class Crowd:
    """Sessions of several users that act at once."""

    ctx: Context
    kind: AnyKind
    actors: list[Actor]
    _moved: asyncio.Event = field(default_factory=asyncio.Event)

    @classmethod
    async def gather(
        cls, ctx: Context, users: int, each: int, timers: Mapping[str, int] | None = None
    ) -> Crowd:
        """Open so many sessions of each of so many users."""
        kind = one_kind(ctx, CREATE)
        all_of_them = [ctx.user() for _ in range(users)]
        sessions = [
            await open_any(ctx, user, kind, timers=timers)
            for user in all_of_them
            for _ in range(each)
        ]
        return cls(ctx, kind, [Actor(ctx, session, kind) for session in sessions])

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

    async def act(self, count: int, do: Callable[[], Awaitable[object]] | None = None) -> bool:
        """Have each do so many actions; once each has one of them, `do` is done in the midst of the others.

        Returns whether all have come to their end.
        """
        for actor in self.actors:
            actor.left = count
        async with asyncio.TaskGroup() as group:
            for actor in self.actors:
                group.create_task(actor.act(self._moved))
            await self._until(lambda actor: actor.left < count or actor.stuck is not None)
            if do is not None:
                await do()
        return all(actor.stuck is None for actor in self.actors)

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
