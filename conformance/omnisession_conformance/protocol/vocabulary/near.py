"""Values that people or programs take for one: each differs from its neighbours in one way.

A server that compares by something coarser than code points takes two of a group for one: by letters
of one size, without the white space around them, in one Unicode form, by a number that the text may
mean, by a beginning, as a pattern. The groups are ends, which are put behind one and the same stem;
within a group they stand in the order in which a server should come to know them, patterns last.
"""

from __future__ import annotations

import string
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

PLAIN = frozenset(string.ascii_letters + string.digits + "_-")
"""Characters that every server takes in a short code, and no subject has to encode."""


@dataclass(frozen=True, slots=True)
class Near:
    """Ends of values that only differ in them, and in words what they differ in."""

    what: str
    ends: tuple[str, ...]


PATTERN = "a pattern that the other fits"
NEAR = (
    Near("case", ("a", "A")),
    Near("the case of an accented letter", ("é", "É")),
    Near("their Unicode form", ("\u00e9", "e\u0301", "e")),
    Near("the order of marks on a letter", ("q\u0323\u0307", "q\u0307\u0323")),
    Near("compatible characters", ("\uff11", "1", "\u00b9", "\u2460")),
    Near("a ligature", ("\ufb01", "fi")),
    Near("a sharp s", ("\u00df", "ss", "\u1e9e")),
    Near("a final sigma", ("\u03c2", "\u03c3")),
    Near("dots on an i", ("i", "\u0131", "\u0130", "i\u0307")),
    Near("signs that look alike", ("K", "\u212a", "\u041a")),
    Near("digits of another script", ("7", "\u0667", "\u096d")),
    Near("a space at the end", ("w", "w ")),
    Near("other white space at the end", ("w", "w\t", "w\n", "w\u00a0", "w\r\n")),
    Near("white space within", ("x y", "x  y", "x\u00a0y", "xy")),
    Near("characters without width", ("z", "z\u200b", "z\ufeff", "z\u00ad", "z\u200d")),
    Near("which sign stands between", ("u_v", "u-v", "uv")),
    Near("which other sign stands between", ("u.v", "u:v")),
    Near("which slash stands between", ("u/v", "u\\v")),
    Near("a plus for a space", ("u+v", "u v")),
    Near("an escape", ("&", "&amp;", "%26", "=26", "\\u0026")),
    Near("a slash more", ("d/e", "d//e", "d/./e", "d/e/", "d\\e")),
    Near("quotes", ("o'", "o''", "o\\'", "o`")),
    Near("how a number is written", ("n7", "n07", "n7.0", "n+7", "n7e0")),
    Near("characters beyond Latin-1", ("\u65e5", "\u672c", "?")),
    Near("what is behind 16 bits", ("\U0001f600", "\uf600")),
    Near("the second half of a pair", ("\U0001f600", "\U0001f601")),
    Near("what is behind 8 bits", ("B", "\u0142", "\u0242")),
    Near("what is behind a NUL", ("m\0a", "m\0b", "m")),
    Near("what is behind a line end", ("l\na", "l\nb", "l")),
    Near("what is behind a sign of comments", ("k#a", "k#b", "k--a", "k;a", "k")),
    Near("the order of characters", ("gh", "hg")),
    Near("their CRC-32 being equal", ("plumless", "buckeroo")),
    Near("their hash in Java being equal", ("AaBB", "BBAa")),
    Near("one being the beginning of the other", ("rs", "rst", "r")),
    Near(PATTERN, ("pab", "p%", "p_b", "p*", "p?b", "p.b", "p[a]b", "p.*")),
)
FRONTS = (
    ("a space in front", " "),
    ("a line end in front", "\n"),
    ("a byte order mark in front", "\ufeff"),
    ("a zero in front", "0"),
    ("a plus in front", "+"),
    ("a slash in front", "/"),
    ("a character in front", "b"),
)
BEHIND = (
    ("a space at the end", " "),
    ("a line end", "\n"),
    ("a space that does not break", "\u00a0"),
    ("a character without width", "\u200b"),
    ("a NUL", "\0"),
    ("a sign of comments", "#"),
    ("a slash at the end", "/"),
    ("a character more", "b"),
    ("a pattern", "%"),
)
LETTERS_ALIKE = (
    ("a letter with an accent", {"a": "\u00e1", "e": "\u00e9", "o": "\u00f3", "u": "\u00fa"}),
    ("a letter of full width", {chr(n): chr(n + 0xFEE0) for n in range(ord("0"), ord("z") + 1)}),
    ("a letter of another script", {"a": "\u0430", "e": "\u0435", "o": "\u043e", "c": "\u0441"}),
)
"""What tells ids apart that look alike, and letters with those that stand for them."""
OF_IDS = (
    "the case of an accented letter",
    "their Unicode form",
    "a sharp s",
    "a final sigma",
    "dots on an i",
    "which sign stands between",
    "an escape",
    "what is behind 16 bits",
)
"""Groups of which ids are tried that cost much, beside what is made of a stem alone."""
SEPARATORS = (".", ":", "/", "|", "-", "_", " ", ",", "\0", "")
"""What programs put between two ids to make one key of both."""
TWO_32 = 1 << 32
TWO_53 = 1 << 53
TWO_64 = 1 << 64


