"""Links of the pages that are read in the repository alone, README.md first, lead somewhere."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import pytest
from markdown_it import MarkdownIt
from tests.docs.pages import ROOT

from docs_links import unchecked

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from markdown_it.token import Token

PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for pattern in ("*.md", "schemas/**/*.md", "implementations/*/*.md", "tests/*.md")
    for path in ROOT.glob(pattern)
)
HEADING = re.compile(r"^#+ +(?P<title>.*?)(?: *\{ *#(?P<id>\S+).*\})?$", re.MULTILINE)
LABEL = re.compile(r"\{ *#(?P<id>[\w.-]+)")


def links(text: str) -> Iterator[str]:
    """Where the links and pictures of a page lead."""
    for block in MarkdownIt("commonmark").enable("table").parse(text):
        token: Token
        for token in block.children or ():
            for name in ("href", "src"):
                if url := token.attrGet(name):
                    yield str(url)


@cache
def anchors(page: Path) -> frozenset[str]:
    """What can be linked to on a page: its headings as GitHub names them, and what has an id."""
    text = page.read_text("utf-8")
    titles = (match["title"].lower() for match in HEADING.finditer(text))
    slugs = (re.sub(r"[^\w\- ]", "", title).replace(" ", "-") for title in titles)
    return frozenset((*slugs, *(match["id"] for match in LABEL.finditer(text))))


def dead(page: Path) -> Iterator[str]:
    """The links of a page that lead nowhere in this repository."""
    for link in links(page.read_text("utf-8")):
        url = urlsplit(link)
        if url.scheme or url.netloc:
            continue
        target = page.parent / unquote(url.path) if url.path else page
        if url.path.startswith("/") or not target.exists() or not _leads_on(target, url.fragment):
            yield link


def _leads_on(target: Path, fragment: str) -> bool:
    return not fragment or target.suffix != ".md" or fragment in anchors(target)


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_somewhere(name: str) -> None:
    page = ROOT / name
    assert list(dead(page)) == []
    assert list(unchecked(page.read_text("utf-8"))) == []


def test_dead_links_are_seen(tmp_path: Path) -> None:
    (tmp_path / "other.md").write_text("# What it is\n\n**X**{ #x-1 .req }\n", "utf-8")
    page = tmp_path / "page.md"
    right = (
        "[a](other.md) [b](other.md#what-it-is) [c](other.md#x-1) [d](https://a.b/c.md) [e][e]\n"
    )
    wrong = "[f](gone.md) ![g](gone.png) [h](other.md#gone) [i](/other.md) [j](#gone) [k][k]\n"
    page.write_text(f"{right}{wrong}\n[e]: other.md\n[k]: no.md\n", "utf-8")
    assert list(dead(page)) == [
        "gone.md",
        "gone.png",
        "other.md#gone",
        "/other.md",
        "#gone",
        "no.md",
    ]
