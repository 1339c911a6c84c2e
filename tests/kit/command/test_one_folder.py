"""Two runs with one report folder: one writes there, the other is told so and touches nothing."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest
from tests.kit.command.tool import QUICK, null, omnisession, start
from tests.kit.report.samples import all_green
from tests.kit.report.stream import write_stream

from omnisession_conformance.errors import UsageError
from omnisession_conformance.outputs.sole import SoleWriter

if TYPE_CHECKING:
    from pathlib import Path

    from tests.kit.command.inside import Inside

TOLD = "Another run writes its report to"
WAIT_S = 60


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize(
    ("words", "way_out"),
    [
        (("check", *QUICK), "--report"),
        (("report", "report/results.jsonl"), "--to"),
        (("report", "elsewhere/results.jsonl", "--to", "report"), "--to"),
        (("judge", "elsewhere/transcript.jsonl", "--report", "report"), "--report"),
        (("selftest", "--only", "echo", "--report", "report"), "--report"),
    ],
)
def test_a_folder_in_which_a_run_writes_is_left_alone(
    words: tuple[str, ...], way_out: str, inside: Inside
) -> None:
    folder = inside.folder / "report"
    write_stream(all_green(), folder / "results.jsonl")
    write_stream(all_green(), inside.folder / "elsewhere" / "results.jsonl")
    line = '{"line":"transcript","schema":"https://omnisession.dev/schemas/kit/transcript.schema.json"}\n'
    (inside.folder / "elsewhere" / "transcript.jsonl").write_text(line, "utf-8")
    (inside.folder / "other").symlink_to(folder)
    before = contents(folder)
    writer = SoleWriter(inside.folder / "other", "another")
    try:
        ran = inside.omnisession(*words)
    finally:
        writer.close()
    assert ran.code == 4, ran.out + ran.err
    assert f"{TOLD} 'report'" in " ".join(ran.err.split())
    assert way_out in ran.err
    assert contents(folder) == before


def test_a_lock_ends_with_its_holder(tmp_path: Path) -> None:
    first = SoleWriter(tmp_path / "new" / "folder", "another")
    with pytest.raises(UsageError, match=TOLD):
        SoleWriter(tmp_path / "new" / "folder", "another")
    first.close()
    second = SoleWriter(tmp_path / "new" / "folder", "another")
    second.close()
    assert list((tmp_path / "new" / "folder").iterdir()) == [], "it leaves nothing"


def test_a_folder_that_cannot_be_looked_into_is_used_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refused)
    SoleWriter(tmp_path, "another").close()


@pytest.mark.dear
def test_two_runs_that_start_at_once(tmp_path: Path) -> None:
    runs = [start("check", *QUICK, cwd=tmp_path) for _ in range(3)]
    ended = [(run.communicate(timeout=WAIT_S), run.returncode) for run in runs]
    codes = [code for _, code in ended]
    # One that begins when another has ended finds the folder free.
    assert 0 in codes, ended
    assert all(code in (0, 4) for code in codes), ended
    assert sum(TOLD in " ".join(err.split()) for (_, err), _ in ended) == codes.count(4)
    assert omnisession("report", "report/results.jsonl", cwd=tmp_path).code == 0


@pytest.mark.dear
def test_the_dead_hold_nothing(tmp_path: Path) -> None:
    results, until = tmp_path / "report" / "results.jsonl", time.monotonic() + WAIT_S
    with start("check", "--server-cmd", null("silent"), cwd=tmp_path) as hanging:
        while not (results.is_file() and results.stat().st_size):
            assert time.monotonic() < until
            assert hanging.poll() is None, hanging.communicate()
        held = omnisession("report", "report/results.jsonl", cwd=tmp_path)
        assert (held.code, TOLD in held.err) == (4, True), held.err
        hanging.kill()
        hanging.communicate(timeout=WAIT_S)
    ran = omnisession("check", *QUICK, cwd=tmp_path)
    assert ran.code == 0, ran.out + ran.err
