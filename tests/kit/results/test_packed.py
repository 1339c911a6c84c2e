"""A packed file of lines is read as one that is not, whatever became of it."""

from __future__ import annotations

import errno
import gzip
import os
from contextlib import contextmanager
from io import FileIO
from typing import TYPE_CHECKING

import pytest

from omnisession_conformance.results import jsonl
from omnisession_conformance.results.jsonl import DamagedError, LineFile, read_text

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from typing_extensions import Buffer

BATCHES = ["one\n", "two\nthree\n", "ä\n" * 50, "".join(f"{n * 7919}\n" for n in range(200))]
WHOLE = "".join(BATCHES)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "lines.jsonl.gz"


@pytest.fixture
def packed(path: Path) -> Path:
    file = LineFile(path)
    for lines in BATCHES:
        file.append(lines)
    file.close()
    return path


def test_it_is_what_gzip_reads(packed: Path) -> None:
    assert gzip.decompress(packed.read_bytes()).decode() == WHOLE
    assert read_text(packed) == WHOLE
    assert packed.stat().st_size < len(WHOLE) / 2


def test_its_name_does_not_matter_to_whoever_reads(packed: Path, tmp_path: Path) -> None:
    other = packed.rename(tmp_path / "lines.jsonl")
    assert read_text(other) == WHOLE
    plain = tmp_path / "plain.gz"
    plain.write_text(WHOLE)
    assert read_text(plain) == WHOLE


def test_what_was_appended_can_be_read_at_once(path: Path) -> None:
    file = LineFile(path)
    told = ""
    for lines in BATCHES:
        file.append(lines)
        told += lines
        assert read_text(path) == told
    file.close()
    file.close()


def test_what_was_appended_is_read_wherever_the_file_is_cut_off(path: Path) -> None:
    file = LineFile(path)
    sizes = [0]
    for lines in BATCHES:
        file.append(lines)
        sizes.append(path.stat().st_size)
    file.close()
    data = path.read_bytes()
    for size in range(len(data)):
        path.write_bytes(data[:size])
        flushed = sum(one <= size for one in sizes) - 1
        found = read_text(path) if size > 1 else ""
        assert found.encode().startswith("".join(BATCHES[:flushed]).encode())
        assert WHOLE.startswith(found.rstrip("\N{REPLACEMENT CHARACTER}"))


class Full(FileIO):
    """A file on a disk that is full after some bytes."""

    room = 25

    def write(self, data: Buffer) -> int:
        if not self.room:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        part = super().write(memoryview(data)[: self.room])
        self.room -= part
        return part


@contextmanager
def filling(path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[tuple[LineFile, Full]]:
    """A packed file on a disk that has room for `Full.room` bytes."""
    path.parent.mkdir()

    def opened(*_: object, **__: object) -> Full:
        return full

    with Full(path, "wb") as full:
        with monkeypatch.context() as disk:
            disk.setattr(jsonl.Folder, "new_file", opened)
            file = LineFile(path)
        yield file, full


def test_what_a_full_disk_did_not_take_may_be_tried_again(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with filling(path, monkeypatch) as (file, full):
        file.append(BATCHES[0])
        for _ in range(2):
            with pytest.raises(OSError, match="No space"):
                file.append(BATCHES[3])
            assert read_text(path) == BATCHES[0]
        full.room = 10_000
        for lines in BATCHES[1:]:
            file.append(lines)
        file.close()
    assert gzip.decompress(path.read_bytes()).decode() == WHOLE


def test_an_end_that_a_full_disk_does_not_take_is_told_and_loses_nothing(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with filling(path, monkeypatch) as (file, full):
        full.room = 10_000
        file.append(WHOLE)
        full.room = 3
        with pytest.raises(OSError, match="No space"):
            file.close()
        assert full.closed
    assert read_text(path) == WHOLE


def test_several_in_a_row_are_read_as_one(packed: Path) -> None:
    packed.write_bytes(packed.read_bytes() * 3)
    assert read_text(packed) == WHOLE * 3


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        ((0.5, 30, b""), "damaged: "),
        ((1, 8, b""), "damaged: incorrect data check"),
        ((1, 0, b"more"), "stands behind its end"),
        ((1, 0, bytes(512)), "stands behind its end"),
        ((0.01, 40, b""), "damaged: "),
    ],
)
def test_one_that_was_damaged_says_so(
    packed: Path, spoil: tuple[float, int, bytes], said: str
) -> None:
    data = packed.read_bytes()
    part, holes, more = spoil
    at = int(len(data) * part) - (holes if part == 1 else 0)
    packed.write_bytes(data[:at] + bytes(holes) + data[at + holes :] + more)
    with pytest.raises(DamagedError, match=said):
        read_text(packed)


def test_one_that_claims_to_hold_more_than_any_run_is_not_read_to_its_end(
    packed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jsonl, "MOST_BYTES", 2**20)
    packed.write_bytes(gzip.compress(bytes(2**20)))
    assert len(read_text(packed)) == 2**20
    packed.write_bytes(gzip.compress(bytes(2**20 + 1)))
    with pytest.raises(DamagedError, match="more than 1 MB"):
        read_text(packed)
