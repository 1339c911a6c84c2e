"""Tries what an identity may do. That it may not is told by what has come behind it, never by an error.

A broker says that it refuses something, if at all, whenever it likes. So behind each attempt goes a marker
by a way that has to be open: what was allowed has come before it.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nats.errors import Error as NatsError

from omnisession_conformance.environment.access import Access
from omnisession_conformance.environment.address import NOBODY
from omnisession_conformance.environment.tls import without_certificate
from omnisession_conformance.errors import BrokerError, first_line, sentence
from omnisession_conformance.roles.deployment.attempt import Verb
from omnisession_conformance.roles.deployment.kit import WAY_OUT
from omnisession_conformance.roles.deployment.watch import Line, mark
from omnisession_conformance.traffic.refusal import RefusedError
from omnisession_conformance.traffic.rights import unheard

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterable

    from omnisession_conformance.environment.identities import Identity
    from omnisession_conformance.roles.deployment.attempt import Attempt, Names

AT_ONCE = 6
"""Attempts that are made side by side, each on a connection of its own."""
COPIES = 24
"""Of messages to a queue group: a server that is in it, too, takes half of them."""
AGAIN_S = 0.2
"""After so long a message goes again to one whose subscription may not be known at all nodes yet."""


class UnclearError(Exception):
    """A marker has not come, so that nothing can be said of what went before it."""


class KitUnfitError(UnclearError):
    """The kit's own user may not say or hear what was to be tried."""


@dataclass(frozen=True, slots=True)
class Tried:
    """An attempt with names in it, whether it got through, and the mark by which that was seen."""

    attempt: Attempt
    through: bool
    mark: bytes


