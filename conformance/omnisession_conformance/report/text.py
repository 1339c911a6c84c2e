"""Texts that fit a line, and in which nothing acts on the terminal."""

from __future__ import annotations

import re
import sys
import textwrap
import unicodedata

from omnisession_conformance.markers import disarmed

GUTTER = "| "
"""What stands before each further line of a text, so that no text makes a line of its own."""

_ODD = re.compile(r"[^\n -~]")
# Letters that nothing is seen of, though they are letters by their category.
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0") | frozenset(
    map(chr, (*range(0xFE00, 0xFE0F), *range(0xE0100, 0xE01F0)))
)
# What takes up room, and is told as such: no-break and wide spaces.
_SPACE = "Zs"

_VERDICT = re.compile(
    r"(?:NOT )?CONFORMANT|Conformant|NO VERDICT|RUN CUT|INTERRUPTED|NOTHING TESTED|SELECTED CHECKS"
    r"|Selected checks|BASELINE|PASS|FAIL"
)
"""How the lines of the kit begin that people and programs look for."""


def visible(text: str) -> str:
    """A text in which nothing acts on a terminal or on the runner of a job.

    Characters that do, or that cannot be seen, are told as escapes, and so is one character of what a
    runner would take for a command.
    """
    return disarmed(_ODD.sub(_shown, text))


def _shown(match: re.Match[str]) -> str:
    sign = match.group()
    if sign == "\t":
        return " "
    seen = sign.isprintable() or unicodedata.category(sign) == _SPACE
    return sign if seen and sign not in _BLANK else _escape(match)


def _escape(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def quoted(text: str, *, indent: int = 0) -> str:
    """A text whose further lines are seen to be its own, whatever they say."""
    return visible(text).replace("\n", f"\n{' ' * indent}{GUTTER}")


def flat(text: str) -> str:
    """A text on one line, with all its spaces."""
    return visible(text).replace("\n", "\\n")


WHOLE = sys.maxsize
"""The width of a line that is not cut."""


def one_line(text: str, width: int) -> str:
    """A text on one line of at most `width` characters."""
    flat = " ".join(visible(text).split())
    return flat if len(flat) <= width else f"{flat[: max(0, width - 1)]}…"


def wrap(text: str, width: int) -> list[str]:
    """A text in lines of at most `width` characters; its own line breaks stay.

    What follows one of those begins with the gutter, and so does a line that is broken where it would
    begin as a verdict does.
    """
    first, *rest = visible(text).split("\n")
    lines = _wrapped(first, width, "")
    if any(map(_VERDICT.match, lines[1:])):
        start, *further = _wrapped(first, width - len(GUTTER), "")
        lines = [start, *(f"{GUTTER}{row}" if _VERDICT.match(row) else row for row in further)]
    for paragraph in rest:
        lines += _wrapped(paragraph, width, GUTTER)
    return lines


def _wrapped(paragraph: str, width: int, before: str) -> list[str]:
    rows = textwrap.wrap(
        paragraph,
        width,
        initial_indent=before,
        subsequent_indent=before,
        break_on_hyphens=False,
        replace_whitespace=False,
    )
    return rows or [before.rstrip()]


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
