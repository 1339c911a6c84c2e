"""A client under test with everything around it: its gate, its server, and the fence between the two."""

from __future__ import annotations

import contextlib
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from omnisession_conformance.roles.client.compare import differences
from omnisession_conformance.roles.client.errors import AdapterError
from omnisession_conformance.roles.client.fence import FIRST_WAIT_S, LAST_WAIT_S, Fence, Fenced
from omnisession_conformance.roles.client.gate.gate import Gate, gate_to
from omnisession_conformance.roles.client.polling import polled
from omnisession_conformance.roles.client.puppet.puppet import Puppet, puppet_at
from omnisession_conformance.roles.client.testee.client import AT_A_LOOK, Client, Session
from omnisession_conformance.roles.client.testee.messages import Report, Start
from omnisession_conformance.roles.client.waiting import Bell

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Mapping

    from omnisession_conformance.protocol.model.compare import Unlike
    from omnisession_conformance.protocol.schemas.check import Checker
    from omnisession_conformance.roles.client.puppet.served import Served
    from omnisession_conformance.roles.client.puppet.terms import Terms
    from omnisession_conformance.roles.client.puppet.wire import Note

TIMERS: Mapping[str, int] = {
    "retry_base_ms": 20,
    "retry_max_ms": 200,
    "outcome_ms": 5_000,
    "answer_ms": 4_000,
    "reconnect_ms": 20,
}
"""Short where that makes nobody red who is slow: one case has one shorter timer, if it is about that."""
OWN_TIMERS: Mapping[str, int] = {
    "retry_base_ms": 200,
    "retry_max_ms": 10_000,
    "outcome_ms": 2_000,
    "answer_ms": 4_000,
    "reconnect_ms": 2_000,
}
"""The times of the protocol, by which a client goes that takes no timers."""
WITHIN_S = 10.0
"""How long what a client must do is waited for where the protocol names no bound."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a case opens."""

    kinds: tuple[str, ...]
    features: tuple[str, ...] = ("events",)
    token: str | None = None
    timers: Mapping[str, int] = field(default_factory=lambda: TIMERS)
    terms: Terms | None = None
    user_id: str | None = None
    """Drawn where a case does not name one: nothing in it says which case it is."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One session of the contract, from its start to its stop."""

    bell: Bell
    gate: Gate
    puppet: Puppet
    session: Session
    fence: Fence

    def served(self, number: int = 1) -> Served | None:
        """The n-th session that the client has asked to open here, once it is served.

        What has passed this gate is this client's, whatever its body says of it.
        """
        opens = [one.body or {} for one in self.gate.published("session.open")]
        ids = list(dict.fromkeys(body.get("session_id") for body in opens))
        return self.puppet.sessions.by_id.get(str(ids[number - 1])) if len(ids) >= number else None

    async def live(self, number: int = 1, *, within_s: float = WITHIN_S) -> Served | None:
        """The n-th session that is served, once the client has its first states; None where it has not.

        That it has asked for it is not enough: a cut would meet the answer on its way.
        """
        served = await self.bell.until(lambda: self.served(number), within_s=within_s)
        if served is None or await self.caught_up(served, within_s=within_s) is None:
            return None
        return served

    async def fenced(self) -> Fenced:
        """A report that is complete, see `fence`."""
        return await self.fence.pass_()

    async def reported(
        self, holds: Callable[[Report], bool], *, within_s: float = WITHIN_S
    ) -> Report | None:
        """A whole report for which something holds, None where none does in time."""

        async def look() -> Report | None:
            # Where the kit's own part has failed, nothing that a client does not come to is its fault.
            self.bell.check()
            light = await self.session.report(AT_A_LOOK)
            whole = await self.session.report() if holds(light) else None
            return whole if whole is not None and holds(whole) else None

        return await polled(look, first_s=FIRST_WAIT_S, last_s=LAST_WAIT_S, within_s=within_s)

    async def reported_of(
        self, member: str, holds: Callable[[Report], bool], *, within_s: float = WITHIN_S
    ) -> Report | None:
        """A report with one member beside the usual ones for which something holds; None."""

        async def look() -> Report | None:
            self.bell.check()
            report = await self.session.report((*AT_A_LOOK, member))
            return report if holds(report) else None

        return await polled(look, first_s=FIRST_WAIT_S, last_s=LAST_WAIT_S, within_s=within_s)

    async def caught_up(self, served: Served, *, within_s: float = WITHIN_S) -> Report | None:
        """A report at the head of a session or behind it, None where the client does not come there."""
        return await self.reported(
            lambda report: (
                report.session_id == served.session_id and report.head >= served.position.head
            ),
            within_s=within_s,
        )

    async def unlike(self, served: Served) -> tuple[Unlike, ...]:
        """What the client holds otherwise than it was served, after everything was handled."""
        return differences((await self.fenced()).report, served)


@contextlib.asynccontextmanager
async def staged(
    client: Client,
    url: str,
    wanted: Wanted,
    *,
    checker: Checker | None = None,
    beside: Stage | None = None,
    note: Note | None = None,
    bell: Bell | None = None,
    before: Callable[[Gate, Puppet], None] | None = None,
) -> AsyncGenerator[Stage]:
    """Start a session of a client at the broker at an address, for the length of the block.

    One `beside` another is of the same user, and has the same server. `before` is called before the
    client begins, to have gate and server lie from the start.
    """
    user_id, bell = wanted.user_id or f"u{secrets.token_hex(8)}", bell or Bell()
    async with contextlib.AsyncExitStack() as stack:
        if beside is not None:
            user_id, bell, puppet = beside.puppet.user_id, beside.bell, beside.puppet
        else:
            serving = puppet_at(url, user_id, bell, wanted.terms, checker, note)
            puppet = await stack.enter_async_context(serving)
        by_websocket = client.hello.transport == "ws"
        gate = await stack.enter_async_context(gate_to(url, bell, by_websocket=by_websocket))
        if before is not None:
            before(gate, puppet)
        session = await client.start(_start(client, gate, user_id, wanted))
        # Whoever waits for what the client does need not wait for one that is gone.
        stack.enter_context(client.process.telling(bell.fail))
        try:
            yield Stage(bell, gate, puppet, session, Fence(session, gate, puppet, user_id))
        finally:
            if client.process.error is None:
                with contextlib.suppress(AdapterError):
                    await session.stop()


def _start(client: Client, gate: Gate, user_id: str, wanted: Wanted) -> Start:
    return Start(
        session=secrets.token_hex(6),
        url=gate.url,
        user_id=user_id,
        kinds=wanted.kinds,
        features=wanted.features,
        token=wanted.token,
        timers=wanted.timers if client.hello.timers else None,
    )
