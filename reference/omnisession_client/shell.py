"""One session over NATS: does what the core wants done, in order, and decides nothing itself."""

import asyncio
import random
import secrets
import sys
import time
import traceback
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from nats.aio.msg import Msg

from omnisession_client.effects import (
    CancelTimer,
    Disconnect,
    Effect,
    Expiring,
    NewSession,
    Publish,
    Renewed,
    Request,
    SetTimer,
    Subscribe,
    Taken,
)
from omnisession_client.link import Link
from omnisession_client.messages import (
    Answered,
    Began,
    Dispatched,
    Heard,
    Lost,
    Message,
    Rang,
    Ready,
    Renewing,
    Stopped,
)
from omnisession_client.report import report
from omnisession_client.update import init, update
from omnisession_client.values import Config
from omnisession_reference.wire import JsonObject, tok

Job = Callable[[], Awaitable[None]]

CRASHED = "the client has failed; its standard error says how"
# The core waits less than that for the answer to its close.
LEAVE_S = 2
MOST_CANCELS, CANCEL_S = 20, 0.1


def steady_ms() -> int:
    """The time by a clock that nobody sets, and that does not stand still in sleep where there is one."""
    clock = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    return time.clock_gettime_ns(clock) // 1_000_000


async def _end(tasks: Sequence[asyncio.Task[None]]) -> None:
    """Cancel tasks until they have ended.

    Before Python 3.12 `asyncio.wait_for`, which the library waits with, loses a cancellation that comes
    together with an error, and the library goes on trying to connect.
    """
    running: set[asyncio.Task[None]] = set(tasks)
    for _ in range(MOST_CANCELS):
        for task in running:
            task.cancel()
        _, running = await asyncio.wait(running, timeout=CANCEL_S)
        if not running:
            return


class CrashedError(Exception):
    """The core has failed on a message; the session does nothing any more."""


T = TypeVar("T")


def tell_waiting(told: asyncio.Future[T], result: T) -> None:
    """Tell whoever waits for it; one who has given up is told nothing, and that is no failure."""
    if not told.done():
        told.set_result(result)


