"""The generated parts that show sections of the examples of guides: a server, a client, a player of traces.

A section of a file stands between the comments `# [name]` and `# [end]`, so the guide shows the
very code that the tests run.
"""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING

from docs_markdown import DocsError, fence

if TYPE_CHECKING:
    from pathlib import Path

FILES = {
    "guides/examples/bodies.py": "server",
    "guides/examples/server.py": "server",
    "guides/examples/client.py": "client",
    "guides/examples/testee.py": "client",
    "guides/examples/player.py": "player",
    "guides/examples/act.py": "act",
}
"""By file what the names of its parts begin with."""
_MARK = re.compile(r"^ *# \[(?P<name>[a-z-]+)\]$")
_END = "end"
_FOR_TOOLS = re.compile(r"  # (?:fmt|noqa|pyright): .*$")


def parts(docs: Path) -> dict[str, str]:
    """The sections of the examples, by what they are of and their name."""
    found: dict[str, str] = {}
    for file, of in FILES.items():
        shown = sections(file, (docs / file).read_text("utf-8"))
        found |= {f"{of}-{name}": fence("python", code) for name, code in shown.items()}
    return found


def sections(file: str, text: str) -> dict[str, str]:
    """The sections of a file by name, moved to the left margin, without comments for tools."""
    found: dict[str, str] = {}
    name, lines = "", list[str]()
    for line in text.splitlines():
        match = _MARK.match(line)
        if match is None:
            lines.append(_FOR_TOOLS.sub("", line))
        elif (match["name"] == _END) is (not name) or match["name"] in found:
            raise DocsError(f"{file}: `{line.strip()}` follows the section '{name}'")
        else:
            if name:
                found[name] = textwrap.dedent("\n".join(lines)).strip("\n")
            name, lines = "" if name else match["name"], []
    if name:
        raise DocsError(f"{file}: the section [{name}] has no `# [{_END}]`")
    return found
