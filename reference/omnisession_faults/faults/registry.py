"""The list of faults by name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from omnisession_faults.overrides import check_part

C = TypeVar("C", bound=type)


@dataclass(frozen=True, slots=True)
class Fault:
    """A way to break one requirement.

    `parts` replace the classes that they are made from; `limits`, `rate` and `kinds` replace what the
    server has otherwise. One that is `secure` claims that profile; one that is `durable` is of the server
    on a journal.
    """

    name: str
    requirement: str
    sentence: str
    parts: tuple[type, ...] = ()
    limits: Mapping[str, int] = field(default_factory=dict[str, int])
    rate: int | None = None
    kinds: tuple[str, ...] | None = None
    secure: bool = False
    durable: bool = False


FAULTS: dict[str, Fault] = {}


def enter(fault: Fault) -> None:
    """Put a fault on the list.

    Raises ValueError for a name that is taken, for want of a sentence and for what breaks nothing, and
    TypeError for a part that would change nothing.
    """
    if fault.name in FAULTS or not fault.sentence:
        raise ValueError(f"fault {fault.name!r} needs a name of its own and a sentence")
    if not (fault.parts or fault.limits or fault.rate):
        raise ValueError(f"fault {fault.name!r} breaks nothing")
    for part in fault.parts:
        check_part(part)
    FAULTS[fault.name] = fault


def fault(
    name: str, *, breaks: str, secure: bool = False, durable: bool = False
) -> Callable[[C], C]:
    """Enter a class as the fault `name` that breaks the requirement `breaks`.

    The first line of its docstring says what goes wrong. See `enter` for errors.
    """

    def add(part: C) -> C:
        sentence = (part.__doc__ or "").partition("\n")[0]
        enter(Fault(name, breaks, sentence, (part,), secure=secure, durable=durable))
        return part

    return add
