"""What is measured: round trips one after the other, and how much goes through with many under way."""

from __future__ import annotations

import asyncio
import contextlib
import json
import statistics
import time
from typing import TYPE_CHECKING

import nats
from nats.errors import Error as NatsError
from tests.reference.bench import action, control, token

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from nats.aio.client import Client
    from tests.reference.bench import Body

ONE_BY_ONE = 400
"""Round trips of one row."""
SESSIONS = 64
ACTIONS = 40
"""Actions of each of these sessions, one after the other; all sessions at once."""
PUBLISHES = 4_000
IN_FLIGHT = 32
STREAM, SUBJECT = "FIGURES", "figures"
ECHO = "echo"
PATIENCE_S = 60
AGAIN_S, PAUSE_S = 2, 0.1
"""What is not answered is sent again: an owner that was too slow has left it to the next one."""


async def connected(url: str) -> Client:
    """Connect to the first of these addresses that answers."""
    return await nats.connect(url.split(","))  # pyright: ignore[reportUnknownMemberType]


async def each_ms(count: int, trip: Callable[[int], Awaitable[object]]) -> float:
    """The median of so many round trips, one after the other, in ms."""
    times: list[float] = []
    for number in range(1, count + 1):
        begun = time.perf_counter()
        await trip(number)
        times.append((time.perf_counter() - begun) * 1_000)
    return statistics.median(times)


async def raw_request_ms(connection: Client) -> float:
    """A request that somebody else answers with what it got."""
    body = b"x" * 300
    return await each_ms(ONE_BY_ONE, lambda _: connection.request(ECHO, body, timeout=PATIENCE_S))


async def with_stream(connection: Client, copies: int) -> None:
    """Have a stream as the journal is one."""
    stream = connection.jetstream(timeout=PATIENCE_S)  # pyright: ignore[reportUnknownMemberType]
    await stream.add_stream(name=STREAM, subjects=[SUBJECT], num_replicas=copies)  # pyright: ignore[reportUnknownMemberType]


async def raw_publish_ms(connection: Client) -> float:
    """An entry of that stream, until the broker says that it is stored."""
    body = b"x" * 300
    return await each_ms(
        ONE_BY_ONE, lambda _: connection.request(SUBJECT, body, timeout=PATIENCE_S)
    )


async def raw_publishes_a_second(connection: Client) -> float:
    """The same, with some under way all the time."""
    room, body = asyncio.Semaphore(IN_FLIGHT), b"x" * 300

    async def one() -> None:
        async with room:
            await connection.request(SUBJECT, body, timeout=PATIENCE_S)

    begun = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(PUBLISHES)))
    return PUBLISHES / (time.perf_counter() - begun)


async def asked(connection: Client, subject: str, body: Body) -> str:
    """Ask until there is an answer; returns its type."""
    data = json.dumps(body).encode()
    async with asyncio.timeout(PATIENCE_S):
        while True:
            with contextlib.suppress(NatsError):
                told: Body = json.loads(
                    (await connection.request(subject, data, timeout=AGAIN_S)).data
                )
                error: Body = told["data"].get("error") or {}
                if not error.get("retryable"):
                    return str(told["type"])
            await asyncio.sleep(PAUSE_S)


async def opened(
    connection: Client, user: str, session: str = "s", kinds: tuple[str, ...] = ("chat",)
) -> None:
    """Open a session of a user, with these kinds."""
    body = control(
        "session.open",
        user,
        session,
        protocol=["1.0"],
        kinds=kinds,
        features=[],
        auth={"scheme": "bearer", "token": token(user)},
        client={"name": "figures", "version": "1"},
    )
    answer = await asked(connection, f"session.{user}.{session}.control", body)
    assert answer == "session.opened", answer


async def acted(connection: Client, user: str, number: int) -> None:
    """Let a user do nothing, and wait for the ack."""
    body = action(user, "s", number, "session.noop")
    answer = await asked(connection, f"user.actions.{user}", body)
    assert answer == "action.ack", answer


async def action_ms(connection: Client, name: str) -> float:
    """An action, until its ack."""
    await opened(connection, name)
    return await each_ms(ONE_BY_ONE, lambda number: acted(connection, name, number))


async def actions_a_second(connection: Client, name: str) -> float:
    """Actions of many sessions, each of which waits for its ack."""
    users = [f"{name}-{number}" for number in range(SESSIONS)]
    await asyncio.gather(*(opened(connection, user) for user in users))

    async def act(user: str) -> None:
        for number in range(1, ACTIONS + 1):
            await acted(connection, user, number)

    begun = time.perf_counter()
    await asyncio.gather(*(act(user) for user in users))
    return SESSIONS * ACTIONS / (time.perf_counter() - begun)


async def open_many(connection: Client, begin: int, end: int) -> None:
    """Open a session of each of these users, some at a time.

    They have articles and no chat, whose state names everybody in it: with thousands of users each
    open would be told to thousands of sessions by a state that has thousands of names.
    """
    room = asyncio.Semaphore(IN_FLIGHT)

    async def one(number: int) -> None:
        async with room:
            await opened(connection, f"many-{number}", kinds=("articles",))

    await asyncio.gather(*(one(number) for number in range(begin, end)))
