"""Files that an earlier kit wrote are read: `report`, `judge` and `diff` say what they said then."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omnisession_conformance.outputs.rejudge import NO_DIGEST, NOT_KNOWN
from omnisession_conformance.results import load_transcript, read_results

if TYPE_CHECKING:
    from tests.kit.command.inside import Inside

SAVED = Path(__file__).parents[1] / "saved" / "before"
"""A run of some checks by the kit that did not count the messages of others yet."""


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_a_report_is_made_again(inside: Inside) -> None:
    shutil.copy(SAVED / "results.jsonl", inside.folder)
    ran = inside.omnisession("report", "results.jsonl")
    assert ran.code == 0, ran.out + ran.err
    told = json.loads((inside.folder / "summary.json").read_text("utf-8"))
    footer = lines(SAVED / "results.jsonl")[-1]
    assert told["counts"]["checks"] == footer["checks"]
    assert told["verdict"] == "selected_passed"


def test_a_transcript_is_judged_again(inside: Inside) -> None:
    assert not load_transcript(SAVED / "transcript.jsonl").counted
    ran = inside.omnisession("judge", str(SAVED / "transcript.jsonl"), "--report", "again")
    assert ran.code == 0, ran.out + ran.err
    assert NO_DIGEST in ran.err
    then = {c.check: c for c in read_results(SAVED / "results.jsonl").checks}
    now = {c.check: c for c in read_results(inside.folder / "again" / "results.jsonl").checks}
    both = [check for check in then if check.endswith("@sweep") and "DISC" not in check]
    assert both
    for check in both:
        assert (now[check].status, now[check].observed) == (
            then[check].status,
            then[check].observed,
        )


def test_what_its_kit_did_not_look_for_is_not_green(inside: Inside) -> None:
    # The transcript has answers to `session.open` enough; nobody compared them then.
    ran = inside.omnisession("judge", str(SAVED / "transcript.jsonl"), "--report", "report")
    told = {c["check"]: (c["status"], c["reason"]) for c in ran.of("check")}
    assert told["CTRL-021@sweep"] == ("NOT_RUN", NOT_KNOWN)
    assert told["CTRL-002@sweep"][0] == "PASS"


def test_gaps_of_one_that_did_not_count_are_told_and_judged(inside: Inside) -> None:
    kept = (SAVED / "transcript.jsonl").read_text("utf-8").splitlines(keepends=True)
    del kept[40:42]
    (inside.folder / "gaps.jsonl").write_text("".join(kept))
    ran = inside.omnisession("judge", "gaps.jsonl")
    assert ran.code != 3, ran.out + ran.err
    assert "omnisession: note: 2 messages, 39 to 40 are not there" in ran.err


def test_two_runs_are_compared(inside: Inside) -> None:
    ran = inside.omnisession("diff", str(SAVED / "results.jsonl"), str(SAVED / "results.jsonl"))
    assert ran.code == 0, ran.out + ran.err
