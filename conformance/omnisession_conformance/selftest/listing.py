"""What a target says that it can do wrong, or do in an unusual way: one line each, in three columns."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from omnisession_conformance.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omnisession_conformance.engine.role import NullTarget
    from omnisession_conformance.protocol.registry import Registry

LIST_FAULTS = "--list-faults"
LIST_VARIANTS = "--list-variants"
LIST_NULLS = "--list-nulls"
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*")


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to break one requirement; the target has it when it is told `name`, see `marking`."""

    name: str
    requirement: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Variant:
    """One unusual way that is allowed; the target has it when it is told `name`.

    `warns` are the SHOULD requirements that it may leave unkept. One of a `profile` is judged by that
    alone, as the target has another shape then.
    """

    name: str
    warns: tuple[str, ...]
    sentence: str
    profile: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """Everything that the kit is tried on."""

    faults: tuple[Fault, ...] = ()
    variants: tuple[Variant, ...] = ()
    nulls: tuple[NullTarget, ...] = ()


def parse_faults(text: str, registry: Registry) -> tuple[Fault, ...]:
    """Read the lines of `--list-faults`: name, requirement, sentence; UsageError names a bad one."""
    found = tuple(
        Fault(name, requirement, sentence)
        for name, requirement, sentence, _ in _rows(text, LIST_FAULTS)
    )
    for fault in found:
        _known(fault.name, fault.requirement, registry)
        if registry[fault.requirement].excluded is not None:
            raise UsageError(
                f"The fault '{fault.name}' breaks {fault.requirement}, which cannot be observed: "
                f"`omnisession explain {fault.requirement}` says why."
            )
    return found


def parse_variants(text: str, registry: Registry) -> tuple[Variant, ...]:
    """Read the lines of `--list-variants`; UsageError for a bad one.

    Each has a name, SHOULD ids or `-`, a sentence, and the profile by which it is judged alone, if any.
    """
    found: list[Variant] = []
    for name, ids, sentence, profile in _rows(text, LIST_VARIANTS):
        warns = () if ids == "-" else tuple(ids.split(","))
        for requirement in warns:
            _known(name, requirement, registry)
            if registry[requirement].mandatory:
                raise UsageError(
                    f"The variant '{name}' may not leave {requirement} unkept: it is a "
                    f"{registry[requirement].level}, and what breaks it is a fault."
                )
        found.append(Variant(name, warns, sentence, profile))
    return tuple(found)


def _rows(text: str, option: str) -> Iterator[tuple[str, str, str, str]]:
    names: set[str] = set()
    for line in text.splitlines():
        columns = line.split("\t")
        if option == LIST_VARIANTS and len(columns) == 4:
            columns, profile = columns[:3], columns[3]
        else:
            profile = ""
        if len(columns) != 3 or not _NAME.fullmatch(columns[0]):
            raise UsageError(
                f"A line of {option} is not NAME, tab, requirement ids, tab, sentence: {line!r:.100}"
            )
        if columns[0] in names:
            raise UsageError(f"{option} names '{columns[0]}' twice.")
        names.add(columns[0])
        yield columns[0], columns[1], columns[2], profile


def _known(name: str, requirement: str, registry: Registry) -> None:
    if requirement not in registry:
        raise UsageError(f"'{name}' names {requirement}, and there is no such requirement.")
