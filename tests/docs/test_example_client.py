"""The client that the guide shows keeps what the guide says, and breaks what it says of wrong ones."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from tests.docs.pages import ROOT

if TYPE_CHECKING:
    from pathlib import Path

KIT = (sys.executable, "-m", "omnisession_conformance")
EXAMPLES = ROOT / "docs/guides/examples"
GUIDE = ROOT / "docs/guides/write-client.md"
FILES = ("client.py", "testee.py")


@dataclass(frozen=True)
class Mistake:
    """One that a level of the guide tells of: what is written in place of what."""

    requirement: str
    before: str
    after: str


HOLD = "        return replace(c, held=(*c.held, (leaf, data))[:MOST_HELD]), ()\n"
SENT = 'sent = Publish(f"user.actions.{tok(c.user_id)}", sending.body)'
MISTAKES = (
    Mistake("CLI-003", HOLD, "        return c, ()\n"),
    Mistake("CLI-006", "    if not follows or (", "    if (follows is None) or ("),
    Mistake("CLI-015", 'if c.phase != "live" or c.pinged:', 'if c.phase != "live" or c.numbers:'),
    Mistake(
        "HYB-007",
        SENT,
        'fresh = sending.body[:-1] + b" }"\n    c = replace(c, sending=replace(sending, body=fresh))\n'
        f"    {SENT.replace('sending.body', 'fresh')}",
    ),
)


def judge(client: Path, folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run the kit against a client in a folder."""
    hidden = ("NATS_URL", "OMNISESSION_SECRET", "OMNISESSION_FAULT")
    return subprocess.run(
        [*KIT, "check", "--client-cmd", f"{sys.executable} {client}", *options],
        cwd=folder,
        env={name: value for name, value in os.environ.items() if name not in hidden},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


@pytest.mark.dear
def test_it_is_conformant_in_what_the_guide_says(tmp_path: Path) -> None:
    done = judge(EXAMPLES / "testee.py", tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    said = done.stdout.split("\n")[1:3]
    assert "\n".join(said) in GUIDE.read_text("utf-8")
    results = (tmp_path / "report/results.jsonl").read_text("utf-8")
    assert json.loads(results.splitlines()[-1])["conformant"] is True


@pytest.mark.dear
@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.requirement)
def test_a_mistake_is_found_as_the_guide_shows(mistake: Mistake, tmp_path: Path) -> None:
    for name in FILES:
        shutil.copy(EXAMPLES / name, tmp_path)
    core = tmp_path / "client.py"
    right = core.read_text("utf-8")
    assert right.count(mistake.before) == 1
    core.write_text(right.replace(mistake.before, mistake.after), "utf-8")
    done = judge(tmp_path / "testee.py", tmp_path, "--only", mistake.requirement)
    assert done.returncode == 1, done.stdout + done.stderr
    shown = shown_of(mistake.requirement)
    assert len(shown) > 2
    assert [line for line in shown if line not in done.stdout.split("\n")] == []


def shown_of(requirement: str) -> list[str]:
    """The lines that the guide shows of a finding."""
    text = GUIDE.read_text("utf-8")
    block = next(
        part.partition("```")[0] for part in text.split("```text\n") if f"  {requirement}  " in part
    )
    return block.splitlines()
