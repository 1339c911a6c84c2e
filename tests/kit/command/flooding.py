"""Targets that flood: the reference server, and beside it a process that publishes as fast as it can.

    python -P flooding.py SHAPE [SECONDS] [RATE]

It begins when the kit has opened some sessions, and knows their subjects as any listener does.
"""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from omnisession_reference import cli
from omnisession_reference.control import Control

if TYPE_CHECKING:
    from omnisession_reference.session import Session
    from omnisession_reference.wire import JsonObject


BESIDE = "--beside"
BEGIN_AFTER = 15
"""Messages of the kit on `.control` that are waited for: the probe and the first cases."""
READ = 1 << 20
Made = Callable[[bytes, int], bytes]
"""Makes a message for a session, by the beginning of its subjects and a number."""


def published(subject: bytes, data: bytes) -> bytes:
    return b"PUB %b %d\r\n%b\r\n" % (subject, len(data), data)


def connected(*commands: bytes) -> socket.socket:
    host, _, port = os.environ["NATS_URL"].removeprefix("nats://").rpartition(":")
    there = socket.create_connection((host, int(port)))
    there.recv(READ)
    there.sendall(b'CONNECT {"verbose":false,"headers":true,"echo":false}\r\nPING\r\n')
    there.sendall(b"".join(commands))
    return there


def reading(there: socket.socket) -> Iterator[bytes]:
    """What comes, while the broker's pings are answered; ends when the broker does."""
    try:
        while data := there.recv(READ):
            if b"PING\r\n" in data:
                there.sendall(b"PONG\r\n")
            yield data
    except OSError:
        return


class Sessions:
    """The subjects of the kit's sessions, as they are used."""

    def __init__(self) -> None:
        self.prefixes: list[bytes] = []
        self.begun = threading.Event()
        there = connected(b"SUB session.*.*.control 1\r\n")
        threading.Thread(target=self._listen, args=(there,), daemon=True).start()

    def _listen(self, there: socket.socket) -> None:
        for data in reading(there):
            found = re.findall(rb"MSG (session\.\S+\.\S+)\.control 1 ", data)
            self.prefixes = (self.prefixes + found)[-100:]
            if len(self.prefixes) >= BEGIN_AFTER:
                self.begun.set()
        os._exit(0)


def body(**more: object) -> bytes:
    told = {"v": "1.0", "user_id": "x", "session_id": "y", "timestamp": 1_790_000_000_000}
    return json.dumps({**told, **more}).encode()


ENTRY = b"{},"
SLICE: dict[str, object] = {"type": "user", "user": None, "sessions": []}
WEIRD = (
    b"[" * 100_000,
    b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    b'{"type":"session.state","epoch":' + b"9" * 100_000 + b"}",
    b"[" + b"1," * 450_000 + b"1]",
    b'{"type":"session.state","data":{"type":"articles","articles":['
    + ENTRY * 300_000
    + b'{}]},"a":1.0}',
    b'{"type":"session.state","data":{"type":"articles","articles":[' + ENTRY * 300_000 + b"{}]}}",
    b'{"type":"' + b"A" * 900_000 + b'"}',
    b'{"type":"error","data":{"error":{"message":"' + b"a-" * 400_000 + b'"}}}',
    b"{" + b",".join([b'"a":1.0'] * 100_000) + b"}",
    b"\xff\xfe\x00",
)


def valid(prefix: bytes, number: int) -> bytes:
    head = {"epoch": 1, "seq": number, "last_action_seq": 0, "reason": "change"}
    return published(prefix + b".state", body(type="session.state", data=SLICE, **head))


def garbage(prefix: bytes, _: int) -> bytes:
    return published(prefix + b".events", os.urandom(48))


def junk(_: bytes, number: int) -> bytes:
    return published(b"junk.%d" % number, b"x" * 40)


def large(prefix: bytes, number: int) -> bytes:
    text = b'{"type":"%d%b"}' % (number, b"A" * 1_000_000)
    return published(prefix + b".state", text)


def weird(prefix: bytes, number: int) -> bytes:
    return published(prefix + b".state", WEIRD[number % len(WEIRD)])


SHAPES: dict[str, tuple[Made, int]] = {
    "valid": (valid, 500),
    "garbage": (garbage, 500),
    "junk": (junk, 500),
    "large": (large, 1),
    "weird": (weird, 1),
}
"""By name: what is made, and how many of them are sent at once."""


def flood(shape: str, seconds: float, rate: float) -> None:
    """Publish for some seconds, at a rate a second or as fast as the broker takes it."""
    sessions, there = Sessions(), connected()
    threading.Thread(target=lambda: [*reading(there)], daemon=True).start()
    make, at_once = SHAPES[shape]
    sessions.begun.wait()
    sent, began = 0, time.monotonic()
    try:
        while time.monotonic() - began < seconds:
            prefixes = sessions.prefixes
            numbers = range(sent, sent + at_once)
            there.sendall(b"".join(make(prefixes[n % len(prefixes)], n) for n in numbers))
            sent += at_once
            if rate and (ahead := sent / rate - (time.monotonic() - began)) > 0:
                threading.Event().wait(ahead)
    except OSError:
        return


def serve_and_hog(megabytes: int) -> None:
    """A target that takes memory, page by page."""
    taken: list[bytes] = []
    while len(taken) * 2 < megabytes:
        taken.append(b"\xff" * 2_000_000)
        threading.Event().wait(0.005)
    threading.Event().wait()


def serve_deaf(connections: int) -> None:
    """A target that subscribes to everything, again and again, and reads nothing."""
    deaf = [connected(b"SUB > 1\r\n") for _ in range(connections)]
    for there in deaf:
        there.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    flood("valid", 60, 0)


PROGRAMS: dict[str, Callable[[int], None]] = {"hog": serve_and_hog, "deaf": serve_deaf}


def beside(arguments: list[str]) -> None:
    shape, seconds, rate = (*arguments, "60", "0")[:3]
    if shape in PROGRAMS:
        PROGRAMS[shape](int(seconds))
    else:
        flood(shape, float(seconds), float(rate))


def main(arguments: list[str]) -> None:
    """Serve, and begin to flood when the first session is opened."""
    begun: list[subprocess.Popen[bytes]] = []
    opened = Control.opened

    def first_opened(self: Control, session: Session) -> JsonObject:
        if not begun:
            begun.append(subprocess.Popen([sys.executable, "-P", __file__, BESIDE, *arguments]))
        return opened(self, session)

    Control.opened = first_opened
    sys.argv = ["serve", "--log-level", "error"]
    cli.main()


if __name__ == "__main__":
    if sys.argv[1] == BESIDE:
        beside(sys.argv[2:])
    else:
        main(sys.argv[1:])
