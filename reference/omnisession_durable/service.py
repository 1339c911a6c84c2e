"""Runs an instance on a broker until it is told to stop, or cannot go on."""

import asyncio
import contextlib
import signal
from collections.abc import Awaitable, Coroutine
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from nats.errors import Error as NatsError

from omnisession_durable.core_term import CoreInstance, CoreTerm, Made
from omnisession_durable.entries import Limits, lasts_s
from omnisession_durable.fold import Stored
from omnisession_durable.instance import Settings as InstanceSettings
from omnisession_durable.journal import Journal, NoJournalError, WrongJournalError
from omnisession_durable.kept import Kept
from omnisession_durable.posts import Post
from omnisession_durable.reader import Exit
from omnisession_reference import __version__
from omnisession_reference.clock import LoopClock
from omnisession_reference.connection import Connection
from omnisession_reference.protocol import LIMITS, longest_window_ms
from omnisession_reference.service import (
    DRAIN_S,
    RETURN_AFTER_MS,
    STOP_SIGNALS,
    Options,
    UnreachableError,
    connect,
    stop_signal,
)
from omnisession_reference.session import Session
from omnisession_reference.store import OUTCOMES_PER_USER
from omnisession_reference.token_keys import Ring
from omnisession_reference.turns import Turns
from omnisession_reference.wire import Incoming

if TYPE_CHECKING:
    from nats.aio.subscription import Subscription

MOST_UNDER_WAY = 512
"""With so many decisions on their way to the journal, no further message is handled."""


