"""What the strict build of the docs has to notice and mkdocs does not: a warning each, so it fails.

mkdocs itself warns about links, images and anchors that lead nowhere, about absolute links, and about
pages that the navigation leaves out. It sees Markdown links only, and of those the ones that became
links; and it knows nothing of index pages, which list the pages of a folder by hand.
"""

from __future__ import annotations

import logging
import re
from posixpath import dirname
from typing import TYPE_CHECKING
from urllib.parse import urljoin

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

log = logging.getLogger("mkdocs.hooks.omnisession")

_FENCED = re.compile(r"^(?P<fence>`{3,}|~{3,}).*?^(?P=fence)", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"(?<!`)(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`)", re.DOTALL)
_ELEMENT = re.compile(r"<(?:a|audio|embed|iframe|img|link|object|script|source|video)\b[^>]*>")
_DEFINED = re.compile(r"^ {0,3}\[(?P<label>[^\[\]]+)\]:.*$", re.MULTILINE)
_REFERENCE = re.compile(
    r"(?<!\\)\[(?P<text>(?:\\.|[^\[\]\\])+)\](?:\[(?P<label>[^\[\]]*)\])?(?!\()"
)
_HREF = re.compile(r"<a\b[^>]*?\shref=\"(?P<url>[^\"#?]*)")


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Warn about links of a page that nothing would check."""
    del config, files
    for problem in unchecked(markdown):
        log.warning("Doc file '%s' %s", page.file.src_uri, problem)
    return markdown


def on_env(env: object, config: MkDocsConfig, files: Files) -> object:
    """Warn about pages that the index page of their folder does not list."""
    del config
    pages = [file.page for file in files.documentation_pages() if file.page is not None]
    contents = {page.file.src_uri: (page.url, page.content or "") for page in pages}
    for page, index in unlisted(contents):
        log.warning(
            "The page '%s' is not listed on the index page of its folder, '%s'", page, index
        )
    return env


def unchecked(markdown: str) -> Iterator[str]:
    """Say what is wrong with each link of a page that is not Markdown's, or did not become one.

    `markdown` is the source of the page; what stands in code is no link.
    """
    text = _SPAN.sub("", _FENCED.sub("", markdown))
    for match in _ELEMENT.finditer(text):
        yield f"contains '{match[0]}', which nothing checks: write it in Markdown"
    known = {_label(match["label"]) for match in _DEFINED.finditer(text)}
    for match in _REFERENCE.finditer(_DEFINED.sub("", text)):
        if _label(match["label"] or match["text"]) not in known:
            yield (
                f"contains a link '{match[0]}', but the page defines no such reference"
                r" (brackets that are no link are written \[ and \])"
            )


def _label(text: str) -> str:
    return " ".join(text.lower().split())


def unlisted(pages: dict[str, tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Name each page that its index page does not link to, and that index page.

    `pages` are addresses and contents (HTML) by path below the docs. The index page of a page is the
    nearest one in its folder or above; that of an index page is the nearest one above its folder.
    """
    listed = {path: set(_linked(*page)) for path, page in pages.items() if _is_index(path)}
    for path, (url, _) in pages.items():
        folder = dirname(path)
        candidates = [*_indexes(dirname(folder) if _is_index(path) else folder)]
        index = next((i for i in candidates if i in listed and i != path), None)
        if index is not None and urljoin("/", url) not in listed[index]:
            yield path, index


def _is_index(path: str) -> bool:
    return path == "index.md" or path.endswith("/index.md")


def _indexes(folder: str) -> Iterable[str]:
    """The index pages of a folder and of those above it, nearest first."""
    while folder:
        yield f"{folder}/index.md"
        folder = dirname(folder)
    yield "index.md"


def _linked(url: str, content: str) -> Iterator[str]:
    for match in _HREF.finditer(content):
        yield urljoin(urljoin("/", url), match["url"])
