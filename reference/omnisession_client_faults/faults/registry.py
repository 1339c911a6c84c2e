"""The list of faults by name."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from omnisession_client.values import Mode
from omnisession_client_faults.places import Replacement, find, mode_of

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Fault:
    """A way to break one requirement: what stands in the place of functions of the client.

    `mode` is the one that it needs, if it is about what is done with actions in one of them.
    """

    name: str
    requirement: str
    sentence: str
    replacements: tuple[Replacement, ...]
    mode: Mode | None = None


FAULTS: dict[str, Fault] = {}


def enter(fault: Fault) -> None:
    """Put a fault on the list.

    Raises ValueError for a name that is taken, for want of a sentence and for two replacements of one
    place, and TypeError for a place that the client does not have.
    """
    if fault.name in FAULTS or not fault.sentence:
        raise ValueError(f"fault {fault.name!r} needs a name of its own and a sentence")
    places = [replacement.place for replacement in fault.replacements]
    if not places or len(set(places)) < len(places):
        raise ValueError(f"fault {fault.name!r} replaces nothing, or one place twice")
    for place in places:
        find(place)
    FAULTS[fault.name] = fault


def fault(
    name: str, *others: Replacement, breaks: str, replaces: str, mode: Mode | None = None
) -> Callable[[F], F]:
    """Enter a function as the fault `name`, with `others` at further places.

    The first line of its docstring says what goes wrong. Where no mode is named, it is that of the places.
    See `enter` for errors.
    """

    def add(made: F) -> F:
        sentence = (made.__doc__ or "").partition("\n")[0]
        replacements = (Replacement(replaces, made), *others)
        enter(Fault(name, breaks, sentence, replacements, mode or mode_of(replacements)))
        return made

    return add
