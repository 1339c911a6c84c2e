"""The command against the reference server, from folders that do not make it easy."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.kit.command.tool import QUICK, omnisession

if TYPE_CHECKING:
    from pathlib import Path


def test_hostile_folder(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text("raise SystemExit('hostile conftest')\n")
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --no-such-option\n")
    (tmp_path / "click.py").write_text("raise SystemExit('hostile module')\n")
    ran = omnisession("check", *QUICK, cwd=tmp_path, env={"PYTHONSAFEPATH": "1"})
    assert ran.code == 0, ran.out + ran.err


def test_selected_checks_are_never_called_conformant(tmp_path: Path) -> None:
    ran = omnisession("check", *QUICK, cwd=tmp_path)
    assert ran.code == 0, ran.out + ran.err
    assert "selected" in ran.out.lower()
    assert "conformant" not in ran.out.lower()
    assert ran.footer["filtered"]
    assert not ran.footer["conformant"]


def test_no_secret_is_written_anywhere(tmp_path: Path) -> None:
    secret = "a-secret-that-nobody-may-see-0123456789"
    ran = omnisession("check", "--secret", secret, *QUICK, cwd=tmp_path)
    assert ran.code == 0, ran.out + ran.err
    assert secret not in ran.out + ran.err
    files = [file for file in ran.folder.rglob("*") if file.is_file()]
    assert {file.name for file in files} >= {"results.jsonl", "transcript.jsonl", "junit.xml"}
    for file in files:
        text = file.read_text(encoding="utf-8")
        assert secret not in text
        assert "eyJhbGciOi" not in text, "the head of every HS256 token"


def test_transcript_holds_both_sides(tmp_path: Path) -> None:
    ran = omnisession("check", *QUICK, cwd=tmp_path)
    lines = (ran.folder / "transcript.jsonl").read_text().splitlines()
    told = [json.loads(line) for line in lines]
    assert [line["line"] for line in told if line["line"] != "message"] == ["transcript", "facts"]
    messages = [line for line in told if line["line"] == "message"]
    assert {message["from"] for message in messages} == {"kit", "target"}
    assert [message["n"] for message in messages] == sorted(message["n"] for message in messages)
