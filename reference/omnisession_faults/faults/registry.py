"""The list of faults by name."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from omnisession_faults.overrides import check_part

C = TypeVar("C", bound=type)


@dataclass(frozen=True, slots=True)
class Fault:
    """A way to break one requirement: the class that replaces the one it is made from."""

    name: str
    requirement: str
    sentence: str
    part: type


FAULTS: dict[str, Fault] = {}


def fault(name: str, *, breaks: str) -> Callable[[C], C]:
    """Enter a class as the fault `name` that breaks the requirement `breaks`.

    Raises ValueError for a name that is taken and for want of a docstring, and TypeError for a class
    that would break nothing.
    """

    def enter(part: C) -> C:
        check_part(part)
        sentence = (part.__doc__ or "").partition("\n")[0]
        if name in FAULTS or not sentence:
            raise ValueError(f"fault {name!r} needs a name of its own and a docstring")
        FAULTS[name] = Fault(name, breaks, sentence, part)
        return part

    return enter
