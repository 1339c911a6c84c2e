"""The carrier of an adapter: a request a line on standard input, an answer a line on standard output."""

import asyncio
import contextlib
import json
import os
import signal
import threading
from collections.abc import Callable
from typing import Any, Protocol

from omnisession_client import reading
from omnisession_reference.wire import JsonObject

LONGEST_LINE = 32 * 1_024 * 1_024
CHUNK = 65_536


class Answers(Protocol):
    """What answers."""

    async def answer(self, request: JsonObject, /) -> JsonObject:
        """Answer one request; never raises."""
        ...

    async def end(self) -> None:
        """Leave everything."""
        ...


class Lines:
    """Splits bytes at line feeds; a line that is too long comes as None."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self._skips = False

    def feed(self, data: bytes) -> list[bytes | None]:
        """Take in bytes, and hand over the lines that end in them."""
        found: list[bytes | None] = []
        *ended, rest = data.split(b"\n")
        for part in ended:
            found.append(self._line(part))
            self._rest, self._skips = bytearray(), False
        self._keep(rest)
        return found

    def _line(self, part: bytes) -> bytes | None:
        self._keep(part)
        return None if self._skips else bytes(self._rest)

    def _keep(self, part: bytes) -> None:
        self._skips = self._skips or len(self._rest) + len(part) > LONGEST_LINE
        if not self._skips:
            self._rest += part


async def serve(testee: Answers) -> None:
    """Answer until the end of standard input, or SIGTERM."""
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    tasks: set[asyncio.Task[None]] = set()

    async def answer(line: bytes | None) -> None:
        request = None if line is None else read(line)
        if request is None:
            say({"id": None, "error": "this is no request: one JSON object a line"}, ended)
        else:
            say(await testee.answer(request), ended)

    def take(line: bytes | None) -> None:
        if line is None or line.strip():
            task = asyncio.create_task(answer(line))
            tasks.add(task)
            task.add_done_callback(tasks.discard)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    _listen(loop, take, ended)
    await ended.wait()
    # What was asked before the end is answered, as far as it can be at once.
    if tasks:
        await asyncio.wait(tasks, timeout=1)
    await testee.end()


def read(line: bytes) -> JsonObject | None:
    """Read a request; None for what is none."""
    try:
        return reading.mapping(json.loads(line, parse_float=_number))
    except (ValueError, RecursionError):
        return None


def _number(text: str) -> Any:
    """Read `5.0` as the integer that it is: no client writes such a number."""
    value = float(text)
    return int(value) if value.is_integer() else value


def say(answer: JsonObject, ended: asyncio.Event) -> None:
    """Write an answer out at once; without anybody who reads, the program ends."""
    data = json.dumps(answer).encode() + b"\n"
    try:
        while data:
            data = data[os.write(1, data) :]
    except OSError:
        ended.set()


def _listen(
    loop: asyncio.AbstractEventLoop, take: Callable[[bytes | None], None], ended: asyncio.Event
) -> None:
    """Read in a thread: standard input may be a file or /dev/null, which no event loop can watch."""

    def listen() -> None:
        lines = Lines()
        # The loop is closed where the program ends for another reason.
        with contextlib.suppress(RuntimeError):
            for data in iter(_read, b""):
                for line in lines.feed(data):
                    loop.call_soon_threadsafe(take, line)
            for line in lines.feed(b"\n"):
                loop.call_soon_threadsafe(take, line)
            loop.call_soon_threadsafe(ended.set)

    threading.Thread(target=listen, daemon=True).start()


def _read() -> bytes:
    try:
        return os.read(0, CHUNK)
    except OSError:  # it was closed
        return b""
