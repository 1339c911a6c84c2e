"""The real command on a client of the tests: faults by options, and words about clients."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.kit.command.tool import omnisession

from omnisession_conformance.roles.client.nulls import NULLS

if TYPE_CHECKING:
    from tests.kit.command.inside import Inside
    from tests.kit.command.tool import Ran

ADAPTER = [sys.executable, str(Path(__file__).with_name("faked_client.py"))]
CLIENT = shlex.join(ADAPTER)


def tried(folder: Path, *arguments: str) -> Ran:
    return omnisession("selftest", "--client-cmd", CLIENT, *arguments, cwd=folder)


@pytest.mark.dear
def test_caught_missed_misnamed_and_without_a_result(tmp_path: Path) -> None:
    names = ("CLI-006", "blamed-wrongly", "dies")
    ran = tried(tmp_path, "--faults", *(word for name in names for word in ("--only", name)))
    assert ran.code == 1, ran.out + ran.err
    matrix = json.loads((tmp_path / "report-selftest" / "matrix.json").read_text("utf-8"))
    assert matrix["role"] == "client"
    assert {row["name"]: row["outcome"] for row in matrix["faults"]} == {
        "never-recovers": "caught",
        "does-nothing": "missed",
        "blamed-wrongly": "by_another",
        "dies": "failed",
    }
    rows = {row["name"]: row["rerun"] for row in matrix["faults"]}
    faulty = shlex.join([*ADAPTER, "--fault", "does-nothing"])
    assert rows["does-nothing"] == shlex.join(
        ["omnisession", "check", "--client-cmd", faulty, "--only", "CLI-006"]
    )
    assert " · client <code>" in (tmp_path / "report-selftest" / "matrix.md").read_text("utf-8")


@pytest.mark.dear
def test_variants_clean_and_flagged(tmp_path: Path) -> None:
    ran = tried(tmp_path, "--only", "unusual", "--only", "broken")
    assert ran.code == 1, ran.out + ran.err
    assert "Right clients that were not left alone (1)" in ran.out
    assert "--variant broken" in ran.out


def test_what_lists_nothing_or_is_no_matter_of_clients_is_refused(inside: Inside) -> None:
    ran = inside.omnisession("selftest", "--client-cmd", "cat")
    assert ran.code == 4
    assert "client that the kit is tried on lists its faults" in " ".join(ran.err.split())
    generated = inside.omnisession("selftest", "--client-cmd", CLIENT, "--programs", "4")
    assert (generated.code, generated.err) == (
        4,
        "omnisession: Generated traffic is for servers: leave --programs.\n",
    )


@pytest.mark.dear
def test_what_is_no_adapter_of_a_client_is_never_green(tmp_path: Path) -> None:
    ran = tried(tmp_path, "--nulls")
    assert ran.code == 0, ran.out + ran.err
    matrix = json.loads((tmp_path / "report-selftest" / "matrix.json").read_text("utf-8"))
    found = {row["name"]: row["outcome"] for row in matrix["nulls"]}
    assert found == dict.fromkeys(NULLS, "held")
    assert all("check --client-cmd" in row["rerun"] for row in matrix["nulls"])
