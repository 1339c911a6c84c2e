"""What CI runs, with stand-ins for all that it calls: nothing is skipped, and the table has every part."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
USED = ("bash", "dirname", "mktemp", "rm", "tail")
PARTS = {
    "make .venv/.ready": "-",
    "Gleam grammar": "-",
    "Chromium": "-",
    "make test": "75",
    "make test-rest": "-",
    "make check": "3",
    "make check-brokers": "120",
    "make check-durable": "100",
    "make check-clients": "30",
    "make check-interop": "60",
    "make selftest": "-",
    "Go server": "-",
    "TypeScript client": "-",
    "Gleam client": "-",
}
ROW = re.compile(r"^(?P<part>.{20}) +(?P<seconds>\d+) +(?P<aim>\S+)  (?P<end>.*)$", re.MULTILINE)
STUBS = {
    # Everything that is called notes that it was.
    "make": 'echo "make $*" >>"$CALLS"; [ "make $*" != "$FAILING" ] || exit 2',
    "go/check.sh": 'echo "go $*" >>"$CALLS"; exit "${CHECKED:-0}"',
    "typescript/check.sh": 'echo "typescript $*" >>"$CALLS"; exit "${CHECKED_TYPESCRIPT:-0}"',
    "gleam/check.sh": 'echo "gleam $*" >>"$CALLS"; exit "${CHECKED_GLEAM:-0}"',
    "omnisession": "exit 1",
    "python": f'exec "{sys.executable}" "$@"',
    "go": "exit 1",
    "node": "exit 1",
    "id": 'echo "${USER_ID:-0}"',
    "chromium": "exit 1",
    "apt-get": """\
