"""The gate of one session of the contract: the only way that its client is told to the broker."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from omnisession_conformance.environment.proxy.dialogue import Say
from omnisession_conformance.environment.proxy.faults import Cut, HalfOpen, Hold, Outage
from omnisession_conformance.environment.proxy.link import LinkEndedError
from omnisession_conformance.environment.proxy.operations import (
    Connect,
    Msg,
    Ping,
    Pong,
    Pub,
    Side,
    Sub,
    Unsub,
    no_responders,
)
from omnisession_conformance.environment.proxy.proxy import faulty_proxy
from omnisession_conformance.roles.client.errors import ContractError, GoneError
from omnisession_conformance.roles.client.gate.counting import Count, count, subjects_of
from omnisession_conformance.roles.client.gate.seen import Ended, RoundTrip, Seen

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Generator, Iterator, Sequence

    from omnisession_conformance.environment.proxy.dialogue import Hear
    from omnisession_conformance.environment.proxy.end import Framing
    from omnisession_conformance.environment.proxy.link import Link
    from omnisession_conformance.environment.proxy.operations import Op
    from omnisession_conformance.environment.proxy.proxy import Proxy
    from omnisession_conformance.environment.proxy.subscriptions import Subscription
    from omnisession_conformance.roles.client.waiting import Bell

COMES_WITHIN_S = 10.0
"""How long the first connection may take: afterwards the client is taken not to use the address."""
ANSWERS_WITHIN_S = 10.0
"""How long client and broker may take for a PING; what they have to read before is bounded."""


class Gate:
    """See `gate_to`, which makes it. `seen` is everything that the client has said, in order."""

    def __init__(self, bell: Bell, *, by_websocket: bool = False) -> None:
        self.proxy: Proxy
        self.by_websocket = by_websocket
        self.seen: list[Seen] = []
        self.round_trips: list[RoundTrip] = []
        """The client's own questions that the broker has answered."""
        self.bell = bell
        self._asked: dict[int, deque[int]] = {}
        self.passes: Callable[[Seen], None] | None = None
        """Called with what the client publishes, before the broker has it."""
        self.answered: dict[str, float] = {}
        """When the first answer to a reply subject has passed to the client, by the clock of the loop."""
        self._links: list[Link] = []
        """All that there have ever been: their counts stay."""
        self._replaced: list[Subscription] = []
        self._nobody_at: list[Callable[[Seen], bool]] = []

    @property
    def url(self) -> str:
        """The address of the `start` that this gate is for."""
        return f"ws://{self.proxy.place}" if self.by_websocket else self.proxy.url

    @property
    def links(self) -> tuple[Link, ...]:
        """Connections of the client that stand, oldest first, handshakes included."""
        return tuple(one for one in self._links if not one.over)

    @property
    def connected(self) -> bool:
        """Whether the client has a connection whose handshake is over: what it is offline by."""
        return any(one.ready for one in self._links)

    @property
    def introduced(self) -> bool:
        """Whether a client has ever said who it is: before that nothing of it could be read."""
        return any(one.dialogue.connected for one in self._links)

    @property
    def connections(self) -> int:
        """How many there have been."""
        return len(self._links)

    @property
    def unreadable(self) -> str:
        """Why no more can be read of what a connection says, if so."""
        return next((why for one in self._links if (why := one.dialogue.unreadable)), "")

    def said(self, link: int) -> dict[str, object]:
        """What the client has said of itself in the CONNECT of a connection."""
        return dict(self._links[link].dialogue.connect)

    def published(self, type_: str, *, since: int = 0) -> list[Seen]:
        """What has been published with this type, whether it came to the broker or not."""
        return [one for one in self.seen[since:] if one.type == type_]

    def counted(self, user_id: str, session_id: str) -> Count:
        """How many messages of a session have come to the client."""
        return count(subjects_of(user_id, session_id), self._subscriptions())

    async def came(self, *, within_s: float = COMES_WITHIN_S) -> None:
        """Wait for the first connection.

        Raises ContractError where there is none: the client does not use the address that it was given.
        """
        if not await self.bell.until(lambda: self._links or None, within_s=within_s):
            raise ContractError(
                f"No connection has come to {self.url} within {within_s:g} s: the client does not use "
                "the url that start gives it."
            )

    async def ask(self, side: Side) -> None:
        """Ask a side on each connection, and return when all have answered, or have ended.

        Raises GoneError where one does neither.
        """
        links = self.links
        try:
            async with asyncio.timeout(ANSWERS_WITHIN_S):
                await asyncio.gather(*(_asked(one, side) for one in links))
        except TimeoutError:
            raise GoneError(
                f"A connection of the client answers no PING of the {side.value} within "
                f"{ANSWERS_WITHIN_S:g} s."
            ) from None

    def cut(self, *, reset: bool = False) -> None:
        """End all connections; the client may come back at once."""
        self.proxy.apply(Cut(reset))

    def takes_less(self, most: int) -> None:
        """Tell whoever connects from now on that the broker takes no body of more bytes than that."""
        self.proxy.door = replace(self.proxy.door, most=most)

    def refusing(self) -> contextlib.AbstractContextManager[object]:
        """Cut, and let nobody come back for the length of the block."""
        return self.proxy.wrong(Outage())

    def turning_away(self) -> contextlib.AbstractContextManager[object]:
        """Cut, and end each new connection at once for the length of the block: these are counted."""
        return self.proxy.wrong(Outage(refused=False))

    def half_open(self) -> contextlib.AbstractContextManager[object]:
        """Lose everything for the length of the block, with nobody told; after it the connections end."""
        return self.proxy.wrong(HalfOpen())

    def stalling(
        self, *, to_client: bool = True, to_broker: bool = True
    ) -> contextlib.AbstractContextManager[object]:
        """Let nothing pass for the length of the block; it comes after that, in its order."""
        return self.proxy.wrong(Hold(to_broker, to_client))

    @contextlib.contextmanager
    def nobody_there(self, asked: Callable[[Seen], bool] = lambda _: True) -> Generator[None]:
        """Say to requests that no responder is there, and let none of them pass.

        The kit listens itself, so that the broker would never say so. A client that has not asked to be
        told hears nothing, as of a broker.
        """
        self._nobody_at.append(asked)
        try:
            yield
        finally:
            self._nobody_at.remove(asked)

    # What its proxy tells.

    def watch(self, link: Link) -> Hear:
        """Hear what is said on a new connection."""
        self._links.append(link)
        self.bell.ring()
        return partial(self._hear, link)

    def connected_anew(self, link: Link) -> None:
        """Wake whoever waits for a connection."""
        del link
        self.bell.ring()

    def ended(self, link: Link) -> None:
        """Note the end of a connection."""
        self._note(Seen(link.number, self._now_s(), Ended()))

    def _hear(self, link: Link, side: Side, op: Op) -> Sequence[Say] | None:
        # Also for what is only counted, and for the end of a handshake.
        self.bell.ring()
        self._note_round_trip(link, side, op)
        if isinstance(op, Msg):
            self.answered.setdefault(op.subject.decode("utf-8", "surrogateescape"), self._now_s())
        if side is Side.BROKER or not isinstance(op, Connect | Sub | Unsub | Pub):
            return None
        if isinstance(op, Sub):
            self._keep_replaced(link, op)
        seen = Seen(link.number, self._now_s(), op)
        answer = self._refusal(link, op, seen) if isinstance(op, Pub) and op.reply else None
        if answer is None:
            if self.passes is not None and isinstance(op, Pub):
                self.passes(seen)
            self._note(seen)
            return None
        self._note(Seen(seen.link, seen.at_s, op, refused=True))
        return answer

    def _note_round_trip(self, link: Link, side: Side, op: Op) -> None:
        asked = self._asked.setdefault(link.number, deque())
        if isinstance(op, Ping) and side is Side.CLIENT:
            asked.append(len(self.seen))
        elif isinstance(op, Pong) and side is Side.BROKER and asked:
            self.round_trips.append(RoundTrip(link.number, asked.popleft(), len(self.seen)))

    def _refusal(self, link: Link, op: Pub, seen: Seen) -> Sequence[Say] | None:
        if not any(asked(seen) for asked in self._nobody_at):
            return None
        told = link.dialogue.connect
        if not (told.get("no_responders") and told.get("headers")):
            return ()
        sids = [one.sid for one in link.dialogue.subscriptions.matching(op.reply)]
        return [Say(Side.CLIENT, no_responders(op.reply, sid, op.subject)) for sid in sids]

    def _keep_replaced(self, link: Link, op: Sub) -> None:
        before = link.dialogue.subscriptions.by_sid.get(op.sid)
        if before is not None and before.over:
            self._replaced.append(before)

    def _subscriptions(self) -> Iterator[tuple[Subscription, bool]]:
        for link in self._links:
            for one in link.dialogue.subscriptions.by_sid.values():
                yield one, link.alive
        for one in self._replaced:
            yield one, False

    def _note(self, seen: Seen) -> None:
        self.seen.append(seen)
        self.bell.ring()

    def _now_s(self) -> float:
        return asyncio.get_running_loop().time()


async def _asked(link: Link, side: Side) -> None:
    with contextlib.suppress(LinkEndedError):
        await link.ping(side)


@contextlib.asynccontextmanager
async def gate_to(url: str, bell: Bell, *, by_websocket: bool = False) -> AsyncGenerator[Gate]:
    """Stand before the broker at an address for the length of the block, for one session of the contract.

    Its client comes `by_websocket`, or by plain TCP. Raises as `faulty_proxy` does.
    """
    gate = Gate(bell, by_websocket=by_websocket)
    around = faulty_proxy(
        url,
        watch=gate.watch,
        on_connect=gate.connected_anew,
        on_end=gate.ended,
        framing=_websockets() if by_websocket else None,
    )
    async with around as proxy:
        gate.proxy = proxy
        yield gate


def _websockets() -> Callable[[], Framing]:
    # Few clients need its library.
    from omnisession_conformance.roles.client.gate.websocket import WebSocket  # noqa: PLC0415 - stay light

    return WebSocket
