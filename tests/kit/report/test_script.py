"""The script of the HTML report where no browser is: a page whose script does not parse filters nothing."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
from tests.kit.report.dom import parse
from tests.kit.report.samples import all_green, hostile
from tests.needs import program

from omnisession_conformance.report.html import html

if TYPE_CHECKING:
    from pathlib import Path

    from omnisession_conformance.results import Results

pytestmark = pytest.mark.needs("node")


def check(folder: Path, script: str) -> subprocess.CompletedProcess[str]:
    """Let Node.js read a script without running it."""
    file = folder / "script.js"
    file.write_text(script, "utf-8", newline="\n")
    return subprocess.run(
        [program("node"), "--check", file], capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize("results", [all_green(), hostile()], ids=["green", "hostile"])
def test_the_script_of_a_page_parses(results: Results, tmp_path: Path) -> None:
    [script] = parse(html(results).removeprefix("<!DOCTYPE html>")).all("script")
    assert "addEventListener" in script.text
    done = check(tmp_path, script.text)
    assert done.returncode == 0, done.stderr


def test_a_script_that_is_cut_off_does_not(tmp_path: Path) -> None:
    assert "SyntaxError" in check(tmp_path, "for (const card of document.").stderr
