"""What a case of a deployment is handed: who tries what on whom, and where it says what came of it."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.context import CaseContext
from omnisession_conformance.engine.receivers import not_told, receivers
from omnisession_conformance.engine.stops import Excused, Prerequisite, Unfit
from omnisession_conformance.errors import BrokerError, TargetError, first_line
from omnisession_conformance.protocol.excuses import Excuse
from omnisession_conformance.protocol.subjects import tok
from omnisession_conformance.roles.deployment.attempt import Names, Verb, each_on_another
from omnisession_conformance.roles.deployment.exchanges import ask, from_elsewhere
from omnisession_conformance.roles.deployment.trying import KitUnfitError, UnclearError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Sequence

    from omnisession_conformance.environment.access import Access
    from omnisession_conformance.environment.identities import Identities, Identity
    from omnisession_conformance.roles.deployment.attempt import Attempt
    from omnisession_conformance.roles.deployment.target import Deployment
    from omnisession_conformance.roles.deployment.trying import Tried, Trier

NOTHING = "nothing gets through"


@dataclass(slots=True)
class Context(CaseContext):
    """One case: attempts, each by every client on another one."""

    trier: Trier = field(kw_only=True)
    deployment: Deployment = field(kw_only=True)
    clients: Sequence[Identity] = field(kw_only=True)

    @property
    def identities(self) -> Identities:
        """Who else may connect."""
        return self.deployment.identities

    @property
    def tag(self) -> str:
        """A word of the run, which nobody else has."""
        return self.run.tag

    def require_traces(self) -> None:
        """Stop with the excuse that the broker traces no messages, where it does not."""
        if self.run.no_traces is not None:
            raise Excused(Excuse.NO_TRACING, self.run.no_traces)

    async def receivers(self, subject: str) -> list[dict[str, Any]]:
        """Who would receive a message, without the kit's own connections; stops where that is not told."""
        told = await receivers(self.run, subject, timeout_s=self.answer_s)
        if told.untold is not None:
            raise not_told(self.run, told.untold)
        return list(told.clients)

    def pairs(self) -> list[Names]:
        """Every client with another one."""
        return each_on_another(self.clients, self.run.tag)

    def names(self, attacker: Identity, victim: Identity) -> Names:
        """The names of one who tries, and of another."""
        return Names(attacker, victim, self.run.tag)

    async def denied(
        self,
        requirement: str,
        attempts: Iterable[Attempt],
        by: Sequence[Names] | None = None,
    ) -> None:
        """Observe that none of some attempts gets through, whoever makes it."""
        for names in self.pairs() if by is None else by:
            for tried in await self.tried(names, attempts):
                self._judge(requirement, names, tried)

    async def allowed(self, requirement: str, attempts: Iterable[Attempt], by: Names) -> None:
        """Observe that all of some attempts get through."""
        for tried in await self.tried(by, attempts):
            self.check(
                requirement,
                tried.through,
                expected=f"{by.attacker.id!r} may: {tried.attempt}",
                seen="it got through" if tried.through else "nothing came",
            )

    async def tried(self, names: Names, attempts: Iterable[Attempt]) -> list[Tried]:
        """Make attempts; Prerequisite where nothing can be said of one, Unfit where the kit is to blame."""
        try:
            with unclear_stops():
                found = await self.trier.all(names, attempts)
        except BrokerError as error:
            raise Prerequisite(
                f"{names.attacker.id} cannot connect: {first_line(str(error))}"
            ) from error
        await self.settle()
        return found

    async def asked(self, names: Names, subject: str) -> list[str]:
        """Ask on a subject again and again, with answers; the reply subjects. Stops as `tried` does."""
        with unclear_stops():
            return await ask(self.trier, names, subject)

    async def gets_across(self, names: Names, attempt: Attempt) -> bool:
        """Whether an attempt out of another account gets through. Stops as `tried` does."""
        with unclear_stops():
            return await from_elsewhere(self.trier, names, attempt)

    async def taken(self, login: Access) -> bool:
        """Whether the broker takes a connection; Prerequisite where nothing tells."""
        with unclear_stops():
            return await self.trier.takes(login)

    async def odd_clients(self, users: Iterable[str]) -> list[Identity]:
        """Clients of users whose ids are encoded in subjects: those that are listed, else made by the hook.

        Prerequisite where it makes none.
        """
        listed = [one for one in self.clients if tok(one.id) != one.id]
        if listed:
            return listed
        try:
            return [await self.deployment.credentials(user) for user in users]
        except TargetError as error:
            raise Prerequisite(first_line(str(error))) from error

    def _judge(self, requirement: str, names: Names, tried: Tried) -> None:
        attempt = tried.attempt
        where = attempt.heard if attempt.verb is Verb.HEAR else attempt.subject
        marked = [record for record in self.log.on(where) if record.data == tried.mark]
        self.check(
            requirement,
            not tried.through,
            expected=NOTHING,
            seen=_told(names, attempt) if tried.through else NOTHING,
            on=marked[:1],
        )


@contextlib.contextmanager
def unclear_stops() -> Generator[None]:
    """Stop the case where nothing can be said of an attempt, or the kit itself is to blame."""
    try:
        yield
    except KitUnfitError as error:
        raise Unfit(str(error)) from error
    except UnclearError as error:
        raise Prerequisite(str(error)) from error


def _told(names: Names, attempt: Attempt) -> str:
    who = repr(names.attacker.id)
    told: dict[Verb, Any] = {
        Verb.HEAR: f"{who} was in the queue group {attempt.queue!r} of {attempt.subject}"
        if attempt.queue
        else f"{who} heard what came on {attempt.heard}, by a subscription to {attempt.subject}",
        Verb.SAY: f"{who} was heard on {attempt.subject}",
        Verb.ANSWER: f"{who} was heard on {attempt.subject}, the reply subject of a message that it got",
        Verb.TRACE: f"{who} had the broker publish a trace on {attempt.subject}",
    }
    return str(told[attempt.verb])
