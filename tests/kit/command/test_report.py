"""`omnisession report` makes every report again, and none greener than the run was."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from tests.kit.command.tool import QUICK, omnisession
from tests.kit.report.samples import all_green, failures, filtered_green
from tests.kit.report.stream import write_stream

from omnisession_conformance.report import (
    FILES,
    REPORTS,
    file_of,
)

if TYPE_CHECKING:
    from pathlib import Path


def verdict(folder: Path) -> str:
    return json.loads((folder / "summary.json").read_text("utf-8"))["verdict"]


def test_reports_of_a_run_are_made_again(tmp_path: Path) -> None:
    run = omnisession("check", *QUICK, cwd=tmp_path)
    assert run.code == 0, run.out + run.err
    first = {p.name: p.read_bytes() for p in run.folder.iterdir()}
    assert set(FILES) - first.keys() == {"badge.svg", "badge.json"}
    again = omnisession("report", "report/results.jsonl", "--to", "again", cwd=tmp_path)
    assert again.code == 0, again.err
    second = {p.name: p.read_bytes() for p in (tmp_path / "again").iterdir()}
    assert second.keys() == first.keys() & set(REPORTS)
    for name in second.keys() - {file_of("text")}:
        assert second[name] == first[name], name
    told = first[file_of("text")].replace(b"in report:", b"in again:")
    assert second[file_of("text")] == told
    assert again.out.splitlines()[0] in run.out.splitlines()


def test_without_a_folder_they_are_written_beside_the_results(tmp_path: Path) -> None:
    write_stream(failures(), tmp_path / "saved" / "results.jsonl")
    ran = omnisession("report", "saved/results.jsonl", cwd=tmp_path)
    assert ran.code == 1, ran.err
    assert {p.name for p in (tmp_path / "saved").iterdir()} == {*REPORTS, "results.jsonl"}
    assert verdict(tmp_path / "saved") == "not_conformant"
    assert "NOT CONFORMANT" in ran.out


def test_a_stream_that_ends_early_is_an_aborted_run(tmp_path: Path) -> None:
    saved = tmp_path / "results.jsonl"
    write_stream(all_green(), saved)
    lines = saved.read_text("utf-8").splitlines(keepends=True)
    for kept in (lines[:-1], lines[:3], lines[:1], [*lines[:-1], lines[-1][:40]]):
        saved.write_text("".join(kept), "utf-8")
        ran = omnisession("report", "results.jsonl", "--to", "out", cwd=tmp_path)
        assert ran.code == 3, ran.out + ran.err
        assert {p.name for p in (tmp_path / "out").iterdir()} == set(REPORTS)
        assert verdict(tmp_path / "out") == "no_verdict"
        assert "CONFORMANT" not in (tmp_path / "out" / "report.html").read_text("utf-8")
        assert "no verdict" in (tmp_path / "out" / file_of("badge")).read_text("utf-8")


def test_a_badge_of_an_earlier_run_goes(tmp_path: Path) -> None:
    write_stream(filtered_green(), tmp_path / "results.jsonl")
    (tmp_path / file_of("badge")).write_text("green", "utf-8")
    assert omnisession("report", "results.jsonl", cwd=tmp_path).code == 0
    assert not (tmp_path / file_of("badge")).exists()


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("missing.jsonl", None, "cannot read the results"),
        ("results.jsonl", "", "begins with its header"),
        ("results.jsonl", "not json\n", "line 1"),
        ("results.jsonl", '{"line":"footer"}\n', "line 1"),
        ("results.jsonl", "[]\n", "line 1"),
    ],
)
def test_what_is_no_results_stream(name: str, text: str | None, said: str, tmp_path: Path) -> None:
    if text is not None:
        (tmp_path / name).write_text(text, "utf-8")
    ran = omnisession("report", name, cwd=tmp_path)
    assert ran.code == 4
    assert said in ran.err
    assert name in ran.err
    assert "Give the results.jsonl of a run." in ran.err
    assert "Traceback" not in ran.err


def test_a_stream_that_lost_its_failures_is_refused(tmp_path: Path) -> None:
    saved = tmp_path / "results.jsonl"
    write_stream(failures(), saved)
    kept = [x for x in saved.read_text("utf-8").splitlines() if '"status":"FAIL"' not in x]
    saved.write_text("\n".join(kept) + "\n", "utf-8")
    ran = omnisession("report", "results.jsonl", cwd=tmp_path)
    assert ran.code == 4
    assert "are not those that its footer counts" in ran.err
    assert not (tmp_path / "report.html").exists()


def test_a_folder_that_is_a_file(tmp_path: Path) -> None:
    write_stream(all_green(), tmp_path / "results.jsonl")
    (tmp_path / "taken").write_text("mine", "utf-8")
    ran = omnisession("report", "results.jsonl", "--to", "taken/deep", cwd=tmp_path)
    assert ran.code == 4
    assert "Name another folder with --to" in ran.err
    assert "Traceback" not in ran.err
