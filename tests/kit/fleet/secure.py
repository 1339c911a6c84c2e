"""`omnisession up --secure`, as its users start it, and credentials that the command writes for it."""

from __future__ import annotations

import contextlib
import json
import ssl
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import nats
from nats.errors import Error as NatsError
from tests.client.kit import ALL, TIMERS, Adapter
from tests.kit.command.tool import clean_environment, command
from tests.kit.demo.demo import PATIENCE_S, Running, running

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

Made = dict[str, Any]


@dataclass(frozen=True)
class Secured:
    """One that runs, on the folder `data` of its working directory; `said` is what it printed."""

    up: Running
    folder: Path
    said: str

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def credentials(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Call `omnisession credentials` in its working directory."""
        return subprocess.run(
            command("credentials", "--data", "data", *words),
            cwd=self.folder,
            env=clean_environment(),
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )

    def made(self, *words: str) -> Made:
        """What the command writes for a program."""
        ran = self.credentials(*words)
        assert (ran.returncode, ran.stderr) == (0, "")
        return json.loads((self.folder / ran.stdout.splitlines()[0]).read_text("utf-8"))


@contextlib.contextmanager
def secured(folder: Path, *words: str) -> Generator[Secured]:
    """Have one that serves, for the length of the block; nothing of it is left."""
    with running("up", "--secure", "--data", "data", *words, folder=folder) as up:
        assert up.process.stdout is not None
        lines = [f"Sessions are served at {up.url}\n"]
        while not lines[-1].startswith("Ctrl-C"):
            lines.append(up.process.stdout.readline())
        yield Secured(up, folder, "".join(lines))


async def refused(url: str, ca: str, **login: Any) -> str:
    """Why nobody is let in, empty where somebody is."""
    errors = list[str]()

    async def note(error: Exception) -> None:
        errors.append(str(error))

    try:
        client = await nats.connect(  # pyright: ignore[reportUnknownMemberType]
            url,
            tls=ssl.create_default_context(cafile=ca),
            allow_reconnect=False,
            max_reconnect_attempts=1,
            error_cb=note,
            **login,
        )
    except (NatsError, OSError) as error:
        return f"{errors} {error}"
    await client.close()
    return ""


def unsigned(_: str) -> bytes:
    """A bearer's token needs no signature."""
    return b""


async def chats(made: Made, *contents: str) -> list[str]:
    """Say something as the reference client; what the chat shows then, the oldest first."""
    files = ("--creds", made["credentials"], "--tlsca", made["ca"])
    async with Adapter(*files) as adapter:
        named = {name: made[name] for name in ("url", "user_id", "token")}
        wanted = {"kinds": ALL, "features": ["events", "digests"], "timers": TIMERS}
        await adapter.done("start", session="a", **named, **wanted)
        await adapter.until("a", lambda report: report["phase"] == "live")
        for content in contents:
            await adapter.act("a", "chat.send", content=content)
        shown = await adapter.until(
            "a",
            lambda report: set(contents) <= {m["content"] for m in messages(report)},
        )
        return [message["content"] for message in reversed(messages(shown))]


def messages(report: Made) -> list[Made]:
    return report["slices"]["chat"]["messages"]
