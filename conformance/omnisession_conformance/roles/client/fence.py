"""The fence: a report after everything that was published so far was handled, without a pause.

1. What the kit has published is with the broker, and has passed the gate: the broker is asked on each
   connection of the client.
2. Reports are asked for until one has handled as many messages as have passed.
3. Twice the client is asked: libraries write PONG past what they have queued, and the second PONG is
   behind everything that was handed over before the first.
4. What has passed the gate is with the broker, which is asked once more, and then heard by the kit.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from omnisession_conformance.environment.proxy.operations import Side
from omnisession_conformance.roles.client.errors import ContractError, GoneError
from omnisession_conformance.roles.client.gate.counting import Count
from omnisession_conformance.roles.client.metering import Meter, Reading
from omnisession_conformance.roles.client.testee.client import AT_A_LOOK

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omnisession_conformance.roles.client.gate.gate import Gate
    from omnisession_conformance.roles.client.testee.messages import Report

PROGRESS_WITHIN_S = 5.0
"""How long a client may handle nothing at all, and no more come to it, before it is stuck."""
LONGEST_S = 120.0
"""How long one fence may take, whatever moves meanwhile."""
FIRST_WAIT_S, LAST_WAIT_S = 0.0005, 0.01
"""Between two reports, longer each time: there is nothing else to wait for."""
STILL_S = 0.05
"""How long a client that tells no count stands still to be taken for done."""


class Reporting(Protocol):
    """A session that reports."""

    async def report(self, want: Sequence[str] | None = None) -> Report:
        """See `testee.client.Session`."""
        ...


class Publishing(Protocol):
    """The kit's side of the broker."""

    async def flush(self) -> None:
        """Return when all that was published is with the broker, and all that it had is heard."""
        ...


@dataclass(frozen=True, slots=True)
class Fenced:
    """What a fence found: `exact` where a count proves it, `connected` where there was a connection."""

    report: Report
    exact: bool
    connected: bool


class Fence:
    """The fence of one session of the contract."""

    def __init__(
        self,
        session: Reporting,
        gate: Gate,
        kit: Publishing,
        user_id: str,
        *,
        progress_s: float = PROGRESS_WITHIN_S,
    ) -> None:
        self._session, self._gate, self._kit = session, gate, kit
        self._user_id = user_id
        self._progress_s = progress_s
        self._meter = Meter()
        self._last_session: str | None = None

    async def pass_(self) -> Fenced:
        """Return a report that is known to be complete, and hear all that the client sent until then.

        Raises ContractError for a count that stands still or is above what has come, and GoneError
        where nobody answers.
        """
        exact = await self._handled()
        await self._gate.ask(Side.CLIENT)
        await self._session.report(AT_A_LOOK)
        await self._gate.ask(Side.CLIENT)
        report = await self._session.report()
        await self._gate.ask(Side.BROKER)
        await self._kit.flush()
        return Fenced(report, exact, self._gate.connected)

    async def _handled(self) -> bool:
        """Wait until all is handled that has passed; whether a count proves that."""
        standing = _Standing(self._progress_s)
        reading, least, session = Reading.ELSEWHERE, Count(), self._last_session
        while reading in (Reading.ELSEWHERE, Reading.BEHIND):
            if reading is Reading.ELSEWHERE:
                await self._kit.flush()
                await self._gate.ask(Side.BROKER)
                least = self._counted(session)
            report = await self._session.report(AT_A_LOOK)
            now = self._counted(report.session_id)
            still = standing.note(report, now)
            if report.session_id != session:
                reading, session = Reading.ELSEWHERE, report.session_id
            else:
                reading = self._read(report, least, now, still=still)
            if reading is Reading.BEHIND:
                await self._wait(standing)
        self._last_session = session
        return reading is Reading.COMPLETE

    def _read(self, report: Report, least: Count, now: Count, *, still: bool) -> Reading:
        if report.handled is None:
            return Reading.LIKELY if still else Reading.BEHIND
        reading = self._meter.read(report.session_id, least, now, report.handled, still=still)
        if reading is Reading.ABOVE:
            raise ContractError(
                f"The adapter says that it has handled {report.handled} messages of this session, and "
                f"{now.live} have come to its subscription: does a new session begin a new count?"
            )
        return reading

    async def _wait(self, standing: _Standing) -> None:
        if standing.begins:
            await self._gate.ask(Side.CLIENT)
        await asyncio.sleep(standing.next_wait_s())

    def _counted(self, session_id: str | None) -> Count:
        return self._gate.counted(self._user_id, session_id) if session_id else Count()


class _Standing:
    """Whether anything moves from report to report, and for how long nothing has."""

    def __init__(self, given_s: float) -> None:
        self._given_s = given_s
        self._last: tuple[str | None, int | None, Count] | None = None
        self._since_s = self._begun_s = self._now_s()
        self._wait_s = FIRST_WAIT_S

    @property
    def begins(self) -> bool:
        """Whether something has moved a moment ago."""
        return self._wait_s == FIRST_WAIT_S

    def note(self, report: Report, now: Count) -> bool:
        """Take a report in; whether the client has stood still for a while.

        Raises ContractError where that has been too long, and GoneError where it never will.
        """
        if self._now_s() - self._begun_s > LONGEST_S:
            raise GoneError(f"The client has not come to rest within {LONGEST_S:g} s.")
        state = (report.session_id, report.handled, now)
        if state != self._last:
            self._last, self._since_s, self._wait_s = state, self._now_s(), FIRST_WAIT_S
            return False
        still_s = self._now_s() - self._since_s
        if still_s > self._given_s:
            raise ContractError(
                f"The adapter has handled nothing for {self._given_s:g} s and says {report.handled}, "
                f"where {now.live} messages have come to its subscription: does it count all of them, "
                "those that it drops as well?"
            )
        return still_s >= STILL_S

    def next_wait_s(self) -> float:
        """How long to wait before the next report."""
        wait_s, self._wait_s = self._wait_s, min(2 * self._wait_s, LAST_WAIT_S)
        return wait_s

    def _now_s(self) -> float:
        return asyncio.get_running_loop().time()
