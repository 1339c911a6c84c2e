"""What an instance says is kept: of the last run, without secrets, and never without a bound."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from omnisession_conformance.errors import UsageError
from omnisession_conformance.fleet import log
from omnisession_conformance.traffic.redact import MASK, Redactor

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "a-secret-of-the-tests-of-logs-0001"


def test_it_begins_anew_and_has_no_secrets(tmp_path: Path) -> None:
    file = tmp_path / "one.log"
    for line in ("of the run before", f"signed with {SECRET}"):
        log.Log(file, Redactor((SECRET,)).text).write(line)
    assert file.read_text() == f"signed with {MASK}\n"


def test_what_is_too_long_goes_on_in_a_new_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "MOST_BYTES", 10)
    file = tmp_path / "one.log"
    kept = log.Log(file, str)
    for line in ("first", "second", "third", "4th"):
        kept.write(line)
    assert file.read_text() == "third\n4th\n"
    assert (tmp_path / "one.log.old").read_text() == "second\n"
    log.Log(file, str)
    assert [left.name for left in tmp_path.iterdir()] == ["one.log"]


def test_one_that_cannot_be_written_has_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "one.log").mkdir()
    with pytest.raises(UsageError, match=r"one\.log' cannot be written: Is a directory"):
        log.Log(tmp_path / "one.log", str)


def test_a_line_that_finds_no_room_is_lost_and_no_more(tmp_path: Path) -> None:
    kept = log.Log(tmp_path / "one.log", str)
    (tmp_path / "one.log").unlink()
    (tmp_path / "one.log").mkdir()
    kept.write("lost")
