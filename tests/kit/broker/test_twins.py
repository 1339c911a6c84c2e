"""What is wrong with the way to a broker is told in one sentence, by each command that needs one."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from tests.kit.broker.rows import ODD, ODD_USER, ROWS, write
from tests.kit.broker.running import nats_server
from tests.kit.command.tool import SECRET, clean_environment

from omnisession_conformance.environment.settings import read_settings

if TYPE_CHECKING:
    from pathlib import Path

    from tests.kit.broker.calling import Calling

"""Looked at by every `make test`; the others by `make test-all`."""
EXIT_NO_VERDICT = 3
UNSEEN = (ODD, ODD_USER)


def served(folder: Path) -> subprocess.CompletedProcess[str]:
    """The reference server with the settings of the file, until it gives up."""
    access = read_settings(folder / "omnisession.toml", None, None, None)[0].access
    assert access is not None
    told = access.variables({"OMNISESSION_SECRET": SECRET})
    return subprocess.run(
        [sys.executable, "-m", "omnisession_reference"],
        env={**clean_environment(), **told},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


@pytest.mark.dear
@pytest.mark.parametrize("name", [*ROWS])
def test_a_wrong_twin_is_told(name: str, calling: Calling) -> None:
    row = ROWS[name](calling.folder)
    for twin, wrong in row.twins.items():
        configuration = row.configuration if wrong.configuration is None else wrong.configuration
        with nats_server(configuration) as places:
            write(calling.folder, wrong.settings, places)
            looked = calling.omnisession("doctor")
            judged = calling.omnisession("check", "--only", "CTRL-013")
            tried = served(calling.folder)
        assert looked.code == judged.code == tried.returncode == EXIT_NO_VERDICT, (twin, tried)
        for ran in (looked, judged):
            told = " ".join(f"{ran.out} {ran.err}".split())
            assert wrong.told in told, twin
            assert "Traceback" not in told
            assert not any(unseen in told for unseen in UNSEEN)
            assert ran.err == ""
        if "Cannot connect" not in wrong.told:
            assert "Start it" not in looked.out, twin
            assert "no broker answered" not in tried.stderr, (twin, tried.stderr)
        assert "Traceback" not in tried.stderr
