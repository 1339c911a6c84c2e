"""Finds the mutants of Python source. Pure."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING

from mutants.mutant import Mutant, numbered
from mutants.operators_values import OPERATORS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mutants.operators import Change, Placed

# Texts with spaces are for people, and so is whatever is logged: nothing on the wire shows them.
_WORD = re.compile(r"\S+")
_LOGS = re.compile(r"\b(log|logging)\.\w+\(")
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_GENERIC = ("dict", "frozenset", "list", "set", "tuple", "type")
_UNTOUCHED = (ast.Import, ast.ImportFrom, ast.JoinedStr)


class Source:
    """A parsed file, and what operators ask of it."""

    def __init__(self, file: str, data: bytes) -> None:
        self.file = file
        self.data = data
        self.tree = ast.parse(data, file)
        lines = data.splitlines(keepends=True)
        self._offsets = [0, *accumulate(map(len, lines))]

    @cached_property
    def nodes(self) -> Sequence[ast.AST]:
        """All nodes of the file."""
        return tuple(ast.walk(self.tree))

    @cached_property
    def words(self) -> Sequence[str]:
        """The texts of the file that name something, sorted."""
        texts = {
            n.value for n in self.nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)
        }
        return sorted(filter(_WORD.fullmatch, texts))

    @cached_property
    def members(self) -> Mapping[str, Sequence[str]]:
        """Of each expression the members that the file reads and does not call, sorted."""
        found: defaultdict[str, set[str]] = defaultdict(set)
        for node in self.nodes:
            if isinstance(node, ast.Attribute) and self.is_value(node):
                found[self.text(node.value)].add(node.attr)
        return {base: sorted(names) for base, names in found.items()}

    @cached_property
    def constants(self) -> Sequence[str]:
        """The constants that the file reads, sorted."""
        names = (n for n in self.nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load))
        return sorted({name.id for name in names if name.id.isupper()})

    @cached_property
    def _elifs(self) -> frozenset[ast.stmt]:
        conditions = (node for node in self.nodes if isinstance(node, ast.If))
        return frozenset(s for c in conditions for s in c.orelse if self.text(s).startswith("elif"))

    @cached_property
    def _called(self) -> frozenset[ast.expr]:
        return frozenset(node.func for node in self.nodes if isinstance(node, ast.Call))

    @cached_property
    def _made(self) -> frozenset[ast.stmt]:
        functions = (node for node in self.nodes if isinstance(node, ast.FunctionDef))
        return frozenset(s for f in functions if f.name == "__init__" for s in f.body)

    def is_value(self, node: ast.Attribute) -> bool:
        """Say whether a member is read, and is not a method that is called."""
        return isinstance(node.ctx, ast.Load) and node not in self._called

    def is_needed(self, node: ast.Assign) -> bool:
        """Say whether an assignment makes a local name, or a member as its object is made."""
        return isinstance(node.targets[0], ast.Name | ast.Tuple) or node in self._made

    def is_elif(self, node: ast.If) -> bool:
        """Say whether a condition is the `elif` of another one."""
        return node in self._elifs

    def span(self, node: Placed) -> tuple[int, int]:
        """Return where a node begins and ends, in bytes."""
        last = node.end_lineno or node.lineno
        start = self._offsets[node.lineno - 1] + node.col_offset
        return start, self._offsets[last - 1] + (node.end_col_offset or 0)

    def text(self, node: Placed) -> str:
        """Return the text of a node."""
        start, end = self.span(node)
        return self.data[start:end].decode()

    def between(self, left: Placed, right: Placed) -> str:
        """Return the text from the end of one node to the beginning of another."""
        return self.data[self.span(left)[1] : self.span(right)[0]].decode()


def mutants_of(file: str, data: bytes) -> tuple[Mutant, ...]:
    """Return all mutants of a file that Python can read."""
    source = Source(file, data)
    found = {(m.start, m.end, m.after): m for m in _found(source, source.tree, "")}
    return tuple(numbered(m for m in found.values() if _is_python(m.applied(data))))


def _found(source: Source, node: ast.AST, function: str) -> Iterator[Mutant]:
    for child in ast.iter_child_nodes(node):
        if _is_left_alone(source, child):
            continue
        inside = function
        if isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            inside = f"{function}.{child.name}" if function else child.name
        for operator in OPERATORS:
            for change in operator(source, child):
                yield _mutant(source, function, change)
        if isinstance(child, _FUNCTIONS):
            yield from _found_in_function(source, child, inside)
        elif isinstance(child, ast.ClassDef):
            yield from _found(source, ast.Module(child.body, []), inside)
        elif isinstance(child, ast.AnnAssign):
            if child.value is not None:
                yield from _found(source, ast.Expr(child.value), inside)
        else:
            yield from _found(source, child, inside)


def _found_in_function(
    source: Source, node: ast.FunctionDef | ast.AsyncFunctionDef, inside: str
) -> Iterator[Mutant]:
    """Look at defaults and body; annotations and decorators do nothing that is judged."""
    defaults = [*node.args.defaults, *filter(None, node.args.kw_defaults)]
    for default in defaults:
        yield from _found(source, ast.Expr(default), inside)
    yield from _found(source, ast.Module(node.body, []), inside)


def _is_left_alone(source: Source, node: ast.AST) -> bool:
    if isinstance(node, ast.Expr):
        value = node.value
        return isinstance(value, ast.Constant) or (
            isinstance(value, ast.Call) and _LOGS.search(source.text(value.func) + "(") is not None
        )
    if isinstance(node, ast.ClassDef):
        return any("Protocol" in source.text(base) for base in node.bases)
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
        # A type with what it holds; names in capitals are constants.
        name = node.value.id
        return name in _GENERIC or (name[0].isupper() and not name.isupper())
    if isinstance(node, ast.If):
        return source.text(node.test) == "TYPE_CHECKING"
    return isinstance(node, _UNTOUCHED)


def _mutant(source: Source, function: str, change: Change) -> Mutant:
    start, end = source.span(change.node)
    if change.until is not None:
        end = source.span(change.until)[1]
    return Mutant(
        file=source.file,
        function=function,
        operator=change.operator,
        before=source.data[start:end].decode(),
        after=change.after,
        start=start,
        end=end,
        line=change.node.lineno,
    )


def _is_python(data: bytes) -> bool:
    try:
        compile(data, "mutant", "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return False
    return True
