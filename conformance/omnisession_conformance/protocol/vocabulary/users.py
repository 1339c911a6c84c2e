"""Ids of users that careless selections take for one another, or order as numbers; rights alike."""

from __future__ import annotations

from omnisession_conformance.protocol.vocabulary.near import wide

LENGTH = 7


def whole_numbers(digits: str) -> list[str]:
    """Ids that are numbers, in an order that is neither that of numbers nor that of code points."""
    # As a number the second is the least one; by code point it stands last. None is above 31 bits: only
    # such ids stand first in objects of JavaScript.
    some = digits[-LENGTH:]
    return [f"1{some}0", f"9{some}", f"2{some}"]


def overlapping(stem: str) -> dict[str, str]:
    """Ids that a selection by beginning, pattern or part takes for one another, with what they are."""
    return {
        f"{stem}_n": "an id with a `_`",
        f"{stem}_n2": "an id that begins with another one",
        f"{stem}xn": "an id that a `_` of another one stands for",
        f"{stem}%": "an id with a `%`",
        f"x{stem}_n": "an id that ends in another one",
    }


def permissions_alike(name: str) -> tuple[str, ...]:
    """Permissions that only look like one, to whoever does not compare them whole."""
    return (
        *(f"{name}{end}" for end in ("_not", "s", " ", "\n", "\0", ".own")),
        *(f"{before}{name}" for before in (" ", "not_", "\ufeff")),
        *(name.title(), name.upper(), name.replace("_", "-"), name.replace("_", "."), wide(name)),
    )
