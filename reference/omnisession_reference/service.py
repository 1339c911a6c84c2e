"""Runs the server on a broker until it is told to stop."""

import asyncio
import contextlib
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from nats.aio.subscription import Subscription
from nats.errors import Error as NatsError

from omnisession_reference import __version__
from omnisession_reference.access import Access
from omnisession_reference.clock import LoopClock
from omnisession_reference.connection import Connection
from omnisession_reference.core import Core, Settings
from omnisession_reference.log import Log
from omnisession_reference.parts import Parts
from omnisession_reference.token_keys import Ring
from omnisession_reference.turns import Turns

# Long enough for a broker that is being started at the same time.
CONNECT_S = 2
RECONNECT_S = 0.2

DRAIN_S = 5
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)

# How long clients are asked to wait before they come back, as `session.closing` tells.
RETURN_AFTER_MS = 500


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line says."""

    access: Access
    secret: str
    log: Log
    parts: Parts
    settings: Settings


class UnreachableError(Exception):
    """No broker answered at the address given, or it does not let the server in; says which."""


async def serve(options: Options) -> None:
    """Serve until SIGTERM or SIGINT, then drain.

    Raises UnreachableError if there is no broker, AccessError for settings that cannot be used.
    """
    log, tokens = options.log, options.settings.tokens
    connection = options.parts.of(Connection)(log)
    core = Core(
        send=connection.send,
        clock=LoopClock(),
        ring=Ring(options.secret, tokens.files, log, revocations=tokens.revocations),
        log=log,
        parts=options.parts,
        settings=options.settings,
    )
    turns = options.parts.of(Turns)(core.router, core.sessions)
    connection.receive = turns.put
    connection.may_answer = core.router.may_answer

    def on_failure(_loop: object, context: dict[str, Any]) -> None:
        log.failure("failed", context.get("exception") or RuntimeError())

    asyncio.get_running_loop().set_exception_handler(on_failure)
    stop = stop_signal()
    await connect(connection, options.access, core.control.reconnected, stop, log)
    tasks = [
        asyncio.create_task(connection.write()),
        asyncio.create_task(turns.serve(connection.pause)),
    ]
    taken = [await connection.take(*subject) for subject in core.router.subscriptions()]
    await core.discovery.start(connection)
    await connection.flush()
    log.info("ready", version=__version__)
    await stop.wait()
    if connection.is_closed:
        raise UnreachableError("the broker closed the connection, and does not take it any more")

    log.info("stopping", sessions=len(core.sessions.all()))
    # Without a broker there is nobody to tell; the process stops all the same.
    with contextlib.suppress(NatsError, OSError, TimeoutError):
        async with asyncio.timeout(DRAIN_S):
            await _drain(connection, core, turns, taken)
    for task in tasks:
        task.cancel()
    for number in STOP_SIGNALS:  # a second one must not kill what is about to exit with 0
        signal.signal(number, signal.SIG_IGN)
    log.info("stopped")


async def _drain(
    connection: Connection, core: Core, turns: Turns, taken: Sequence[Subscription]
) -> None:
    await core.discovery.stop()
    for subscription in taken:
        await subscription.unsubscribe()
    # The broker's answer comes after every message that it had sent before: all are received.
    await connection.flush()
    await turns.idle()
    core.control.announce_stop(RETURN_AFTER_MS)
    await connection.written()
    await connection.flush()
    await connection.close()


def stop_signal() -> asyncio.Event:
    """Be told of SIGTERM and SIGINT from now on."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def on_signal(_number: int, _frame: object) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: already on the way out
            loop.call_soon_threadsafe(stop.set)

    # Not the loop's own handlers: they end with it.
    for number in STOP_SIGNALS:
        signal.signal(number, on_signal)
    return stop


async def connect(
    connection: Connection,
    access: Access,
    reconnected: Callable[[], None],
    stop: asyncio.Event,
    log: Log,
    disconnected: Callable[[], None] = lambda: None,
) -> None:
    """Connect to a broker, and again whenever the connection is lost. Raises UnreachableError."""
    errors: list[BaseException] = []

    async def on_error(error: Exception) -> None:
        if not connection.is_connected:
            errors.append(error)
        log.failure("broker_error", error)

    async def on_disconnect() -> None:
        log.warning("disconnected")
        disconnected()

    async def on_reconnect() -> None:
        log.info("reconnected")
        reconnected()

    async def on_closed() -> None:
        stop.set()

    try:
        async with asyncio.timeout(CONNECT_S):
            await connection.reach(
                access,
                name="omnisession-reference",
                no_echo=True,
                dont_randomize=True,
                max_reconnect_attempts=-1,
                reconnect_time_wait=RECONNECT_S,
                error_cb=on_error,
                disconnected_cb=on_disconnect,
                reconnected_cb=on_reconnect,
                closed_cb=on_closed,
            )
    except (TimeoutError, OSError, NatsError) as error:
        why = access.why(errors or [error], connection.info)
        with contextlib.suppress(NatsError, OSError, TimeoutError):
            async with asyncio.timeout(CONNECT_S):
                await connection.close()
        raise UnreachableError(why) from error
