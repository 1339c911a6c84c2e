"""Lays text out in lines of a fixed width that look the same on a terminal, in a pipe and in a file.

Everything that a target said passes `visible` on its way: a terminal must not obey it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rich.text import Text

from omnisession_conformance.report.text import flat, wrap

if TYPE_CHECKING:
    from collections.abc import Iterable


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
            # One line it is, whatever stands in it.
            text.append(flat(words), style=style or None)
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
        """Add a text, wrapped; it begins with words of the kit, and may quote others."""
        for row in wrap(words, self.width - indent):
            self.line(" " * indent, (row, style))

    def quote(self, words: str, *, indent: int = 0) -> None:
        """Add a text of somebody else, wrapped."""
        for row in wrap(f"\n{words}", self.width - indent)[1:]:
            self.line(" " * indent, row)

    def labelled(self, label: str, words: str, *, indent: int, gap: int, style: str = "") -> None:
        """Add a label with a wrapped text beside it; `gap` is how wide labels are here."""
        rows: Iterable[str] = wrap(words, self.width - indent - gap)
        for number, row in enumerate(rows):
            shown = label if number == 0 else ""
            self.line(" " * indent, (shown.ljust(gap), "dim"), (row, style))
