"""What a run of the tests says at its end: what it left out for want of a program, and idle snapshots."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.kit.report import snapshot
from tests.needs import REQUIRED, TOOLS, main

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = """\
[pytest]
testpaths = inner
addopts = --strict-markers --import-mode=importlib -p no:cacheprovider
markers =
    dear: as in the project
    needs(tool): as in the project
"""
NEEDY = """\
import pytest

@pytest.fixture
def dear_to_make():
    raise AssertionError("nothing is made for a test that cannot run")

@pytest.mark.needs("chromium")
@pytest.mark.parametrize("number", range(3))
def test_in_a_browser(number, dear_to_make):
    raise AssertionError("it ran")

def test_elsewhere():
    pass
"""
READER = """\
import pytest
from tests.kit.report.snapshot import FOLDER, matches_snapshot

NAMES = sorted(path.name for path in FOLDER.iterdir())

@pytest.mark.parametrize("name", NAMES[1:])
def test_most(name):
    matches_snapshot(name, (FOLDER / name).read_text("utf-8"))
"""
REST = """
@pytest.mark.dear
def test_the_first():
    matches_snapshot(NAMES[0], (FOLDER / NAMES[0]).read_text("utf-8"))
"""


def inner_run(
    folder: Path, tests: str, *arguments: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run tests elsewhere under this project's own conftest."""
    (folder / "inner").mkdir(exist_ok=True)
    (folder / "pytest.ini").write_text(SETTINGS, "utf-8")
    (folder / "inner" / "test_it.py").write_text(tests, "utf-8")
    shutil.copy(ROOT / "tests" / "conftest.py", folder / "inner" / "conftest.py")
    inherited = {name: value for name, value in os.environ.items() if name != REQUIRED}
    alone = {"PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return subprocess.run(
        [sys.executable, "-m", "pytest", *arguments],
        cwd=folder,
        env={**inherited, **alone, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_without_a_browser_the_last_line_says_what_was_not_tested(tmp_path: Path) -> None:
    done = inner_run(tmp_path, NEEDY, "inner", CHROMIUM="/no/such/browser")
    assert done.returncode == 0, done.stdout
    *_, summary, last = done.stdout.splitlines()
    assert "1 passed, 3 skipped" in summary
    assert last == f"NOT TESTED: {untested_without('/no/such/browser')}"


def untested_without(chromium: str) -> str:
    return (
        "the HTML report, the client and the demo in a browser: "
        f"Chromium is not installed (CHROMIUM names {chromium}); "
        "install it (Debian: apt-get install chromium), or name it in CHROMIUM"
    )


@pytest.mark.dear
def test_where_all_has_to_be_there_it_fails(tmp_path: Path) -> None:
    done = inner_run(tmp_path, NEEDY, "inner", CHROMIUM="/no/such/browser", **{REQUIRED: "1"})
    assert done.returncode == 1
    assert "1 passed, 3 errors" in done.stdout
    assert f"{REQUIRED}=1: nothing may be left out" in done.stdout
    assert "nothing is made" not in done.stdout


@pytest.mark.dear
def test_nothing_is_said_where_nothing_was_left_out(tmp_path: Path) -> None:
    done = inner_run(tmp_path, NEEDY, "inner", "-k", "elsewhere", CHROMIUM="/no/such/browser")
    assert done.returncode == 0
    assert "NOT TESTED" not in done.stdout


@pytest.mark.parametrize("name", TOOLS)
def test_a_tool_is_looked_for_by_each_of_its_names(
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    assert main(name) == 1
    missing = capsys.readouterr().err
    assert TOOLS[name].title in missing
    for each in TOOLS[name].names:
        assert each in missing
        (program := tmp_path / each).touch(mode=0o755)
        assert main(name) == 0
        assert capsys.readouterr().out == f"{program}\n"
        program.unlink()


def test_the_environment_names_a_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHROMIUM", sys.executable)
    assert TOOLS["chromium"].find() == sys.executable
    monkeypatch.setenv("CHROMIUM", "")
    monkeypatch.setenv("PATH", "")
    assert TOOLS["chromium"].find() != sys.executable


IDLE = f"UNUSED SNAPSHOT: no test reads {min(snapshot.FOLDER.iterdir())}; remove it"


@pytest.mark.parametrize(
    ("tests", "arguments", "code"),
    [
        (READER, (), 1),
        (READER + REST, (), 0),
        # Whoever runs a part of the tests is told nothing of what that part does not read.
        pytest.param(READER, ("inner",), 0, marks=pytest.mark.dear),
        pytest.param(READER + REST, ("-m", "not dear"), 0, marks=pytest.mark.dear),
        pytest.param(READER, ("-k", "most and svg"), 0, marks=pytest.mark.dear),
        pytest.param(READER, ("--collect-only",), 0, marks=pytest.mark.dear),
        pytest.param(
            *(READER + "\ndef test_red():\n    assert not NAMES\n", (), 1),
            marks=pytest.mark.dear,
        ),
        pytest.param(READER, ("-p", "no:cacheprovider"), 1, marks=pytest.mark.dear),
    ],
    ids=[
        "one is idle",
        "all are read",
        "a path",
        "a mark",
        "a word",
        "none run",
        "a failure",
        "no cache",
    ],
)
def test_a_whole_run_fails_for_a_snapshot_that_nobody_reads(
    tests: str, arguments: Sequence[str], code: int, tmp_path: Path
) -> None:
    done = inner_run(tmp_path, tests, *arguments)
    assert done.returncode == code, done.stdout + done.stderr
    expected = code == 1 and "test_red" not in tests
    assert (done.stdout.splitlines()[-1] == IDLE) == expected
    assert ("UNUSED" in done.stdout) == expected