@dataclass(frozen=True, slots=True)
class Trier:
    """Makes attempts; `kit` hears everything and itself, `access` is how the kit itself connects.

    `way` is how all others do: where the kit does, with no certificate of the kit's, for that would be
    a credential.

    `enter` is told of what is published, `name` gives the name of a connection.
    """

    kit: Line
    access: Access
    way: Access
    enter: Callable[[str, str, bytes], None]
    name: Callable[[], str | None]
    patience_s: float

    async def all(self, names: Names, attempts: Iterable[Attempt]) -> list[Tried]:
        """Make attempts as one identity; UnclearError, and BrokerError where it cannot connect.

        KitUnfitError where the kit itself may not hear or say what one is about.
        """
        attempts = [attempt.named(names.texts) for attempt in attempts]
        await self.may_hear(
            attempt.heard if attempt.verb is Verb.HEAR else attempt.subject for attempt in attempts
        )
        # Traces are known by the subject where they come, so there is one at a time.
        one_by_one, beside = asyncio.Semaphore(1), asyncio.Semaphore(AT_ONCE)

        async def one(attempt: Attempt) -> Tried:
            async with one_by_one if attempt.verb is Verb.TRACE else beside:
                return await self.one(names, attempt)

        found = await asyncio.gather(*map(one, attempts), return_exceptions=True)
        for result in found:
            if isinstance(result, BaseException):
                raise result
        return [result for result in found if isinstance(result, Tried)]

    async def may_hear(self, subjects: Iterable[str]) -> None:
        """Show that the kit may hear some subjects; KitUnfitError names those where it may not.

        What it may not hear would seem to be said by nobody.
        """
        try:
            refused = await unheard(self.access, subjects, self.name())
        except BrokerError as error:
            raise KitUnfitError(f"the kit cannot connect: {first_line(str(error))}") from error
        if refused:
            raise KitUnfitError(
                f"the kit's user may not hear {', '.join(refused)}, so nothing that is said there shows: "
                f"{WAY_OUT}"
            )

    async def one(self, names: Names, attempt: Attempt) -> Tried:
        """Make one attempt that has its names."""
        body = mark()
        try:
            async with self.line(names.attacker) as line:
                doing = {
                    Verb.HEAR: self._hear,
                    Verb.SAY: self._say,
                    Verb.ANSWER: self._answer,
                    Verb.TRACE: self._trace,
                }[attempt.verb]
                through = await doing(line, names, attempt, body)
        except (NatsError, TimeoutError, OSError) as error:
            raise UnclearError(
                f"{names.attacker.id} was cut off while it tried: {attempt} ({sentence(error)})"
            ) from error
        return Tried(attempt, through, body)

    @contextlib.asynccontextmanager
    async def line(self, identity: Identity) -> AsyncGenerator[Line]:
        """A connection of an identity; BrokerError where the broker does not take it."""
        line = await Line.open(_with(self.way, identity.login), self.name(), self.enter)
        try:
            yield line
        finally:
            await line.close()

    async def takes(self, login: Access) -> bool:
        """Whether the broker takes a connection with some credentials.

        UnclearError where that failed in another way than that they are refused.
        """
        try:
            line = await Line.open(_with(self.way, login), self.name(), self.enter)
        except RefusedError:
            return False
        except BrokerError as error:
            raise UnclearError(
                f"a connection failed, and not for its credentials: {first_line(str(error))}"
            ) from error
        await line.close()
        return True

    async def _hear(self, line: Line, names: Names, attempt: Attempt, body: bytes) -> bool:
        marker = names(names.hears)
        line.ears.expect(body)
        await line.listen(attempt.subject, attempt.queue)
        await line.listen(marker)
        await line.flush(self.patience_s)
        # Once this comes all nodes know what it has subscribed to before.
        await self._reaches(line, marker, again=True, what=attempt)
        await self.says(attempt.heard, body, COPIES if attempt.queue else 1)
        await self._reaches(line, marker, again=False, what=attempt)
        await line.flush(self.patience_s)
        return line.ears.has(body)

    async def says(self, subject: str, body: bytes, times: int = 1) -> None:
        """Publish as the kit, and hear that; KitUnfitError where the broker does not deliver it.

        What the kit may not say would seem to be heard by nobody.
        """
        self.kit.ears.expect(body)
        for _ in range(times):
            await self.kit.say(subject, body)
        await self.kit.flush(self.patience_s)
        if not await self.kit.ears.comes(body, self.patience_s):
            raise KitUnfitError(
                f"what the kit publishes on {subject} is not delivered, so nothing shows who would hear "
                f"it: {WAY_OUT}"
            )

    async def _reaches(self, line: Line, subject: str, *, again: bool, what: Attempt) -> None:
        data = line.ears.expect(mark())
        for _ in range(max(1, round(self.patience_s / AGAIN_S)) if again else 1):
            await self.kit.say(subject, data)
            await self.kit.flush(self.patience_s)
            if await line.ears.comes(data, AGAIN_S if again else self.patience_s):
                return
        raise UnclearError(f"nothing that the kit publishes on {subject} came behind: {what}")

    async def _say(self, line: Line, names: Names, attempt: Attempt, body: bytes) -> bool:
        self.kit.ears.expect(body)
        await line.say(attempt.subject, body)
        await self._is_heard(line, names, attempt)
        return self.kit.ears.has(body)

    async def _is_heard(self, line: Line, names: Names, attempt: Attempt) -> None:
        marker, data = names(names.says), self.kit.ears.expect(mark())
        await line.say(marker, data)
        await line.flush(self.patience_s)
        if not await self.kit.ears.comes(data, self.patience_s):
            raise UnclearError(f"nothing was heard on {marker} behind: {attempt}")

    async def _answer(self, line: Line, names: Names, attempt: Attempt, body: bytes) -> bool:
        marker, asked = names(names.hears), line.ears.expect(mark())
        await line.listen(marker)
        await line.flush(self.patience_s)
        await self._reaches(line, marker, again=True, what=attempt)
        await self.kit.say(marker, asked, attempt.subject)
        if not await line.ears.comes(asked, self.patience_s):
            raise UnclearError(f"no message with a reply subject came, to try: {attempt}")
        return await self._say(line, names, attempt, body)

    async def _trace(self, line: Line, names: Names, attempt: Attempt, body: bytes) -> bool:
        own, allowed = names(names.says), names("user.actions.{u}")
        seen = self.kit.ears.subjects
        seen.setdefault(attempt.subject, 0)
        before = seen[attempt.subject]
        await line.say(own, body, headers={"Nats-Trace-Dest": attempt.subject})
        # The broker publishes traces in their turn: one that may go where it goes is the marker.
        seen.setdefault(allowed, 0)
        told = seen[allowed]
        await line.say(own, mark(), headers={"Nats-Trace-Dest": allowed})
        await self._is_heard(line, names, attempt)
        async with asyncio.timeout(self.patience_s):
            while seen[allowed] == told:
                await self.kit.flush(self.patience_s)
        return seen[attempt.subject] > before


def way_of(access: Access) -> Access:
    """How to get where the kit connects, as nobody; UsageError where a file of TLS is gone."""
    places = tuple(replace(address, login=NOBODY) for address in access.addresses)
    tls = access.tls if access.tls is None else without_certificate(access.tls)
    return Access(places, tls=tls)


def _with(way: Access, login: Access) -> Access:
    return replace(login, addresses=way.addresses, tls=way.tls)
