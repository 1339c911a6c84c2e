"""What is no server is never green: exit 3, no PASS, and a whole report all the same."""

from __future__ import annotations

import json
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections import Counter
from typing import TYPE_CHECKING

import jsonschema_rs
import pytest
from tests.kit.command.tool import Ran, clean_environment, null
from tests.kit.report.dom import parse
from tests.registry import of_profiles

from omnisession_conformance.protocol.schemas.location import schemas_folder
from omnisession_conformance.report import FILES, TRANSCRIPT_FILE
from omnisession_conformance.results.jsonl import read_text
from omnisession_conformance.suite import catalogue

if TYPE_CHECKING:
    from tests.kit.command.inside import Inside

NOT_A_SERVER = "no session server"
REPLAYED = "plays back what was said elsewhere"
GONE = "while cases were running"


def validator(name: str) -> jsonschema_rs.Draft202012Validator:
    path = schemas_folder() / "kit" / f"{name}.schema.json"
    return jsonschema_rs.Draft202012Validator(json.loads(path.read_text("utf-8")))


SUMMARY, RESULTS, TRANSCRIPT = map(validator, ("summary", "results", "transcript"))


def assert_whole_and_red(ran: Ran, said: str) -> None:
    assert ran.code == 3, ran.out + ran.err
    # What a target declares may be known before it is gone.
    assert ran.statuses() <= {"NOT_RUN", "NOT_CLAIMED"}
    not_claimed = ran.not_claimed()
    assert not_claimed <= of_profiles("secure", "durable")
    assert len(ran.of("check")) == len(catalogue().checks())
    assert len(ran.of("requirement")) == len(catalogue().registry)
    assert ran.footer["run_status"] == "aborted"
    assert said in ran.footer["reason"]
    assert not ran.footer["conformant"]
    assert said in ran.out.replace("\n", " ")
    suites = ET.parse(ran.folder / "junit.xml").getroot()  # noqa: S314 - the kit wrote it
    cases = {str(case.get("name")): case for case in suites.iter("testcase")}
    excused = {line["check"]: line["excused"] for line in ran.of("check")}
    for check in catalogue().checks():
        must = catalogue().registry[check.requirement].mandatory and not excused[str(check)]
        must = must and check.requirement not in not_claimed
        case = cases[str(check)]
        assert case.find("error" if must else "skipped") is not None, str(check)
    assert_every_format(ran)
    assert "Traceback" not in ran.out + ran.err


def assert_every_format(ran: Ran) -> None:
    """Each report is whole, and none of them is green."""
    assert {p.name for p in ran.folder.iterdir()} == set(FILES)
    for file, schema in (("results.jsonl", RESULTS), (TRANSCRIPT_FILE, TRANSCRIPT)):
        lines = read_text(ran.folder / file).splitlines()
        assert lines, file
        for line in lines:
            schema.validate(json.loads(line))
    told = json.loads((ran.folder / "summary.json").read_text("utf-8"))
    SUMMARY.validate(told)
    assert (told["verdict"], told["exit_code"]) == ("no_verdict", 3)
    assert len(told["requirements"]) == len(catalogue().registry)
    page = parse((ran.folder / "report.html").read_text("utf-8").partition("\n")[2])
    assert "no-verdict" in page.one(cls="verdict").classes
    cards = page.all("details", cls="requirement")
    assert len(cards) == len(catalogue().registry)
    told_of = Counter(card.attributes["data-status"] for card in cards)
    assert told_of.keys() <= {"NOT_RUN", "NOT_CLAIMED"}
    assert told_of["NOT_CLAIMED"] == len(ran.not_claimed())
    title = (ran.folder / "summary.md").read_text("utf-8").partition("\n")[0]
    assert title.startswith("## Omnisession 1.0: ")
    assert "NO VERDICT" in title
    badge = json.loads((ran.folder / "badge.json").read_text("utf-8"))
    assert (badge["message"], badge["color"]) == ("no verdict", "lightgrey")
    picture = ET.parse(ran.folder / "badge.svg").getroot()  # noqa: S314 - the kit wrote it
    assert "no verdict" in "".join(picture.itertext())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("echo", NOT_A_SERVER),
        pytest.param("silent", "got no answer within 2 s", marks=pytest.mark.dear),
        pytest.param("garbage", NOT_A_SERVER, marks=pytest.mark.dear),
        pytest.param("garbage --seed 1", NOT_A_SERVER, marks=pytest.mark.dear),
        pytest.param("replay", REPLAYED, marks=pytest.mark.dear),
        pytest.param("half-way --after 0", "got no answer within 2 s", marks=pytest.mark.dear),
        pytest.param("half-way --after 10", GONE, marks=pytest.mark.dear),
        pytest.param("half-way --after 150 --exit-code 0", GONE, marks=pytest.mark.dear),
    ],
)
def test_a_target_that_is_no_server(arguments: str, said: str, inside: Inside) -> None:
    command = ("--server-cmd", null(*arguments.split()))
    assert_whole_and_red(inside.omnisession("check", *command), said)


