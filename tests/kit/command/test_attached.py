"""A server that somebody else runs: attached to, never stopped, judged the same."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import jwt
import pytest
from tests.kit.command.tool import QUICK, SECRET, clean_environment, omnisession

if TYPE_CHECKING:
    from pathlib import Path

    from tests.kit.command.inside import Inside


WITH_HOOKS_AND_NOISE = (*QUICK, "--only", "ORDER-004", "--only", "LIMIT-002")


@pytest.mark.parametrize(
    "selected",
    [pytest.param(WITH_HOOKS_AND_NOISE, id="some"), pytest.param((), id="all")],
)
@pytest.mark.dear
def test_attached_without_disruption(
    selected: tuple[str, ...], tmp_path: Path, broker: str, server: subprocess.Popen[str]
) -> None:
    ran = omnisession("check", "--nats", broker, "--secret", SECRET, *selected, cwd=tmp_path)
    assert ran.code == 0, ran.out + ran.err
    assert ran.statuses() == {"PASS", "NOT_RUN", "NOT_CLAIMED"} & ran.statuses()
    reasons = {c["reason"] for c in ran.of("check") if c["status"] == "NOT_RUN" and c["excused"]}
    assert any("--allow-disruption" in reason for reason in reasons)
    assert any("no command for this" in reason for reason in reasons)
    verdict = ran.out.splitlines()[-1]
    assert "may disturb others" in verdict
    assert "without a hook" in verdict
    assert server.poll() is None


def test_a_strict_run_excuses_nothing(
    inside: Inside, broker: str, server: subprocess.Popen[str]
) -> None:
    attach = ("check", "--nats", broker, "--secret", SECRET)
    ran = inside.omnisession(*attach, "--strict", *WITH_HOOKS_AND_NOISE)
    assert server.poll() is None
    assert ran.code == 1, ran.out + ran.err
    assert "strict: nothing failed, but" in ran.out
    ran = inside.omnisession(*attach, *WITH_HOOKS_AND_NOISE)
    assert ran.code == 0, ran.out + ran.err
    results = str(ran.folder / "results.jsonl")
    assert inside.omnisession("report", results).code == 0
    assert inside.omnisession("report", "--strict", results).code == 1
    assert inside.omnisession("report", results).code == 0, "the results are what they were"


@pytest.mark.dear
def test_attached_server_that_dies(
    tmp_path: Path, broker: str, server: subprocess.Popen[str]
) -> None:
    slow = ("--only", "CTRL-016")
    with subprocess.Popen(
        [sys.executable, "-m", "omnisession_conformance", "check", "--nats", broker, *slow],
        cwd=tmp_path,
        env={**clean_environment(), "OMNISESSION_SECRET": SECRET},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as check:
        assert check.stdout is not None
        assert check.stdout.readline().startswith("Running")
        os.kill(server.pid, 9)
        out, err = check.communicate(timeout=30)
    assert check.returncode == 3, out + err
    assert "the target is gone" in out.replace("\n", " ")


@pytest.mark.dear
def test_users_that_are_lent(inside: Inside, broker: str, server: subprocess.Popen[str]) -> None:
    assert server.poll() is None

    def user(name: str, roles: list[str], perm: list[str]) -> str:
        claims = {"sub": name, "perm": perm, "exp": int(time.time()) + 600}
        token = jwt.encode(claims, SECRET, algorithm="HS256")  # pyright: ignore[reportUnknownMemberType]
        return f"[[fixture.users]]\nid = '{name}'\ntoken = '{token}'\nroles = {roles}\n"

    (inside.folder / "omnisession.toml").write_text(
        f"[broker]\nurl = '{broker}'\n"
        + user("ann", ["author"], [])
        + user("bob", ["author", "reader"], [])
        + user("eve", ["editor"], ["post_edit_any"])
    )
    for _ in range(2):
        # The second time there is something of theirs from before.
        drawn = inside.omnisession("check", "--case", "generated-traffic")
        assert drawn.code == 0, drawn.out + drawn.err
        judged = {c["check"] for c in drawn.of("check") if c["status"] == "PASS"}
        assert {"CHAT-001@generated-traffic", "ART-007@generated-traffic"} <= judged
    ran = inside.omnisession("check", "--only", "ART", "--only", "CTRL")
    assert ran.code == 0, ran.out + ran.err
    reasons = {c["reason"] for c in ran.of("check") if c["status"] == "NOT_RUN"}
    assert any("the fixture lists too few users" in reason for reason in reasons)
