"""A saved transcript is judged as the live run was, as far as sweeps go."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import pytest

from omnisession_conformance.outputs.rejudge import NEEDS_SECRETS, NO_FACTS, NOT_JUDGED, NOT_SWEPT
from omnisession_conformance.report import TRANSCRIPT_FILE
from omnisession_conformance.results.jsonl import read_text

if TYPE_CHECKING:
    from tests.kit.command.inside import Inside
    from tests.kit.command.tool import Ran

TRANSCRIPT = f"report/{TRANSCRIPT_FILE}"
AGAIN = "again"
FAULTS = {"stale-pong": "CTRL-007", "copies-applied": "ACTION-005", "drafts-for-all": "ART-004"}


def transcript(ran: Ran) -> str:
    return str(ran.transcript)


def sweeps(ran: Ran) -> dict[str, tuple[Any, ...]]:
    """Verdict, count and findings of every sweep."""
    return {
        check["check"]: (check["status"], check["observed"], check["findings"])
        for check in ran.of("check")
        if check["check"].endswith("@sweep")
        and check["check"].partition("@")[0] not in NEEDS_SECRETS
    }


@pytest.mark.dear
def test_a_green_run_fails_nothing(whole: Ran, inside: Inside) -> None:
    # What fails in the working tree of today is no matter of this test.
    failed = {c["check"] for c in whole.of("check") if c["status"] == "FAIL"}
    again = inside.omnisession("judge", transcript(whole), "--report", AGAIN, report=AGAIN)
    assert {c["check"] for c in again.of("check") if c["status"] == "FAIL"} <= failed
    told = sweeps(whole)
    # An address with a user in it is redacted: its message has no size that can be judged later.
    hidden = sum(bool(m.get("redacted")) and m["from"] == "target" for m in whole.told[1:-2])
    status, observed, findings = told["LIMIT-001@sweep"]
    told["LIMIT-001@sweep"] = (status, observed - hidden, findings)
    assert sweeps(again) == told
    assert not {c["status"] for c in again.of("check")} & {"HARNESS", "INCONCLUSIVE"}
    for check in again.of("check"):
        if not check["check"].endswith("@sweep") and check["status"] != "NOT_CLAIMED":
            assert (check["status"], check["reason"]) == ("NOT_RUN", NOT_SWEPT)
        if check["check"].partition("@")[0] in NEEDS_SECRETS:
            assert check["status"] in ("NOT_RUN", "NOT_CLAIMED")
    if not failed:
        assert again.code == 0, again.out + again.err
        assert again.out.startswith("Selected checks passed: ")
    assert "conformant" not in again.out.lower()
    assert again.footer["filtered"]
    assert not again.footer["conformant"]
    assert {f.name for f in again.folder.iterdir()} >= {"results.jsonl", TRANSCRIPT_FILE}


@pytest.mark.parametrize(
    ("fault", "requirement"),
    [
        pytest.param(*row, marks=pytest.mark.dear if n else ())
        for n, row in enumerate(FAULTS.items())
    ],
)
def test_sweeps_say_the_same_live_and_later(fault: str, requirement: str, inside: Inside) -> None:
    server = ("--server-cmd", f"{sys.executable} -m omnisession_reference --fault {fault}")
    live = inside.omnisession("check", *server, "--only", requirement)
    judge = ("judge", TRANSCRIPT, "--report", AGAIN, "--only", requirement)
    again = inside.omnisession(*judge, report=AGAIN)
    told = sweeps(again)
    assert "FAIL" in {status for status, _, _ in told.values()}, "a fault that sweeps see"
    assert told == sweeps(live)
    assert again.code == 1
    assert again.out.startswith("SELECTED CHECKS FAILED")
    assert f"omnisession judge {TRANSCRIPT} --only" in again.out
    assert (again.folder / "junit.xml").read_text().count("<failure") >= 1


def test_what_is_not_judged_has_its_reason(quick: Ran, inside: Inside) -> None:
    alone = "CTRL-013@unknown-request-changes-nothing"
    ran = inside.omnisession("judge", transcript(quick), "--only", alone)
    assert ran.code == 5, ran.out + ran.err
    assert NOT_SWEPT in " ".join(ran.out.split())
    again = inside.omnisession("judge", transcript(quick), "--report", str(quick.folder))
    assert again.code == 4
    assert "holds the report of the run itself" in again.err
    for name in ("CTRL-099", "no-such-check"):
        wrong = inside.omnisession("judge", transcript(quick), "--only", name)
        assert wrong.code == 4
        assert name in wrong.err


def test_facts_hold_what_rules_need_and_no_secret(quick: Ran) -> None:
    facts, end = quick.told[-2:]
    assert (facts["line"], end["line"]) == ("facts", "end")
    assert facts["run_status"] == "complete"
    assert "core" in facts["profiles"]
    assert facts["users"]
    assert all("@" in check for check in facts.pop("judged"))
    assert "@" not in json.dumps(facts), "no email address"
    assert "eyJ" not in json.dumps(facts), "no token"


def test_a_transcript_that_was_cut_off_is_no_pass(quick: Ran, inside: Inside) -> None:
    lines = read_text(quick.transcript).splitlines(keepends=True)
    (inside.folder / "cut.jsonl").write_text("".join(lines[:-2]))
    ran = inside.omnisession("judge", "cut.jsonl", "--report", "report")
    assert ran.code == 3, ran.out + ran.err
    assert not ran.statuses() & {"PASS", "WARN"}
    assert NO_FACTS in ran.footer["reason"]


def test_no_more_is_green_than_the_run_had_judged(inside: Inside) -> None:
    live = inside.omnisession("check", "--only", "CTRL-007", "--only", "DISC-001")
    assert live.code == 0, live.out + live.err
    judged = set(live.told[-2]["judged"])
    assert judged == {c["check"] for c in live.of("check") if c["status"] == "PASS"}
    again = inside.omnisession("judge", TRANSCRIPT, "--report", AGAIN, report=AGAIN)
    assert again.code == 0, again.out + again.err
    green = {c["check"] for c in again.of("check") if c["status"] == "PASS"}
    assert green == {"CTRL-007@sweep"} & judged
    told = {c["check"]: c["reason"] for c in again.of("check")}
    # Its messages hold answers enough: it is that run which did not ask.
    assert told["CTRL-002@sweep"] == NOT_JUDGED


@pytest.mark.dear
def test_a_part_of_a_transcript_has_no_verdict(whole: Ran, inside: Inside) -> None:
    lines = read_text(whole.transcript).splitlines(keepends=True)
    (inside.folder / "sent.jsonl").write_text(
        "".join(line for line in lines if '"from":"target"' not in line)
    )
    (inside.folder / "twice.jsonl").write_text("".join(lines + lines))
    (inside.folder / "end.jsonl").write_text("".join([lines[0], *lines[-200:]]))
    for name in ("sent.jsonl", "twice.jsonl", "end.jsonl"):
        ran = inside.omnisession("judge", name)
        assert ran.code == 3, ran.out + ran.err
        assert "NO VERDICT" in ran.out
        assert "conformant" not in ran.out.lower()


@pytest.mark.parametrize("text", ["", "nope\n", '{"line":"header"}\n', None])
def test_files_that_are_no_transcripts(text: str | None, inside: Inside) -> None:
    path = inside.folder / "some.jsonl"
    if text is not None:
        path.write_text(text)
    ran = inside.omnisession("judge", "some.jsonl")
    assert ran.code == 4, ran.out + ran.err
    assert "some.jsonl" in ran.err
    assert "transcript.jsonl" in ran.err
    assert "Traceback" not in ran.err
