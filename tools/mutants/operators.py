"""How statements and conditions of Python are changed, as functions from a node. Pure."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutants.python_source import Source


Placed = ast.expr | ast.stmt | ast.keyword
"""What has a place in the text."""


class Change(NamedTuple):
    """A node and the text that takes its place; with `until`, the place ends behind another node."""

    operator: str
    node: Placed
    after: str
    until: Placed | None = None


_COMPARED: dict[type[ast.cmpop], tuple[str, str]] = {
    ast.Lt: ("<", "<="),
    ast.LtE: ("<=", "<"),
    ast.Gt: (">", ">="),
    ast.GtE: (">=", ">"),
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.Is: ("is", "is not"),
    ast.IsNot: ("is not", "is"),
    ast.In: ("in", "not in"),
    ast.NotIn: ("not in", "in"),
}
_RECKONED: dict[type[ast.operator], tuple[str, str]] = {ast.Add: ("+", "-"), ast.Sub: ("-", "+")}
_DELETED = (ast.AugAssign, ast.Delete, ast.Raise, ast.Break, ast.Continue)
_COPIERS = ("sorted", "list", "dict", "tuple", "set", "frozenset", "reversed", "str", "int", "bool")


def deleted(source: Source, node: ast.AST) -> Iterator[Change]:
    """DEL: a statement does nothing; a name that is needed to go on at all is left alone."""
    if (
        isinstance(node, _DELETED)
        or (isinstance(node, ast.Expr) and not isinstance(node.value, ast.Constant))
        or (isinstance(node, ast.Return) and node.value is None)
        or (isinstance(node, ast.If) and not node.orelse and not source.is_elif(node))
        or (isinstance(node, ast.Assign) and not source.is_needed(node))
    ):
        yield Change("DEL", node, "pass")


def negated(source: Source, node: ast.AST) -> Iterator[Change]:
    """NEG: a condition means its contrary; a `not` is left out."""
    tests: list[ast.expr] = []
    if isinstance(node, ast.If | ast.While | ast.IfExp):
        tests = [node.test]
    elif isinstance(node, ast.comprehension):
        tests = node.ifs
    for test in tests:
        if not isinstance(test, ast.Constant) and not _is_not(test):
            yield Change("NEG", test, f"(not ({source.text(test)}))")
    if isinstance(node, ast.UnaryOp) and _is_not(node):
        yield Change("NEG", node, f"bool({source.text(node.operand)})")


def _is_not(node: ast.expr) -> bool:
    return isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)


def compared(source: Source, node: ast.AST) -> Iterator[Change]:
    """CMP: a comparison is another one."""
    if not isinstance(node, ast.Compare):
        return
    left = node.left
    for operator, right in zip(node.ops, node.comparators, strict=True):
        old, new = _COMPARED[type(operator)]
        between = source.between(left, right)
        yield Change("CMP", left, _joined(source, left, between.replace(old, new, 1), right), right)
        left = right


def _joined(source: Source, left: ast.expr, between: str, right: ast.expr) -> str:
    return source.text(left) + between + source.text(right)


def connected(source: Source, node: ast.AST) -> Iterator[Change]:
    """BOOL: `and` is `or`, True is False, and back."""
    if isinstance(node, ast.BoolOp):
        word = " or " if isinstance(node.op, ast.And) else " and "
        yield Change(
            "BOOL", node, "(" + word.join(f"({source.text(v)})" for v in node.values) + ")"
        )
    if isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield Change("BOOL", node, str(not node.value))


def returned(_source: Source, node: ast.AST) -> Iterator[Change]:
    """RET: nothing is returned."""
    if isinstance(node, ast.Return) and node.value is not None and not _is_none(node.value):
        yield Change("RET", node.value, "None")


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def reckoned(source: Source, node: ast.AST) -> Iterator[Change]:
    """MATH: plus is minus, the least is the greatest, and back."""
    if isinstance(node, ast.BinOp) and type(node.op) in _RECKONED:
        old, new = _RECKONED[type(node.op)]
        between = source.between(node.left, node.right)
        text = _joined(source, node.left, between.replace(old, new, 1), node.right)
        yield Change("MATH", node.left, text, node.right)
    if isinstance(node, ast.Call) and (name := _name(node)) in ("min", "max"):
        yield Change("MATH", node.func, "max" if name == "min" else "min")


def unwrapped(source: Source, node: ast.AST) -> Iterator[Change]:
    """AWAIT and COPY: what is awaited is not; what is sorted or copied stays as it is."""
    if isinstance(node, ast.Await):
        yield Change("AWAIT", node, source.text(node.value))
    if (
        isinstance(node, ast.Call)
        and _name(node) in _COPIERS
        and len(node.args) == 1
        and not node.keywords
        and not isinstance(node.args[0], ast.Starred | ast.GeneratorExp)
    ):
        yield Change("COPY", node, f"({source.text(node.args[0])})")


def _name(call: ast.Call) -> str | None:
    return call.func.id if isinstance(call.func, ast.Name) else None
