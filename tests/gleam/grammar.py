"""Where sources of Gleam break its grammar, as a program: paths as arguments, a line for each fault.

It runs with the folder of the grammar on its path (`make .venv/.gleam/.ready`).
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


def faults(node: Any) -> Iterator[Any]:
    """The nodes that are no Gleam, or stand for what is missing."""
    if node.type == "ERROR" or node.is_missing:
        yield node
    elif node.has_error:
        for child in node.children:
            yield from faults(child)


def main(paths: list[str]) -> int:
    """Print all faults; 1 if there is one."""
    parser = importlib.import_module("tree_sitter_language_pack").get_parser("gleam")
    found = [
        f"{path}:{node.start_point[0] + 1}: {node.text.decode(errors='replace')[:60]!r}"
        for path in paths
        for node in faults(parser.parse(Path(path).read_bytes()).root_node)
    ]
    sys.stdout.write("".join(f"{line}\n" for line in found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
