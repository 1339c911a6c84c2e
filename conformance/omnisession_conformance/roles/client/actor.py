"""A session of the client in a case: what it is made to do, and what of it is observed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.stops import Prerequisite
from omnisession_conformance.roles.client.compare import differences
from omnisession_conformance.roles.client.stage import OWN_TIMERS, WITHIN_S
from omnisession_conformance.roles.client.testee.client import AT_A_LOOK

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from omnisession_conformance.protocol.model.compare import Unlike
    from omnisession_conformance.roles.client.context import Context
    from omnisession_conformance.roles.client.errors import AdapterError
    from omnisession_conformance.roles.client.fence import Fenced
    from omnisession_conformance.roles.client.gate.gate import Gate
    from omnisession_conformance.roles.client.gate.seen import Seen
    from omnisession_conformance.roles.client.puppet.puppet import Puppet
    from omnisession_conformance.roles.client.puppet.served import Message, Served
    from omnisession_conformance.roles.client.stage import Stage, Wanted
    from omnisession_conformance.roles.client.testee.client import Dispatched
    from omnisession_conformance.roles.client.testee.messages import Report
    from omnisession_conformance.traffic.record import Record

RESUME, SYNC, OPEN, PING, CLOSE = (
    f"session.{name}" for name in ("resume", "sync", "open", "ping", "close")
)
RECOVERIES = (RESUME, SYNC)
"""Either is right where something is missing."""
LOOK_EVERY_S = 0.5
"""How long a client that says nothing may have failed before somebody asks."""
SPELL_MS = 400
SLOW_MS = 5_000
"""How much later than its timers say a client is still waited for: who is right is done long before."""


@dataclass(slots=True)
class Actor:
    """One session of the contract; `served` is the newest session of the protocol in it."""

    ctx: Context
    stage: Stage
    wanted: Wanted
    _served: Served | None = None
    _sessions: int = field(default=0)
    runs: bool = True
    """Whether its user has not left."""

    # -- parts ------------------------------------------------------------------------------------------

    @property
    def gate(self) -> Gate:
        """What stands between client and broker."""
        return self.stage.gate

    @property
    def puppet(self) -> Puppet:
        """Its server."""
        return self.stage.puppet

    @property
    def user_id(self) -> str:
        """Its user."""
        return self.puppet.user_id

    @property
    def served(self) -> Served:
        """What the server holds of its session, once that is open; Prerequisite before."""
        if self._served is None:
            raise Prerequisite("the client has opened no session")
        return self._served

    @property
    def is_served(self) -> bool:
        """Whether a session of it is open, as far as the case has waited for it."""
        return self._served is not None

    @property
    def now_s(self) -> float:
        """The time by the clock that what is seen has."""
        return asyncio.get_running_loop().time()

    @property
    def takes_timers(self) -> bool:
        """Whether the client waits as the case says, and not as long as the protocol lets it."""
        return self.stage.session.client.hello.timers

    @property
    def failed(self) -> AdapterError | None:
        """Why it can go on no more, if so."""
        return self.stage.session.failed

    @property
    def timers(self) -> Mapping[str, int]:
        """The times that this client goes by, in milliseconds."""
        return {**OWN_TIMERS, **(self.stage.session.begun.timers or {})}

    def patience_s(self, *timers: str) -> float:
        """How long to wait for what comes once some of its timers have run out, one after the other."""
        return self.ctx.within(sum(self.timers[name] for name in timers) + SLOW_MS)

    @property
    def spell_s(self) -> float:
        """How long nothing has to come before it is taken not to come: its longest wait, and some more."""
        return (self.timers["retry_max_ms"] + SPELL_MS) / 1_000

    # -- what happens -----------------------------------------------------------------------------------

    async def opened(self, *, within_s: float = WITHIN_S) -> Served:
        """The next session, once the client has its first states; Prerequisite where it has not."""
        served = await self.stage.live(self._sessions + 1, within_s=within_s)
        if served is None:
            raise Prerequisite(
                "the client has opened no session here, or has not come to its first states"
            )
        self._served, self._sessions = served, self._sessions + 1
        return served

    async def asks_to_open(self, *, within_s: float = WITHIN_S) -> Served:
        """The next session, as soon as the server has it, whatever the client knows of it by then."""
        wanted = self._sessions + 1
        served = await self.stage.bell.until(lambda: self.stage.served(wanted), within_s=within_s)
        if served is None:
            raise Prerequisite("the client has asked to open no session")
        self._served, self._sessions = served, wanted
        return served

    async def opened_by(self, asked: Seen, *, within_s: float = WITHIN_S) -> Served | None:
        """The session that an open makes or finds, once the client has its states; None where not."""
        session_id = str((asked.body or {}).get("session_id"))
        served = await self.stage.bell.until(
            lambda: self.puppet.sessions.by_id.get(session_id), within_s=within_s
        )
        if served is None or await self.stage.caught_up(served, within_s=within_s) is None:
            return None
        ids = dict.fromkeys((one.body or {}).get("session_id") for one in self.said(OPEN))
        self._served, self._sessions = served, [*ids].index(session_id) + 1
        return served

    async def stop(self) -> None:
        """Let the user leave, and wait until the connections are gone; then there is room for another."""
        self.runs = False
        await self.stage.session.stop()
        await self.until(lambda: not self.gate.links, within_s=WITHIN_S)
        if not self.stage.session.client.hello.reuse:
            await self.ctx.keeper.renew()

    def latest(self) -> Served:
        """Go on with the newest session that the client has opened; Prerequisite where there is none."""
        opens = [one.body or {} for one in self.gate.published(OPEN)]
        self._sessions = len(dict.fromkeys(str(body.get("session_id")) for body in opens))
        self._served = self.stage.served(self._sessions) if self._sessions else None
        return self.served

    def step(self, number: int = 1, *, kind: str | None = None, deliver: bool = True) -> Message:
        """Let somebody change something of a kind, so many times; the last message of it."""
        for _ in range(number - 1):
            self.puppet.step(self.served, kind, deliver=deliver)
        return self.puppet.step(self.served, kind, deliver=deliver)

    async def dispatch(
        self, type_: str, data: Mapping[str, Any], expect: Mapping[str, Any] | None = None
    ) -> Dispatched:
        """Let the user do something."""
        return await self.stage.session.dispatch(type_, data, expect)

    # -- what the client has said -----------------------------------------------------------------------

    def mark(self) -> int:
        """Where the next thing will stand that the client says."""
        return len(self.gate.seen)

    def said(self, *types: str, since: int = 0) -> list[Seen]:
        """What it has published of some types, whether it came to the broker or not."""
        return [one for one in self.gate.seen[since:] if one.type in types]

    async def says(
        self, *types: str, since: int = 0, number: int = 1, within_s: float
    ) -> Seen | None:
        """The n-th of some types since a mark, as soon as it is said; None where it is not."""

        def find() -> Seen | None:
            found = self.said(*types, since=since)
            return found[number - 1] if len(found) >= number else None

        return await self.stage.bell.until(find, within_s=within_s)

    async def until(self, holds: Callable[[], Any], *, within_s: float) -> bool:
        """Wait for what gate and puppet see or do; whether it came."""
        return bool(await self.stage.bell.until(lambda: holds() or None, within_s=within_s))

    async def until_or_failed(self, holds: Callable[[], Any], *, within_s: float) -> bool:
        """The same, and ask the client meanwhile: one that has failed is not waited for, see `errors`."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + within_s
        while not await self.until(holds, within_s=min(LOOK_EVERY_S, deadline - loop.time())):
            if loop.time() >= deadline:
                return False
            await self.stage.session.report(AT_A_LOOK)
        return True

    # -- what the client holds --------------------------------------------------------------------------

    async def fenced(self) -> Fenced:
        """A report after everything that was published so far was handled; see `fence`."""
        return await self.stage.fenced()

    async def reported(self, holds: Callable[[Report], bool], *, within_s: float) -> Report | None:
        """A whole report for which something holds, None where none does in time."""
        return await self.stage.reported(holds, within_s=within_s)

    async def comes_to_the_head(self, requirement: str, *, within_s: float, why: str) -> bool:
        """Observe that the client comes to the head of its session, by whatever it asks."""
        report = await self.stage.caught_up(self.served, within_s=within_s)
        if report is not None:
            head = f"{self.served.position.head}"
            return self.ctx.check(requirement, good=True, expected=head, seen=head, why=why)
        expected = f"a report at epoch and seq {self.served.position.head}"
        return self.ctx.absent(requirement, expected=expected, waited_s=within_s, why=why)

    async def holds(
        self, requirement: str, *, why: str, on: Message | Sequence[Seen] | None = None
    ) -> bool:
        """Observe that position and slices are as they were served, once all is handled."""
        fenced = await self.fenced()
        return self.compare(requirement, fenced, differences(fenced.report, self.served), why, on)

    def compare(
        self,
        requirement: str,
        fenced: Fenced,
        unlike: Sequence[Unlike],
        why: str,
        on: Message | Sequence[Seen] | None = None,
    ) -> bool:
        """Observe that a report has no differences."""
        records = self.records(on)
        if not unlike:
            told = {"expected": "as it was served", "seen": "as it was served"}
            return self.ctx.check(requirement, good=True, **told, on=records, why=why)
        first = unlike[0]
        if not fenced.exact and self.ctx.is_first:
            # Without a count a report may be early: it is looked at again with nothing beside it.
            self.ctx.unsure(
                requirement, f"{first}; its reports count nothing, so it is looked at again"
            )
            return False
        return self.ctx.check(
            requirement,
            good=False,
            expected=first.expected,
            seen=first.seen,
            pointer=first.where,
            on=records,
            why=why,
        )

    def says_nothing(
        self, requirement: str, types: Sequence[str], *, since: int, exact: bool, why: str
    ) -> bool:
        """Observe that nothing of some types was said since a mark; everything was handled before."""
        found = self.said(*types, since=since)
        words = "no " + " or ".join(types)
        if not found and not exact and self.ctx.is_first:
            self.ctx.unsure(requirement, f"{why}: reports count nothing, so it is looked at again")
            return True
        return self.ctx.check(
            requirement,
            good=not found,
            expected=words,
            seen=", ".join(one.type for one in found) or words,
            on=self.records(found),
            why=why,
        )

    # -- evidence ---------------------------------------------------------------------------------------

    def records(self, on: Message | Sequence[Seen] | None) -> list[Record]:
        """The records of what was said, as far as they are in the log by now."""
        if on is None:
            return []
        if isinstance(on, Sequence):
            return [found for one in on if (found := self._record(one.subject, one.body))]
        found = self._record(on.subject, on.body)
        return [found] if found is not None else []

    def _record(self, subject: str, body: Mapping[str, Any] | None) -> Record | None:
        return next((r for r in self.ctx.log.on(subject) if r.body == body), None)
