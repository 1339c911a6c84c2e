"""Folders and files of a secure fleet that others may use, or could have changed, are not taken."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from omnisession_conformance.errors import UsageError
from omnisession_conformance.fleet import private
from omnisession_conformance.fleet.handing import URL, url_of
from omnisession_conformance.fleet.private import own_folder, unaltered

if TYPE_CHECKING:
    from pathlib import Path

    from tests.kit.command.inside import Inside


def somebody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(private.os, "geteuid", lambda: os.getuid() + 1)


@pytest.mark.parametrize("mode", [0o701, 0o710, 0o740, 0o755, 0o777])
def test_a_folder_that_others_may_look_into_is_refused(inside: Inside, mode: int) -> None:
    data = inside.folder / "data"
    data.mkdir()
    data.chmod(mode)
    ran = inside.omnisession("up", "--secure", "--data", "data")
    assert (ran.code, ran.out) == (4, "")
    assert f"Do `chmod 700 {data}`, or name another folder." in ran.err
    # Nothing that is secret was made in it.
    assert {file.name for file in data.iterdir()} == {"lock"}


def test_a_folder_of_ones_own_is_taken(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    own_folder(tmp_path)


def test_a_folder_of_another_user_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tmp_path.chmod(0o700)
    somebody_else(monkeypatch)
    with pytest.raises(UsageError, match=r"is another user's\. Name a folder of your own"):
        own_folder(tmp_path)


@pytest.mark.parametrize("name", [".", "url", "ca.pem"])
def test_what_others_may_write_leads_no_client(tmp_path: Path, name: str) -> None:
    tmp_path.chmod(0o700)
    for file in (tmp_path / URL, tmp_path / "ca.pem"):
        file.write_text("tls://127.0.0.1:1\n", "utf-8")
        file.chmod(0o644)
    assert url_of(tmp_path) == "tls://127.0.0.1:1"
    path = (tmp_path / name).resolve()
    path.chmod(0o722)
    with pytest.raises(UsageError, match=r"others may write .*`chmod go-w"):
        url_of(tmp_path)


def test_what_another_user_has_made_leads_no_client(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / URL
    file.write_text("tls://127.0.0.1:1\n", "utf-8")
    file.chmod(0o600)
    somebody_else(monkeypatch)
    with pytest.raises(UsageError, match="is another user's, who could lead clients anywhere"):
        unaltered(file)


def test_what_is_not_there_is_no_matter_of_who_may_write(tmp_path: Path) -> None:
    unaltered(tmp_path / "none")
