"""The client in TypeScript in a real browser: a page that the kit asks on a subject."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import pytest
from tests.kit.command.tool import omnisession
from tests.needs import program
from tests.typescript.building import built

if TYPE_CHECKING:
    from pathlib import Path

CHOSEN = ("CLI-001", "CLI-006", "CLI-023", "HYB-001")
"""It subscribes before it opens, closes gaps, comes back after cuts, and numbers actions."""


@pytest.mark.dear
@pytest.mark.needs("node", "chromium")
def test_a_page_is_judged_as_any_client(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMNISESSION_BROWSER", program("chromium"))
    dist = built(tmp_path_factory, "the client in TypeScript in a browser")
    command = shlex.join(["node", str(dist / "testee-browser.js"), "--kinds", "chat"])
    only = (word for requirement in CHOSEN for word in ("--only", requirement))
    ran = omnisession(
        *("check", "--client-carrier", "subject", "--client-cmd", command, *only), cwd=tmp_path
    )
    assert ran.code == 0, ran.out + ran.err
    (target,) = ran.of("target")
    assert target["kinds"] == ["chat"]