@pytest.mark.dear
def test_a_target_that_never_listens_is_given_the_time_to_start_and_no_more(
    inside: Inside,
) -> None:
    command = ("--server-cmd", null("absent"), "--start-timeout", "1.5")
    ran = inside.omnisession("check", *command)
    assert_whole_and_red(ran, "did not subscribe to session.*.*.control within 1.5 s")


@pytest.mark.dear
def test_a_target_that_plays_back_an_old_run(quick: Ran, inside: Inside) -> None:
    replay = null("replay", "--transcript", str(quick.transcript))
    ran = inside.omnisession("check", "--server-cmd", replay)
    assert_whole_and_red(ran, REPLAYED)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["unknown"], 4, "Invalid value for"),
        pytest.param(
            *(["half-way", "./no-such-server"], 4, "cannot run './no-such-server'"),
            marks=pytest.mark.dear,
        ),
        pytest.param(
            *(["replay", "--transcript", "nowhere"], 3, "cannot read the transcript: nowhere"),
            marks=pytest.mark.dear,
        ),
        (["--", "silent"], 3, "Cannot connect"),
        *(
            pytest.param(["--", name], 3, "Cannot connect", marks=pytest.mark.dear)
            for name in ("echo", "garbage", "replay")
        ),
    ],
)
def test_a_null_target_that_cannot_be_one(arguments: list[str], code: int, said: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "omnisession_conformance.nulls", *arguments],
        env={**clean_environment(), "NATS_URL": "nats://127.0.0.1:1"},
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert (done.returncode, said in done.stderr) == (code, True), done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.dear
def test_a_command_that_exits(inside: Inside) -> None:
    ran = inside.omnisession("check", "--server-cmd", "sh -c 'echo no database >&2; exit 7'")
    assert_whole_and_red(ran, "ended before it answered session.open")
    assert "no database" in ran.out
    assert "It said:" not in ran.out.partition("Not tested")[2], "what it said stands above"


@pytest.mark.dear
def test_a_command_that_does_not_exist(inside: Inside) -> None:
    ran = inside.omnisession("check", "--server-cmd", "./no-such-server")
    assert_whole_and_red(ran, "ended before it answered session.open")
    assert "cannot run './no-such-server'" in ran.out


@pytest.mark.dear
def test_nobody_at_the_broker(inside: Inside, broker: str) -> None:
    ran = inside.omnisession("check", "--nats", broker, "--secret", "s" * 32)
    assert_whole_and_red(ran, "nobody listens on session.*.*.control")


def test_no_broker(inside: Inside) -> None:
    ran = inside.omnisession("check", "--nats", "127.0.0.1:1", "--secret", "s" * 32)
    assert_whole_and_red(ran, "Cannot connect to the broker at nats://127.0.0.1:1")
