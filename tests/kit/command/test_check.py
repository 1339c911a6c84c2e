"""The command against the reference server, from folders that do not make it easy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.kit.command.tool import QUICK, UNSEEN, Ran, omnisession
from tests.registry import of_profiles

from omnisession_conformance.report import TRANSCRIPT_FILE
from omnisession_conformance.results.jsonl import read_text

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.dear
def test_hostile_folder(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text("raise SystemExit('hostile conftest')\n")
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --no-such-option\n")
    (tmp_path / "click.py").write_text("raise SystemExit('hostile module')\n")
    ran = omnisession("check", *QUICK, cwd=tmp_path, env={"PYTHONSAFEPATH": "1"})
    assert ran.code == 0, ran.out + ran.err


@pytest.mark.dear
def test_the_reference_server_is_conformant(whole: Ran) -> None:
    assert whole.code == 0, whole.out + whole.err
    assert whole.footer["conformant"]
    assert not whole.footer["filtered"]
    assert whole.statuses() <= {"PASS", "NOT_RUN", "NOT_CLAIMED"}
    others = of_profiles("secure", "durable")
    assert whole.not_claimed() == others
    checks = [check for check in whole.of("check") if not check["excused"]]
    not_claimed = {check["check"] for check in checks if check["status"] == "NOT_CLAIMED"}
    # As many users as its lists show are not brought together, and the profiles are not its own.
    assert {name for name in not_claimed if name.partition("@")[0] not in others} == {
        "LIMIT-008@typing-without-room-is-acked"
    }
    assert not [c for c in checks if c["reason"] and c["check"] not in not_claimed]


def test_selected_checks_are_never_called_conformant(quick: Ran) -> None:
    assert "selected" in quick.out.lower()
    assert "conformant" not in quick.out.lower()
    assert quick.footer["filtered"]
    assert not quick.footer["conformant"]


def test_no_secret_is_written_anywhere(quick: Ran) -> None:
    assert UNSEEN not in quick.out + quick.err
    files = [file for file in quick.folder.rglob("*") if file.is_file()]
    assert {file.name for file in files} >= {"results.jsonl", TRANSCRIPT_FILE, "junit.xml"}
    for file in files:
        text = read_text(file)
        assert UNSEEN not in text
        assert "eyJhbGciOi" not in text, "the head of every HS256 token"


def test_transcript_holds_both_sides(quick: Ran) -> None:
    told = quick.told
    others = [line["line"] for line in told if line["line"] != "message"]
    assert others == ["transcript", "facts", "end"]
    messages = [line for line in told if line["line"] == "message"]
    assert {message["from"] for message in messages} == {"kit", "target"}
    assert [message["n"] for message in messages] == sorted(message["n"] for message in messages)
