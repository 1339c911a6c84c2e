"""What somebody expects a target to declare, and what of it the target does not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from omnisession_conformance.protocol.kinds.tables import ACTIONS, ACTIONS_OF_NO_KIND, NAMES
from omnisession_conformance.protocol.roles import PROFILES_OF

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from omnisession_conformance.protocol.declared import Declared


def known(role: str) -> Mapping[str, tuple[str, ...]]:
    """The names that may be expected of a target of a role, by what they are names of."""
    return {
        "profiles": PROFILES_OF[role],
        "kinds": NAMES,
        "actions": (*ACTIONS_OF_NO_KIND, *ACTIONS),
    }


@dataclass(frozen=True, slots=True)
class Promise:
    """The least that a target is expected to declare, and of how many requirements it is to be judged.

    More than that is as good; `requirements` 0 expects no number.
    """

    profiles: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    requirements: int = 0

    def broken(self, declared: Declared) -> tuple[str, ...]:
        """What is missing of what a target declares, in words."""
        told = (
            ("profile", self.profiles, declared.profiles),
            ("kind", self.kinds, declared.kinds),
            ("action", self.actions, declared.actions),
        )
        return tuple(
            _missing(what, names) for what, wanted, has in told if (names := _without(wanted, has))
        )

    def too_few(self, judged: int) -> tuple[str, ...]:
        """What is missing where so many requirements were judged, in words."""
        if judged >= self.requirements:
            return ()
        return (f"{judged} requirements judged, not {self.requirements} or more",)


def _without(wanted: Iterable[str], has: Iterable[str]) -> list[str]:
    found = set(has)
    return [name for name in dict.fromkeys(wanted) if name not in found]


def _missing(what: str, names: list[str]) -> str:
    return (
        f"no {what} {', '.join(names[:-1])} or {names[-1]}"
        if names[1:]
        else f"no {what} {names[0]}"
    )
