"""Neither server keeps what nobody may ask for any more: users come and go, and memory stays flat."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING

import nats
import pytest
from tests.go import servers
from tests.reference.bench import action, control, token
from tests.reference.broker import PATIENCE_S

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nats.aio.client import Client
    from tests.reference.bench import Body

pytestmark = pytest.mark.slow

USERS, FIRST = 40_000, 10_000
AT_ONCE = 64
PADDING = "p" * 1_700
GROWTH_MB = 30
"""What the heap of a garbage collector may swing by. Without an end of outcomes, 30 000 users more
were 100 MB in the reference and 210 MB in Go."""


def memory_mb(process_id: int) -> float:
    status = Path(f"/proc/{process_id}/status").read_text("ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1_024


async def told(connection: Client, subject: str, body: Body) -> str:
    answer = await connection.request(subject, json.dumps(body).encode(), timeout=PATIENCE_S)
    return json.loads(answer.data)["type"]


async def visit(connection: Client, user: str) -> None:
    """Open a session, have one long action done, close."""
    session = f"s-{user}-0123456789abcdef"
    subject = f"session.{user}.{session}.control"
    data = {
        "protocol": ["1.0"],
        "kinds": ["articles", "chat", "url", "user"],
        "features": [],
        "auth": {"scheme": "bearer", "token": token(user, name=user.upper())},
        "client": {"name": "visitor", "version": "1"},
        "timers": {"heartbeat_ms": 500, "resume_window_ms": 1_000},
    }
    opened = control("session.open", user, session, **data)
    assert await told(connection, subject, opened) == "session.opened"
    noop = action(user, session, 1, "session.noop")
    noop |= {"action_id": f"act-{user}-".ljust(128, "x"), "padding": PADDING}
    assert await told(connection, f"user.actions.{user}", noop) == "action.ack"
    closed = control("session.close", user, session)
    assert await told(connection, subject, closed) == "session.closed"


async def visit_all(connection: Client, numbers: Iterator[int]) -> None:
    """Have the users visit that are left; several of these share them."""
    for number in numbers:
        await visit(connection, f"user-{number}")


async def come_and_go(url: str, process_id: int) -> tuple[float, float]:
    """Have all users visit, so many at once; returns the memory after the first ones and after all."""
    connection = await nats.connect(url)  # pyright: ignore[reportUnknownMemberType]
    after: list[float] = []
    for begin, end in ((0, FIRST), (FIRST, USERS)):
        numbers = iter(range(begin, end))
        await asyncio.gather(*(visit_all(connection, numbers) for _ in range(AT_ONCE)))
        after.append(memory_mb(process_id))
    await connection.close()
    return after[0], after[1]


def check(command: Sequence[str]) -> None:
    with servers.started(command) as (url, process_id):
        first, last = asyncio.run(come_and_go(url, process_id))
    assert last < first + GROWTH_MB, (
        f"{first:.0f} MB after {FIRST} users, {last:.0f} MB after {USERS}"
    )


def test_the_reference_forgets() -> None:
    check(
        (*servers.REFERENCE, "--log-level", "error", "--window-ms", "1000", "--outcomes-ms", "1000")
    )


@pytest.mark.needs("go")
def test_the_server_in_go_forgets(tmp_path: Path) -> None:
    check((str(servers.build(tmp_path)), "-window", "1s", "-remember", "1s"))
