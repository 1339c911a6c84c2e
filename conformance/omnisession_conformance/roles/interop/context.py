"""What a scenario is handed: sessions of the client under test, and sessions of the kit beside them."""

from __future__ import annotations

import contextlib
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from omnisession_conformance.protocol.registry import load_registry
from omnisession_conformance.protocol.roles import is_claimed
from omnisession_conformance.roles.client.errors import AdapterError, GoneError
from omnisession_conformance.roles.client.gate.gate import gate_to
from omnisession_conformance.roles.client.profiles import ACTIONS, EVENTS, HYBRID
from omnisession_conformance.roles.client.stage import TIMERS
from omnisession_conformance.roles.client.testee.messages import Start
from omnisession_conformance.roles.client.waiting import Bell
from omnisession_conformance.roles.interop.member import Member
from omnisession_conformance.roles.server.context import Context as OfServer

if TYPE_CHECKING:
    from omnisession_conformance.environment.users import User
    from omnisession_conformance.protocol.declared import Declared
    from omnisession_conformance.roles.client.gate.seen import Seen
    from omnisession_conformance.roles.client.testee.keeping import Keeper
    from omnisession_conformance.roles.server.session import Session


@dataclass(slots=True, kw_only=True)
class Context(OfServer):
    """What a scenario is handed; `declared` is what both sides have."""

    keeper: Keeper
    of_client: Declared
    of_server: Declared
    members: list[Member] = field(default_factory=list[Member])
    gone: AdapterError | None = None
    """Why the client could begin no session."""
    _open: contextlib.AsyncExitStack = field(default_factory=contextlib.AsyncExitStack)

    @property
    def features(self) -> tuple[str, ...]:
        """The features that sessions are opened with: those that both have."""
        return tuple(self.declared.features)

    @property
    def has_events(self) -> bool:
        """Whether changes are told as events."""
        return EVENTS in self.features

    @property
    def acts(self) -> bool:
        """Whether the client sends actions: else the kit does in its place, as the same user."""
        return ACTIONS in self.of_client.profiles

    @property
    def keeps_pending(self) -> bool:
        """Whether the client keeps actions until they are known to be done."""
        return HYBRID in self.of_client.profiles

    def judges(self, requirement: str) -> bool:
        """Whether the scenario observes a requirement, and its side claims the profile of that."""
        claimed = load_registry()[requirement]
        return requirement in self.case.requirements and is_claimed(
            self.declared.profiles, claimed.role, claimed.profile
        )

    @property
    def failed(self) -> AdapterError | None:
        """Why the client can go on no more, if so: it has ended, hangs or fails."""
        return next((one.failed for one in self.members if one.failed is not None), self.gone)

    async def joined(self, user: User, kinds: tuple[str, ...] = ()) -> Member | None:
        """A session of the client, begun; None where the client has room for no more.

        Raises AdapterError where the client is gone.
        """
        try:
            client = await self.keeper.client()
            if len(self.members) >= client.hello.room:
                return None
            bell = Bell()
            self.run.ledger.lend(user.id, self.case.name)
            by_websocket = client.hello.transport == "ws"
            gate = await self._open.enter_async_context(
                gate_to(self.run.url, bell, by_websocket=by_websocket)
            )
            gate.passes = self._pass_on
            session = await client.start(
                Start(
                    session=secrets.token_hex(6),
                    url=gate.url,
                    user_id=user.id,
                    kinds=kinds or self.declared.kinds,
                    features=self.features,
                    token=user.token,
                    timers=TIMERS if client.hello.timers else None,
                )
            )
        except AdapterError as error:
            self.gone = error if isinstance(error, GoneError) else self.gone
            raise
        self._open.enter_context(client.process.telling(bell.fail))
        member = Member(self, user, gate, session, bell)
        self.members.append(member)
        return member

    def shadow(self, user: User, session_id: str) -> Session:
        """A session that somebody else has opened, as the kit sees it; it is not the kit's to close."""
        session = self.session(user, session_id)
        self.sessions.remove(session)
        return session

    async def close(self) -> None:
        """Stop the client's sessions, and take the gates away."""
        try:
            for member in self.members:
                with contextlib.suppress(AdapterError):
                    await member.stop()
        finally:
            await self._open.aclose()

    def _pass_on(self, seen: Seen) -> None:
        self.run.ledger.pass_on(seen.subject, seen.reply, seen.payload, self.case.name)
