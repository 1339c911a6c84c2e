"""The real command on a server of the tests: what survives, what is flagged, what is no verdict."""

from __future__ import annotations

import json
import shlex
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator
from tests.kit.command.tool import Ran, alive, children_of, omnisession, start

from omnisession_conformance.protocol.schemas.location import schemas_folder
from omnisession_conformance.selftest.plan import SHARDS

if TYPE_CHECKING:
    import subprocess

    from tests.kit.command.inside import Inside

SERVER = shlex.join([sys.executable, str(Path(__file__).with_name("faked_server.py"))])
REFERENCE = shlex.join([sys.executable, "-m", "omnisession_reference", "--log-level", "error"])
SCHEMA = json.loads((schemas_folder() / "kit" / "matrix.schema.json").read_text("utf-8"))
DEADLINE_S = 30.0


class Tried:
    """What a self-test did."""

    def __init__(self, ran: Ran, cwd: Path) -> None:
        self.code, self.out, self.err = ran.code, ran.out, ran.err
        self.folder = cwd / "report-selftest"

    @classmethod
    def by(cls, cwd: Path, *arguments: str, server: str = SERVER) -> Tried:
        """What the program itself did."""
        return cls(omnisession("selftest", "--server-cmd", server, *arguments, cwd=cwd), cwd)

    @property
    def matrix(self) -> dict[str, Any]:
        """The matrix, valid by its schema."""
        found = json.loads((self.folder / "matrix.json").read_text("utf-8"))
        Draft202012Validator(SCHEMA).validate(found)  # pyright: ignore[reportUnknownMemberType]
        return found

    def outcomes(self, rows: str) -> dict[str, str]:
        return {row["name"]: row["outcome"] for row in self.matrix[rows]}


@pytest.mark.dear
def test_caught_missed_misnamed_and_without_a_result(tmp_path: Path) -> None:
    tried = Tried.by(
        tmp_path, "--faults", "--only", "CTRL-007", "--only", "SUBJ-004", "--only", "dies"
    )
    assert tried.code == 1, tried.out + tried.err
    assert tried.outcomes("faults") == {
        "stale-pong": "caught",
        "does-nothing": "missed",
        "blamed-wrongly": "by_another",
        "dies": "failed",
    }
    rows = {row["name"]: row for row in tried.matrix["faults"]}
    assert "CTRL-007" in rows["blamed-wrongly"]["others"]
    assert "there is no database" in rows["dies"]["reason"]
    again = rows["does-nothing"]["rerun"]
    assert again.startswith("OMNISESSION_FAULT=does-nothing omnisession check --server-cmd")
    assert again.endswith("--only CTRL-007")
    assert f"again: {again}" in tried.out
    assert tried.out.rstrip().splitlines()[-2].startswith("NOT PROVED: 3 surviving faults")
    assert (tried.folder / "matrix.md").read_text("utf-8").startswith("## Kill matrix: NOT PROVED")


@pytest.mark.dear
def test_a_must_without_a_fault(tmp_path: Path) -> None:
    names = ("stale-pong", "CTRL-001", "silent", "echo")
    tried = Tried.by(tmp_path, *(word for name in names for word in ("--only", name)))
    assert tried.code == 1
    assert tried.outcomes("faults") == {"stale-pong": "caught"}
    assert tried.outcomes("nulls") == {"silent": "held", "echo": "held"}
    assert [r["id"] for r in tried.matrix["requirements"] if r["uncovered"]] == ["CTRL-001"]
    assert "NOT PROVED: 1 MUST without a fault" in tried.out


@pytest.mark.dear
def test_variants_clean_and_flagged(tmp_path: Path) -> None:
    tried = Tried.by(tmp_path, "--variants", "--seed", "1")
    assert tried.code == 1, tried.out + tried.err
    assert tried.outcomes("variants") == {"unusual": "clean", "broken": "flagged"}
    row = tried.matrix["variants"][1]
    assert row["part"].endswith(f"/{SHARDS}")
    assert "ENV-001@sweep" in {remark["check"] for remark in row["remarks"]}
    assert "OMNISESSION_VARIANT=broken omnisession check" in row["rerun"]
    assert "--seed 1" in tried.out


@pytest.mark.dear
def test_generated_traffic_sees_a_fault_by_itself(tmp_path: Path) -> None:
    names = ("own-changes-untold", "holds-one-action")
    more = (word for name in names for word in ("--only", name))
    tried = Tried.by(tmp_path, "--programs", "4", *more, server=REFERENCE)
    assert tried.code == 0, tried.out + tried.err
    assert tried.outcomes("faults") == {"own-changes-untold": "caught"}
    assert tried.outcomes("variants") == {"holds-one-action": "clean"}
    told = "generated traffic saw 1 of 1 fault (1 by what they break), 1 variant clean"
    assert f"SELECTED TRIALS PASSED: {told}" in tried.out
    assert tried.matrix["programs"] == 4


