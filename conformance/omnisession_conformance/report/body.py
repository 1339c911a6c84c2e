"""Bodies of messages laid out to be read, with not one character of them changed but spaces.

A body is not decoded and written anew: a member that stands twice, `5.0` in the place of `5` and an
escape that nobody needs may be what a finding is about.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

WIDTH = 76
INDENT = "  "
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s"{}\[\],:]+')
_CLOSING = {"{": "}", "[": "]"}


@dataclass(frozen=True, slots=True)
class BodyLine:
    """A line of a body; `marked` where it holds what a finding points to."""

    text: str
    marked: bool = False


@dataclass(frozen=True, slots=True)
class _Node:
    """A value: its own words, or its members or items, each with its key and its JSON pointer."""

    pointer: str
    words: str = ""
    members: tuple[tuple[str, _Node], ...] = ()

    def flat(self) -> str:
        """The value on one line."""
        if self.words not in _CLOSING:
            return self.words
        inner = ", ".join(f"{key}{node.flat()}" for key, node in self.members)
        return f"{self.words}{inner}{_CLOSING[self.words]}"


def body_lines(text: str, pointer: str | None = None) -> tuple[BodyLine, ...]:
    """A JSON body over several lines, anything else as it is; `pointer` says what to mark."""
    try:
        json.loads(text)
        node, _ = _parse(_TOKEN.findall(text), 0, "")
        return tuple(_laid_out(node, "", "", pointer or None, last=True))
    except (ValueError, RecursionError):
        return tuple(BodyLine(line) for line in text.split("\n"))


def _parse(tokens: list[str], at: int, pointer: str) -> tuple[_Node, int]:
    opening = tokens[at]
    if opening not in _CLOSING:
        return _Node(pointer, opening), at + 1
    members: list[tuple[str, _Node]] = []
    at += 1
    while tokens[at] != _CLOSING[opening]:
        if tokens[at] == ",":
            at += 1
        key, name = "", str(len(members))
        if opening == "{":
            key, name = f"{tokens[at]}: ", json.loads(tokens[at])
            at += 2
        escaped = name.replace("~", "~0").replace("/", "~1")
        node, at = _parse(tokens, at, f"{pointer}/{escaped}")
        members.append((key, node))
    return _Node(pointer, opening, tuple(members)), at + 1


def _laid_out(
    node: _Node, key: str, indent: str, pointer: str | None, *, last: bool
) -> Iterator[BodyLine]:
    marked = node.pointer == pointer
    comma = "" if last else ","
    flat = f"{indent}{key}{node.flat()}{comma}"
    inside = pointer is not None and pointer.startswith(f"{node.pointer}/")
    if not node.members or (len(flat) <= WIDTH and not inside):
        yield BodyLine(flat, marked)
        return
    yield BodyLine(f"{indent}{key}{node.words}", marked)
    for number, (inner, member) in enumerate(node.members, 1):
        end = number == len(node.members)
        yield from _laid_out(member, inner, indent + INDENT, pointer, last=end)
    yield BodyLine(f"{indent}{_CLOSING[node.words]}{comma}", marked)
