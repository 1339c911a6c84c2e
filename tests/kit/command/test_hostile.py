"""No command prints or writes a line of a target's, whatever the target says and wherever it says it."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from tests.kit.command.hostile_server import WAYS
from tests.kit.command.tool import TIMEOUT_S, clean_environment, target
from tests.kit.hostile import HOSTILE, wrong

from omnisession_conformance.report import RESULTS_FILE, TRANSCRIPT_FILE

if TYPE_CHECKING:
    from pathlib import Path

    from tests.kit.command.inside import Inside
    from tests.kit.command.tool import Ran

SELECTED = (
    *("--case", "pong-covers-what-was-answered", "--case", "errors-are-of-the-catalogue"),
    *("--only", "CTRL-007", "--only", "ERR-001"),
)
ROOT_PATHS = {"PYTHONPATH": ":".join(path for path in sys.path if path)}


def assert_harmless(ran: Ran) -> None:
    assert "Traceback" not in ran.err
    assert not wrong(ran.out), ran.out
    assert not wrong(ran.err), ran.err
    for path in ran.folder.glob("*"):
        if path.suffix != ".gz":
            assert not wrong(path.read_text("utf-8")), path.name


@pytest.mark.parametrize(
    "way",
    [WAYS[0], *(pytest.param(way, marks=pytest.mark.dear) for way in WAYS[1:])],
)
def test_every_command(way: str, inside: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", ROOT_PATHS["PYTHONPATH"])
    server = ("--server-cmd", target("hostile_server.py", way))
    ran = inside.omnisession("check", *SELECTED, *server)
    assert ran.code == (1 if way == "tells" else 3), ran.out + ran.err
    assert_harmless(ran)
    assert_harmless(inside.omnisession("doctor", *server))
    results = f"report/{RESULTS_FILE}"
    assert_harmless(inside.omnisession("report", results, "--to", "again", report="again"))
    assert_harmless(inside.omnisession("diff", results, results))
    assert_harmless(inside.omnisession("diff", results, results, "--json"))
    judge = ("judge", f"report/{TRANSCRIPT_FILE}", "--only", "ENV", "--report", "judged")
    assert_harmless(inside.omnisession(*judge, report="judged"))


def test_names_of_files_and_arguments(inside: Inside) -> None:
    odd = HOSTILE.replace("/", "").replace("\0", "")[:80]
    (inside.folder / odd).write_text('{"v":"1.0","type":"::error ::x"}')
    for arguments in (
        *(("validate", odd), ("validate", odd, "--json"), ("validate", "--subject", odd, odd)),
        *(("report", odd), ("judge", odd), ("diff", odd, odd), ("explain", odd)),
        *(("list", "--area", odd), ("check", "--config", odd), ("check", "--only", odd)),
        *(("check", "--expected-failures", odd), ("check", "--server-cmd", odd), ("check", odd)),
        *(("baseline", "write", odd, "--reason", "r"), (odd,), ("check", f"--{odd}")),
    ):
        assert_harmless(inside.omnisession(*arguments))


@pytest.mark.dear
@pytest.mark.parametrize("way", WAYS)
def test_pytest(way: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-rA", "-p", "no:cacheprovider", "--pyargs"),
            *("omnisession_conformance.suite", "--omni-report", "report"),
            *("--omni-server-cmd", target("hostile_server.py", way)),
            *(word.replace("--", "--omni-") for word in SELECTED),
        ],
        cwd=tmp_path,
        env={**clean_environment(), **ROOT_PATHS},
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    assert done.returncode == (1 if way == "tells" else 3), done.stdout
    assert not wrong(done.stdout), done.stdout
    assert not wrong(done.stderr), done.stderr
