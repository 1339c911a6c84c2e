"""`make check-interop` skips what cannot run here, and says so; its table and pages name every pair."""

from __future__ import annotations

import json
import stat
from typing import TYPE_CHECKING

import check_interop
from check_interop import Cell, Side

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def build(folder: Path, script: str) -> tuple[str, ...]:
    path = folder / "build.sh"
    path.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return (str(path),)


def test_what_is_not_installed_is_skipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pair = Side("reference", ("s",)), Side("node", ("c",), needs="no-such-program")
    monkeypatch.delenv(check_interop.REQUIRED, raising=False)
    cell = check_interop.check(pair, tmp_path)
    assert (cell.code, cell.words) == (0, "skipped")
    assert cell.detail == "node: no-such-program is not installed"
    monkeypatch.setenv(check_interop.REQUIRED, "1")
    assert check_interop.check(pair, tmp_path).code == 1


def test_a_build_that_fails_is_no_skip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(check_interop.REQUIRED, raising=False)
    wrong = Side("node", ("c",), build=build(tmp_path, "echo 'error TS2322' >&2; exit 2"))
    cell = check_interop.check((Side("reference", ("s",)), wrong), tmp_path)
    assert (cell.code, cell.words, cell.detail) == (1, "failed to build", "node: error TS2322")
    other = Side("page", ("c",), build=build(tmp_path, "echo 'no npm' >&2; exit 69"))
    assert check_interop.check((Side("reference", ("s",)), other), tmp_path).words == "skipped"


def test_the_verdict_of_a_pair_is_in_its_cell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    statuses = ["PASS", "FAIL", "NOT_CLAIMED"]
    told = {
        "scenarios": [{"name": name, "status": name} for name in statuses],
        "headline": "DOES NOT INTEROPERATE",
        "wall_ms": 1_500.0,
        "exit_code": 1,
    }

    def judged(_: str, options: tuple[str, ...], folder: Path, **__: object) -> tuple[int, str]:
        assert options == ("--server-cmd", "s", "--client-cmd", "c")
        folder.mkdir()
        (folder / "summary.json").write_text(json.dumps(told), "utf-8")
        return 1, "told"

    monkeypatch.setattr(check_interop, "judged", judged)
    cell = check_interop.check((Side("go", ("s",)), Side("python", ("c",))), tmp_path)
    assert cell == Cell("go", "python", 1, "FAILED: 1 of 2", "DOES NOT INTEROPERATE")


def test_the_table_has_every_pair(tmp_path: Path) -> None:
    clients = [side.name for side in check_interop.CLIENTS]
    servers = [side.name for side in check_interop.servers(tmp_path)]
    cells = [Cell(s, c, 0, "5 of 5 in 3.1 s", "<fine>") for s in servers for c in clients]
    lines = check_interop.table(cells).splitlines()
    assert len(lines) == 1 + len(servers)
    assert max(map(len, lines)) <= 100
    assert all(line.count("5 of 5 in 3.1 s") == len(clients) for line in lines[1:])
    (tmp_path / "go-node").mkdir()
    (tmp_path / "go-node" / "report.html").write_text("", "utf-8")
    check_interop.write_matrix(cells, tmp_path)
    told = (tmp_path / "matrix.md").read_text("utf-8")
    assert "[5 of 5 in 3.1 s](go-node/report.html)" in told
    page = (tmp_path / "matrix.html").read_text("utf-8")
    assert 'href="go-node/report.html"' in page
    assert "&lt;fine&gt;" in page
