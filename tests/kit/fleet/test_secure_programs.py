"""The programs in Go and TypeScript act with what `omnisession credentials` has written."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
from tests.go.servers import build
from tests.kit.demo.demo import PATIENCE_S
from tests.kit.fleet.secure import secured
from tests.needs import program
from tests.typescript.building import SOURCE, built

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.dear
@pytest.mark.needs("go")
def test_the_program_in_go_acts(tmp_path: Path) -> None:
    act = build(tmp_path, "act")
    with secured(tmp_path, "--instances", "1") as fleet:
        file = fleet.credentials("--user", "Zoë.*").stdout.splitlines()[0]
        ran = subprocess.run(
            [act, file, "Hello"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "action.ack applied\n", "")


@pytest.mark.dear
@pytest.mark.needs("node")
def test_the_program_in_typescript_acts(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    built(tmp_path_factory, "the example in TypeScript")
    compiler = SOURCE / "node_modules" / ".bin" / "tsc"
    subprocess.run([compiler, "-p", "tsconfig.test.json"], cwd=SOURCE, check=True, timeout=300)
    with secured(tmp_path, "--instances", "1") as fleet:
        file = fleet.credentials("--user", "Zoë.*").stdout.splitlines()[0]
        chat = subprocess.Popen(
            [program("node"), SOURCE / "build" / "examples" / "chat.js", file],
            cwd=tmp_path,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            assert chat.stdin is not None
            assert chat.stdout is not None
            shown = list[str]()
            while shown[-1:] != ["[live] \n"] and (line := chat.stdout.readline()):
                shown.append(line)
            chat.stdin.write("Hello\n")
            chat.stdin.flush()
            while shown[-1] != "[live] Hello\n" and (line := chat.stdout.readline()):
                shown.append(line)
            _, errors = chat.communicate(timeout=PATIENCE_S)
        finally:
            chat.kill()
            chat.communicate()
    assert (chat.returncode, errors) == (0, "")
    assert shown[-1] == "[live] Hello\n", shown
