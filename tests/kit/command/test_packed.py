"""Commands read what a run has left packed or not, and a run may leave no transcript."""

from __future__ import annotations

import gzip
import shutil
from typing import TYPE_CHECKING

import pytest
from tests.kit.command.tool import QUICK, Ran

from omnisession_conformance.report import PLAIN_TRANSCRIPT_FILE, TRANSCRIPT_FILE
from omnisession_conformance.results.jsonl import read_text

if TYPE_CHECKING:
    from pathlib import Path

    from tests.kit.command.inside import Inside


@pytest.fixture
def both(quick: Ran, inside: Inside) -> Path:
    """A folder with results and transcript of a run, each packed and not."""
    folder = inside.folder
    shutil.copy(quick.transcript, folder / "t.gz")
    (folder / "t").write_text(read_text(quick.transcript), "utf-8")
    shutil.copy(quick.folder / "results.jsonl", folder / "r")
    (folder / "r.gz").write_bytes(gzip.compress((folder / "r").read_bytes()))
    return folder


@pytest.mark.parametrize(
    "words",
    [
        ("judge", "t", "--only", "CTRL"),
        ("report", "r", "--to", "made"),
        ("diff", "r", "r"),
        ("baseline", "write", "r", "--reason", "none", "--to", "b.yaml"),
    ],
    ids=lambda words: words[0],
)
@pytest.mark.usefixtures("both")
def test_what_is_packed_is_read_as_what_is_not(words: tuple[str, ...], inside: Inside) -> None:
    ran = inside.omnisession(*words)
    (inside.folder / "b.yaml").unlink(missing_ok=True)
    packed = inside.omnisession(*(f"{w}.gz" if w in ("r", "t") else w for w in words))
    # No sweep belongs to what that run judged.
    assert ran.code == (5 if words[0] == "judge" else 0), ran.err
    told = packed.out.replace("t.gz", "t").replace("r.gz", "r")
    assert (packed.code, told.split()[:7]) == (ran.code, ran.out.split()[:7])
    assert packed.err.replace("r.gz", "r") == ran.err


@pytest.mark.parametrize("file", ["t.gz", "r.gz"])
def test_one_that_is_damaged_is_one_sentence(both: Path, file: str, inside: Inside) -> None:
    data = (both / file).read_bytes()
    (both / file).write_bytes(data[: len(data) // 2] + bytes(30) + data[len(data) // 2 + 30 :])
    words = {"t.gz": ("judge", file), "r.gz": ("report", file)}[file]
    ran = inside.omnisession(*words)
    assert ran.code == 4
    assert ran.err.count("\n") == 1
    assert f"{file}: what was packed in it is damaged" in ran.err


def test_a_packed_transcript_that_was_cut_off_is_no_pass(both: Path, inside: Inside) -> None:
    data = (both / "t.gz").read_bytes()
    (both / "t.gz").write_bytes(data[: len(data) // 2])
    ran = inside.omnisession("judge", "t.gz", "--report", "report")
    assert ran.code == 3
    assert "its transcript has no line of facts" in ran.footer["reason"]
    assert (ran.folder / TRANSCRIPT_FILE).read_bytes() == (both / "t.gz").read_bytes()


def test_the_transcript_that_is_there_is_named_for_one_that_is_not(
    quick: Ran, inside: Inside
) -> None:
    shutil.copy(quick.transcript, inside.folder)
    ran = inside.omnisession("judge", PLAIN_TRANSCRIPT_FILE)
    assert ran.code == 4
    assert f"; there is {TRANSCRIPT_FILE}." in ran.err
    (inside.folder / TRANSCRIPT_FILE).rename(inside.folder / PLAIN_TRANSCRIPT_FILE)
    ran = inside.omnisession("judge", TRANSCRIPT_FILE)
    assert f"; there is {PLAIN_TRANSCRIPT_FILE}." in ran.err


def test_a_run_may_keep_no_transcript(inside: Inside) -> None:
    report = inside.folder / "report"
    report.mkdir()
    for name in (TRANSCRIPT_FILE, PLAIN_TRANSCRIPT_FILE):
        (report / name).write_text("that of an earlier run")
    ran = inside.omnisession("check", *QUICK, "--no-transcript")
    assert ran.code == 0, ran.out + ran.err
    assert not [file for file in ran.folder.iterdir() if "transcript" in file.name]
    assert ran.footer["messages"] > 0
    assert "--no-transcript" not in ran.of("check")[0]["rerun"]
