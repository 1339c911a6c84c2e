"""`check --fail-fast`: red with the failure, never more than that."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest
from tests.kit.command.tool import QUICK

from omnisession_conformance.protocol.verdict import ENDED_AT_FAILURE

if TYPE_CHECKING:
    from tests.kit.command.inside import Inside

FAULTY = ("--server-cmd", f"{sys.executable} -m omnisession_reference --fault copies-applied")
COPIES = "ACTION-005@copies-get-the-first-ack-again"
SOME = ("--only", "ACTION-005", "--only", "CTRL-007")


@pytest.mark.dear
def test_a_run_that_ended_early_is_not_conformant(inside: Inside) -> None:
    ran = inside.omnisession("check", *FAULTY, *SOME, "--fail-fast")
    assert ran.code == 1, ran.out + ran.err
    assert ran.footer["run_status"] == "complete"
    assert not ran.footer["conformant"]
    verdict = ran.out.splitlines()[1]
    assert verdict.startswith("SELECTED CHECKS FAILED: ")
    assert "ACTION-005" in verdict
    assert f"not run: {ENDED_AT_FAILURE}, which keeps the run from passing" in " ".join(
        ran.out.split()
    )
    checks = {check["check"]: check for check in ran.of("check")}
    failed = [c for c in checks.values() if c["status"] == "FAIL"]
    assert failed
    assert all("--fail-fast" not in c["rerun"] for c in failed)
    left = [c for c in checks.values() if c["reason"] == ENDED_AT_FAILURE]
    assert left
    assert {(c["status"], c["excused"]) for c in left} == {("NOT_RUN", False)}
    refused = inside.omnisession(
        "baseline", "write", "report/results.jsonl", "--reason", "known", report="report"
    )
    assert refused.code == 4
    assert "ended at its first failure" in refused.err


def test_without_a_failure_it_is_a_run_as_any_other(inside: Inside) -> None:
    ran = inside.omnisession("check", *QUICK, "--fail-fast")
    assert ran.code == 0, ran.out + ran.err
    assert ran.statuses() == {"PASS"}


@pytest.mark.dear
def test_an_expected_failure_does_not_end_it(inside: Inside) -> None:
    entries = f"expected_failures:\n  - check: {COPIES}\n    reason: known\n"
    (inside.folder / "known.yaml").write_text(entries)
    known = ("--expected-failures", "known.yaml")
    first = ("--only", COPIES, "--only", "CTRL-013")
    ran = inside.omnisession("check", *FAULTY, *first, *known, "--fail-fast")
    assert ran.code == 0, ran.out + ran.err
    assert ENDED_AT_FAILURE not in json.dumps(ran.lines)
    # Entries on what was not run any more are no news.
    (inside.folder / "known.yaml").write_text(entries.replace(COPIES, "CTRL-007@sweep"))
    ran = inside.omnisession("check", *FAULTY, *SOME, *known, "--fail-fast")
    assert ran.code == 1
    assert not ran.of("baseline")[0].get("problems")
