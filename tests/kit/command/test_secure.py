"""The reference server with all that is secure: what is found in wrong ones is not found there."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.kit.command.inside import Inside

SECURE = [f"SECU-{number:03}" for number in range(16, 21)]


@pytest.mark.dear
def test_a_secure_server_that_is_right_passes_with_a_hook_that_revokes(inside: Inside) -> None:
    revoked = inside.folder / "revoked"
    revoked.touch()
    serve = [sys.executable, "-m", "omnisession_reference", "--profile", "secure"]
    serve += ["--end-with-token", "--revocations", str(revoked)]
    revoke = ["sh", "-c", """printf '{"jti": "%s"}\\n' "$1" >>"$0\"""", str(revoked), "{jti}"]
    told = f"[target]\ncommand = {json.dumps(serve)}\n[hooks]\nrevoke = {json.dumps(revoke)}\n"
    (inside.folder / "omnisession.toml").write_text(told, "utf-8")
    ran = inside.omnisession("check", *(word for id_ in SECURE for word in ("--only", id_)))
    assert ran.code == 0, ran.out + ran.err
    passed = {
        line["check"].partition("@")[0] for line in ran.of("check") if line["status"] == "PASS"
    }
    assert passed == {*SECURE}
    assert json.loads(revoked.read_text("utf-8"))["jti"]
