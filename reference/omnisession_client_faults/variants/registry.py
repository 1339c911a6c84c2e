"""The list of variants by name."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from omnisession_client.values import Mode
from omnisession_client_faults.places import Replacement, find, mode_of

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to be unusual and right.

    `of` names the requirements that leave the choice. `warns` names the SHOULD requirements that this
    client does not keep: a kit is right to warn of these, and of nothing else. `mode` is the one that it
    needs, if it is about what is done with actions in one of them.
    """

    name: str
    sentence: str
    replacements: tuple[Replacement, ...]
    of: tuple[str, ...]
    warns: tuple[str, ...] = ()
    mode: Mode | None = None


VARIANTS: dict[str, Variant] = {}


def enter(variant: Variant) -> None:
    """Put a variant on the list.

    Raises ValueError for a name that is taken, for want of a sentence or of requirements that leave the
    choice, and for two replacements of one place; TypeError for a place that the client does not have.
    """
    if variant.name in VARIANTS or not variant.sentence or not variant.of:
        raise ValueError(f"variant {variant.name!r} needs a name, a sentence and requirements")
    places = [replacement.place for replacement in variant.replacements]
    if not places or len(set(places)) < len(places):
        raise ValueError(f"variant {variant.name!r} replaces nothing, or one place twice")
    for place in places:
        find(place)
    VARIANTS[variant.name] = variant


def variant(
    name: str,
    *others: Replacement,
    of: tuple[str, ...],
    replaces: str,
    warns: tuple[str, ...] = (),
    mode: Mode | None = None,
) -> Callable[[F], F]:
    """Enter a function as the variant `name`, with `others` at further places.

    The first line of its docstring says what is unusual. Where no mode is named, it is that of the places.
    See `enter` for errors.
    """

    def add(made: F) -> F:
        sentence = (made.__doc__ or "").partition("\n")[0]
        parts = (Replacement(replaces, made), *others)
        enter(Variant(name, sentence, parts, of, warns, mode or mode_of(parts)))
        return made

    return add