def wide(text: str) -> str:
    """A text with its first character, which is one of ASCII, of full width."""
    return f"{chr(ord(text[0]) + 0xFEE0)}{text[1:]}"


def plain(groups: Iterable[Near] = NEAR) -> tuple[Near, ...]:
    """The groups with the ends alone that every server takes in a short code."""
    kept = (Near(n.what, tuple(e for e in n.ends if set(e) <= PLAIN)) for n in groups)
    return tuple(near for near in kept if len(near.ends) > 1)


def ids(stem: str) -> dict[str, str]:
    """A few values near to a stem, each with what tells it from another: for what costs much."""
    found = {stem: "nothing", stem.swapcase(): "case"}
    found |= {front + stem: what for what, front in FRONTS}
    found |= {stem + end: what for what, end in BEHIND}
    for what, alike in LETTERS_ALIKE:
        at = next((at for at, letter in enumerate(stem) if letter in alike), None)
        if at is not None:
            found[f"{stem[:at]}{alike[stem[at]]}{stem[at + 1 :]}"] = what
    for near in NEAR:
        if near.what in OF_IDS:
            found |= {stem + end: near.what for end in near.ends[:2]}
    return found


def around(stem: str) -> dict[str, str]:
    """Values near to a stem and to each other, each with what tells it from the one before."""
    found = {stem: "nothing", stem.swapcase(): "case"}
    for near in NEAR:
        for end in near.ends if near.what == PATTERN else near.ends[:2]:
            found.setdefault(stem + end, near.what)
    for what, front in FRONTS:
        found.setdefault(front + stem, what)
    for what, end in BEHIND:
        found.setdefault(stem + end, what)
    return found


def lengths(text: str) -> dict[str, str]:
    """A long text and others that differ from it in one character, each with a few words about it."""
    middle = len(text) // 2
    return {
        text: "nothing",
        _other(text, len(text) - 1): "the last character",
        _other(text, 0): "the first character",
        _other(text, middle): "the character in the middle",
        text[:-1]: "the last character, which it lacks",
    }


def _other(text: str, at: int) -> str:
    there = "b" if text[at] == "a" else "a"
    return f"{text[:at]}{there}{text[at + 1 :]}"


def numbers(digits: str) -> dict[str, str]:
    """Texts that many programs read as one number, each with what tells it from the first.

    `digits` is a number without a zero in front, of so few digits that every double holds it.
    """
    number = int(digits)
    large = TWO_53 * 4 + number // 8 * 8
    return {
        digits: "nothing",
        f"0{digits}": "a zero in front",
        f"+{digits}": "a plus",
        f"-{digits}": "a minus",
        f"{digits}.0": "a fraction of nothing",
        f"{digits}e0": "an exponent of nothing",
        f"{digits}n": "a letter behind it",
        hex(number): "its being written in hex",
        f"{number:_}": "signs between its digits",
        str(number + TWO_32): "what is behind 32 bits",
        str(number + TWO_64): "what is behind 64 bits",
        str(large): "its size",
        str(large + 1): "what is behind 53 bits",
    }


def ambiguous(one: str, other: str) -> list[tuple[str, tuple[str, str], tuple[str, str]]]:
    """Pairs of ids that are one text when they are joined: the sign between, and both pairs."""
    return [(sign, (f"{one}{sign}x", other), (one, f"x{sign}{other}")) for sign in SEPARATORS]
