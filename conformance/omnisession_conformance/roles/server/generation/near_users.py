"""Users whose ids are near to one another: each is a user of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.protocol.subjects import MAX_USER_BYTES, tok
from omnisession_conformance.protocol.vocabulary.near import ids
from omnisession_conformance.protocol.vocabulary.users import overlapping, whole_numbers

if TYPE_CHECKING:
    from random import Random

    from omnisession_conformance.environment.draws import Draws

NUMBERS, OVERLAPPING, ALIKE = "numbers", "overlapping", "alike"
SHIFTS = 8
WAYS = (NUMBERS, *(f"{how} {n}" for how in (OVERLAPPING, ALIKE) for n in range(SHIFTS)))
"""All ways in which the ids of a program's users may be near to one another."""


def draw_way(rng: Random) -> str:
    """One of the ways, each kind of them as often."""
    how = rng.choice((NUMBERS, OVERLAPPING, ALIKE))
    return rng.choice([way for way in WAYS if way.startswith(how)])


def near_users(draws: Draws, way: str, count: int) -> list[str]:
    """So many ids of users that are near to one another in a way."""
    how, _, number = way.partition(" ")
    stem = draws.text("u").replace(" ", "")[-24:]
    if how == NUMBERS:
        digits = draws.digits()
        found = [*whole_numbers(digits), *whole_numbers(f"{digits}7")]
    else:
        found = list(overlapping(stem) if how == OVERLAPPING else ids(stem))
        at = int(number) * (count - 1) % len(found)
        # The plain one is always among them.
        found = [found[0], *found[at + 1 :], *found[1 : at + 1]]
    fitting = [id_ for id_ in dict.fromkeys(found) if len(tok(id_)) <= MAX_USER_BYTES]
    return fitting[:count]
