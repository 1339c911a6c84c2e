"""What a client may name in place of a thing that is there, and what names nothing all the same."""

from __future__ import annotations

from omnisession_conformance.protocol.vocabulary.near import wide
from omnisession_conformance.protocol.vocabulary.words import OF_OBJECTS

LONG_ENOUGH = 8
"""Shorter ids may be numbers that are counted: what is near to one is the id of another thing."""


def misspelt(id_: str) -> dict[str, str]:
    """Ids that are near to one that is there, and name nothing, each with what tells it from that one."""
    first = id_[0]
    found = {
        f"{id_} ": "a space at the end",
        f" {id_}": "a space in front",
        f"{id_}\n": "a line end",
        f"{id_}\0": "a NUL",
        f"{id_}%": "a pattern at the end",
        f"{id_}/": "a slash at the end",
        f"{id_}.0": "a fraction of nothing",
        f"0{id_}": "a zero in front",
        f"+{id_}": "a plus",
        f"{id_}'--": "a quote",
        f"{id_}\u200b": "a character without width",
        f"={ord(first):02x}{id_[1:]}": "an escape of a token",
        f"%{ord(first):02X}{id_[1:]}": "an escape of an address",
        "%": "being a pattern",
        "*": "being a pattern of files",
        ".*": "being a pattern of letters",
        "' OR '1'='1": "being a condition",
    }
    if first.isascii() and first.isalnum():
        found[wide(id_)] = "a letter of full width"
    if len(id_) >= LONG_ENOUGH:
        found |= {
            id_.swapcase(): "case",
            id_[:-1]: "the last character, which it lacks",
            f"{id_[:-1]}_": "a pattern in place of its last character",
            f"{id_}b": "a character more",
        }
    found.pop(id_, None)
    return found | dict.fromkeys(OF_OBJECTS[:6], "being a word of a language")


def other_names(name: str) -> tuple[str, ...]:
    """Names that are near to one of a type, kind or feature, in whatever form a name may have or not."""
    return (
        name.upper(),
        name.capitalize(),
        f"{name} ",
        f" {name}",
        f"{name}\n",
        f"{name}\0",
        f"{name}%",
        f"{name}*",
        f"{name}\u200b",
        wide(name),
    )


def longer_names(name: str) -> tuple[str, ...]:
    """Names that are near to one, of the form that names have."""
    return (f"{name}s", name[:-1], f"{name}_", f"{name}-", f"x{name}", f"{name}0")
