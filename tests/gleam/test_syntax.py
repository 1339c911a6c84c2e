"""The sources of the client in Gleam are Gleam, as far as a grammar tells."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.gleam.modules import PACKAGE, SOURCES, modules
from tests.needs import untested

GRAMMAR = Path(sys.prefix) / ".gleam"
"""Where the Makefile puts it."""
GUIDE = PACKAGE.parents[1] / "docs" / "guides" / "gleam.md"
PROGRAM = Path(__file__).with_name("grammar.py")


def parse(*paths: Path) -> subprocess.CompletedProcess[str]:
    if not (GRAMMAR / ".ready").exists():
        untested("the syntax of the client in Gleam: there is no grammar; make .venv/.gleam/.ready")
    return subprocess.run(
        [sys.executable, PROGRAM, *paths],
        env={**os.environ, "PYTHONPATH": str(GRAMMAR)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_every_module_is_gleam() -> None:
    done = parse(*modules())
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("right", "wrong"),
    [("pub fn reduce(", "pub fn reduce"), ("case event {", "case event"), ("import ", "imports ")],
)
def test_what_is_none_is_found(tmp_path: Path, right: str, wrong: str) -> None:
    text = (SOURCES / "omni" / "articles.gleam").read_text("utf-8")
    path = tmp_path / "articles.gleam"
    path.write_text(text.replace(right, wrong, 1), "utf-8")
    done = parse(path)
    assert done.returncode == 1, done.stderr
    assert f"{path}:" in done.stdout


def test_what_the_guide_shows_is_gleam(tmp_path: Path) -> None:
    shown = re.findall(r"^```gleam\n(.*?)^```", GUIDE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert len(shown) > 4
    # What is no function stands in one.
    texts = (one if one.startswith("fn ") else f"fn shown() {{\n{one}}}\n" for one in shown)
    paths = [tmp_path / f"{number}.gleam" for number, _ in enumerate(shown)]
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text, "utf-8")
    assert parse(*paths).stdout == ""
