from __future__ import annotations

from typing import TYPE_CHECKING

from tests.kit.report.samples import failures

from omnisession_conformance.report import JUNIT_FILE, TEXT_FILE, write_reports
from omnisession_conformance.report.junit import junit
from omnisession_conformance.report.terminal import FILES, compose

if TYPE_CHECKING:
    from pathlib import Path


def test_the_folder_holds_every_report(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "report"
    paths = write_reports(failures(), folder)
    assert [p.name for p in paths] == [JUNIT_FILE, TEXT_FILE]
    assert {p.name for p in folder.iterdir()} <= set(FILES)
    assert (folder / JUNIT_FILE).read_text("utf-8") == junit(failures())
    lines = (folder / TEXT_FILE).read_text("utf-8").splitlines()
    assert lines == [x.plain for x in compose(failures(), folder=folder, whole=True).lines]


def test_they_are_written_over_those_of_the_last_run(tmp_path: Path) -> None:
    (tmp_path / JUNIT_FILE).write_text("old", encoding="utf-8")
    write_reports(failures(), tmp_path)
    assert "old" not in (tmp_path / JUNIT_FILE).read_text("utf-8")[:3]
