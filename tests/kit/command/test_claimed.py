"""`[claim]` in the configuration: a target that declares less than is expected of it is not conformant."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from tests.kit.command.tool import QUICK

if TYPE_CHECKING:
    from tests.kit.command.inside import Inside

MOST = '[claim]\nprofiles = ["core", "chat"]\nactions = ["chat.send", "session.noop"]\n'


def claims(inside: Inside, text: str, **env: str) -> None:
    told = "".join(f'{name} = "{value}"\n' for name, value in env.items())
    (inside.folder / "omnisession.toml").write_text(f"[target.env]\n{told}{text}")


def test_a_handler_that_was_dropped_is_seen(inside: Inside) -> None:
    claims(inside, MOST, OMNISESSION_VARIANT="read-only")
    ran = inside.omnisession("check", *QUICK)
    assert ran.code == 1, ran.out + ran.err
    verdict = ran.out.splitlines()[1]
    less = "less than claimed: no action chat.send"
    assert verdict.startswith(f"SELECTED CHECKS FAILED: nothing failed, but {less}")
    assert ran.footer["lacking"] == ["no action chat.send"]
    assert not ran.footer["conformant"]
    for name in ("report.txt", "summary.md", "report.html", "junit.xml"):
        assert less in (ran.folder / name).read_text("utf-8"), name
    assert json.loads((ran.folder / "summary.json").read_text())["lacking"] == [
        "no action chat.send"
    ]
    again = inside.omnisession("report", "report/results.jsonl")
    assert again.code == 1
    assert less in again.out


@pytest.mark.dear
def test_what_is_declared_as_claimed_costs_nothing(inside: Inside) -> None:
    claims(inside, f"{MOST}requirements = 160\n")
    ran = inside.omnisession("check", *QUICK)
    # A part of a run counts nothing; a whole one would be held to the number.
    assert ran.code == 0, ran.out + ran.err
    assert not ran.footer.get("lacking")
