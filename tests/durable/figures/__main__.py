"""What a journal costs, as ratios of one run: `python -m tests.durable.figures`.

Each row is measured in turn with what it is compared with, a few times; the medians are told. All of it is
real: a cluster of three nodes, one node, servers in processes of their own.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from tests.durable.cluster import JOURNAL, cluster
from tests.durable.figures import loads
from tests.durable.processes import Server, broker
from tests.reference import broker as memory

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

KB_A_MB = 1_024
COUNTS = (0, 1_000, 10_000)


@contextlib.contextmanager
def echo(url: str) -> Generator[None]:
    """Somebody who answers requests."""
    command = [sys.executable, "-m", "tests.durable.figures.echo", url]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline()
        yield
    finally:
        process.kill()
        process.communicate()


@contextlib.contextmanager
def durable(url: str) -> Generator[Server]:
    """An instance that serves."""
    server = Server(url)
    try:
        server.wait_for("speaks")
        yield server
    finally:
        server.kill()


def tell(what: str, value: str) -> None:
    """Write a row."""
    sys.stdout.write(f"{what:66} {value:>14}\n")
    sys.stdout.flush()


async def on_three_nodes(url: str, times: int) -> None:
    """An action against what it rests on: a request, and an entry in a stream of three copies."""
    connection = await loads.connected(url)
    await loads.with_stream(connection, 3)
    rows: list[tuple[float, float, float, float, float]] = []
    for number in range(times):
        request = await loads.raw_request_ms(connection)
        publish = await loads.raw_publish_ms(connection)
        action = await loads.action_ms(connection, f"one-{number}")
        raw = await loads.raw_publishes_a_second(connection)
        rows.append(
            (
                request,
                publish,
                action,
                raw,
                await loads.actions_a_second(connection, f"all-{number}"),
            )
        )
    request, publish, action, raw, many = (median(column) for column in zip(*rows, strict=True))
    tell("three nodes: a request, median", f"{request:.2f} ms")
    tell("three nodes: an entry of three copies, median", f"{publish:.2f} ms")
    tell("three nodes: an action until its ack, median", f"{action:.2f} ms")
    tell(
        "  its ratio to both together (at most 2)",
        f"{median(r[2] / (r[0] + r[1]) for r in rows):.2f}",
    )
    tell(f"three nodes: entries a second, {loads.IN_FLIGHT} under way", f"{raw:.0f}")
    tell(f"three nodes: actions a second of {loads.SESSIONS} sessions", f"{many:.0f}")
    tell("  its ratio to entries (at least 0.4)", f"{median(r[4] / r[3] for r in rows):.2f}")
    await connection.close()


async def against_memory(journal_url: str, memory_url: str, times: int) -> None:
    """One instance on one node against the server in memory."""
    on_journal, in_memory = [await loads.connected(url) for url in (journal_url, memory_url)]
    rows: list[tuple[float, float]] = []
    for number in range(times):
        mine = await loads.actions_a_second(on_journal, f"all-{number}")
        rows.append((mine, await loads.actions_a_second(in_memory, f"all-{number}")))
    mine, other = (median(column) for column in zip(*rows, strict=True))
    tell(f"one node: actions a second of {loads.SESSIONS} sessions", f"{mine:.0f}")
    tell("in memory: the same", f"{other:.0f}")
    tell("  their ratio (at least 0.4)", f"{median(r[0] / r[1] for r in rows):.2f}")
    for connection in (on_journal, in_memory):
        await connection.close()


async def journal_of(url: str) -> tuple[int, int]:
    """How many entries a journal has that stay, and how many bytes one of them takes."""
    connection = await loads.connected(url)
    answer = await connection.request(f"$JS.API.STREAM.INFO.{JOURNAL}", timeout=loads.PATIENCE_S)
    state = json.loads(answer.data)["state"]
    await connection.close()
    return state["messages"], state["bytes"] // state["messages"]


def start_ms(url: str) -> float:
    """How long an instance takes that is alone, from its start until it speaks, in ms."""
    begun = time.perf_counter()
    server = Server(url)
    try:
        server.wait_for("speaks")
        return (time.perf_counter() - begun) * 1_000
    finally:
        server.kill()


def starts(empty: str, full: str, times: int) -> None:
    """A start on a journal with entries, against one on an empty one: what is between them is the fold."""
    entries, size = asyncio.run(journal_of(full))
    spent = [start_ms(full) - start_ms(empty) for _ in range(times)]
    tell("an entry of the journal, on average", f"{size} B")
    tell(
        f"entries that a start folds a second, of {entries}",
        f"{entries / median(spent) * 1_000:.0f}",
    )


async def memory_of(processes: Sequence[tuple[str, int]], url: str) -> None:
    """How much memory each process has with so many sessions."""
    connection, known = await loads.connected(url), 0
    for count in COUNTS:
        await loads.open_many(connection, known, count)
        known = count
        for name, pid in processes:
            tell(f"memory with {count} sessions: {name}", f"{resident_mb(pid):.0f} MB")
    await connection.close()


def resident_mb(pid: int) -> float:
    """The memory of a process that is there, in MB."""
    status = Path(f"/proc/{pid}/status").read_text("ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) / KB_A_MB


def main() -> int:
    """Measure all of it."""
    parser = argparse.ArgumentParser(
        prog="tests.durable.figures", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument(
        "--times", type=int, default=5, help="how often each row is measured; without it 5"
    )
    times: int = parser.parse_args().times
    with cluster() as three:
        asyncio.run(three.ready())
        url = three.urls(0)
        with echo(url), durable(url):
            asyncio.run(three.leader())
            asyncio.run(on_three_nodes(url, times))
    with broker() as one, broker() as empty:
        with memory.broker() as plain, durable(one.url), memory.server(plain):
            asyncio.run(against_memory(one.url, plain, times))
        start_ms(empty.url)
        starts(empty.url, one.url, times)
    with broker() as one, durable(one.url) as owner, contextlib.ExitStack() as stack:
        standby = Server(one.url)
        stack.callback(standby.kill)
        standby.wait_for("ready")
        pids = (("owner", owner), ("standby", standby), ("broker", one))
        asyncio.run(memory_of([(name, of.process.pid) for name, of in pids], one.url))
    return 0


if __name__ == "__main__":
    sys.exit(main())
