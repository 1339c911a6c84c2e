"""What cases can do with whatever kind a target serves, by the actions that it lists.

Requirements of the core hold for every kind. A case of theirs names an ability instead of a kind, and
the reason why it was not run, where it was not, is that no kind of the target has it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from omnisession_conformance.protocol.kinds.tables import ACTIONS, BY_NAME, NAMES

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from omnisession_conformance.protocol.kinds.kind import Kind

CHANGE: Final = "change"
"""To change what a user is shown, by one action that needs nothing."""
CREATE: Final = "create"
"""The same by an action whose ack names what it made."""
ALTER: Final = "alter"
"""To change a thing, and the same thing again."""
SHARE: Final = "share"
"""To change what another user is shown."""


def _needed(kind: Kind) -> Mapping[str, tuple[str, ...]]:
    """By ability the actions that it takes in a kind; what the kind can never do is left out."""
    able = kind.abilities
    if able is None:
        return {}
    needed: dict[str, tuple[str, ...]] = {
        CHANGE: (able.makes,),
        ALTER: (able.makes, able.alters),
    }
    if ACTIONS[able.makes].creates:
        needed[CREATE] = (able.makes,)
    if able.shares:
        needed[SHARE] = able.shares
    return needed


_NEEDED: Final = {name: _needed(BY_NAME[name]) for name in NAMES}


def _in_words(kind: str, needed: tuple[str, ...]) -> str:
    return f"{' and '.join(dict.fromkeys(needed))} with the profile {kind}"


_WAYS: Final[Mapping[str, tuple[str, ...]]] = {
    ability: tuple(
        _in_words(name, needed[ability]) for name, needed in _NEEDED.items() if ability in needed
    )
    for ability in (CHANGE, CREATE, ALTER, SHARE)
}

WORDS: Final[Mapping[str, str]] = {ability: " or ".join(ways) for ability, ways in _WAYS.items()}
"""By ability what a target may list to have it."""

KINDS_OF: Final[Mapping[str, tuple[str, ...]]] = {
    ability: tuple(name for name, needed in _NEEDED.items() if ability in needed)
    for ability in WORDS
}
"""By ability the kinds that may have it."""


def ways_of(ability: str) -> tuple[str, ...]:
    """What a target may list to have an ability, in any kind or in one (`change:url`): one is enough."""
    name, _, kind = ability.partition(":")
    return (_in_words(kind, _NEEDED[kind][name]),) if kind else _WAYS[name]


def words_of(ability: str) -> str:
    """The same as one text."""
    return " or ".join(ways_of(ability))


def abilities_of(kinds: Collection[str], actions: Collection[str]) -> tuple[tuple[str, str], ...]:
    """The abilities that kinds have by the actions that are listed, each with its kind."""
    return tuple(
        (ability, name)
        for name, needed in _NEEDED.items()
        if name in kinds
        for ability, types in needed.items()
        if all(type_ in actions for type_ in types)
    )
