"""A saved transcript is judged as the live run was, as far as sweeps go."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import pytest
from tests.kit.command.tool import Ran, omnisession

from omnisession_conformance.outputs.rejudge import NEEDS_SECRETS, NO_FACTS, NOT_SWEPT
from omnisession_conformance.report import TRANSCRIPT_FILE
from omnisession_conformance.results.jsonl import read_text

if TYPE_CHECKING:
    from pathlib import Path

    from tests.kit.command.inside import Inside

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


def test_a_green_run_fails_nothing(whole: Ran, inside: Inside) -> None:
    # What fails in the working tree of today is no matter of this test.
    failed = {c["check"] for c in whole.of("check") if c["status"] == "FAIL"}
    again = inside.omnisession("judge", transcript(whole), "--report", AGAIN, report=AGAIN)
    assert {c["check"] for c in again.of("check") if c["status"] == "FAIL"} <= failed
    assert sweeps(again) == sweeps(whole)
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


@pytest.mark.parametrize(("fault", "requirement"), FAULTS.items())
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
    facts = quick.told[-1]
    assert facts["line"] == "facts"
    assert facts["run_status"] == "complete"
    assert "core" in facts["profiles"]
    assert facts["users"]
    assert "@" not in json.dumps(facts), "no email address"
    assert "eyJ" not in json.dumps(facts), "no token"


def test_a_transcript_that_was_cut_off_is_no_pass(quick: Ran, tmp_path: Path) -> None:
    lines = read_text(quick.transcript).splitlines(keepends=True)
    (tmp_path / "cut.jsonl").write_text("".join(lines[:-1]))
    ran = omnisession("judge", "cut.jsonl", "--report", "report", cwd=tmp_path)
    assert ran.code == 3, ran.out + ran.err
    assert not ran.statuses() & {"PASS", "WARN"}
    assert NO_FACTS in ran.footer["reason"]


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
