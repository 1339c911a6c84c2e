"""What only a shell would understand in a command that none runs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_OPERATOR = re.compile(
    r"(?:&&|\|\|?|;|&|\d*>>?(?:&\d)?|\d*<)|\d*(?P<out>>>?)[^\s>&]\S*|\S+(?P<end>;)"
)
_ASSIGNMENT = re.compile(r"(?P<name>[A-Za-z_][A-Za-z0-9_]*=)\S*")
_VARIABLE = re.compile(r"\$[A-Za-z_({]")
_HOME = re.compile(r"~[^\s/]*(?:/\S*)?")


def shell_hint(command: Sequence[str]) -> str | None:
    """A sentence on the first word of a command that only a shell understands, None where there is none.

    It names signs and names alone: words may hold a password.
    """
    if "-c" in command[:3]:
        # A shell, or another interpreter, that is handed its text.
        return None
    found = _first(command)
    if found is None:
        return None
    return (
        f"no shell runs the command, so that {found} as it stands. "
        "If it was written for one: sh -c 'exec …' runs a shell."
    )


def _first(command: Sequence[str]) -> str | None:
    for number, word in enumerate(command):
        taken = "is an argument" if number else "is taken for the program"
        if not number and (assigned := _ASSIGNMENT.fullmatch(word)):
            return f"`{assigned['name']}…` {taken}"
        if operator := _OPERATOR.fullmatch(word):
            return f"`{operator['out'] or operator['end'] or word}` {taken}"
        if _VARIABLE.search(word):
            return f"a word with `$` {taken}"
        if _HOME.fullmatch(word):
            return f"`~` {taken}"
    return None