class Shell:
    """A session: everything that comes waits in one mailbox, and is handled one after the other.

    A message is handled when its effects were handed to the library: only then it counts.
    """

    def __init__(
        self,
        config: Config,
        url: str,
        reconnect_ms: int,
        way: Mapping[str, Any] | None = None,
        on_expiring: Callable[[int], None] | None = None,
    ) -> None:
        """Begin a session; `on_expiring` hears when it ends with its token, in ms, some time before."""
        self.state = init(config)
        self.handled = 0
        self._link = Link(url, reconnect_ms, self, tok(config.user_id), way)
        self._mailbox: asyncio.Queue[Job] = asyncio.Queue()
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._answers: dict[int, asyncio.TimerHandle] = {}
        self._takers: dict[str, asyncio.Future[str | None]] = {}
        self._on_expiring = on_expiring
        self._renewals: list[asyncio.Future[Renewed]] = []
        self._subscriptions = 0
        self._left = asyncio.Event()
        self._crashed = False
        self._tasks = [asyncio.create_task(self._pump()), asyncio.create_task(self._link.run())]
        self._begin()

    # -- for whoever uses it

    async def dispatch(
        self, type_: str, data: Mapping[str, Any], expect: Mapping[str, Any] | None
    ) -> tuple[str, str | None]:
        """Send an action: its id, and why it was refused here, if it was. Raises CrashedError."""
        action_id, told = secrets.token_hex(16), asyncio.get_running_loop().create_future()
        if self._crashed:
            raise CrashedError(CRASHED)
        self._takers[action_id] = told
        self._put(
            lambda at_ms: Dispatched(
                at_ms=at_ms, action_id=action_id, type=type_, data=data, expect=expect
            )
        )
        return action_id, await told

    async def renew(self, token: str) -> Renewed:
        """Go on by another token: tells the new end, or why it is the old one. Raises CrashedError."""
        told: asyncio.Future[Renewed] = asyncio.get_running_loop().create_future()
        if self._crashed:
            raise CrashedError(CRASHED)
        self._renewals.append(told)
        self._put(lambda at_ms: Renewing(at_ms=at_ms, token=token))
        return await told

    async def report(self) -> JsonObject:
        """Tell what the session holds after all that came before. Raises CrashedError."""
        told: asyncio.Future[JsonObject] = asyncio.get_running_loop().create_future()

        async def tell() -> None:
            tell_waiting(told, {**report(self.state), "handled": self.handled})

        self._mailbox.put_nowait(tell)
        found = await told
        if self._crashed:
            raise CrashedError(CRASHED)
        return found

    async def stop(self) -> None:
        """End the session, and then the connection."""
        self._put(lambda at_ms: Stopped(at_ms=at_ms))
        try:
            async with asyncio.timeout(LEAVE_S):
                await self._left.wait()
        except TimeoutError:
            pass  # it has crashed, or the library hangs
        await self._link.close()
        for handle in (*self._timers.values(), *self._answers.values()):
            handle.cancel()
        await _end(self._tasks)

    # -- what comes

    def on_connected(self, max_payload: int) -> None:
        """Open or resume on this connection, if there is a session yet."""
        if self._subscriptions:
            self._put(lambda at_ms: Ready(at_ms=at_ms, max_payload=max_payload))

    def on_lost(self) -> None:
        """Wait for the next connection."""
        self._put(lambda at_ms: Lost(at_ms=at_ms))

    def on_answer(self, token: str, data: bytes | None) -> None:
        """Hand over an answer; what comes to no number that was given is none."""
        if token.isascii() and token.isdigit():
            self._answer(int(token[:18]), data)

    def _answer(self, number: int, data: bytes | None) -> None:
        if (handle := self._answers.pop(number, None)) is not None:
            handle.cancel()
        self._put(lambda at_ms: Answered(at_ms=at_ms, number=number, data=data))

    def _begin(self) -> None:
        session_id = secrets.token_hex(16)
        self._put(lambda at_ms: Began(at_ms=at_ms, session_id=session_id))

    def _put(self, make: Callable[[int], Message]) -> None:
        async def handle() -> None:
            await self._handle(make(time.time_ns() // 1_000_000))

        self._mailbox.put_nowait(handle)

    async def _pump(self) -> None:
        while True:
            job = await self._mailbox.get()
            try:
                await job()
            except Exception:  # noqa: BLE001 whatever it was, this session is no client any more
                traceback.print_exc(file=sys.stderr)
                self._crash()

    def _crash(self) -> None:
        self._crashed = True
        for told in (*self._takers.values(), *self._renewals):
            if not told.done():
                told.set_exception(CrashedError(CRASHED))
        self._takers.clear()
        self._renewals.clear()
        self._left.set()

    async def _handle(self, message: Message) -> None:
        if self._crashed:
            return
        self.state, effects = update(self.state, replace(message, steady_ms=steady_ms()))
        for effect in effects:
            await self._do(effect)

    # -- what is to be done

    async def _do(self, effect: Effect) -> None:
        match effect:
            case Publish():
                await self._link.send(effect.subject, effect.body)
            case Request():
                await self._ask(effect)
            case SetTimer():
                self._set(effect)
            case CancelTimer():
                self._cancel(effect.timer)
            case Subscribe():
                await self._subscribe(effect.subject)
            case NewSession():
                self._begin()
            case Disconnect():
                self._left.set()
            case _:
                self._tell(effect)

    def _tell(self, effect: Taken | Expiring | Renewed) -> None:
        """Tell the user something."""
        match effect:
            case Taken():
                if (told := self._takers.pop(effect.action_id, None)) is not None:
                    tell_waiting(told, effect.refused)
            case Expiring():
                if self._on_expiring is not None:
                    self._on_expiring(effect.expires_at)
            case Renewed():
                waiting, self._renewals = self._renewals, []
                for future in waiting:
                    tell_waiting(future, effect)

    async def _ask(self, request: Request) -> None:
        number, token = request.number, str(request.number)
        self._answers[number] = asyncio.get_running_loop().call_later(
            request.within_ms / 1_000, self._answer, number, None
        )
        await self._link.send(request.subject, request.body, token)

    def _set(self, timer: SetTimer) -> None:
        self._cancel(timer.timer)
        wait_ms = random.uniform(timer.at_least_ms, timer.at_most_ms)  # noqa: S311 no secret
        loop = asyncio.get_running_loop()
        self._timers[timer.timer] = loop.call_later(wait_ms / 1_000, self._ring, timer.timer)

    def _cancel(self, timer: str) -> None:
        if (handle := self._timers.pop(timer, None)) is not None:
            handle.cancel()

    def _ring(self, timer: str) -> None:
        handle = self._timers.get(timer)

        async def rang() -> None:
            # It may have been cancelled, or set anew, while this waited in the mailbox.
            if self._timers.get(timer) is handle:
                del self._timers[timer]
                await self._handle(Rang(at_ms=time.time_ns() // 1_000_000, timer=timer))

        self._mailbox.put_nowait(rang)

    async def _subscribe(self, subject: str) -> None:
        self._subscriptions += 1
        number, self.handled = self._subscriptions, 0

        async def take(message: Msg) -> None:
            async def hear() -> None:
                if number != self._subscriptions:
                    return  # it was under way when the subscription ended
                at_ms = time.time_ns() // 1_000_000
                heard = Heard(at_ms=at_ms, subject=message.subject, data=message.data)
                await self._handle(heard)
                self.handled += 1

            self._mailbox.put_nowait(hear)

        await self._link.subscribe(subject, take)
