"""A report format is a row: its file, its renderer and what the docs say of it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.kit.report.samples import all_green, failures, filtered_green

from omnisession_conformance import report
from omnisession_conformance.files import Folder
from omnisession_conformance.report import FORMATS, Format, file_of, remove_reports, write_reports
from omnisession_conformance.report.terminal import compose

if TYPE_CHECKING:
    from omnisession_conformance.results import Results

FOLDER = Path("report")
EXTRA = Format(
    name="extra",
    file="extra.txt",
    renderer="extra:extra",
    readers="programs",
    what="a format that somebody added",
)


@pytest.mark.parametrize("row", FORMATS, ids=lambda row: row.name)
def test_every_row_has_a_renderer_that_makes_its_file(row: Format) -> None:
    made = row.render(all_green(), FOLDER)
    assert made
    assert made.endswith("\n")
    assert row.render(failures(), FOLDER) != made


def test_names_and_files_are_not_taken_twice() -> None:
    assert len({row.name for row in FORMATS}) == len({row.file for row in FORMATS}) == len(FORMATS)


def test_a_run_of_a_part_has_no_badge_and_everything_else() -> None:
    none = {row.name for row in FORMATS if row.render(filtered_green(), FOLDER) is None}
    assert none == {"badge", "endpoint"}


def test_people_are_pointed_at_those_that_come_first() -> None:
    told = " ".join(line.plain for line in compose(all_green(), folder=FOLDER).lines)
    first = ", ".join(row.file for row in FORMATS if row.first)
    assert f"The report is in report: {first} and files for programs." in told


def test_a_row_is_all_that_a_new_format_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Module:
        @staticmethod
        def extra(results: Results) -> str:
            return f"{results.end.exit_code}\n"

    monkeypatch.setitem(sys.modules, "omnisession_conformance.report.extra", Module)
    monkeypatch.setattr(report, "FORMATS", (*FORMATS, EXTRA))
    monkeypatch.setattr(report, "REPORTS", (*report.REPORTS, EXTRA.file))
    write_reports(failures(), tmp_path)
    assert (tmp_path / "extra.txt").read_text("utf-8") == "1\n"
    with Folder(tmp_path) as folder:
        remove_reports(folder)
    assert not list(tmp_path.iterdir())


def test_a_name_that_no_format_has() -> None:
    assert file_of("junit") == "junit.xml"
    with pytest.raises(KeyError):
        file_of("pdf")
