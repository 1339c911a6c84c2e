"""A file of lines holds whole lines, also where the disk is full half way through one."""

from __future__ import annotations

import errno
import os
from io import FileIO
from typing import TYPE_CHECKING

import pytest
from tests.kit.command.tampering import DEEDS, tamper

from omnisession_conformance.results.jsonl import ChangedError, LineFile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from typing_extensions import Buffer


class Full(FileIO):
    """A file on a disk that is full after some bytes."""

    room = 6
    torn = False

    def write(self, data: Buffer) -> int:
        if not self.room:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        part = super().write(memoryview(data)[: self.room])
        self.room -= part
        return part

    def fileno(self) -> int:
        if self.torn:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return super().fileno()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "lines.jsonl"


@pytest.fixture
def filling(path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[LineFile, Full]]:
    """A file on a disk that has room for `Full.room` bytes."""
    file = LineFile(path)
    file.close()
    full = Full(path, "wb")
    monkeypatch.setattr(file, "_file", full)
    yield file, full
    full.torn = False
    full.close()


def test_what_was_appended_is_in_the_file_at_once(path: Path) -> None:
    file = LineFile(path)
    file.append("one\n")
    file.append("two\nthree\n")
    assert path.read_text() == "one\ntwo\nthree\n"
    file.close()
    file.close()


def test_half_a_line_is_taken_back_and_may_be_tried_again(
    path: Path, filling: tuple[LineFile, Full]
) -> None:
    file, full = filling
    file.append("one\n")
    with pytest.raises(OSError, match="No space"):
        file.append("two\nthree\n")
    assert path.read_text() == "one\n"
    full.room = 100
    file.append("two\nthree\n")
    assert path.read_text() == "one\ntwo\nthree\n"


def test_nothing_is_written_behind_half_a_line_that_cannot_be_taken_back(
    path: Path, filling: tuple[LineFile, Full]
) -> None:
    file, full = filling
    file.append("one\n")
    full.torn = True
    with pytest.raises(OSError, match="No space"):
        file.append("two\n")
    full.room = 100
    with pytest.raises(OSError, match="Input/output"):
        file.append("three\n")
    assert path.read_text() == "one\ntw"


@pytest.mark.parametrize("name", ["lines.jsonl", "lines.jsonl.gz"])
@pytest.mark.parametrize("deed", DEEDS)
def test_whoever_changes_it_meanwhile_is_seen(deed: str, name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    file = LineFile(path)
    file.append("one\n" * 100)
    file.check()
    tamper(deed, path)
    with pytest.raises(ChangedError, match=name):
        file.check()
    # What is written on behind a hole has the size that it should have.
    file.append("two\n" * 100)
    with pytest.raises(ChangedError, match=name):
        file.check()
    file.close()
