"""Pieces of Markdown that the generated pages are made of, and the places they are put into.

A page that people write has generated parts between two comments::

    <!-- generated: subjects -->
    ...
    <!-- end of generated -->

`fill` replaces what stands between them, so that the words around stay easy to edit.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

_BEGIN = re.compile(r"^<!-- generated: (?P<name>\S+) -->$")
_END = "<!-- end of generated -->"
_CODE_SPAN = re.compile(r"(`+)(?!`).*?(?<!`)\1(?!`)")
# An underscore inside a word is no mark, nor is a brace that no space or sign follows.
_SPECIAL = re.compile(r"([\\*<>\[\]]|(?<!\w)_|_(?!\w)|\{(?=[\s:#.]))")


class DocsError(Exception):
    """A page cannot be made; the text says which and what to do."""


def fill(page: str, text: str, parts: Mapping[str, str]) -> str:
    """Put the parts that a page names into it; DocsError where a comment does not fit."""
    lines: list[str] = []
    open_part = ""
    for line in text.splitlines():
        match = _BEGIN.match(line)
        if match and open_part:
            raise DocsError(f"{page}: the generated part '{open_part}' is not ended: {_END}")
        if match:
            open_part = match["name"]
            if open_part not in parts:
                raise DocsError(
                    f"{page}: there is no generated part '{open_part}'; "
                    f"there are {', '.join(sorted(parts))}"
                )
            lines += [line, "", parts[open_part].strip("\n"), ""]
        elif line == _END:
            if not open_part:
                raise DocsError(f"{page}: '{_END}' ends nothing")
            open_part = ""
        if not open_part:
            lines.append(line)
    if open_part:
        raise DocsError(f"{page}: the generated part '{open_part}' is not ended: {_END}")
    return "\n".join(lines) + "\n"


def named_parts(text: str) -> tuple[str, ...]:
    """The names of the generated parts of a page, in their order."""
    matches = (_BEGIN.match(line) for line in text.splitlines())
    return tuple(match["name"] for match in matches if match)


def plain(text: str) -> str:
    """A text as it is: whatever Markdown would take for a mark is escaped, code spans are kept."""
    return _outside_code(text, lambda words: _SPECIAL.sub(r"\\\1", words))


def _outside_code(text: str, change: Callable[[str], str]) -> str:
    done: list[str] = []
    at = 0
    for span in _CODE_SPAN.finditer(text):
        done += [change(text[at : span.start()]), span.group()]
        at = span.end()
    done.append(change(text[at:]))
    return "".join(done)


def code(text: str) -> str:
    """A text as a code span, whatever it holds."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    marks = "`" * (longest + 1)
    room = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{marks}{room}{text}{room}{marks}"


def value(json_value: Any) -> str:
    """A JSON value as a code span."""
    return code(json.dumps(json_value, ensure_ascii=False))


def table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; a line feed in a cell becomes a line break."""
    lines = [f"| {' | '.join(titles)} |", f"|{'|'.join(['---'] * len(titles))}|"]
    lines += [f"| {' | '.join(map(_cell, row))} |" for row in rows]
    return "\n".join(lines)


def _cell(text: str) -> str:
    # In a code span the bar is no border, and a backslash would be shown.
    return _outside_code(text, lambda words: words.replace("|", r"\|")).replace("\n", "<br>") or " "


def fence(language: str, text: str) -> str:
    """A block of code."""
    return f"```{language}\n{text.rstrip()}\n```"


def indent(text: str, by: int = 4) -> str:
    """A text moved to the right, for what stands inside a list or a box; empty lines stay empty."""
    return "\n".join(f"{' ' * by}{line}" if line else "" for line in text.splitlines())


def count(number: int, noun: str) -> str:
    """A number with its noun."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
