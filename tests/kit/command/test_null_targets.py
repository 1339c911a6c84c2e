"""What is no server is never green: exit 3, no PASS, and a whole report all the same."""

from __future__ import annotations

import json
import time
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft202012Validator
from tests.kit.command.tool import Ran, omnisession, target
from tests.kit.report.dom import parse

from omnisession_conformance.report import FILES
from omnisession_conformance.schemas.location import schemas_folder
from omnisession_conformance.suite import catalogue

if TYPE_CHECKING:
    from pathlib import Path

START_UP_S = 8
SUMMARY = Draft202012Validator(
    json.loads((schemas_folder() / "kit" / "summary.schema.json").read_text("utf-8"))
)


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
    assert_every_format(ran)
    assert (ran.folder / "transcript.jsonl").read_text().count("\n") >= 1
    assert "Traceback" not in ran.out + ran.err


def assert_every_format(ran: Ran) -> None:
    """Each report is whole, and none of them is green."""
    assert {p.name for p in ran.folder.iterdir()} == set(FILES)
    told = json.loads((ran.folder / "summary.json").read_text("utf-8"))
    SUMMARY.validate(told)  # pyright: ignore[reportUnknownMemberType]
    assert (told["verdict"], told["exit_code"]) == ("no_verdict", 3)
    assert len(told["requirements"]) == len(catalogue().registry)
    page = parse((ran.folder / "report.html").read_text("utf-8").partition("\n")[2])
    assert "no-verdict" in page.one(cls="verdict").classes
    cards = page.all("details", cls="requirement")
    assert [c.attributes["data-status"] for c in cards] == ["NOT_RUN"] * len(catalogue().registry)
    assert (
        (ran.folder / "summary.md").read_text("utf-8").startswith("## Omnisession 1.0: NO VERDICT")
    )
    badge = json.loads((ran.folder / "badge.json").read_text("utf-8"))
    assert (badge["message"], badge["color"]) == ("no verdict", "lightgrey")
    picture = ET.parse(ran.folder / "badge.svg").getroot()  # noqa: S314 - the kit wrote it
    assert "no verdict" in "".join(picture.itertext())


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