class Process:
    """One instance with its two connections: it is its shell."""

    def __init__(self, options: Options) -> None:
        log = self.log = options.log
        self.options = options
        options.settings.durable = True
        self.stop = stop_signal()
        self.code = Exit.PLANNED
        self.connection: Connection = options.parts.of(Connection)(log)
        self.journal: Journal = options.parts.of(Journal)(log, self.stored, self.refused)
        ring = Ring(options.secret, options.settings.tokens.files, log)
        limits = Limits(
            sessions=LIMITS["sessions"],
            outcomes=OUTCOMES_PER_USER,
            outcomes_ms=LIMITS["outcomes_ms"],
            window_ms=longest_window_ms(),
        )
        made = Made(ring, options.settings, log, Kept())
        self.clock = LoopClock()
        self.instance = CoreInstance(
            InstanceSettings(limits=limits), made, self.clock, self, options.parts
        )
        # What the server says of itself, also while it stands by.
        self.plain = self.instance.plain
        self.turns = Turns(self, self)
        self._is_wanted = False
        self._taken: list[Subscription] = []
        self._settling = asyncio.Lock()
        self._is_changed = asyncio.Event()
        self._moved = asyncio.Event()
        self._halted = asyncio.Event()

    # -- what an instance does

    def append(self, data: bytes) -> None:
        """Append an entry to the journal."""
        self.journal.append(data, lasts_s=lasts_s(data))

    def subscribe(self) -> None:
        """Receive what clients send."""
        self._is_wanted = True
        self._is_changed.set()

    def unsubscribe(self) -> None:
        """Receive no more of it."""
        self._is_wanted = False
        self._is_changed.set()
        self._moved.set()

    def publish(self, message: Post) -> None:
        """Say something."""
        self.connection.send(message.subject, message.payload, message.trace)

    def halt(self, code: int, why: str) -> None:
        """End this process."""
        self.code = Exit(code)
        (self.log.info if self.code is Exit.PLANNED else self.log.error)(
            "halted", code=code, why=why
        )
        self._halted.set()
        self.stop.set()

    # -- what comes in

    @property
    def term(self) -> CoreTerm | None:
        """The term that the instance serves, if it owns the journal."""
        term = self.instance.term
        return term if isinstance(term, CoreTerm) else None

    def stored(self, stored: Stored) -> None:
        """The journal hands over its next entry."""
        self.instance.stored(stored)
        self._moved.set()

    def refused(self, data: bytes) -> None:
        """The journal will never store an entry."""
        self.instance.refused(data)

    def put(self, message: Incoming) -> Awaitable[object] | None:
        """Take a message that has come now; returns what to wait for before the next one."""
        return self.turns.put(replace(message, came_ms=self.clock.elapsed_ms()))

    def receive(self, message: Incoming) -> None:
        """A client's turn has come."""
        self.instance.receive(message)

    def refuse_for_now(self, message: Incoming) -> None:
        """A user has sent too much at once."""
        term = self.term
        if term is not None and term.core is not None:
            router = term.core.router
            term.do(lambda: router.refuse_for_now(message))

    def live(self, user_id: str, session_id: str) -> Session | None:
        """A session that is live now."""
        term = self.term
        return (
            None
            if term is None or term.core is None
            else term.core.sessions.live(user_id, session_id)
        )

    def disconnected(self) -> None:
        """One of the connections was lost."""
        self.instance.disconnected()
        self.journal.broken()

    # -- tasks

    async def pause(self) -> None:
        """Let others do their part; wait where far too much is not yet stored.

        What waits meanwhile is refused for now as soon as it has waited for as long as anything may.
        """
        await self.connection.pause()
        margins = self.instance.margins
        while (term := self.term) is not None and term.under_way > MOST_UNDER_WAY:
            self._moved.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(margins.tick / 1_000):
                    await self._moved.wait()
            self.turns.hand_over_late(self.clock.elapsed_ms() - margins.answer)

    def watched(self, name: str, work: Coroutine[Any, Any, None]) -> asyncio.Task[Any]:
        """Do something for as long as the process lives; where it ends by itself, all does."""

        def on_done(task: asyncio.Task[Any]) -> None:
            if task.cancelled():
                return
            error = task.exception() or RuntimeError("it has returned")
            self.log.failure("failed", error, task=name)
            self.instance.fail(f"the task {name!r} has ended: {error!r}")

        task = asyncio.create_task(work)
        task.add_done_callback(on_done)
        return task

    def on_failure(self, _loop: object, context: dict[str, Any]) -> None:
        """Log what failed, and nobody waited for."""
        self.log.failure("failed", context.get("exception") or RuntimeError())

    async def listen(self) -> None:
        """Receive what clients send whenever that is wanted, and only then."""
        while True:
            await self._is_changed.wait()
            self._is_changed.clear()
            with contextlib.suppress(NatsError, OSError):
                await self.settle()

    async def settle(self) -> None:
        """Have the subscriptions that are wanted now."""
        async with self._settling:
            if self._is_wanted and not self._taken:
                subjects = self.plain.router.subscriptions()
                self._taken = [await self.connection.take(*subject) for subject in subjects]
            elif not self._is_wanted:
                while self._taken:
                    await self._taken.pop().unsubscribe()

    async def drain(self) -> None:
        """Leave as planned: what was taken is decided, sessions are told, then nobody owns the journal."""
        self.unsubscribe()
        await self.settle()
        # The broker's answer comes after every message that it had sent before: all are received.
        await self.connection.flush()
        await self.turns.idle()
        self.instance.announce_stop(RETURN_AFTER_MS)
        self.instance.leave()
        await self._halted.wait()

    async def run(self) -> int:
        """Serve until SIGTERM or SIGINT, or until it cannot go on; returns the code to exit with."""
        log, access = self.log, self.options.access
        self.connection.receive = self.put
        self.connection.may_answer = self.plain.router.may_answer
        asyncio.get_running_loop().set_exception_handler(self.on_failure)
        tasks: list[asyncio.Task[Any]] = []
        try:
            for one in (self.journal, self.connection):
                await connect(one, access, _nothing, self.stop, log, self.disconnected)
            await self.journal.prepare()
            tasks = [
                self.watched("write", self.connection.write()),
                self.watched("append", self.journal.write()),
                self.watched("follow", self.journal.follow(self.instance.resume)),
                self.watched("serve", self.turns.serve(self.pause)),
                self.watched("listen", self.listen()),
            ]
            self.instance.start()
            await self.plain.discovery.start(self.connection)
            log.info("ready", version=__version__, instance=self.instance.name)
            await self.stop.wait()
            if self.connection.is_closed or self.journal.is_closed:
                raise UnreachableError(
                    "the broker closed a connection, and does not take it any more"
                )
            await self._end()
        finally:
            for task in tasks:
                task.cancel()
            for one in (self.journal, self.connection):
                with contextlib.suppress(NatsError, OSError, TimeoutError):
                    await one.close()
        return int(self.code)

    async def _end(self) -> None:
        self.log.info("stopping")
        with contextlib.suppress(NatsError, OSError, TimeoutError):
            async with asyncio.timeout(DRAIN_S):
                if not self._halted.is_set():
                    await self.plain.discovery.stop()
                    await self.drain()
                await self.connection.written()
                await self.connection.flush()
        for number in STOP_SIGNALS:  # a second one must not kill what is about to exit
            signal.signal(number, signal.SIG_IGN)
        self.log.info("stopped", code=int(self.code))


async def serve(options: Options) -> int:
    """Serve on a journal; returns the code to exit with.

    Raises UnreachableError if there is no broker or it has no JetStream, AccessError for settings that
    cannot be used.
    """
    try:
        return await Process(options).run()
    except WrongJournalError as error:
        why = str(error)
        options.log.error("halted", code=int(Exit.CONFIGURED), why=why)  # noqa: TRY400 why is all
        return int(Exit.CONFIGURED)
    except NoJournalError as error:
        raise UnreachableError(str(error)) from error


def _nothing() -> None:
    """Do nothing when a connection is there again: its term is over."""
