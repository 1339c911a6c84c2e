"""Texts that fit a line, and in which nothing acts on the terminal."""

from __future__ import annotations

import re
import textwrap

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


def plural(count: int, noun: str) -> str:
    """A number with its noun."""
    return f"{grouped(count)} {noun}{'' if count == 1 else 's'}"


def grouped(number: int) -> str:
    """A number with spaces between its thousands."""
    return f"{number:,}".replace(",", " ")
