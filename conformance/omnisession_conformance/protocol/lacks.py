"""What a target tells that it does not have, and the words for it.

A check that needs it is not run, and the reason is a value until it is read: those of several checks are
told in one.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from omnisession_conformance.protocol.kinds.abilities import ways_of, words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Thing(StrEnum):
    """What sort of thing is missing."""

    PROFILE = "profile"
    ACTION = "action"
    ABILITY = "ability"


@dataclass(frozen=True, slots=True)
class Lack:
    """One thing that a target tells not to have: a profile, a type of actions or an ability by its name."""

    thing: Thing
    name: str

    @property
    def words(self) -> str:
        """The reason why a check that needs it was not run."""
        told = words_of(self.name) if self.thing is Thing.ABILITY else f"'{self.name}'"
        return f"{_BEGINS[self.thing]} {told}"


_BEGINS = {
    Thing.PROFILE: "the target does not declare the profile",
    Thing.ACTION: "the target does not list the action",
    Thing.ABILITY: "the target does not list",
}


def in_one(lacks: Iterable[Lack]) -> str:
    """One reason instead of several: what of it a target would need to have at least one."""
    named: dict[Thing, dict[str, None]] = {}
    for lack in lacks:
        # What was said of several kinds at once says what is said of each of them.
        ways = ways_of(lack.name) if lack.thing is Thing.ABILITY else (f"'{lack.name}'",)
        named.setdefault(lack.thing, {}).update(dict.fromkeys(ways))
    if abilities := named.get(Thing.ABILITY):
        # They tell of actions with the profiles that they are of, so that these need not be told as well.
        named = {Thing.ABILITY: abilities}
    return "; ".join(f"{_BEGINS[thing]} {_any_of(tuple(ways))}" for thing, ways in named.items())


def _any_of(words: Sequence[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} or {last}" if most else last
