"""A broker with users that lack a right each, and one that a server is started as."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.kit.broker.running import PATIENCE_S, places

from omnisession_conformance.environment.broker import find_binary

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

PASSWORD = "pw"
SERVER_CMD = f"{sys.executable} -m omnisession_reference"
ALL = "{ }"


def deny(verb: str, *patterns: str) -> str:
    """Permissions that leave some subjects out."""
    return f"{{ {verb}: {{ deny: {json.dumps(patterns)} }} }}"


def allow(publish: tuple[str, ...], subscribe: tuple[str, ...]) -> str:
    """Permissions that name all there is."""
    told = {"publish": {"allow": publish}, "subscribe": {"allow": subscribe}}
    return json.dumps(told)


@dataclass(frozen=True)
class Brokerage:
    """A broker whose users have the permissions that they are given; `server` has all of them."""

    nats: str
    file: Path
    more: str
    process: subprocess.Popen[bytes]

    def url(self, user: str) -> str:
        """Its address with a user's credentials."""
        return f"nats://{user}:{PASSWORD}@{self.nats}"

    def change(self, users: Mapping[str, str]) -> None:
        """Give other permissions to those who are connected already."""
        self.file.write_text(_configuration(self.file.parent, users, self.more), "utf-8")
        self.process.send_signal(signal.SIGHUP)

    def settings(self, user: str, more: str = "") -> str:
        """A configuration file: the kit is one user, and starts a server as another."""
        return (
            f"[broker]\nurl = 'nats://{self.nats}'\nuser = '{user}'\npassword = '{PASSWORD}'\n{more}\n"
            f"[target]\ncommand = '{SERVER_CMD}'\n"
            f"env = {{ NATS_URL = '{self.url('server')}', NATS_USER = 'server' }}\n"
        )


def _configuration(folder: Path, users: Mapping[str, str], more: str) -> str:
    listed = [
        f"{{ user: {json.dumps(name)}, password: {PASSWORD}, permissions: {permissions} }}"
        for name, permissions in {**users, "server": ALL}.items()
    ]
    every = ",\n".join(listed)
    return (
        f'listen: "127.0.0.1:-1"\nports_file_dir: "{folder}"\n'
        f"authorization {{ users: [\n{every}\n] }}\n{more}"
    )


@contextlib.contextmanager
def brokerage(users: Mapping[str, str], more: str = "") -> Generator[Brokerage]:
    """Run such a broker, with more lines of configuration."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file, log = folder / "nats.conf", folder / "log"
        file.write_text(_configuration(folder, users, more), "utf-8")
        with log.open("w") as out:
            process = subprocess.Popen([find_binary(), "-c", file], stderr=out)
        try:
            yield Brokerage(places(folder, process, log)["nats"], file, more, process)
        finally:
            process.terminate()
            process.wait(PATIENCE_S)
