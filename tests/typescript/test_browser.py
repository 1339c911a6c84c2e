"""The client in TypeScript in a real browser: a page that the kit asks on a subject."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path

import pytest
from tests.kit.command.tool import omnisession
from tests.needs import program, untested

SOURCE = Path(__file__).resolve().parents[2] / "implementations" / "typescript"
UNAVAILABLE = 69
CHOSEN = ("CLI-001", "CLI-006", "CLI-023", "HYB-001")
"""It subscribes before it opens, closes gaps, comes back after cuts, and numbers actions."""


@pytest.mark.dear
@pytest.mark.needs("node", "chromium")
def test_a_page_is_judged_as_any_client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMNISESSION_BROWSER", program("chromium"))
    built = subprocess.run(
        [SOURCE / "build-browser.sh"], capture_output=True, text=True, check=False, timeout=300
    )
    if built.returncode == UNAVAILABLE:
        untested(f"the client in TypeScript in a browser: {built.stderr.splitlines()[-1]}")
    assert built.returncode == 0, built.stderr
    command = shlex.join(["node", str(SOURCE / "dist" / "testee-browser.js"), "--kinds", "chat"])
    only = (word for requirement in CHOSEN for word in ("--only", requirement))
    ran = omnisession(
        *("check", "--client-carrier", "subject", "--client-cmd", command, *only), cwd=tmp_path
    )
    assert ran.code == 0, ran.out + ran.err
    (target,) = ran.of("target")
    assert target["kinds"] == ["chat"]