echo "apt-get $*" >>"$CALLS"
[ "$1" != install ] || [ -z "$APT_FAILS" ] || { echo "E: no such package"; exit 100; }
[ "$1" != install ] || { echo '#!/bin/sh' >"$BIN/chromium"; /bin/chmod +x "$BIN/chromium"; }
""",
}


@dataclass(frozen=True, slots=True)
class Ran:
    """What CI did."""

    code: int
    out: str
    err: str
    calls: list[str]

    @property
    def rows(self) -> dict[str, tuple[str, str]]:
        """Aim and end of each part in the table."""
        return {m["part"].strip(): (m["aim"], m["end"]) for m in ROW.finditer(self.out)}


def ci(folder: Path, *missing: str, **environment: str) -> Ran:
    """Run CI in a folder with stand-ins for everything but those that are missing."""
    path = folder / "bin"
    places = {
        **dict.fromkeys((one for one in STUBS if "/" in one), "implementations"),
        **dict.fromkeys(("python", "omnisession"), ".venv/bin"),
    }
    for name, text in STUBS.items():
        if name not in missing:
            stub = folder / places.get(name, "bin") / name
            stub.parent.mkdir(parents=True, exist_ok=True)
            stub.write_text(f"#!/bin/sh\n{text}\n", "utf-8")
            stub.chmod(0o755)
    for name in USED:
        (path / name).symlink_to(shutil.which(name) or name)
    for name in (".ci/run", "tests/needs.py"):
        (folder / name).parent.mkdir()
        shutil.copy(ROOT / name, folder / name)
    calls = folder / "calls"
    calls.touch()
    inherited = {name: os.environ[name] for name in ("HOME", "LANG") if name in os.environ}
    told = {"CALLS": str(calls), "BIN": str(path), "FAILING": "", "APT_FAILS": "", **environment}
    done = subprocess.run(
        [folder / ".ci" / "run"],
        env={**inherited, "PATH": str(path), **told},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr, calls.read_text("utf-8").splitlines())


MAKES = [
    *("make .venv/.ready", "make .venv/.gleam/.ready", "make test", "make test-rest", "make check"),
    *("make check-brokers", "make check-durable", "make check-clients", "make check-interop"),
    "make selftest",
]
GO = "go .venv/bin/omnisession report-go"
TYPESCRIPT = "typescript .venv/bin/omnisession report-typescript"
GLEAM = "gleam .venv/bin/omnisession report-gleam"


def test_all_parts_run_and_are_in_the_table(tmp_path: Path) -> None:
    ran = ci(tmp_path)
    assert (ran.code, ran.err) == (0, "")
    assert ran.calls == [*MAKES, GO, TYPESCRIPT, GLEAM]
    assert ran.rows == {part: (aim, "ok") for part, aim in PARTS.items()}


@pytest.mark.parametrize(
    "failing", [MAKES[2], *(pytest.param(part, marks=pytest.mark.dear) for part in MAKES[3:])]
)
def test_a_part_that_fails_stops_no_other(failing: str, tmp_path: Path) -> None:
    ran = ci(tmp_path, FAILING=failing)
    assert ran.code == 2
    assert ran.calls == [*MAKES, GO, TYPESCRIPT, GLEAM]
    ends = {part: end for part, (_, end) in ran.rows.items() if end != "ok"}
    assert ends == {failing: "FAILED with exit code 2"}


def test_without_an_environment_there_is_nothing_to_run(tmp_path: Path) -> None:
    ran = ci(tmp_path, FAILING=MAKES[0])
    assert (ran.code, ran.calls) == (2, MAKES[:1])
    assert list(ran.rows) == MAKES[:1]


def test_a_browser_is_installed_where_that_may_be(tmp_path: Path) -> None:
    ran = ci(tmp_path, "chromium")
    assert ran.code == 0, ran.err
    assert [call for call in ran.calls if call.startswith("apt-get")] == [
        "apt-get update -qq",
        "apt-get install -y -qq --no-install-recommends chromium",
    ]
    assert ran.calls[:2] == MAKES[:2]
    assert ran.calls[4:] == [*MAKES[2:], GO, TYPESCRIPT, GLEAM]
    assert f"{tmp_path}/bin/chromium\n" in ran.out


@pytest.mark.dear
def test_a_browser_that_cannot_be_installed_is_told(tmp_path: Path) -> None:
    ran = ci(tmp_path, "chromium", APT_FAILS="1")
    assert "E: no such package" in ran.err
    assert "Debian's package chromium could not be installed; apt-get ended with exit code 100" in (
        ran.err
    )
    assert (
        ran.err.rstrip()
        .splitlines()[-1]
        .startswith("the HTML report, the client and the demo in a browser: Chromium")
    )
    assert ran.calls[4:] == [*MAKES[2:], GO, TYPESCRIPT, GLEAM]


@pytest.mark.parametrize(
    ("missing", "user"), [(("chromium",), "1000"), (("chromium", "apt-get"), "0")]
)
@pytest.mark.dear
def test_a_browser_is_not_installed_by_a_user_or_elsewhere(
    missing: tuple[str, ...], user: str, tmp_path: Path
) -> None:
    ran = ci(tmp_path, *missing, USER_ID=user)
    assert "that takes root and apt-get" in ran.err
    assert ran.calls == [*MAKES, GO, TYPESCRIPT, GLEAM]


def test_without_go_it_fails(tmp_path: Path) -> None:
    ran = ci(tmp_path, "go")
    assert ran.code == 1
    assert "FAILED: Go is not installed" in ran.err
    assert ran.rows["Go server"] == ("-", "FAILED with exit code 1")
    assert ran.calls == [*MAKES, TYPESCRIPT, GLEAM]


@pytest.mark.dear
def test_without_node_it_fails(tmp_path: Path) -> None:
    ran = ci(tmp_path, "node")
    assert ran.code == 1
    assert "FAILED: Node.js is not installed" in ran.err
    assert ran.rows["TypeScript client"] == ("-", "FAILED with exit code 1")
    assert ran.calls == [*MAKES, GO, GLEAM]


@pytest.mark.parametrize(
    ("code", "told"), [("69", "FAILED: the Go modules could not be downloaded"), ("1", "")]
)
@pytest.mark.dear
def test_a_go_server_that_was_not_found_well_fails(code: str, told: str, tmp_path: Path) -> None:
    ran = ci(tmp_path, CHECKED=code)
    assert ran.code == int(code)
    assert told in ran.err
    assert ("could not be downloaded" in ran.err) == bool(told)
    assert ran.rows["Go server"] == ("-", f"FAILED with exit code {code}")


@pytest.mark.parametrize(
    ("code", "told"), [("69", "FAILED: the packages of npm could not be installed"), ("1", "")]
)
@pytest.mark.dear
def test_a_client_that_was_not_found_well_fails(code: str, told: str, tmp_path: Path) -> None:
    ran = ci(tmp_path, CHECKED_TYPESCRIPT=code)
    assert ran.code == int(code)
    assert told in ran.err
    assert ("could not be installed" in ran.err) == bool(told)
    assert ran.rows["TypeScript client"] == ("-", f"FAILED with exit code {code}")


@pytest.mark.parametrize(
    ("code", "told"), [("69", "FAILED: the packages of Hex or npm could not"), ("1", "")]
)
@pytest.mark.dear
def test_a_client_in_gleam_that_was_not_found_well_fails(
    code: str, told: str, tmp_path: Path
) -> None:
    ran = ci(tmp_path, CHECKED_GLEAM=code)
    assert ran.code == int(code)
    assert told in ran.err
    assert ran.rows["Gleam client"] == ("-", f"FAILED with exit code {code}")


@pytest.mark.dear
def test_without_the_grammar_of_gleam_the_rest_runs(tmp_path: Path) -> None:
    ran = ci(tmp_path, FAILING=MAKES[1])
    assert ran.code == 2
    assert ran.calls == [*MAKES, GO, TYPESCRIPT, GLEAM]
    assert ran.rows["Gleam grammar"] == ("-", "FAILED with exit code 2")
