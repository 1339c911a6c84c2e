"""Expected failures: what the file may say, and what it means for a run."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest
from tests.kit.results.lines import REGISTRY, check

from omnisession_conformance.errors import UsageError
from omnisession_conformance.protocol.verdict import CheckId, Status
from omnisession_conformance.report.junit import junit
from omnisession_conformance.report.terminal import compose
from omnisession_conformance.report.words import headline
from omnisession_conformance.results import (
    BaselineResult,
    CheckResult,
    Exit,
    Header,
    Results,
    Selection,
    close,
    summarise,
)
from omnisession_conformance.results.baseline import (
    Baseline,
    Entry,
    expect,
    failures,
    load_baseline,
    written,
)

if TYPE_CHECKING:
    from pathlib import Path

P, F, W = Status.PASS, Status.FAIL, Status.WARN
NR, NC, H, INC = Status.NOT_RUN, Status.NOT_CLAIMED, Status.HARNESS, Status.INCONCLUSIVE
TODAY = date(2026, 11, 23)
A, B, SHOULD = "STATE-001@a", "STATE-001@sweep", "STATE-002@a"
KNOWN = {CheckId.parse(id_) for id_ in (A, B, SHOULD)}


def baseline(*ids: str, expires: date | None = None) -> Baseline:
    entries = (Entry(CheckId.parse(i), "known", n, expires) for n, i in enumerate(ids, 2))
    return Baseline("known.yaml", tuple(entries))


def judged(
    entries: Baseline, *checks: CheckResult, filtered: bool = False, complete: bool = True
) -> Results:
    """The results of a run with a baseline."""
    marked, told = expect(entries, checks, KNOWN, complete=complete, today=TODAY)
    requirements = summarise(marked, REGISTRY, selected=())
    footer = close(marked, requirements, filtered=filtered, wall_ms=1, records={}, baseline=told)
    selection = Selection(filtered, tuple(r.id for r in requirements), (), (), len(requirements))
    header = Header("0.1.0", "1.0", "k1", 0, "omnisession check", selection)
    return Results(header, (), (), tuple(marked), requirements, footer, told)


def problems(found: Results) -> list[tuple[str, int, str]]:
    assert isinstance(found.baseline, BaselineResult)
    return [(p.check, p.at, p.problem) for p in found.baseline.problems]


def red(found: Results) -> bool:
    root = ET.fromstring(junit(found))  # noqa: S314 - the kit wrote it
    return any(True for tag in ("failure", "error") for _ in root.iter(tag))


# -- what a run makes of it ------------------------------------------------------------------------------


def test_an_expected_failure_fails_no_run_and_is_never_plain_conformant() -> None:
    found = judged(baseline(A), check(A, F), check(B, P), check(SHOULD, P))
    assert (found.end.exit_code, found.end.conformant) == (0, False)
    assert found.end.expected_failures == 1
    assert headline(found).text.startswith(
        "Conformant apart from 1 expected failure: no profile (1 of 2"
    )
    assert problems(found) == []
    assert not red(found)
    told = {r.id: (r.status, r.expected) for r in found.requirements}
    assert told["STATE-001"] == (F, True), "a failure stays one"


def test_the_report_lists_it_as_expected_and_not_among_the_failures() -> None:
    text = "\n".join(line.plain for line in compose(judged(baseline(A), check(A, F))).lines)
    assert "Expected failures (1)\n  STATE-001@a  FAIL, as expected\n      known" in text
    assert "Failures (" not in text
    assert "CONFORMANT" not in text


def test_a_filtered_run_says_so_too() -> None:
    found = judged(baseline(A), check(A, F), filtered=True)
    assert headline(found).text.startswith("Selected checks passed apart from 1 expected failure:")


def test_a_failure_that_nobody_expects_fails_the_run_as_ever() -> None:
    found = judged(baseline(A), check(A, F), check(B, F))
    assert found.end.exit_code == Exit.NOT_CONFORMANT
    assert headline(found).text.startswith("NOT CONFORMANT: 1 of 1 requirement failed (STATE-001)")
    assert red(found)


def test_a_mandatory_check_that_was_not_tested_may_be_expected() -> None:
    seen = check(SHOULD, P)
    found = judged(baseline(A), check(A, NR, reason="the open failed"), seen)
    assert (found.end.exit_code, found.end.expected_failures) == (0, 1)
    assert not red(found)
    assert judged(baseline(), check(A, NR), seen).end.exit_code == 1


@pytest.mark.parametrize("status", [INC, H])
def test_what_could_not_be_judged_is_not_hidden_behind_it(status: Status) -> None:
    found = judged(baseline(A), check(A, F), check(B, status))
    assert found.end.exit_code == Exit.NO_VERDICT
    assert red(found)


def test_an_undecided_check_is_neither_expected_nor_stale() -> None:
    found = judged(baseline(A), check(A, INC), check(B, P))
    assert found.end.exit_code == Exit.NO_VERDICT
    assert problems(found) == []


def test_a_warning_may_be_listed_and_is_not_counted() -> None:
    found = judged(baseline(SHOULD), check(A, P), check(SHOULD, W))
    assert (found.end.exit_code, found.end.expected_failures) == (0, 0)
    assert headline(found).text.startswith("CONFORMANT: ")


@pytest.mark.parametrize(
    ("entries", "checks", "told"),
    [
        (baseline(A), [check(A, P)], (A, 2, "stale")),
        (baseline(A), [check(A, NC), check(B, P)], (A, 2, "unmatched")),
        (baseline(A), [check(A, NR, excused=True), check(B, P)], (A, 2, "unmatched")),
        (baseline("STATE-001@b"), [check(A, P)], ("STATE-001@b", 2, "unknown")),
        (baseline(A, A), [check(A, F)], (A, 3, "duplicate")),
        (baseline(A, expires=date(2026, 11, 22)), [check(A, F)], (A, 2, "expired")),
    ],
)
def test_an_entry_that_does_not_hold_fails_the_run(
    entries: Baseline, checks: list[CheckResult], told: tuple[str, int, str]
) -> None:
    found = judged(entries, *checks)
    assert problems(found) == [told]
    assert found.end.exit_code == Exit.NOT_CONFORMANT
    assert not found.end.conformant
    assert headline(found).text.startswith("BASELINE FAILED: nothing else failed, but 1 expected")
    text = "\n".join(line.plain for line in compose(found).lines)
    assert "Expected failures that do not hold (1)" in text
    assert f"known.yaml, line {told[1]}: " in text
    assert red(found)


def test_it_holds_on_its_last_day() -> None:
    found = judged(baseline(A, expires=TODAY), check(A, F), check(B, P))
    assert found.end.exit_code == 0


def test_checks_that_were_not_selected_are_left_alone() -> None:
    found = judged(baseline(A, B), check(A, F), filtered=True)
    assert (problems(found), found.end.exit_code) == ([], 0)


def test_a_run_that_was_cut_short_says_nothing_about_any_entry() -> None:
    found = judged(baseline(A), check(A, P), complete=False)
    assert problems(found) == []


# -- the file --------------------------------------------------------------------------------------------


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "known.yaml"
    reason = 'see "ticket": 12 # ü\n'
    path.write_text(written([A, B], reason, TODAY), encoding="utf-8")
    found = load_baseline(path, REGISTRY)
    assert [(str(e.check), e.reason, e.expires) for e in found.entries] == [
        (A, reason.strip(), TODAY),
        (B, reason.strip(), TODAY),
    ]
    assert [e.line for e in found.entries] == [4, 7]


def test_no_failures_make_an_empty_file_that_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "known.yaml"
    path.write_text(written([], "none", None), encoding="utf-8")
    assert load_baseline(path, REGISTRY).entries == ()


def test_only_what_keeps_a_run_from_passing_is_written() -> None:
    checks = [check(A, F), check(B, NR), check(SHOULD, W), check(SHOULD, NR), check(A, P)]
    assert failures(checks) == [A, B]


ENTRY = "expected_failures:\n  - check: STATE-001@a\n    reason: so\n"
BROKEN: dict[str, Any] = {
    "": "line 1: write expected_failures",
    "- a\n": "line 1: write expected_failures",
    "expected_failures: 5\n": "line 1: 'expected_failures' is a list of entries",
    "expected_failures: [\n": "this is no YAML",
    "expected: []\n": "line 1: there is no member 'expected'; known are expected_failures",
    ENTRY.replace(
        "reason", "reasons"
    ): "line 3: there is no member 'reasons'; did you mean 'reason'?",
    "expected_failures:\n  - check: STATE-001@a\n": "line 2: 'reason' is missing",
    "expected_failures:\n  - reason: so\n": "line 2: 'check' is missing",
    "expected_failures:\n  - STATE-001@a\n": "line 2: an entry has members: check, reason, expires",
    ENTRY.replace(" so", " ''"): "line 3: 'reason' needs a text that is not empty",
    ENTRY.replace(" so", " 12"): "line 3: 'reason' needs a text that is not empty",
    ENTRY.replace("@a", ""): "line 2: 'STATE-001' is no check: write REQ-ID@case or REQ-ID@sweep",
    ENTRY.replace("STATE-001", "STATE-901"): "line 2: there is no requirement 'STATE-901'. Did you",
    ENTRY + "    expires: soon\n": "line 4: 'expires' is a day, written as YYYY-MM-DD",
    ENTRY + "    expires: 2026-13-01\n": "line 4: 'expires' is a day",
    ENTRY + "    reason: again\n": "line 4: 'reason' is there twice: remove one",
}


@pytest.mark.parametrize(("text", "said"), BROKEN.items())
def test_a_broken_file_names_the_line_and_the_way_out(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "known.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError) as error:
        load_baseline(path, REGISTRY)
    assert said in str(error.value)
    assert "known.yaml" in str(error.value)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"Cannot read the expected failures .*gone\.yaml"):
        load_baseline(tmp_path / "gone.yaml", REGISTRY)
    (tmp_path / "latin.yaml").write_bytes(b"\xff\xfe\xfa")
    with pytest.raises(UsageError, match=r"latin\.yaml is no UTF-8 text"):
        load_baseline(tmp_path / "latin.yaml", REGISTRY)
