"""Reads the sources of the specification: its pages as blocks, its registry as entries.

Text in, frozen values out; nothing here touches the file system.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

# libyaml reads the registry ten times as fast, and knows the lines as well.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_LABEL = re.compile(r"\*\*(?P<id>[A-Z]+-\d{3})\*\*\{ #(?P<anchor>\S+) \.req \}\s+(?P<rest>.*)")
_FENCE = re.compile(r"\s*(?P<marks>`{3,}|~{3,})")
_ITEM = re.compile(r"\s*(?:[-*+]|\d+[.)]|:)\s+(?P<rest>.*)")
_HEADING = re.compile(r"#{1,6}\s+(?P<rest>.*)")


class SourceError(Exception):
    """The registry cannot be read; the text says where and why."""


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, heading, list item or table row; `text` has its white space in single blanks."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Label:
    """A block that begins with a requirement's id; `text` is what follows the id."""

    id: str
    anchor: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the specification, by its file name."""

    name: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the registry with the line on which it begins; absent members are empty."""

    line: int
    id: str
    level: str
    text: str
    spec: str
    excluded: str


def read_label(block: Block) -> Label | None:
    """The label that a block begins with, or None where it begins with other words."""
    match = _LABEL.match(block.text)
    if match is None:
        return None
    return Label(match["id"], match["anchor"], block.line, match["rest"])


def read_page(name: str, text: str) -> Page:
    """Split a Markdown page into blocks; code blocks are left out.

    Knows the Markdown that the pages use: fences, headings, tables, lists, paragraphs. A line that
    belongs to none of these is part of a paragraph, so nothing escapes the lint.
    """
    return Page(name, tuple(_blocks(text)))


def _blocks(text: str) -> Iterator[Block]:
    start, words = 0, list[str]()
    for number, line in _lines_outside_code(text):
        alone = _stands_alone(line)
        item = _ITEM.match(line)
        if words and (alone is not None or item is not None):
            yield Block(start, " ".join(words))
            words = []
        if alone is not None:
            if alone:
                yield Block(number, alone)
            continue
        if not words:
            start = number
        words.extend((item["rest"] if item else line).split())
    if words:
        yield Block(start, " ".join(words))


def _lines_outside_code(text: str) -> Iterator[tuple[int, str]]:
    fence = ""
    for number, line in enumerate(text.splitlines(), start=1):
        match = _FENCE.match(line)
        if fence:
            # A fence is closed by at least as many of the same marks, and nothing else.
            if match and line.strip().startswith(fence) and not line.strip().strip(fence[0]):
                fence = ""
        elif match:
            fence = match["marks"]
            yield number, ""  # what stands before the code ends there
        else:
            yield number, line


def _stands_alone(line: str) -> str | None:
    """The text of a line that is a block of its own, empty for a blank one; None for any other."""
    if not line.strip():
        return ""
    if heading := _HEADING.match(line):
        return heading["rest"].strip()
    if line.lstrip().startswith("|"):
        return " ".join(line.split())
    return None


def read_registry(text: str) -> tuple[Entry, ...]:
    """Read the entries of a registry file in their order.

    Raises SourceError where the text is no YAML or has no list `requirements` of mappings.
    """
    try:
        root = yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        raise SourceError(f"the registry is no YAML: {error}") from error
    for key, value in root.value if isinstance(root, yaml.MappingNode) else ():
        if key.value == "requirements" and isinstance(value, yaml.SequenceNode):
            return tuple(_entry(node) for node in value.value)
    raise SourceError("the registry has no list 'requirements'")


def _entry(node: yaml.Node) -> Entry:
    line = node.start_mark.line + 1
    if not isinstance(node, yaml.MappingNode):
        raise SourceError(f"line {line} of the registry: an entry is a mapping")
    members = {
        key.value: value.value for key, value in node.value if isinstance(value, yaml.ScalarNode)
    }
    return Entry(
        line,
        *(members.get(name, "") for name in ("id", "level", "text", "spec", "excluded")),
    )
