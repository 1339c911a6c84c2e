"""Whoever changes the report of a run while it is written gets no verdict, and writes nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.kit.command.tampering import DEEDS, FOLDER_DEEDS, VICTIM
from tests.kit.command.tool import QUICK, target

from omnisession_conformance.report import FILES, REPORTS, RESULTS_FILE, TRANSCRIPT_FILE, file_of

if TYPE_CHECKING:
    from tests.kit.command.inside import Inside


@pytest.mark.parametrize(
    ("deed", "file"),
    [
        ("cut", RESULTS_FILE),
        *(pytest.param(deed, RESULTS_FILE, marks=pytest.mark.dear) for deed in DEEDS[1:]),
        *(pytest.param(deed, TRANSCRIPT_FILE, marks=pytest.mark.dear) for deed in DEEDS),
    ],
)
def test_a_server_that_changes_what_is_written_gets_no_verdict(
    deed: str, file: str, inside: Inside
) -> None:
    (inside.folder / VICTIM).write_text("mine")
    server = ("--server-cmd", target("tampering.py", deed, f"report/{file}"))
    ran = inside.omnisession("check", *QUICK, *server)
    assert ran.code == 3, ran.out + ran.err
    assert f"something else has changed report/{file}" in " ".join(ran.out.split())
    assert "passed" not in ran.out
    assert "no verdict" in (ran.folder / "summary.json").read_text("utf-8").replace("_", " ")
    assert (inside.folder / VICTIM).read_text() == "mine"


@pytest.mark.dear
@pytest.mark.parametrize("deed", FOLDER_DEEDS)
def test_nothing_is_written_outside_of_the_folder(deed: str, inside: Inside) -> None:
    outside = inside.folder / "outside"
    outside.mkdir()
    for name in (*FILES, VICTIM):
        (outside / name).write_text("mine")
    server = ("--server-cmd", target("tampering.py", deed, "above/report"))
    ran = inside.omnisession("check", *QUICK, "--report", "above/report", *server)
    assert ran.code == (0 if deed == "race" else 3), ran.out + ran.err
    assert "Traceback" not in ran.err
    beside = {file.name: file for file in outside.iterdir() if file.is_file()}
    assert set(beside) == {*FILES, VICTIM}
    assert {file.read_text() for file in beside.values()} == {"mine"}
    assert not list((outside / "report").glob("*"))
    (where,) = [
        file.parent
        for file in inside.folder.rglob("summary.json")
        if outside not in file.resolve().parents
    ]
    left = {file.name for file in where.iterdir() if not file.is_symlink()}
    assert left >= {*REPORTS} - {file_of("badge"), file_of("endpoint")}
    assert not [name for name in left if name.endswith(".part")]
    if deed in ("move", "above"):
        assert "something has taken 'above/report' away" in ran.err
        assert RESULTS_FILE in left


@pytest.mark.dear
def test_a_link_in_the_folder_is_not_followed(inside: Inside) -> None:
    report, victim = inside.folder / "report", inside.folder / VICTIM
    report.mkdir()
    victim.write_text("mine")
    for name in FILES:
        (report / name).symlink_to(victim)
    server = ("--server-cmd", target("tampering.py", "link", f"report/{file_of('html')}"))
    ran = inside.omnisession("check", *QUICK, *server)
    assert ran.code == 0, ran.out + ran.err
    assert victim.read_text() == "mine"
    assert not [file for file in ran.folder.iterdir() if file.is_symlink()]
    for name in REPORTS:
        (report / name).unlink(missing_ok=True)
        (report / name).symlink_to(victim)
    assert inside.omnisession("report", f"report/{RESULTS_FILE}").code == 0
    (inside.folder / "again").mkdir()
    (inside.folder / "again" / TRANSCRIPT_FILE).symlink_to(victim)
    judge = ("judge", f"report/{TRANSCRIPT_FILE}", "--only", "CTRL", "--report", "again")
    # No sweep belongs to what that run judged.
    assert inside.omnisession(*judge).code == 5
    assert victim.read_text() == "mine"
