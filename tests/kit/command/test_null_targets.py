"""What is no server is never green: exit 3, no PASS, and a whole report all the same."""

from __future__ import annotations

import time
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

import pytest
from tests.kit.command.tool import Ran, omnisession, target

from omnisession_conformance.suite import catalogue

if TYPE_CHECKING:
    from pathlib import Path

START_UP_S = 8


def assert_whole_and_red(ran: Ran, said: str) -> None:
    assert ran.code == 3, ran.out + ran.err
    assert ran.statuses() == {"NOT_RUN"}
    assert len(ran.of("check")) == len(catalogue().checks())
    assert len(ran.of("requirement")) == len(catalogue().registry)
    assert ran.footer["run_status"] == "aborted"
    assert said in ran.footer["reason"]
    assert not ran.footer["conformant"]
    assert said in ran.out.replace("\n", " ")
    suites = ET.parse(ran.folder / "junit.xml").getroot()  # noqa: S314 - the kit wrote it
    cases = {str(case.get("name")): case for case in suites.iter("testcase")}
    for check in catalogue().checks():
        must = catalogue().registry[check.requirement].mandatory
        case = cases[str(check)]
        assert case.find("error" if must else "skipped") is not None, str(check)
    assert (ran.folder / "transcript.jsonl").read_text().count("\n") >= 1
    assert "Traceback" not in ran.out + ran.err


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("silent", "got no answer within 2 s"),
        ("echo", "no session server"),
        ("garbage", "no session server"),
    ],
)
def test_a_target_that_is_no_server(kind: str, said: str, tmp_path: Path) -> None:
    ran = omnisession("check", "--server-cmd", target("null_target.py", kind), cwd=tmp_path)
    assert_whole_and_red(ran, said)


def test_a_command_that_exits(tmp_path: Path) -> None:
    started = time.monotonic()
    ran = omnisession("check", "--server-cmd", "sh -c 'echo no database >&2; exit 7'", cwd=tmp_path)
    assert_whole_and_red(ran, "ended before it answered session.open")
    assert "no database" in ran.out
    assert time.monotonic() - started < START_UP_S


def test_a_command_that_does_not_exist(tmp_path: Path) -> None:
    ran = omnisession("check", "--server-cmd", "./no-such-server", cwd=tmp_path)
    assert_whole_and_red(ran, "ended before it answered session.open")
    assert "cannot run './no-such-server'" in ran.out


def test_nobody_at_the_broker(tmp_path: Path, broker: str) -> None:
    ran = omnisession("check", "--nats", broker, "--secret", "s" * 32, cwd=tmp_path)
    assert_whole_and_red(ran, "nobody listens on session.*.*.control")


def test_no_broker(tmp_path: Path) -> None:
    ran = omnisession("check", "--nats", "127.0.0.1:1", "--secret", "s" * 32, cwd=tmp_path)
    assert_whole_and_red(ran, "Cannot connect to the broker at nats://127.0.0.1:1")
