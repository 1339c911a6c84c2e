"""The list of variants by name."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from omnisession_faults.overrides import check_part

C = TypeVar("C", bound=type)


def _nothing() -> None:
    """Prepare nothing."""


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to be unusual and right.

    `parts` replace the classes that they are made from; `limits` and `kinds` replace what the server
    has otherwise, and limits named in `untold` are not told; `prepare` changes what is no class. One that
    is `secure` claims that profile, one that is `durable` is of the server on a journal. `warns`
    names the SHOULD requirements that this server does not keep: a kit is right to warn of these, and of
    nothing else.
    """

    name: str
    sentence: str
    parts: Sequence[type] = ()
    kinds: tuple[str, ...] | None = None
    rate: int | None = None
    limits: Mapping[str, int] = field(default_factory=dict[str, int])
    untold: tuple[str, ...] = ()
    prepare: Callable[[], None] = _nothing
    warns: tuple[str, ...] = ()
    secure: bool = False
    durable: bool = False


VARIANTS: dict[str, Variant] = {}


def enter(variant: Variant) -> None:
    """Put a variant on the list.

    Raises ValueError for a name that is taken, for want of a sentence and for two parts in one place,
    and TypeError for a part that would change nothing.
    """
    if variant.name in VARIANTS or not variant.sentence:
        raise ValueError(f"variant {variant.name!r} needs a name of its own and a sentence")
    for part in variant.parts:
        check_part(part, helpers=True)
    if len({part.__bases__ for part in variant.parts}) < len(variant.parts):
        raise ValueError(f"variant {variant.name!r} has two parts in the place of one class")
    VARIANTS[variant.name] = variant


def variant(
    name: str,
    *others: type,
    limits: Mapping[str, int] | None = None,
    warns: tuple[str, ...] = (),
) -> Callable[[C], C]:
    """Enter a class as the variant `name`, with `others` in further parts.

    The first line of its docstring says what is unusual.
    """

    def add(part: C) -> C:
        sentence = (part.__doc__ or "").partition("\n")[0]
        enter(Variant(name, sentence, (part, *others), limits=limits or {}, warns=warns))
        return part

    return add
