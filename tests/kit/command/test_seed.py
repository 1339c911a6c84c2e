"""A run draws what a server sees of it by a seed, says which, and draws it again when it is given."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from tests.kit.command.tool import QUICK, SECRET, TIMEOUT_S, clean_environment, omnisession

from omnisession_conformance.cli.check import check
from omnisession_conformance.environment.config import SEED_VARIABLE
from omnisession_conformance.environment.settings import read_settings
from omnisession_conformance.errors import UsageError
from omnisession_conformance.protocol.vocabulary.forms import KIT_NAME

if TYPE_CHECKING:
    from pathlib import Path

    from tests.kit.command.inside import Inside
    from tests.kit.command.tool import Ran

FAULTY = ("--server-cmd", f"{sys.executable} -m omnisession_reference --fault stale-pong")
PONG = ("--only", "CTRL-007")


def seed_of(ran: Ran) -> int | None:
    return ran.lines[0]["seed"]


def requests(ran: Ran) -> list[dict[str, Any]]:
    """The bodies that the kit sent."""
    sent = [line for line in ran.told if line.get("from") == "kit" and line.get("text")]
    return [json.loads(line["text"]) for line in sent]


def names(ran: Ran) -> set[str]:
    """Of the client programs."""
    bodies = requests(ran)
    return {b["data"]["client"]["name"] for b in bodies if b.get("type") == "session.open"}


def ids(ran: Ran) -> set[str]:
    """Of all users, sessions and actions."""
    members = ("user_id", "session_id", "action_id")
    return {body[name] for body in requests(ran) for name in members if name in body}


def test_every_report_says_the_seed(inside: Inside) -> None:
    ran = inside.omnisession("check", *QUICK, "--seed", "4711")
    assert ran.code == 0, ran.out + ran.err
    assert seed_of(ran) == 4711
    assert "4711, by which ids, names, order and pauses were drawn" in ran.out
    # They are asked for in an order that is drawn, and told in one that is not.
    assert ran.of("target")[0]["kinds"] == ["articles", "chat", "url", "user"]
    for name in ("report.txt", "report.html", "summary.md"):
        assert "4711, by which ids" in (ran.folder / name).read_text("utf-8"), name
    assert json.loads((ran.folder / "summary.json").read_text("utf-8"))["seed"] == 4711
    assert 'name="seed" value="4711"' in (ran.folder / "junit.xml").read_text("utf-8")


def test_option_before_environment_before_file_before_chance(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    def seed(*options: str) -> int:
        told = check.make_context("check", list(options)).params
        return read_settings(told["config_file"], None, None, None, None, seed=told["seed"])[0].seed

    file = inside.folder / "omnisession.toml"
    file.write_text("[run]\nseed = 3\n", "utf-8")
    asked = ("--config", str(file))
    assert seed() == 0, "that of the tests"
    monkeypatch.setenv(SEED_VARIABLE, "5")
    assert seed(*asked) == 5
    assert seed(*asked, "--seed", "7") == 7
    monkeypatch.setenv(SEED_VARIABLE, "")
    assert seed(*asked) == 3
    monkeypatch.delenv(SEED_VARIABLE)
    assert seed(*asked) == 3
    assert len({seed() for _ in range(9)}) > 6


@pytest.mark.parametrize("wrong", ["-1", "x", "1.5", ""])
def test_a_seed_is_a_whole_number(wrong: str, inside: Inside) -> None:
    ran = inside.omnisession("check", *QUICK, "--seed", wrong)
    assert (ran.code, "--seed" in ran.err) == (4, True), ran.err


@pytest.mark.parametrize("wrong", ['"1"', "-1", "1.0", "true"])
def test_a_seed_of_the_file_is_one_too(wrong: str, inside: Inside) -> None:
    (inside.folder / "omnisession.toml").write_text(f"[run]\nseed = {wrong}\n", "utf-8")
    ran = inside.omnisession("check", *QUICK)
    assert (ran.code, "run.seed: an integer of 0 or more" in ran.err) == (4, True), ran.err


@pytest.mark.dear
def test_lines_that_say_again_draw_the_same(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(SEED_VARIABLE)
    ran = inside.omnisession("check", *FAULTY, *PONG)
    assert ran.code == 1, ran.out + ran.err
    first = next(c for c in ran.of("check") if c["status"] == "FAIL")
    words = shlex.split(first["rerun"])
    assert words[:2] == ["omnisession", "check"]
    again = inside.omnisession(*words[1:])
    assert again.code == 1, again.out + again.err
    assert seed_of(again) == seed_of(ran) is not None
    told = next(c for c in again.of("check") if c["check"] == first["check"])
    assert told["rerun"] == first["rerun"], "once is enough"


@pytest.mark.dear
def test_the_same_seed_is_the_same_shape_and_never_the_same_id(inside: Inside) -> None:
    ran = inside.omnisession("check", *QUICK, "--seed", "12")
    before = (ids(ran), names(ran), [b.get("type") for b in requests(ran)])
    again = inside.omnisession("check", *QUICK, "--seed", "12")
    after = (ids(again), names(again), [b.get("type") for b in requests(again)])
    assert not before[0] & after[0]
    assert before[1] == after[1]
    assert sorted(map(len, before[0])) == sorted(map(len, after[0]))
    assert sorted(map(str, before[2])) == sorted(map(str, after[2]))
    other = inside.omnisession("check", *QUICK, "--seed", "13")
    assert sorted(map(len, ids(other))) != sorted(map(len, before[0]))


@pytest.mark.dear
def test_a_server_that_the_kit_starts_is_not_told_the_seed(inside: Inside, tmp_path: Path) -> None:
    server, told = tmp_path / "server.sh", tmp_path / "told"
    server.write_text(f"#!/bin/sh\nenv >{told}\nexec {sys.executable} -m omnisession_reference\n")
    server.chmod(0o755)
    ran = inside.omnisession("check", *QUICK, "--server-cmd", str(server))
    assert ran.code == 0, ran.out + ran.err
    assert "NATS_URL" in told.read_text()
    assert "SEED" not in told.read_text()


@pytest.mark.dear
def test_who_runs_a_broker_knows_the_kit_unless_it_hides(
    inside: Inside, broker: str, server: subprocess.Popen[str]
) -> None:
    attached = ("--nats", broker, "--secret", SECRET, *QUICK)
    known = inside.omnisession("check", *attached)
    assert known.code == 0, known.out + known.err
    assert names(known) == {KIT_NAME}
    (inside.folder / "omnisession.toml").write_text("[run]\ndisguise = true\n", "utf-8")
    hidden = inside.omnisession("check", *attached)
    assert hidden.code == 0, hidden.out + hidden.err
    assert not any("omnisession" in name for name in names(hidden))
    assert server.poll() is None


def test_disguise_is_an_option_as_well(tmp_path: Path) -> None:
    for told in ((), ("--disguise",)):
        asked = bool(check.make_context("check", list(told)).params["disguise"])
        assert read_settings(None, None, None, None, disguise=asked)[0].disguise is bool(told)
    (tmp_path / "omnisession.toml").write_text('[run]\ndisguise = "yes"\n', "utf-8")
    with pytest.raises(UsageError, match=r"run\.disguise: true or false"):
        read_settings(tmp_path / "omnisession.toml", None, None, None)


@pytest.mark.dear
def test_a_server_that_stays_is_judged_twice_by_one_seed(
    tmp_path: Path, broker: str, server: subprocess.Popen[str]
) -> None:
    for _ in range(2):
        ran = omnisession(
            *("check", "--nats", broker, "--secret", SECRET, "--seed", "1"), cwd=tmp_path
        )
        assert ran.code == 0, ran.out + ran.err
    assert server.poll() is None


@pytest.mark.dear
def test_pytest_draws_by_its_seed_and_says_it(tmp_path: Path) -> None:
    words = ("--pyargs", "omnisession_conformance.suite", "--omni-only", "CTRL-007", "-q")
    chosen = ("--omni-server-cmd", FAULTY[1], "--omni-report", "report", "--omni-seed", "77")

    def run(*options: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "pytest", *words, "-p", "no:cacheprovider", *options],
            cwd=tmp_path,
            env={**clean_environment(), SEED_VARIABLE: "8"},
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )

    done = run(*chosen)
    assert done.returncode == 1, done.stdout + done.stderr
    assert re.search(r"--omni-seed 77 ", done.stdout)
    header = json.loads((tmp_path / "report" / "results.jsonl").read_text("utf-8").splitlines()[0])
    assert header["seed"] == 77
    run(*chosen[:-2])
    header = json.loads((tmp_path / "report" / "results.jsonl").read_text("utf-8").splitlines()[0])
    assert header["seed"] == 8
    wrong = run("--omni-seed", "-3")
    assert wrong.returncode == 4
    assert "'-3' is no integer of 0 or more" in wrong.stdout + wrong.stderr
