"""Brokers with users, as the self-test tries them."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from tests.kit.command.tool import omnisession

from omnisession_conformance.errors import TargetError
from omnisession_conformance.protocol.roles import DEPLOYMENT
from omnisession_conformance.selftest.deployed import deployed
from omnisession_conformance.selftest.listing import Listing, Variant
from omnisession_conformance.selftest.plan import SHARDS, Suite, Wish, make_trials
from omnisession_conformance.selftest.trial import Kind, Scope
from omnisession_deployments.cli import main

if TYPE_CHECKING:
    from pathlib import Path

    from tests.kit.command.inside import Inside


def test_a_fault_is_caught_and_what_is_none_is_not_green(tmp_path: Path) -> None:
    names = ("state-writable", "deny-one")
    only = [word for name in names for word in ("--only", name)]
    ran = omnisession("selftest", "--role", "deployment", *only, cwd=tmp_path)
    assert ran.code == 0, ran.out + ran.err
    matrix = json.loads((tmp_path / "report-selftest" / "matrix.json").read_text("utf-8"))
    assert matrix["role"] == DEPLOYMENT
    (fault,), (null,) = matrix["faults"], matrix["nulls"]
    assert (fault["outcome"], fault["rerun"]) == (
        "caught",
        "python -P -m omnisession_deployments --fault state-writable -- omnisession check --only SECU-003",
    )
    assert (null["outcome"], null["rerun"]) == (
        "held",
        f"{sys.executable} -P -m omnisession_deployments --null deny-one -- omnisession check",
    )


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--server-cmd", "./x"), "tries brokers of its own: leave the command out"),
        (("--client-cmd", "./x"), "tries brokers of its own: leave the command out"),
        (("--config", "x.toml"), "leave --config out"),
        (("--on", "jetstream"), "leave --on"),
        (("--programs", "3"), "Generated traffic is for servers"),
        (("--only", "state-writeable"), "Did you mean state-writable"),
    ],
)
def test_what_makes_no_sense_is_refused(
    inside: Inside, options: tuple[str, ...], said: str
) -> None:
    (inside.folder / "x.toml").write_text("", "utf-8")
    ran = inside.omnisession("selftest", "--role", "deployment", *options)
    assert (ran.code, ran.out) == (4, "")
    assert said in ran.err


def test_a_variant_meets_all_of_a_small_suite() -> None:
    listing = Listing(variants=(Variant("odd", (), "Is odd."),))
    for cases, scope in ((2 * SHARDS, Scope.WHOLE), (2 * SHARDS + 1, Scope.SHARD)):
        suite = Suite(tuple(f"case {number}" for number in range(cases)))
        tried = [t for t in make_trials(listing, suite, Wish()) if t.kind is Kind.VARIANT]
        assert [trial.scope for trial in tried] == [scope]


def test_a_deployment_that_does_not_start_says_why() -> None:
    command = (sys.executable, "-c", "raise SystemExit('no broker today')")
    with pytest.raises(TargetError, match="no broker today"), deployed(command, 0):
        pass
    with pytest.raises(TargetError, match="Cannot run"), deployed(("./no-such-program",), 0):
        pass


def test_a_deployment_that_is_unknown_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--fault", "none-such"]) == 2
    assert capsys.readouterr().err == "There is no such deployment: none-such\n"


def test_a_broker_that_does_not_run_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--nats-server", "./no-such-broker"]) == 3
    assert "The deployment does not run: " in capsys.readouterr().err


@pytest.mark.dear
def test_a_command_is_run_while_the_broker_is_there(tmp_path: Path) -> None:
    script = "import sys; print(open(sys.argv[-1]).read()); sys.exit(7)"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "omnisession_deployments"),
            *("--variant", "tokens-of-users", "--", sys.executable, "-c", script),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 7, done.stderr
    assert 'role = "deployment"' in done.stdout
    assert "kit.creds" in done.stdout
