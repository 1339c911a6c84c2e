from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.kit.report.dom import parse
from tests.kit.report.samples import (
    SAMPLES,
    TARGET,
    all_green,
    failures,
    filtered_green,
    finding,
    hostile,
    null_target,
    results,
    seen,
    verdicts,
)

from omnisession_conformance.files import Folder
from omnisession_conformance.protocol.verdict import Status
from omnisession_conformance.report import FILES, REPORTS, file_of, remove_reports, write_reports
from omnisession_conformance.report.badge import badge, svg
from omnisession_conformance.report.html import html
from omnisession_conformance.report.junit import junit
from omnisession_conformance.report.markdown import markdown
from omnisession_conformance.report.summary import summary
from omnisession_conformance.report.terminal import compose
from omnisession_conformance.results import (
    BaselineProblem,
    BaselineResult,
    Evidence,
    RunStatus,
    close,
)
from omnisession_conformance.results.summary import UNDECIDED

if TYPE_CHECKING:
    from omnisession_conformance.results import Results

BADGES = {file_of("badge"), file_of("endpoint")}


def test_the_folder_holds_every_report(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "report"
    paths = write_reports(failures(), folder).paths
    assert {p.name for p in paths} == {p.name for p in folder.iterdir()} == set(REPORTS)
    assert set(REPORTS) < set(FILES)
    assert (folder / file_of("junit")).read_text("utf-8") == junit(failures())
    lines = (folder / file_of("text")).read_text("utf-8").splitlines()
    assert lines == [x.plain for x in compose(failures(), folder=folder, whole=True).lines]


@pytest.mark.parametrize("name", SAMPLES)
def test_every_run_has_every_report_but_a_part_no_badge(name: str, tmp_path: Path) -> None:
    found = SAMPLES[name]()
    names = {p.name for p in write_reports(found, tmp_path).paths}
    assert set(REPORTS) - names == (BADGES if found.header.selection.filtered else set())
    assert all((tmp_path / n).stat().st_size for n in names)


def test_they_are_written_over_those_of_the_last_run(tmp_path: Path) -> None:
    (tmp_path / file_of("junit")).write_text("old", encoding="utf-8")
    write_reports(failures(), tmp_path)
    assert "old" not in (tmp_path / file_of("junit")).read_text("utf-8")[:3]


def test_no_badge_of_an_earlier_run_stays_beside_a_run_of_a_part(tmp_path: Path) -> None:
    write_reports(all_green(), tmp_path)
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    write_reports(filtered_green(), tmp_path)
    left = {p.name for p in tmp_path.iterdir()}
    assert not left & BADGES
    with Folder(tmp_path) as folder:
        remove_reports(folder)
    assert {p.name for p in tmp_path.iterdir()} == {"mine.txt"}


def test_the_files_are_told_on_one_line() -> None:
    lines = [x.plain for x in compose(null_target(), folder=Path("report")).lines]
    told = [x for x in lines if x.startswith("The report is in report: ")]
    assert len(told) == 1
    assert told[0].endswith("files for programs.")
    assert len(told[0]) <= 100


def test_a_hostile_target_gets_every_report(tmp_path: Path) -> None:
    assert len(write_reports(hostile(), tmp_path).paths) == len(REPORTS)


def with_baseline(*, stale: bool) -> Results:
    """The failures, all of them expected; `stale` adds an entry that does not hold."""
    found = failures()
    checks = tuple(
        replace(c, expected="known since <b>May</b>") if c.keeps else c
        for c in found.checks
        if c.status not in UNDECIDED
    )
    named = {c.check for c in checks}
    requirements = tuple(
        replace(r, expected=any(c.expected and c.check in r.checks for c in checks))
        for r in found.requirements
        if r.status not in UNDECIDED
    )
    entry = BaselineProblem("CTRL-001@sweep", 3, "stale", "it passes: take | it `away`")
    baseline = BaselineResult("expected.toml", len(named), (entry,) if stale else ())
    footer = close(checks, requirements, wall_ms=1.0, records={}, baseline=baseline)
    return replace(
        found, checks=checks, requirements=requirements, footer=footer, baseline=baseline
    )


def test_a_run_with_expected_failures_is_nowhere_called_conformant(tmp_path: Path) -> None:
    found = with_baseline(stale=False)
    assert (found.end.exit_code, found.end.conformant) == (0, False)
    write_reports(found, tmp_path)
    told = {p.name: p.read_text("utf-8") for p in tmp_path.iterdir()}
    assert json.loads(told["summary.json"])["verdict"] == "as_expected"
    assert json.loads(told["badge.json"])["color"] == "orange"
    page = parse(told["report.html"].partition("\n")[2])
    assert page.one(cls="verdict").classes == ["verdict", "as-expected"]
    notes = [e.text for e in page.all(cls="expected-failure")]
    assert set(notes) == {"An expected failure: known since <b>May</b>"}
    assert "An expected failure: known since &lt;b&gt;May" in told["summary.md"]
    assert not [name for name, text in told.items() if "CONFORMANT" in text]


def test_an_entry_of_a_baseline_that_does_not_hold_is_told(tmp_path: Path) -> None:
    found = with_baseline(stale=True)
    assert found.end.exit_code == 1
    write_reports(found, tmp_path)
    told = {p.name: p.read_text("utf-8") for p in tmp_path.iterdir()}
    assert json.loads(told["summary.json"])["verdict"] == "baseline_failed"
    assert json.loads(told["badge.json"])["color"] == "red"
    page = parse(told["report.html"].partition("\n")[2])
    assert page.one(cls="verdict").classes == ["verdict", "baseline-failed"]
    assert "expected.toml, line 3: it passes: take | it `away`" in page.one("main").text
    assert "take \\| it \\`away\\`" in told["summary.md"]


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(), min_size=1, max_size=60))
def test_no_text_of_a_target_keeps_a_report_from_being_written(text: str) -> None:
    said = seen(Status.FAIL, finding(text, text, 5, pointer=text, why=text))
    made = results(verdicts({"STATE-003@open-order": said}), reason=text)
    shown = Evidence(5, 1.0, "target", text, text, text, text, text, blamed=True)
    found = replace(
        made,
        targets=(
            replace(TARGET, name=text, version=text, command=text, broker=text, kinds=(text,)),
        ),
        checks=tuple(replace(c, evidence=(shown,), reason=text) for c in made.checks),
        footer=replace(made.end, run_status=RunStatus.ABORTED, exit_code=3, reason=text),
    )
    badge_ = badge(found)
    assert badge_ is not None
    for content in (html(found), markdown(found), summary(found), junit(found), svg(badge_)):
        assert content.encode("utf-8")
    parse(html(found).partition("\n")[2])
    ET.fromstring(svg(badge_))  # noqa: S314 - made a line ago
