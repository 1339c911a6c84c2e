"""The pages as the tests read them."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
_BLOCK = re.compile(r"^```(?P<language>\w+)[^\n]*\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`(omnisession [^`]*)`")
_ROW = re.compile(r"^\| *(?P<first>[^|]*?) *\|")


@dataclass(frozen=True)
class Command:
    """A command that a page shows."""

    page: str
    words: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.page}: {shlex.join(self.words)}"


def pages() -> Iterator[tuple[str, str]]:
    """All pages but the specification's, and the page that the repository opens with."""
    for path in (ROOT / "README.md", *sorted(DOCS.rglob("*.md"))):
        if DOCS / "spec" not in path.parents:
            yield path.relative_to(ROOT).as_posix(), path.read_text("utf-8")


def blocks(text: str, language: str) -> Iterator[str]:
    """The blocks of code in a language."""
    for match in _BLOCK.finditer(text):
        if match["language"] == language:
            yield match["text"]


def commands() -> Iterator[Command]:
    """Every command line of the pages: those in blocks, and those in the text."""
    for page, text in pages():
        lines = [
            line for block in blocks(text, "sh") for line in block.replace("\\\n", " ").splitlines()
        ]
        for line in (*lines, *_SPAN.findall(text)):
            words = shlex.split(line, comments=True)
            # Where the output goes is the shell's to know.
            if words := words[: words.index(">")] if ">" in words else words:
                yield Command(page, tuple(words))


def section(page: str, title: str) -> str:
    """What stands below a heading, up to the next one."""
    text = (DOCS / page).read_text("utf-8")
    match = re.search(rf"^#+ {re.escape(title)}\n(.*?)(?=^#|\Z)", text, re.MULTILINE | re.DOTALL)
    assert match is not None, f"{page} has no section '{title}'"
    return match[1]


def first_column(text: str) -> list[str]:
    """The first cells of the tables in a text, without their titles."""
    rows = [line for line in text.splitlines() if line.startswith("|")]
    cells = [match["first"] for row in rows if (match := _ROW.match(row))]
    rules = [i for i, cell in enumerate(cells) if set(cell) <= {"-", ":"}]
    titles = {i for rule in rules for i in (rule - 1, rule)}
    return [cell for i, cell in enumerate(cells) if i not in titles]


def named(text: str) -> list[str]:
    """The code spans in the first cells of the tables in a text."""
    return [name for cell in first_column(text) for name in re.findall("`([^`]*)`", cell)]
