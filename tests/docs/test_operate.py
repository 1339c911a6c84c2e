"""The commands of the guide for operators, one after the other, as they stand there."""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.docs.pages import DOCS, ROOT, blocks
from tests.kit.broker.making import Authority

from omnisession_conformance.environment.broker import find_binary

if TYPE_CHECKING:
    from collections.abc import Generator

GUIDE = (DOCS / "guides/operate.md").read_text("utf-8")
PATIENCE_S = 300


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@dataclass(frozen=True)
class Shop:
    """A folder in which the commands of the guide run, and their environment."""

    folder: Path
    env: dict[str, str]

    @classmethod
    def open(cls, folder: Path) -> Shop:
        port = free_port()
        bins = folder / "bin"
        bins.mkdir()
        (bins / "nats-server").symlink_to(find_binary())
        (folder / "docs").symlink_to(ROOT / "docs")
        authority = Authority(folder, "ca")
        for made, name in zip(
            authority.issue("made", "127.0.0.1"), ("broker.pem", "broker.key"), strict=True
        ):
            shutil.copy(made, folder / name)
        (folder / "nats.conf").write_text(next(blocks(GUIDE, "text")), "utf-8")
        told = next(blocks(GUIDE, "toml")).replace("4222", str(port))
        logins = {"ann": "of-ann", "*": "of-odd"}
        for name, password in (
            ("PASSWORD-OF-THE-KIT", "of-the-kit"),
            ("PASSWORD-OF-ANN", "of-ann"),
            ("PASSWORD-OF-ODD", "of-odd"),
            ("PASSWORD-OF-THE-SERVER", "of-the-server"),
        ):
            assert name in told
            told = told.replace(name, password)
        (folder / "omnisession.toml").write_text(told, "utf-8")
        (folder / "logins.json").write_text(json.dumps(logins), "utf-8")
        kept = {k: v for k, v in os.environ.items() if not k.startswith("OMNISESSION_")}
        return cls(
            folder,
            {
                **kept,
                "PATH": os.pathsep.join(
                    (str(bins), str(Path(sys.executable).parent), os.environ["PATH"])
                ),
                "NATS_PORT": str(port),
                "SSL_CERT_FILE": str(folder / "ca.pem"),
                "AUTH_PASSWORD": "of-auth",
                "SERVER_PASSWORD": "of-the-server",
                "KIT_PASSWORD": "of-the-kit",
            },
        )

    def run(self, line: str) -> subprocess.CompletedProcess[str]:
        """Run a line of the guide to its end."""
        return subprocess.run(
            ["/bin/sh", "-c", line],
            cwd=self.folder,
            env=self.env,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )

    @contextlib.contextmanager
    def meanwhile(self, line: str, ready: str) -> Generator[None]:
        """Run a line that does not end, once it has said a word."""
        process = subprocess.Popen(
            shlex.split(line),
            cwd=self.folder,
            # The commands of the kit would take the service's for where they are to connect.
            env={**self.env, "NATS_URL": f"tls://auth:of-auth@127.0.0.1:{self.env['NATS_PORT']}"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert process.stdout is not None
        log = (self.folder / f"{Path(shlex.split(line)[0]).name}.log").open("w")
        with process, log:
            try:
                said: list[str] = []
                for told in process.stdout:
                    said.append(told)
                    if ready in told:
                        break
                else:
                    pytest.fail(f"{line} ended: {''.join(said)}")
                # What it says from here on would fill the pipe.
                drain = subprocess.Popen(["/bin/cat"], stdin=process.stdout, stdout=log)
                yield
            finally:
                process.send_signal(signal.SIGTERM)
                process.wait(PATIENCE_S)
        drain.wait(PATIENCE_S)


def test_commands_of_the_guide_are_those_that_are_run() -> None:
    lines = [line for block in blocks(GUIDE, "sh") for line in block.splitlines()]
    assert lines == [*FILES, KEY, BROKER, SERVICE, *LOOK]


FILES = (
    "omnisession permissions --role server > server.conf",
    "omnisession permissions --role kit > kit.conf",
)
KEY = "python docs/guides/examples/callout.py issuer.seed"
BROKER = "nats-server -c nats.conf"
SERVICE = "python docs/guides/examples/callout.py logins.json issuer.seed"
LOOK = ("omnisession doctor --role deployment", "omnisession check --role deployment")


@pytest.mark.slow
def test_the_guide_from_its_first_command_to_its_last(tmp_path: Path) -> None:
    shop = Shop.open(tmp_path)
    for line in FILES:
        assert shop.run(line).returncode == 0
    made = shop.run(KEY)
    assert made.returncode == 0, made.stderr
    assert (tmp_path / "issuer.seed").stat().st_mode & 0o077 == 0
    shop.env["ISSUER"] = made.stdout.strip()
    doctor, check = LOOK
    with shop.meanwhile(BROKER, "Server is ready"), shop.meanwhile(SERVICE, "ready"):
        looked = shop.run(doctor)
        judged = shop.run(check)
    assert looked.returncode == 0, looked.stdout + looked.stderr
    assert not [line for line in looked.stdout.splitlines() if line.startswith("warn")]
    assert judged.returncode == 0, judged.stdout + judged.stderr
    assert "CONFORMANT: secure" in judged.stdout


@pytest.mark.slow
def test_without_the_service_nobody_gets_in(tmp_path: Path) -> None:
    shop = Shop.open(tmp_path)
    for line in FILES:
        assert shop.run(line).returncode == 0
    shop.env["ISSUER"] = shop.run(KEY).stdout.strip()
    with shop.meanwhile(BROKER, "Server is ready"):
        judged = shop.run(LOOK[1])
    assert judged.returncode == 3, judged.stdout + judged.stderr
    assert "cannot connect" in judged.stdout
