"""Ids of actions: nearly that of another one, as long as one may be or longer, known to a language."""

from __future__ import annotations

from omnisession_conformance.protocol.limits import LONGEST_ACTION_ID
from omnisession_conformance.protocol.vocabulary.near import ids, lengths
from omnisession_conformance.protocol.vocabulary.words import OF_TYPES

_STEM = "aeoc"
"""Has a letter for each thing that may tell two ids apart."""


def _near(stem: str) -> dict[str, str]:
    return {**lengths(stem), **ids(stem)}


NEAR = tuple(what for what in dict.fromkeys(_near(_STEM).values()) if what != "nothing")
"""All that may tell two ids apart."""
OF_LENGTHS = tuple(what for what in lengths(_STEM).values() if what != "nothing")
"""Those that tell two ids of any length apart."""
LETTERS = ("a", "\u00e9", "\uff21", "\U0001f600")
"""Characters of one to four bytes; the last one has two units in UTF-16."""
LONGEST, LONGER, SHORTEST, WORD = "longest", "longer", "shortest", "word"
FORMS = (
    *(f"{LONGEST} {number}" for number in range(len(LETTERS))),
    *(f"{LONGER} {number}" for number in range(len(LETTERS))),
    *(f"{SHORTEST} {number}" for number in range(len(LETTERS))),
    *(f"{WORD} {number}" for number in range(len(OF_TYPES))),
)
"""All that the id of an action may be, beside what clients have: by its length and a letter, or a word."""


def near_id(stem: str, what: str) -> str | None:
    """The id that differs from another one in a way; None where there is none such."""
    found = next((near for near, how in _near(stem).items() if how == what), None)
    fits = found is not None and found != stem and 0 < len(found) <= LONGEST_ACTION_ID
    return found if fits else None


SIGNED = "u-v"
NEAR_CODES = 6


def near_codes(code: str) -> tuple[str, ...]:
    """Codes that are near to one, and other codes all the same."""
    end = "y" if code[-1] == "x" else "x"
    return (
        code.swapcase() if code.swapcase() != code else f"{code}b",
        f"0{code}",
        f"{code}b",
        code[:-1] or f"{code}b",
        code.replace("-", "_") if "-" in code else f"{code}-",
        f"{code[:-1]}{end}",
    )


def formed_id(fresh: str, form: str) -> str:
    """The id of a form, made of one that is fresh as far as it has room for that."""
    how, _, number = form.partition(" ")
    if how == WORD:
        return OF_TYPES[int(number)]
    letter = LETTERS[int(number)]
    if how == SHORTEST:
        return letter
    length = LONGEST_ACTION_ID + (how == LONGER)
    return fresh[: length // 2].ljust(length, letter)
