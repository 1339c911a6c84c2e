"""What CI systems are given: the action's own scripts are run, and all files pass a linter."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.needs import program

ROOT = Path(__file__).resolve().parent.parent.parent
BIN = Path(sys.executable).parent
BASH = shutil.which("bash") or "bash"
GUIDE = (ROOT / "docs" / "guides" / "ci.md").read_text("utf-8")


def action() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))


def step(id_: str) -> dict[str, Any]:
    return next(s for s in action()["runs"]["steps"] if s.get("id") == id_)


def run_check(folder: Path, **inputs: str) -> tuple[subprocess.CompletedProcess[str], str, str]:
    """Run the step as a runner would: inputs by environment, files for outputs and the summary."""
    defaults = {name: str(value["default"]) for name, value in action()["inputs"].items()}
    given = {**defaults, **{name.replace("_", "-"): value for name, value in inputs.items()}}
    expressions = step("check")["env"]
    environment = {
        name: re.sub(r"\$\{\{ inputs\.([\w-]+) \}\}", lambda m: given[m[1]], value)
        for name, value in expressions.items()
    }
    output, summary = folder / "output", folder / "summary"
    output.touch()
    summary.touch()
    done = subprocess.run(
        [BASH, "--noprofile", "--norc", "-eo", "pipefail", "-c", step("check")["run"]],
        cwd=folder,
        env={
            **os.environ,
            **environment,
            "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
            "GITHUB_OUTPUT": str(output),
            "GITHUB_STEP_SUMMARY": str(summary),
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done, output.read_text(), summary.read_text()


@pytest.mark.dear
def test_a_right_server(tmp_path: Path) -> None:
    done, output, summary = run_check(tmp_path, only="VER-001 VER-002")
    assert done.returncode == 0, done.stdout + done.stderr
    assert output == "exit-code=0\n"
    assert "VER-001" in done.stdout or "2 of 2" in done.stdout
    assert "Selected checks passed" in summary
    assert (tmp_path / "omnisession-report" / "junit.xml").is_file()


def test_a_carrier_goes_to_the_command(tmp_path: Path) -> None:
    done, output, _ = run_check(tmp_path, client_cmd="true", client_carrier="pigeons")
    assert output == "exit-code=4\n", done.stdout + done.stderr
    assert "pigeons" in done.stderr
    assert "--client-carrier" in done.stderr


@pytest.mark.dear
def test_a_client_is_judged_in_place_of_a_server(tmp_path: Path) -> None:
    command = f"{sys.executable} -P -m omnisession_client.testee"
    done, output, summary = run_check(
        tmp_path, client_cmd=command, only="CLI-004 CLI-005", report="of a client"
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert output == "exit-code=0\n"
    assert "omnisession-client" in summary
    assert (tmp_path / "of a client" / "junit.xml").is_file()


@pytest.mark.dear
def test_a_server_and_a_client_are_a_pair(tmp_path: Path) -> None:
    done, output, _ = run_check(tmp_path, client_cmd="false", server_cmd="server")
    assert done.returncode == 3, done.stdout + done.stderr
    assert output == "exit-code=3\n"
    assert "The client: The client has ended with code 1" in done.stdout


@pytest.mark.dear
def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    done, output, summary = run_check(
        tmp_path, server_cmd="/nowhere/server; echo oops", report="r r"
    )
    assert done.returncode == 3, done.stdout + done.stderr
    assert output == "exit-code=3\n"
    assert "oops" not in done.stdout.splitlines()
    assert summary
    assert (tmp_path / "r r" / "results.jsonl").is_file()


@pytest.mark.dear
def test_names_are_not_expanded_by_the_shell(tmp_path: Path) -> None:
    (tmp_path / "VER-001").touch()
    done, output, _ = run_check(tmp_path, only="VER-*")
    assert done.returncode == 4, done.stdout + done.stderr
    assert output == "exit-code=4\n"
    assert "VER-*" in done.stderr


def test_every_input_is_used_and_told() -> None:
    steps = str(action()["runs"]["steps"])
    for name in action()["inputs"]:
        assert f"inputs.{name} " in steps + str(action()["outputs"]), name
        assert f"`{name}`" in GUIDE, name


@pytest.mark.parametrize(
    ("schema", "file"), [("vendor.github-actions", "action.yml")], ids=["action.yml"]
)
def test_the_action_is_valid(schema: str, file: str) -> None:
    lint(schema, ROOT / file)


@pytest.mark.parametrize(
    ("heading", "schema"),
    [("GitHub", "vendor.github-workflows"), ("GitLab", "vendor.gitlab-ci")],
)
@pytest.mark.dear
def test_the_examples_of_the_guide_are_valid(heading: str, schema: str, tmp_path: Path) -> None:
    section = GUIDE.partition(f"## {heading}\n")[2]
    example = section.partition("```yaml\n")[2].partition("```")[0]
    file = tmp_path / "example.yml"
    file.write_text(example, "utf-8")
    lint(schema, file)


def lint(schema: str, file: Path) -> None:
    done = subprocess.run(
        [BIN / "check-jsonschema", "--builtin-schema", schema, file],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.needs("hadolint")
def test_the_container_file_is_clean() -> None:
    hadolint = program("hadolint")
    for name in ("Containerfile",):
        done = subprocess.run(
            [hadolint, "--no-color", ROOT / name], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
