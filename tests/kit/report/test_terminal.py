"""Whole reports as text, so that every change of a word is seen.

After a change that is meant, write the snapshots anew and read their diff:
`UPDATE_SNAPSHOTS=1 pytest tests/kit/report`.
"""

from __future__ import annotations

import io
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from rich.console import Console
from tests.kit.report.samples import (
    CHECKS,
    HEADER,
    SAMPLES,
    SECRET,
    TOKEN,
    all_green,
    failures,
    many_failures,
    null_target,
    results,
    verdicts,
)
from tests.kit.report.snapshot import matches_snapshot

from omnisession_conformance.exits import Exit
from omnisession_conformance.protocol.verdict import Outcome, Status
from omnisession_conformance.report.failures import show_check
from omnisession_conformance.report.page import Page
from omnisession_conformance.report.terminal import LEAST_WIDTH, render
from omnisession_conformance.results.lines import Finding

if TYPE_CHECKING:
    from omnisession_conformance.results import Results

FOLDER = Path("report")
ANSI = re.compile(r"\x1b\[[0-9;]*m")
VERDICTS = {
    "all-green": (Exit.CONFORMANT, "CONFORMANT: "),
    "green-small-server": (Exit.CONFORMANT, "CONFORMANT: "),
    "less-than-claimed": (
        Exit.NOT_CONFORMANT,
        "NOT CONFORMANT: nothing failed, but less than claimed: no profile chat or url; no action",
    ),
    "failures": (Exit.NOT_CONFORMANT, "NOT CONFORMANT: 3 of 11 requirements failed (STATE-003"),
    "many-failures": (Exit.NOT_CONFORMANT, "NOT CONFORMANT: 9 of 11 requirements failed"),
    "null-target": (Exit.NO_VERDICT, "NO VERDICT: no server answers"),
    "aborted": (Exit.NO_VERDICT, "RUN CUT SHORT, NO VERDICT: the target exited"),
    "interrupted": (Exit.INTERRUPTED, "INTERRUPTED: no verdict"),
    "filtered-green": (Exit.CONFORMANT, "Selected checks passed: "),
    "filtered-red": (Exit.NOT_CONFORMANT, "SELECTED CHECKS FAILED: 1 of 2 selected"),
    "untested": (Exit.NOT_CONFORMANT, "NOT CONFORMANT: nothing failed, but 1 of 11"),
    "nothing-ran": (Exit.NOTHING_RAN, "NOTHING TESTED"),
}


def rendered(found: Results, *, width: int = 100, colour: bool = False, **more: bool) -> str:
    file = io.StringIO()
    system = "truecolor" if colour else "auto"
    console = Console(file=file, width=width, force_terminal=colour, color_system=system)
    render(found, console, folder=FOLDER, **more)
    return file.getvalue()


@pytest.mark.parametrize("name", SAMPLES)
def test_a_report_reads_as_it_was_reviewed(name: str) -> None:
    matches_snapshot(f"{name}.txt", rendered(SAMPLES[name]()))


def test_what_was_found_more_than_once_stands_once_with_its_number() -> None:
    once = Finding(Outcome.BROKEN, expected="a pong", seen="nothing")
    check = failures().checks[0]
    for times in (1, 2, 3):
        page = Page(width=100)
        show_check(page, replace(check, findings=(once,) * times), whole=False)
        told = [line.plain.split() for line in page.lines]
        assert sum("pong" in line for line in told) == 1
        assert told.count(["times", str(times)]) == (times > 1)


def test_the_report_file_leaves_nothing_out() -> None:
    matches_snapshot("failures-whole.txt", rendered(failures(), whole=True))
    whole = rendered(many_failures(), whole=True)
    assert "RESUME-004@restart" in whole
    assert "stand in full in" not in whole


def test_of_a_target_that_never_answered_there_are_five_lines() -> None:
    assert len(rendered(null_target()).splitlines()) <= 6, "five, and what it said"
    assert "Not tested" in rendered(null_target(), whole=True)


@pytest.mark.parametrize("name", SAMPLES)
def test_the_verdict_stands_first_and_last(name: str) -> None:
    code, start = VERDICTS[name]
    found = SAMPLES[name]()
    lines = rendered(found).splitlines()
    assert found.settled().end.exit_code == code
    assert lines[0].startswith(start)
    if name == "null-target":
        return
    last = lines.index(lines[0], 1)
    # Only the rest of a verdict that is longer than a line may follow it.
    assert len(lines) - last <= 2


@pytest.mark.parametrize("name", [n for n, (code, _) in VERDICTS.items() if code])
def test_nothing_but_a_green_run_is_called_conformant(name: str) -> None:
    text = rendered(SAMPLES[name]()).replace("NOT CONFORMANT", "")
    assert "CONFORMANT" not in text


def test_a_filtered_run_is_never_called_conformant() -> None:
    assert "CONFORMANT" not in rendered(SAMPLES["filtered-green"]())


@pytest.mark.parametrize("name", SAMPLES)
def test_a_pipe_gets_neither_colour_nor_control_characters(name: str) -> None:
    text = rendered(SAMPLES[name](), whole=True)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", text)
    assert all(line == line.rstrip() for line in text.splitlines())


@pytest.mark.parametrize("name", SAMPLES)
def test_no_secret_is_shown(name: str) -> None:
    text = rendered(SAMPLES[name](), whole=True)
    assert SECRET not in text
    assert TOKEN[:20] not in text


@pytest.mark.parametrize("name", SAMPLES)
def test_lines_fit_the_page_but_for_commands_that_are_copied(name: str) -> None:
    for line in rendered(SAMPLES[name]()).splitlines():
        assert len(line) <= 100 or "omnisession check --only" in line


def test_a_terminal_gets_the_same_words_with_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    text = rendered(failures(), colour=True)
    assert ANSI.search(text)
    assert ANSI.sub("", text) == rendered(failures())


def test_no_color_is_respected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    text = rendered(failures(), colour=True)
    assert not re.search(r"\x1b\[[0-9;]*3[0-9]m", text)


@pytest.mark.parametrize("width", [20, LEAST_WIDTH, 95, 300])
def test_a_page_is_never_narrower_or_wider_than_can_be_read(width: int) -> None:
    text = ANSI.sub("", rendered(failures(), width=width, colour=True))
    longest = max(len(x) for x in text.splitlines() if "omnisession check --only" not in x)
    assert longest <= max(LEAST_WIDTH, min(100, width))


def test_a_file_that_holds_ascii_only_gets_a_report_all_the_same() -> None:
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding="ascii")
    render(all_green(), Console(file=file, width=100))
    file.flush()
    assert raw.getvalue().startswith(b"CONFORMANT: core, events, articles (9 of 9) - 3.1 s")


def test_results_without_a_footer_are_settled_before_they_are_shown() -> None:
    text = rendered(replace(all_green(), footer=None))
    assert text.startswith("RUN CUT SHORT, NO VERDICT: the results stream has no footer")
    assert " PASS" in text
    assert all_green().end.requirements[Status.PASS] == 9


def test_where_everything_was_observed_the_report_says_so() -> None:
    observed = tuple(dict.fromkeys(requirement for requirement, _ in CHECKS))
    selection = replace(HEADER.selection, requirements=observed, of=len(observed))
    text = rendered(results(verdicts(), header=replace(HEADER, selection=selection)))
    assert "Not tested\n  nothing: every requirement was observed\n" in text
