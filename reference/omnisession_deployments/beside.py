"""What goes on beside a broker while it is judged: somebody who listens in, a stream that answers.

Each is a bare connection, so that nothing of a library stands between the deployment and what is wrong
with it.
"""

import contextlib
import json
import socket
import threading
import time
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager
from typing import Any

Connecting = Callable[[str], socket.socket]
"""Connects as one who may do everything, with a name; the broker has taken the connection."""
Beside = Callable[[Connecting], AbstractContextManager[None]]

SLOW_S = 0.7
ANSWERED_S = 10.0
WITH_REPLY = 5
"""Words of the line of a message that names a reply subject."""
POLL_S = 0.05


def connected(place: tuple[str, int], login: dict[str, Any], name: str) -> socket.socket:
    """A connection to a broker, which it has taken; raises OSError."""
    line = socket.create_connection(place, ANSWERED_S)
    says = {**login, "name": name, "verbose": False, "pedantic": False}
    line.sendall(f"CONNECT {json.dumps(says)}\r\n".encode())
    _flush(line)
    return line


def _flush(line: socket.socket) -> None:
    line.sendall(b"PING\r\n")
    heard = b""
    while b"PONG\r\n" not in heard:
        more = line.recv(4_096)
        if not more or b"-ERR" in heard:
            raise OSError(f"the broker said: {heard.decode('utf-8', 'replace')[-200:]}")
        heard += more


def listening(subject: str, name: str = "curious") -> Beside:
    """Somebody who may hear a subject does."""

    @contextlib.contextmanager
    def listen(connect: Connecting) -> Generator[None]:
        with connect(name) as line:
            line.sendall(f"SUB {subject} 1\r\n".encode())
            _flush(line)
            yield

    return listen


def capturing(subject: str) -> Beside:
    """A stream takes what comes on a subject, and says so."""

    @contextlib.contextmanager
    def capture(connect: Connecting) -> Generator[None]:
        asked = json.dumps({"name": "ALL", "subjects": [subject], "storage": "memory"})
        with connect("who makes streams") as line:
            line.sendall(
                f"SUB answer 1\r\nPUB $JS.API.STREAM.CREATE.ALL answer {len(asked)}\r\n"
                f"{asked}\r\n".encode()
            )
            heard = b""
            while not heard.rstrip().endswith(b"}"):
                heard += line.recv(65_536)
        if b'"error"' in heard:
            raise OSError(f"the stream was not made: {heard.decode('utf-8', 'replace')}")
        yield

    return capture


@contextlib.contextmanager
def storing_slowly(connect: Connecting) -> Generator[None]:
    """Somebody answers the last of a row of requests as a stream does whose replicas are far away."""
    over = threading.Event()
    with connect("far") as line:
        line.sendall(b"SUB session.*.*.control 1\r\n")
        _flush(line)
        line.settimeout(POLL_S)
        thread = threading.Thread(target=_store, args=(line, over))
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()


def _store(line: socket.socket, over: threading.Event) -> None:
    heard, last, at_s = b"", "", 0.0
    while not over.is_set():
        with contextlib.suppress(TimeoutError):
            more = line.recv(65_536)
            if not more:
                return
            heard += more
        *whole, heard = heard.split(b"\r\n")
        for words in (one.decode("utf-8", "replace").split() for one in whole):
            if words[:1] == ["PING"]:
                line.sendall(b"PONG\r\n")
            if words[:1] == ["MSG"] and len(words) == WITH_REPLY:
                last, at_s = words[3], time.monotonic()
        if last and time.monotonic() > at_s + SLOW_S:
            ack = '{"stream":"FAR","seq":1}'
            line.sendall(f"PUB {last} {len(ack)}\r\n{ack}\r\n".encode())
            last = ""
