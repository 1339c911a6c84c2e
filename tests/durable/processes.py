"""A real broker that keeps a journal on disk, and the server as a process on it; both can be killed."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from tests.reference.bench import SECRET
from tests.reference.broker import broker_program

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from tests.reference.bench import Body


PATIENCE_S = 60


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Broker:
    """A broker with JetStream, always at one address; `more` are further arguments of its command."""

    def __init__(self, folder: str | Path, *more: str) -> None:
        self.port = free_port()
        self.url = f"nats://127.0.0.1:{self.port}"
        self.folder = Path(folder)
        self._more = more
        self.start()

    def start(self) -> None:
        """Start it on what it has on disk, and wait until it listens."""
        place = (
            "-a",
            "127.0.0.1",
            "-p",
            str(self.port),
            "-js",
            "-sd",
            str(self.folder),
            *self._more,
        )
        self.process = subprocess.Popen([broker_program(), *place], stderr=subprocess.DEVNULL)
        for _ in range(PATIENCE_S * 100):
            with (
                contextlib.suppress(OSError),
                socket.create_connection(("127.0.0.1", self.port), 1),
            ):
                return
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(0.01)
        raise TimeoutError("the broker did not start")

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """End it as an operator would."""
        self.process.terminate()
        self.process.wait(PATIENCE_S)

    def freeze(self) -> None:
        """Let it stand still: connections stay, and nothing comes through."""
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.process.send_signal(signal.SIGCONT)


@contextlib.contextmanager
def broker() -> Generator[Broker]:
    with tempfile.TemporaryDirectory() as folder:
        one = Broker(folder)
        try:
            yield one
        finally:
            one.kill()


class Server:
    """A server on a journal; its log is read as it comes, so that it never waits for a reader.

    Several of them may share their `news`, for who waits for any of them; `settings` are variables of its
    environment.
    """

    def __init__(
        self,
        url: str,
        *arguments: str,
        news: threading.Condition | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        environment = {**os.environ, "OMNISESSION_SECRET": SECRET, **(settings or {})}
        environment["NATS_URL"] = url
        command = [
            sys.executable,
            "-m",
            "omnisession_reference",
            "--store",
            "jetstream",
            *arguments,
        ]
        self.log: list[Body] = []
        self._news = news or threading.Condition()
        self.process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        for line in self.process.stderr or ():
            with self._news:
                told = json.loads(line) if line.startswith("{") else {"event": line}
                self.log.append(told)
                self._news.notify_all()

    def wait_for(self, event: str) -> None:
        """Wait until it has logged this."""
        with self._news:
            told = self._news.wait_for(
                lambda: any(line["event"] == event for line in self.log), PATIENCE_S
            )
        assert told, self.log

    @property
    def term(self) -> int:
        """The last term in which it has spoken, 0 before the first."""
        return max((line["term"] for line in self.log if line["event"] == "speaks"), default=0)

    def speaks_above(self, term: int) -> None:
        """Wait until it speaks in a later term."""
        with self._news:
            told = self._news.wait_for(lambda: self.term > term, PATIENCE_S)
        assert told, self.log

    def kill(self) -> None:
        self.process.kill()
        self.end()

    def freeze(self) -> None:
        """Let it stand still, in the middle of whatever it does."""
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def stop(self) -> int:
        """Ask it to stop; returns the code that it ends with."""
        self.process.send_signal(signal.SIGTERM)
        return self.end()

    def end(self) -> int:
        """Wait until it has ended."""
        code = self.process.wait(PATIENCE_S)
        self._reader.join()
        if self.process.stderr is not None:
            self.process.stderr.close()
        return code
