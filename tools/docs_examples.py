"""The generated parts that show sections of the example server of the guide.

A section of the file stands between the comments `# [name]` and `# [end]`, so the guide shows the
very code that the tests run.
"""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING

from docs_markdown import DocsError, fence

if TYPE_CHECKING:
    from pathlib import Path

SERVER = "guides/examples/server.py"
_MARK = re.compile(r"^ *# \[(?P<name>[a-z-]+)\]$")
_END = "end"


def parts(docs: Path) -> dict[str, str]:
    """The sections of the example server, by `server-` and their name."""
    text = (docs / SERVER).read_text("utf-8")
    return {f"server-{name}": fence("python", code) for name, code in sections(text).items()}


def sections(text: str) -> dict[str, str]:
    """The sections of a file by name, moved to the left margin."""
    found: dict[str, str] = {}
    name, lines = "", list[str]()
    for line in text.splitlines():
        match = _MARK.match(line)
        if match is None:
            lines.append(line)
        elif (match["name"] == _END) is (not name) or match["name"] in found:
            raise DocsError(f"{SERVER}: `{line.strip()}` follows the section '{name}'")
        else:
            if name:
                found[name] = textwrap.dedent("\n".join(lines)).strip("\n")
            name, lines = "" if name else match["name"], []
    if name:
        raise DocsError(f"{SERVER}: the section [{name}] has no `# [{_END}]`")
    return found
