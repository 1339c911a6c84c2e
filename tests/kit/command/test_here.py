"""What lies in the working directory under the name of a module is imported by nothing of the kit's."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.kit.command.tool import QUICK, TIMEOUT_S, clean_environment

from omnisession_conformance.environment.target import REFERENCE_COMMAND
from omnisession_conformance.own_python import elsewhere, environment_of, program

OF_LIBRARIES = (
    "json",
    "logging",
    "random",
    "asyncio",
    "click",
    "nats",
    "yaml",
    "rich",
    "jwt",
    "conftest",
)
OF_MULTIPROCESSING = ("multiprocessing", "pickle")
AT_START = ("sitecustomize", "usercustomize", "omnisession_reference", "omnisession_faults")
SIGN = "executed-"
SCRIPT = str(Path(sys.executable).with_name("omnisession"))
CODE = "import os\nopen(os.path.join({here!r}, {sign!r} + __name__), 'w')\nraise SystemExit(77)\n"
MODULE = (sys.executable, "-m", "omnisession_conformance")
FROM_ELSEWHERE = (
    *(sys.executable, "-c"),
    "import os, sys; from omnisession_conformance.__main__ import main; os.chdir(sys.argv.pop(1)); main()",
)
"""Its own start is not looked at: what PYTHONPATH says of it is the user's."""
NOTHING: dict[str, str] = {}
EMPTY = {"PYTHONPATH": f"{os.pathsep}nowhere"}
SELFTEST = ("selftest", "--only", "stale-pong", "--jobs", "1")


def plant(folder: Path, *names: str) -> None:
    for name in names:
        (folder / f"{name}.py").write_text(CODE.format(here=str(folder), sign=SIGN))
    (folder / "pytest.ini").write_text("[pytest]\naddopts = --no-such-option\n")
    (folder / ".env").write_text("NATS_URL=nats://127.0.0.1:1\n")


def call(*words: str, cwd: Path, env: dict[str, str] | None = None) -> None:
    done = subprocess.run(
        words,
        cwd=cwd,
        env={**clean_environment(), **(env or {})},
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("words", "names", "env"),
    [
        pytest.param(
            *((*MODULE, "check", *QUICK), (*OF_LIBRARIES, *AT_START), NOTHING),
            marks=pytest.mark.dear,
        ),
        pytest.param(
            *((SCRIPT, "check", *QUICK), (*OF_LIBRARIES, *AT_START), NOTHING),
            marks=pytest.mark.dear,
        ),
        pytest.param(
            *((SCRIPT, "check", *QUICK), (*OF_LIBRARIES, "omnisession_reference"), EMPTY),
            marks=pytest.mark.dear,
        ),
        ((SCRIPT, "serve", "--list-faults"), (*OF_LIBRARIES, *AT_START), NOTHING),
        pytest.param(
            *((*MODULE, *SELFTEST), (*OF_LIBRARIES, *OF_MULTIPROCESSING, *AT_START), NOTHING),
            marks=pytest.mark.dear,
        ),
    ],
)
def test_nothing_is_imported_from_here(
    words: tuple[str, ...], names: tuple[str, ...], env: dict[str, str], tmp_path: Path
) -> None:
    plant(tmp_path, *names)
    call(*words, cwd=tmp_path, env=env)
    assert not list(tmp_path.glob(f"{SIGN}*"))


@pytest.mark.dear
@pytest.mark.parametrize("words", [("check", *QUICK), ("serve", "--list-faults"), SELFTEST])
def test_an_empty_entry_of_the_path_is_not_handed_on(
    words: tuple[str, ...], tmp_path: Path
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    plant(here, *OF_LIBRARIES, *OF_MULTIPROCESSING, *AT_START)
    call(*FROM_ELSEWHERE, str(here), *words, cwd=tmp_path, env=EMPTY)
    assert not list(here.glob(f"{SIGN}*"))


def test_the_path_of_a_users_command_is_the_users() -> None:
    told = {"PYTHONPATH": os.pathsep.join(("", ".", "/a", str(Path.cwd()))), "X": "1"}
    assert environment_of((sys.executable, "-m", "server"), told) == told
    assert environment_of(REFERENCE_COMMAND, told) == {"PYTHONPATH": "/a", "X": "1"}
    assert environment_of(program("a"), {"PYTHONPATH": ""}) == {}
    assert environment_of(program("a"), {"PYTHONPATH": "lib"}) == {"PYTHONPATH": "lib"}


def test_a_kit_that_lies_here_is_found_here(monkeypatch: pytest.MonkeyPatch) -> None:
    import omnisession_conformance

    monkeypatch.chdir(Path(omnisession_conformance.__file__).parents[1])
    assert elsewhere(["", "/a"]) == ["", "/a"]
