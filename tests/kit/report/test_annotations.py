"""Failures as a runner of GitHub's reads them: each line one command, and nothing else is one."""

from __future__ import annotations

import io
import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from tests.kit.report.samples import (
    SAMPLES,
    SECRET,
    all_green,
    failures,
    finding,
    many_failures,
    results,
    seen,
    verdicts,
)
from tests.kit.report.snapshot import matches_snapshot

from omnisession_conformance.outputs.terminal import print_report
from omnisession_conformance.protocol.verdict import Status
from omnisession_conformance.report.annotations import MOST, VARIABLE, job_lines

if TYPE_CHECKING:
    from omnisession_conformance.results import Results

CHECK = "STATE-003@open-order"
OF_DATA = (("%0D", "\r"), ("%0A", "\n"), ("%25", "%"))
OF_PROPERTY = (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%"))


def unescaped(text: str, table: tuple[tuple[str, str], ...]) -> str:
    for escape, character in table:
        text = text.replace(escape, character)
    return text


def read(line: str) -> tuple[str, dict[str, str], str]:
    """Command, properties and message of a line, as the runner takes it apart."""
    assert line.startswith("::")
    head, end, message = line.removeprefix("::").partition("::")
    assert end
    command, _, rest = head.partition(" ")
    pairs = [pair.partition("=") for pair in rest.split(",")]
    properties = {name: unescaped(value, OF_PROPERTY) for name, _, value in pairs}
    return command, properties, unescaped(message, OF_DATA)


def told(found: Results) -> list[tuple[str, dict[str, str], str]]:
    return [read(line) for line in job_lines(found.settled())]


@pytest.mark.parametrize("name", ["failures", "many-failures", "aborted", "untested"])
def test_what_a_job_is_told(name: str) -> None:
    text = "".join(f"{line}\n" for line in job_lines(SAMPLES[name]().settled()))
    matches_snapshot(f"{name}.annotations.txt", text)


@pytest.mark.parametrize("name", SAMPLES)
def test_there_is_one_where_the_exit_code_is_not_0(name: str) -> None:
    found = SAMPLES[name]().settled()
    lines = told(found)
    assert bool(lines) == bool(found.end.exit_code)
    assert len(lines) <= MOST + 1
    assert {command for command, _, _ in lines[:MOST]} <= {"error"}
    assert SECRET not in "".join(job_lines(found))


def test_more_than_github_shows_are_counted() -> None:
    found = many_failures().settled()
    failed = [r for r in found.requirements if r.status is Status.FAIL]
    more = [
        replace(failed[0], id=f"{failed[0].area}-{n}", checks=()) for n in range(900, 900 + MOST)
    ]
    lines = told(replace(found, requirements=(*found.requirements, *more)))
    assert [command for command, _, _ in lines] == ["error"] * MOST + ["notice"]
    assert f"and {len(failed)} failures more: " in lines[-1][2]


@given(st.text(), st.sampled_from(["", "\n", "\r", "\r\n", "%0A", "%0D%0A", "\u2028", "\x85"]))
def test_no_text_of_a_target_is_a_command(text: str, end: str) -> None:
    said = f"{text}{end}::add-mask::{text}%,file=x,line=1::{end}::stop-commands::{text}"
    blamed = finding(said, said, 6, pointer=f"/{said}", why=said)
    found = results(verdicts({CHECK: seen(Status.FAIL, blamed)})).settled()
    titled = tuple(replace(r, title=said) for r in found.requirements)
    again = tuple(replace(c, rerun=said) for c in found.checks)
    lines = list(job_lines(replace(found, requirements=titled, checks=again)))
    assert len(lines) == 1
    assert lines[0].splitlines() == [lines[0]]
    assert not any(unicodedata.category(c) == "Cc" for c in lines[0])
    command, properties, message = read(lines[0])
    assert (command, list(properties)) == ("error", ["title"])
    assert message.startswith("expected ")


@pytest.mark.parametrize("value", ["", "false", "1", None])
def test_nobody_else_is_told(
    value: str | None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    console = Console(file=io.StringIO(), width=100)
    monkeypatch.delenv(VARIABLE, raising=False)
    if value is not None:
        monkeypatch.setenv(VARIABLE, value)
    print_report(failures().settled(), None, console)
    assert capsys.readouterr().err == ""
    monkeypatch.setenv(VARIABLE, "true")
    print_report(failures().settled(), None, console)
    assert capsys.readouterr().err.startswith("::error title=")
    print_report(all_green().settled(), None, console)
    assert capsys.readouterr().err == ""
