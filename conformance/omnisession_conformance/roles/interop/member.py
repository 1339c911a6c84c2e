"""One session of the client under test in a scenario: what it is asked to do, and what is known of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.stops import Prerequisite
from omnisession_conformance.protocol.json import as_text, member
from omnisession_conformance.roles.client.actor import OPEN
from omnisession_conformance.roles.client.fence import FIRST_WAIT_S, LAST_WAIT_S
from omnisession_conformance.roles.client.polling import polled
from omnisession_conformance.roles.client.stage import WITHIN_S
from omnisession_conformance.roles.client.testee.client import AT_A_LOOK
from omnisession_conformance.roles.server.reply import Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from omnisession_conformance.environment.users import User
    from omnisession_conformance.roles.client.errors import AdapterError
    from omnisession_conformance.roles.client.gate.gate import Gate
    from omnisession_conformance.roles.client.testee.client import Dispatched
    from omnisession_conformance.roles.client.testee.client import Session as Testee
    from omnisession_conformance.roles.client.testee.messages import Report
    from omnisession_conformance.roles.client.waiting import Bell
    from omnisession_conformance.roles.interop.context import Context
    from omnisession_conformance.roles.server.session import Session

LIVE = "live"
NOT_LIVE = frozenset({"opening", "recovering", "offline", "closed"})
LIGHT = (*AT_A_LOOK, "pending")
"""What is asked for again and again where pending actions matter."""


@dataclass(slots=True)
class Member:
    """A user at the client."""

    ctx: Context
    user: User
    gate: Gate
    session: Testee
    bell: Bell
    runs: bool = True
    """Whether its user has not left."""
    _views: dict[str, Session] = field(default_factory=dict[str, "Session"])

    @property
    def failed(self) -> AdapterError | None:
        """Why it can go on no more, if so."""
        return self.session.failed

    @property
    def takes(self) -> frozenset[str]:
        """The actions that may be dispatched: what the client sends and the server takes."""
        if not self.ctx.acts:
            return frozenset()
        return self.ctx.of_client.actions & self.ctx.declared.actions

    async def report(self) -> Report:
        """All that it holds."""
        return await self.session.report()

    async def reported(self, holds: Callable[[Report], bool], *, within_s: float) -> Report | None:
        """A whole report for which something holds that members of a light one tell; None."""

        async def look() -> Report | None:
            light = await self.session.report(LIGHT)
            whole = await self.session.report() if holds(light) else None
            return whole if whole is not None and holds(whole) else None

        return await polled(look, first_s=FIRST_WAIT_S, last_s=LAST_WAIT_S, within_s=within_s)

    def mark(self) -> int:
        """How much its gate has seen."""
        return len(self.gate.seen)

    async def live(self, requirement: str, *, within_s: float = WITHIN_S) -> Report | None:
        """A report with a session that is live and has its first states; None, observed, where none comes.

        Prerequisite where the server has not answered the last open, or refused it: that is not the
        client's to mend.
        """

        def holds(report: Report) -> bool:
            named = report.session_id is not None and report.position is not None
            return named and report.head > (0, 0) and report.phase not in NOT_LIVE

        report = await self.reported(holds, within_s=within_s)
        if report is not None:
            return report
        if not self.session_ids:
            raise Prerequisite("the client has asked to open no session")
        view = self.view(self.session_ids[-1])
        if view.opened is None:
            raise Prerequisite("the server has opened no session for the client")
        self.ctx.absent(
            requirement,
            expected="a report of a live session",
            waited_s=within_s,
            on=view.opened,
            why="the server has opened a session, and the client does not come to its first states",
        )
        return None

    async def is_known(self, *, within_s: float) -> bool:
        """Whether the client comes to report a session that is live at the server, too."""

        async def look() -> bool | None:
            report = await self.session.report(AT_A_LOOK)
            if report.session_id is None or report.phase in NOT_LIVE:
                return None
            answer = await self.view(report.session_id).ask("session.ping")
            return True if answer.type == "session.pong" else None

        return bool(await polled(look, first_s=FIRST_WAIT_S, last_s=0.1, within_s=within_s))

    async def refusal(self, ids: Sequence[str], *, within_s: float) -> Report | None:
        """A report that tells of one of some actions as refused; None where none does in time."""

        async def look() -> Report | None:
            report = await self.session.report((*AT_A_LOOK, "refused"))
            return report if any(one.get("action_id") in ids for one in report.refused) else None

        return await polled(look, first_s=FIRST_WAIT_S, last_s=LAST_WAIT_S, within_s=within_s)

    async def dispatch(
        self, type_: str, data: Mapping[str, Any], expect: Mapping[str, Any] | None = None
    ) -> Dispatched:
        """Let the user do something."""
        return await self.session.dispatch(type_, data, expect)

    def view(self, session_id: str) -> Session:
        """A session that the client has opened, as the server has told it on the wire."""
        found = self._views.get(session_id)
        if found is None:
            found = self._views[session_id] = self.ctx.shadow(self.user, session_id)
        if found.opened is None:
            found.opened = self._opened(session_id)
        return found

    def _opened(self, session_id: str) -> Answer | None:
        """The answer that opened a session, None as long as there is none."""
        for asked in self.gate.published(OPEN):
            if as_text(member(asked.body, "session_id")) != session_id or not asked.reply:
                continue
            for record in self.ctx.log.on(asked.reply):
                if record.type == "session.opened":
                    return Answer(record)
        return None

    @property
    def session_ids(self) -> tuple[str, ...]:
        """The sessions that it has asked to open, in order."""
        ids = (as_text(member(one.body, "session_id")) for one in self.gate.published(OPEN))
        return tuple(dict.fromkeys(filter(None, ids)))

    async def stop(self) -> None:
        """Let the user leave."""
        if self.runs and self.session.client.process.error is None:
            self.runs = False
            await self.session.stop()
