"""The generated parts that show sections of the example server of the guide.

A section of the file begins with a comment `# [name]` at the left margin and ends at the next one,
so the guide shows the very code that the tests run.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from docs_markdown import DocsError, fence

if TYPE_CHECKING:
    from pathlib import Path

SERVER = "guides/examples/server.py"
_MARK = re.compile(r"^# \[(?P<name>[a-z-]+)\]$")


def parts(docs: Path) -> dict[str, str]:
    """The sections of the example server, by `server-` and their name."""
    text = (docs / SERVER).read_text("utf-8")
    return {f"server-{name}": fence("python", code) for name, code in sections(text).items()}


def sections(text: str) -> dict[str, str]:
    """The sections of a file by name; what stands before the first mark belongs to none."""
    found: dict[str, list[str]] = {}
    current: list[str] | None = None
    for line in text.splitlines():
        if match := _MARK.match(line):
            if match["name"] in found:
                raise DocsError(f"{SERVER}: the section [{match['name']}] begins twice")
            current = found[match["name"]] = []
        elif current is not None:
            current.append(line)
    return {name: "\n".join(lines).strip("\n") for name, lines in found.items()}
