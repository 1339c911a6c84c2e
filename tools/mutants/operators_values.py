"""How values of Python are changed: numbers, texts, names, arguments, elements. Pure."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mutants.operators import (
    Change,
    compared,
    connected,
    deleted,
    negated,
    reckoned,
    returned,
    unwrapped,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from mutants.python_source import Source


def counted(_source: Source, node: ast.AST) -> Iterator[Change]:
    """INT: a number is one more, or one less."""
    if isinstance(node, ast.Constant) and type(node.value) is int:
        yield Change("INT", node, str(node.value + 1))
        yield Change("INT", node, f"({node.value - 1})" if node.value == 0 else str(node.value - 1))


def told(source: Source, node: ast.AST) -> Iterator[Change]:
    """STR and SWAP: a text is no text that is known, or another text of the file."""
    if (
        isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and node.value in source.words
    ):
        yield Change("STR", node, repr(node.value + "x"))
        if (other := following(source.words, node.value)) is not None:
            yield Change("SWAP", node, repr(other))


def named(source: Source, node: ast.AST) -> Iterator[Change]:
    """SWAP: another member of the same value."""
    if isinstance(node, ast.Attribute) and source.is_value(node):
        base = source.text(node.value)
        if (other := following(source.members.get(base, ()), node.attr)) is not None:
            yield Change("SWAP", node, f"{base}.{other}")


def constant(source: Source, node: ast.AST) -> Iterator[Change]:
    """CONST: another constant of the file."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        other = following(source.constants, node.id)
        if other is not None:
            yield Change("CONST", node, other)


def exchanged(source: Source, node: ast.AST) -> Iterator[Change]:
    """SWAP: two arguments that stand side by side change places."""
    if isinstance(node, ast.Call) and not any(isinstance(a, ast.Starred) for a in node.args):
        for left, right in zip(node.args, node.args[1:], strict=False):
            texts = source.text(left), source.text(right)
            if texts[0] != texts[1]:
                yield Change("SWAP", left, texts[1] + source.between(left, right) + texts[0], right)


def left_out(source: Source, node: ast.AST) -> Iterator[Change]:
    """ELEM: a list, a tuple, a set, an object or a call has one element less."""
    if isinstance(node, ast.Dict):
        pairs = list(zip(node.keys, node.values, strict=True))
        shown = [
            f"**{source.text(v)}" if k is None else f"{source.text(k)}: {source.text(v)}"
            for k, v in pairs
        ]
        for rest in _without_one(shown):
            yield Change("ELEM", node, "{" + ", ".join(rest) + "}")
    elif isinstance(node, ast.List | ast.Tuple | ast.Set) and _is_read(node):
        shown = [source.text(element) for element in node.elts]
        for rest in _without_one(shown):
            yield Change("ELEM", node, _written(node, rest))
    elif isinstance(node, ast.Call) and node.keywords:
        yield from _keywords_left_out(source, node)


def _is_read(node: ast.List | ast.Tuple | ast.Set) -> bool:
    return isinstance(node, ast.Set) or isinstance(node.ctx, ast.Load)


def _keywords_left_out(source: Source, node: ast.Call) -> Iterator[Change]:
    shown = [source.text(argument) for argument in (*node.args, *node.keywords)]
    for place in range(len(node.args), len(shown)):
        rest = ", ".join(shown[:place] + shown[place + 1 :])
        yield Change("ELEM", node, f"{source.text(node.func)}({rest})")


def _without_one(shown: Sequence[str]) -> Iterator[Sequence[str]]:
    for place in range(len(shown)):
        yield [*shown[:place], *shown[place + 1 :]]


def _written(node: ast.List | ast.Tuple | ast.Set, rest: Sequence[str]) -> str:
    if isinstance(node, ast.List):
        return f"[{', '.join(rest)}]"
    if isinstance(node, ast.Set):
        return f"{{{', '.join(rest)}}}" if rest else "set()"
    return f"({''.join(one + ', ' for one in rest).rstrip()})"


def following(names: Sequence[str], name: str) -> str | None:
    """Return the name behind this one, in a ring; None where there is no other."""
    if name not in names or len(names) == 1:
        return None
    return names[(names.index(name) + 1) % len(names)]


OPERATORS: tuple[Callable[[Source, ast.AST], Iterator[Change]], ...] = (
    deleted,
    negated,
    compared,
    connected,
    returned,
    reckoned,
    unwrapped,
    counted,
    told,
    named,
    constant,
    exchanged,
    left_out,
)
