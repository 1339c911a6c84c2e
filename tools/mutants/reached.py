"""Which mutants stand where no run of the kit ever comes. Pure.

Nobody can notice those by a run, so a run of each would tell nothing that this does not.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from mutants.mutant import Mutant

Reached = dict[str, set[int]]
"""The lines that were reached, by file."""

_BLOCK = re.compile(r"^(?P<file>\S+):(?P<first>\d+)\.\d+,(?P<last>\d+)\.\d+ \d+ (?P<count>\d+)$")


def read_lines(text: str, root: Path) -> Reached:
    """Read what `mutants.traced` has written, with files relative to a root."""
    lines: defaultdict[str, set[int]] = defaultdict(set)
    for told in text.splitlines():
        file, _, number = told.rpartition(":")
        if file.startswith(str(root)) and number.isdigit():
            lines[file[len(str(root)) + 1 :]].add(int(number))
    return dict(lines)


def python_unreached(
    mutants: Iterable[Mutant], reached: Reached, read: Callable[[str], bytes]
) -> Iterator[str]:
    """Give the ids of mutants in statements of functions of which no line was reached."""
    statements: dict[str, list[tuple[int, int]]] = {}
    for mutant in mutants:
        file = mutant.file
        if file not in statements:
            statements[file] = sorted(_statements(ast.parse(read(file))), key=lambda s: s[1] - s[0])
        lines = reached.get(file, set[int]())
        around = next((s for s in statements[file] if s[0] <= mutant.line <= s[1]), None)
        if around is not None and lines.isdisjoint(range(around[0], around[1] + 1)):
            yield mutant.id


def _statements(tree: ast.Module) -> Iterator[tuple[int, int]]:
    """Give first and last line of each statement in a function, of a compound one its head alone."""
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        for node in ast.walk(ast.Module(function.body, [])):
            if isinstance(node, ast.ExceptHandler):
                yield node.lineno, _end(node.type, node.lineno)
            elif isinstance(node, ast.stmt):
                body: list[ast.stmt] = getattr(node, "body", [])
                last = max(node.lineno, body[0].lineno - 1) if body else _end(node, node.lineno)
                yield node.lineno, last


def _end(node: ast.expr | ast.stmt | None, line: int) -> int:
    return line if node is None or node.end_lineno is None else node.end_lineno


def go_unreached(mutants: Iterable[Mutant], profile: str, module: str, root: str) -> Iterator[str]:
    """Give the ids of mutants whose lines stand in blocks of a profile of Go that none reached.

    `module` is how the profile names what the mutants have below `root`.
    """
    blocks: defaultdict[str, list[tuple[int, int, bool]]] = defaultdict(list)
    for block in filter(None, map(_BLOCK.match, profile.splitlines())):
        file = block["file"].replace(module, root, 1)
        blocks[file].append((int(block["first"]), int(block["last"]), block["count"] != "0"))
    for mutant in mutants:
        around = [b for b in blocks[mutant.file] if b[0] <= mutant.line <= b[1]]
        if around and not any(reached for _, _, reached in around):
            yield mutant.id
