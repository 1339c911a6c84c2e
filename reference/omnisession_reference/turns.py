"""Serves users in turn, so that nobody waits for what another one sent at once."""

import asyncio
import math
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol

from omnisession_reference.protocol import LIMITS
from omnisession_reference.session import Session
from omnisession_reference.wire import Incoming, WireError, decode, tok

# What may wait of one user: it is worked off long before the last of it is late.
MOST_OF_A_USER = 4_096
MOST_BYTES_OF_A_USER = 8 << 20
# With so many bytes waiting in all, refusals among them, reading waits.
MOST_BYTES = 64 << 20
# What a message takes besides its body.
OVERHEAD = 256
# Handled before the loop reads on: reading has to stay ahead, or others wait in the connection.
AT_A_TIME = 16


@dataclass(slots=True)
class Queue:
    """What waits of one user; with each message whether it is refused."""

    messages: deque[tuple[Incoming, bool]] = field(default_factory=deque[tuple[Incoming, bool]])
    size: int = 0

    @property
    def is_full(self) -> bool:
        """Whether what comes now is refused."""
        return len(self.messages) >= MOST_OF_A_USER or self.size >= MOST_BYTES_OF_A_USER


class Entrance(Protocol):
    """Where a message goes whose turn has come: a `Router`, or what stands before one."""

    def receive(self, message: Incoming) -> None:
        """Handle a message."""
        ...

    def refuse_for_now(self, message: Incoming) -> None:
        """Refuse a message, unread."""
        ...


class Live(Protocol):
    """Which sessions are live: `Sessions`, or what stands before them."""

    def live(self, user_id: str, session_id: str) -> Session | None:
        """Return the session if it is live."""
        ...


class Turns:
    """Queues what was received by user, and hands over the oldest message of each in turn."""

    def __init__(self, router: Entrance, sessions: Live) -> None:
        self._router = router
        self._sessions = sessions
        self._users: OrderedDict[str, Queue] = OrderedDict()
        self._size = 0
        self._work, self._room, self._idle = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._idle.set()

    def put(self, message: Incoming) -> Awaitable[object] | None:
        """Queue a message, or that it is refused; returns what to wait for before the next one."""
        queue = self._users.setdefault(self.user_of(message), Queue())
        is_refused = queue.is_full
        if is_refused and not message.reply:
            return None
        if is_refused:
            message = Incoming(message.subject, message.reply, b"")
        queue.messages.append((message, is_refused))
        queue.size += OVERHEAD + len(message.data)
        self._size += OVERHEAD + len(message.data)
        self._work.set()
        self._idle.clear()
        if self._size < MOST_BYTES:
            return None
        self._room.clear()
        return self._room.wait()

    def user_of(self, message: Incoming) -> str:
        """Name whose turn a message takes by its token; it is empty for what is nobody's."""
        tokens = message.subject.split(".")
        if tokens[0] in ("session", "user"):
            return tokens[1 if tokens[0] == "session" else 2]
        try:
            body = decode(message.data) if len(message.data) <= LIMITS["action"] else {}
        except WireError:
            return ""
        key = str(body.get("user_id")), str(body.get("session_id"))
        return "" if self._sessions.live(*key) is None else tok(key[0])

    @property
    def has_work(self) -> bool:
        """Whether anything waits."""
        return bool(self._users)

    def next(self) -> None:
        """Handle one message, and put its user at the end of the line."""
        user, queue = self._users.popitem(last=False)
        message, is_refused = self._pop(queue)
        if queue.messages:
            self._users[user] = queue
        (self._router.refuse_for_now if is_refused else self._router.receive)(message)

    def hand_over_late(self, before_ms: float) -> None:
        """Hand over what came before a time, whose turn does not come: somebody has to tell them so."""
        late: list[tuple[Incoming, bool]] = []
        for user, queue in list(self._users.items()):
            while queue.messages and _came_ms(queue.messages[0][0]) <= before_ms:
                late.append(self._pop(queue))
            if not queue.messages:
                del self._users[user]
        for message, is_refused in late:
            (self._router.refuse_for_now if is_refused else self._router.receive)(message)
        if self._size < MOST_BYTES:
            self._room.set()

    def _pop(self, queue: Queue) -> tuple[Incoming, bool]:
        message, is_refused = queue.messages.popleft()
        queue.size -= OVERHEAD + len(message.data)
        self._size -= OVERHEAD + len(message.data)
        return message, is_refused

    async def serve(self, pause: Callable[[], Awaitable[None]]) -> None:
        """Handle what waits, for as long as the server lives; `pause` lets others do their part."""
        while True:
            await self._work.wait()
            for _ in range(AT_A_TIME):
                if self.has_work:
                    self.next()
            if not self.has_work:
                self._work.clear()
                self._idle.set()
            if self._size < MOST_BYTES:
                self._room.set()
            await pause()

    async def idle(self) -> None:
        """Wait until nothing waits."""
        await self._idle.wait()


def _came_ms(message: Incoming) -> float:
    return math.inf if message.came_ms is None else message.came_ms
