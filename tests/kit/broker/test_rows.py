"""Every way to reach a broker works for the kit, `doctor`, `serve` and a server that the kit starts."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from tests.kit.broker.rows import ROWS, write
from tests.kit.broker.running import nats_server
from tests.kit.command.tool import SECRET, clean_environment

from omnisession_conformance.environment.processes import start_child
from omnisession_conformance.environment.settings import read_settings
from omnisession_conformance.environment.target import REFERENCE_COMMAND
from omnisession_conformance.own_python import SIGNING_SEED, environment_of

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from tests.kit.broker.calling import Calling
    from tests.kit.command.inside import Inside

REFERENCE = f"{sys.executable} -m omnisession_reference"
ONE = ("--only", "CTRL-013")
QUICK_ROWS = ("client certificate",)
"""Looked at by every `make test`; the others by `make test-all`."""


def _marked(names: list[str]) -> list[object]:
    return [
        pytest.param(name, id=name, marks=() if name in QUICK_ROWS else pytest.mark.dear)
        for name in names
    ]


@contextlib.contextmanager
def serving(folder: Path) -> Generator[None]:
    """Run `omnisession serve` with the settings of the file, told as a started server is."""
    access = read_settings(folder / "omnisession.toml", None, None, None)[0].access
    assert access is not None
    told = access.variables({"OMNISESSION_SECRET": SECRET})
    process = subprocess.Popen(
        [sys.executable, "-m", "omnisession_conformance", "serve"],
        env={**clean_environment(), **told},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        began = list(itertools.takewhile(lambda line: '"ready"' not in line, process.stderr))
        assert process.poll() is None, "".join(began)
        yield
    finally:
        process.terminate()
        _, log = process.communicate(timeout=30)
    assert process.returncode == 0, log
    assert all(line.startswith("{") for line in log.splitlines()), log


@pytest.mark.parametrize("name", _marked([*ROWS]))
def test_a_row_works(name: str, calling: Calling) -> None:
    row = ROWS[name](calling.folder)
    with nats_server(row.configuration) as places:
        write(calling.folder, row.settings, places)
        looked = calling.omnisession("doctor", "--server-cmd", REFERENCE)
        assert looked.code == 0, looked.out + looked.err
        judged = calling.omnisession("check", "--server-cmd", REFERENCE, *ONE)
        assert judged.code == 0, judged.out + judged.err
        assert "PASS" in judged.statuses()
        with serving(calling.folder):
            attached = calling.omnisession("check", *ONE)
        assert attached.code == 0, attached.out + attached.err
    for ran in (looked, judged, attached):
        assert ran.err == "", "nothing of asyncio or of the library comes up"


@pytest.mark.dear
def test_a_server_inherits_nothing_of_a_broker(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NATS_CREDS", "NATS_NKEY", "NATS_CA"):
        monkeypatch.setenv(name, "nowhere")
    ran = inside.omnisession("doctor")
    assert ran.code == 0, ran.out + ran.err


def test_nothing_that_is_started_has_the_seed_that_only_the_kit_signs_with(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def told() -> str:
        child = await start_child((sys.executable, "-c", "import os; print(sorted(os.environ))"))
        await child.watch()
        return "".join(child.output)

    monkeypatch.setenv(SIGNING_SEED, "SA")
    monkeypatch.setenv("OMNISESSION_OTHER", "1")
    names = asyncio.run(told())
    assert "'OMNISESSION_OTHER'" in names
    assert SIGNING_SEED not in names
    assert SIGNING_SEED not in environment_of(REFERENCE_COMMAND, os.environ)
