"""Texts that a right server takes, or orders, as they are."""

from __future__ import annotations

STRINGS = {
    "nothing": "",
    "markup": "<b>bold</b> &amp; <script>alert('x')</script> \"quoted\" & 'apostrophes'",
    "backslashes": "C:\\path\\new \\u0041 \\\\ %20 %s ${x} {{y}}",
    "white space at both ends": "  \u00a0two spaces and more \t ",
    "line ends": "one\r\ntwo\nthree\rfour\r\n",
    "separators of lines": "\u2028 and \u2029 and \u0085",
    "control characters": "".join(map(chr, (*range(1, 9), 11, 12, *range(14, 32), 127))),
    "a NUL": "before\x00after",
    "an accent by itself and within": "e\u0301 \u00e9 \u212b \u00c5 \u1112\u1161\u11ab",
    "signs beyond the basic plane": "\U0001f600 \U0001d4b3 \U0001f468\u200d\U0001f469\u200d\U0001f467",
    "directions and signs without width": "\u202eabc\u202c \u200b\u200d\ufeff \u05d0\u05d1",
    "signs that are none": "\ufffd \ufffe \uffff \U0010ffff \ue000",
    "forms of one letter": "\ufb01 \uff21 \u2460 I\u0130\u0131i \u00df \u1e9e",
    "numbers and words of JSON": "1.0 1e400 NaN null true [] {}",
}
"""Texts that careless servers escape, trim, fold, normalise or cut."""
# U+FF21 stands before U+1F600, though the latter's first UTF-16 unit is the lower one.
LETTERS = ("a", "B", "_", "Z", "é", "z", "\uff21", "\U0001f600", "-")
"""Ends of ids that only differ in them, in no order that a server may sort them by."""
NOTHINGS = ("0", "false", "null", "undefined", "None", "NaN", "[]", "{}", "-0", "0.0", " ", "")
"""Texts that some languages take for nothing, or for another value than a text."""
LONG_NUMBERS = ("9007199254740993", "00123", "1e400", "0x10", "1_000", "1,000.50", "+1", "1.10")
"""Texts that are written in another way once somebody took them for numbers."""
DATES = (
    *("2026-03-01T09:30:00Z", "2026-03-01T09:30:00.000Z", "2026-03-01T09:30:00.120Z"),
    *("2026-03-01T09:30:00+00:00", "2026-03-01T10:30:00+01:00", "2026-03-01 09:30", "2026-03-01"),
)
"""Texts that are written in another way once somebody took them for times."""
TRUTHS = ("no", "yes", "on", "off", "NO", "True", "y", "~")
"""Texts that YAML and forms take for true, false or nothing."""
EMAILS = ("Ann.B+Tag@EXAMPLE.org", "a.n.n.b@example.org")
"""Emails that a server writes small, or without their dots and tags."""
TAGS: tuple[tuple[str, ...], ...] = (
    ("b", "a", "b", "B", "a"),
    ("a", "b", "b", "a", "B"),
    ("b", "a", "B"),
    ("b ", " a", "", "B\t"),
    ("", ""),
    ("0", "false", "null", "1.0"),
    ("x,y", "x, y", "#x", "X;Y"),
    ("e\u0301", "\u00e9", "\u2460", "1"),
    ("no", "2026-03-01T09:30:00Z", "a10", "a9"),
    tuple(f"t{number}" for number in range(12, 0, -1)),
    tuple(f"t{number}" for number in range(34)),
)
"""Lists that a server sorts, cleans, joins or makes a set of."""
OF_TEXTS = (
    "case",
    "their Unicode form",
    "compatible characters",
    "a sharp s",
    "a space at the end",
    "other white space at the end",
    "white space within",
    "characters without width",
    "an escape",
    "how a number is written",
    "what is behind 16 bits",
    "what is behind a NUL",
    "one being the beginning of the other",
)
"""Groups of near values that are given one after the other: a change in nothing else is a change."""
