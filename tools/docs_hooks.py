"""What mkdocs does beyond its own: labels with links, drawings of diagrams, and the schemas as files.

A label of a requirement in the specification links to its entry in the reference, which tells what
checks it.

A page may hold a diagram as a block of Mermaid, which is good to write and to review. Drawing it
takes a script of three megabytes in every reader's browser, so each has a drawing instead:
an SVG file in docs/assets/diagrams whose `<desc>` is the text of the diagram, line by line. A
diagram that was changed has no drawing any more, and the strict build says so.
"""

from __future__ import annotations

import html
import logging
import re
from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs.structure.files import File

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

log = logging.getLogger("mkdocs.hooks.omnisession")

SPEC = "spec/"
REQUIREMENTS = "../reference/requirements.md"
DIAGRAMS = Path("assets", "diagrams")
SCHEMA_FILES = (
    "v1/*.json",
    "kit/*.json",
    "testee/*/*.json",
    "vectors/*.schema.json",
    "requirements/*.yaml",
    "requirements/*.json",
)
_LABEL = re.compile(r"^\*\*(?P<id>[A-Z]+-\d{3})\*\*(?=\{ #\S+ \.req \})", re.MULTILINE)
_BLOCK = re.compile(r"^```mermaid\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_DESC = re.compile(r"<desc>(?P<text>.*?)</desc>", re.DOTALL)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Serve the schemas at the paths of their `$id`s, below the site's address."""
    schemas = Path(config.docs_dir).parent / "schemas"
    for pattern in SCHEMA_FILES:
        for path in sorted(schemas.glob(pattern)):
            name = f"schemas/{path.relative_to(schemas).as_posix()}"
            files.append(File.generated(config, name, abs_src_path=str(path)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Link the labels of requirements, and put drawings in the place of diagrams."""
    del files
    if page.file.src_uri.startswith(SPEC):
        markdown = _LABEL.sub(_link, markdown)
    if "```mermaid" not in markdown:
        return markdown
    known = drawings(Path(config.docs_dir) / DIAGRAMS)

    def draw(match: re.Match[str]) -> str:
        drawing = known.get(normal(match["text"]))
        if drawing is None:
            log.warning(
                "%s: there is no drawing of the diagram '%s ...': make an SVG file in docs/%s "
                "whose <desc> is the text of the diagram",
                page.file.src_uri,
                match["text"].partition("\n")[0],
                DIAGRAMS.as_posix(),
            )
            return match.group()
        return f'<figure class="diagram">\n{drawing}\n</figure>'

    return _BLOCK.sub(draw, markdown)


def _link(match: re.Match[str]) -> str:
    requirement = match["id"]
    return f"**[{requirement}]({REQUIREMENTS}#{requirement.lower()})**"


def drawings(folder: Path) -> Mapping[str, str]:
    """The drawings of a folder by the text of their diagram, ready to stand in a page."""
    found: dict[str, str] = {}
    for path in sorted(folder.glob("*.svg")):
        svg = path.read_text("utf-8").strip()
        match = _DESC.search(svg)
        if match is not None:
            # A blank line would end the block of HTML.
            found[normal(html.unescape(match["text"]))] = re.sub(r"\n\s*\n", "\n", svg)
    return found


def normal(text: str) -> str:
    """The text of a diagram without what only lays it out."""
    return "\n".join(line for line in (line.strip() for line in text.splitlines()) if line)