@pytest.mark.dear
def test_a_green_self_test_is_short(tmp_path: Path) -> None:
    tried = Tried.by(tmp_path, "--only", "stale-pong", "--only", "echo", "--only", "silent")
    assert tried.code == 0, tried.out + tried.err
    assert tried.outcomes("nulls") == {"silent": "held", "echo": "held"}
    assert tried.matrix["verdict"] == "selected_proved"
    assert len(tried.out.splitlines()) <= 8


@pytest.mark.dear
def test_a_server_that_is_not_right_proves_nothing(tmp_path: Path) -> None:
    wrong = f"env OMNISESSION_FAULT=stale-pong {sys.executable} -m omnisession_reference"
    server = tmp_path / "server.sh"
    server.write_text(f'#!/bin/sh\nunset OMNISESSION_FAULT\nexec {wrong} "$@"\n', "utf-8")
    server.chmod(0o755)
    tried = Tried.by(tmp_path, "--only", "CTRL-007", server=str(server))
    assert tried.code == 3, tried.out + tried.err
    assert "NO VERDICT: the server itself is not right" in tried.out
    assert "CTRL-007@" in tried.matrix["reason"]


@pytest.mark.parametrize(
    ("arguments", "server", "told"),
    [
        ((), "false", "`false --list-faults` ended with exit code 1"),
        ((), "./no-such-server", "Cannot run `./no-such-server --list-faults`"),
        ((), "echo late", "not NAME, tab"),
        (("--only", "stale-pongs"), SERVER, "Did you mean stale-pong?"),
        (("--seed", "-1"), SERVER, "--seed"),
        (("--jobs", "0"), SERVER, "--jobs"),
        (("--programs", "0"), SERVER, "--programs"),
        (("--programs", "9", "--nulls"), SERVER, "leave --nulls"),
        (("--report", "/dev/null/x"), SERVER, "Cannot write the kill matrix"),
    ],
)
def test_usage(arguments: tuple[str, ...], server: str, told: str, inside: Inside) -> None:
    ran = inside.omnisession("selftest", "--server-cmd", server, *arguments)
    assert ran.code == 4
    assert told in ran.err
    assert "Traceback" not in ran.err


def wait_for_children(process: subprocess.Popen[str], word: bytes) -> set[int]:
    """The descendants once one of them is a certain program; there is no event to wait on."""
    end = time.monotonic() + DEADLINE_S
    while time.monotonic() < end:
        found = children_of(process.pid)
        if any(word in _command_line(pid) for pid in found):
            return found
    pytest.fail(f"nobody started {word!r}")


def _command_line(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


@pytest.mark.parametrize(
    "number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.dear)]
)
def test_an_interrupted_one_says_so_and_leaves_nobody(
    tmp_path: Path, number: signal.Signals
) -> None:
    process = start("selftest", "--server-cmd", SERVER, "--jobs", "1", cwd=tmp_path)
    children = wait_for_children(process, b"omnisession_reference")
    process.send_signal(number)
    out, err = process.communicate(timeout=DEADLINE_S)
    assert process.returncode == 2, out + err
    assert f"INTERRUPTED: {number.name} received" in out
    matrix = json.loads((tmp_path / "report-selftest" / "matrix.json").read_text("utf-8"))
    assert matrix["verdict"] == "interrupted"
    assert {row["outcome"] for row in matrix["faults"]} == {"not_run"}
    end = time.monotonic() + DEADLINE_S
    while left := [pid for pid in children if alive(pid)]:
        assert time.monotonic() < end, left


@pytest.mark.dear
def test_a_link_in_its_folder_is_not_followed(inside: Inside) -> None:
    victim, folder = inside.folder / "victim", inside.folder / "report"
    victim.write_text("mine")
    folder.mkdir()
    for name in ("matrix.md", "matrix.json"):
        (folder / name).symlink_to(victim)
    ran = inside.omnisession(
        "selftest", "--only", "stale-pong", "--jobs", "1", "--report", "report"
    )
    assert ran.code == 0, ran.out + ran.err
    assert victim.read_text() == "mine"
    assert {file.name for file in folder.iterdir() if not file.is_symlink()} == {
        "matrix.md",
        "matrix.json",
    }
