"""`make check-clients` skips what cannot run here, and says so; where nothing may be skipped it fails."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import check_clients

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def client(folder: Path, script: str) -> check_clients.Client:
    build = folder / "build.sh"
    build.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
    build.chmod(0o755)
    return check_clients.Client("node", ("is-not-reached",), build)


def test_the_reason_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = client(tmp_path, "echo loading >&2; echo 'no node' >&2; exit 69")
    monkeypatch.delenv(check_clients.REQUIRED, raising=False)
    code, told = check_clients.check(one, tmp_path)
    assert (code, told.split()) == (0, ["node", "skipped:", "no", "node"])
    monkeypatch.setenv(check_clients.REQUIRED, "1")
    assert check_clients.check(one, tmp_path) == (1, told)


def test_a_build_that_fails_is_no_skip(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = client(tmp_path, "echo 'error TS2322' >&2; exit 2")
    code, told = check_clients.check(one, tmp_path)
    assert (code, told.split()) == (2, ["node", "FAILED", "to", "build"])
    assert "error TS2322" in capsys.readouterr().err


def test_the_page_is_judged_on_its_carrier(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked: list[tuple[str, ...]] = []

    def judged(name: str, options: tuple[str, ...], *_: object, **__: object) -> tuple[int, str]:
        asked.append((name, *options[:-1]))
        return 0, name

    monkeypatch.setattr(check_clients, "judged", judged)
    for one in check_clients.clients():
        build = None if one.build is None else client(tmp_path, "exit 0").build
        check_clients.check(replace(one, build=build), tmp_path)
    assert ("browser", "--client-carrier", "subject", "--client-cmd") in asked
    assert ("node", "--client-cmd") in asked
