"""Lays text out in lines of a fixed width that look the same on a terminal, in a pipe and in a file.

Everything that a target said passes `visible` on its way: a terminal must not obey it.
"""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable

# Control characters, marks that turn the direction of writing, invisible ones, lone surrogates.
_HIDDEN = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\ud800-\udfff]"
)


def visible(text: str) -> str:
    """A text in which nothing acts on the terminal: such characters are told as escapes."""
    return _HIDDEN.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code == 0x09:
        return " "
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def one_line(text: str, width: int) -> str:
    """A text on one line of at most `width` characters."""
    flat = " ".join(visible(text).split())
    return flat if len(flat) <= width else f"{flat[: max(0, width - 1)]}…"


def wrap(text: str, width: int) -> list[str]:
    """A text in lines of at most `width` characters; its own line breaks stay."""
    lines: list[str] = []
    for paragraph in visible(text).split("\n"):
        lines += textwrap.wrap(
            paragraph, width, break_on_hyphens=False, replace_whitespace=False
        ) or [""]
    return lines


def chop(text: str, width: int, most: int) -> list[str]:
    """A body in at most `most` lines, cut with "…" where it is longer."""
    flat = visible(text.replace("\n", "\\n"))
    return textwrap.wrap(
        flat, width, max_lines=most, placeholder=" …", break_on_hyphens=False, tabsize=1
    )


@dataclass(slots=True)
class Page:
    """Lines of text, styled in parts, none of them with spaces at its end."""

    width: int
    lines: list[Text] = field(default_factory=list[Text])

    def line(self, *parts: str | tuple[str, str]) -> None:
        """Add one line of parts, each a text or a text with its style; it is never wrapped."""
        text = Text()
        for part in parts:
            words, style = (part, "") if isinstance(part, str) else part
            text.append(visible(words), style=style or None)
        text.rstrip()
        self.lines.append(text)

    def blank(self) -> None:
        """Add an empty line, unless there is one already."""
        if self.lines and self.lines[-1].plain:
            self.lines.append(Text())

    def heading(self, words: str) -> None:
        """Begin a section."""
        self.blank()
        self.line((words, "bold"))

    def text(self, words: str, *, indent: int = 0, style: str = "") -> None:
        """Add a text, wrapped."""
        for row in wrap(words, self.width - indent):
            self.line(" " * indent, (row, style))

    def labelled(self, label: str, words: str, *, indent: int, gap: int, style: str = "") -> None:
        """Add a label with a wrapped text beside it; `gap` is how wide labels are here."""
        rows: Iterable[str] = wrap(words, self.width - indent - gap)
        for number, row in enumerate(rows):
            shown = label if number == 0 else ""
            self.line(" " * indent, (shown.ljust(gap), "dim"), (row, style))
