"""Clients that are unlike this one: nothing of them is imported until the adapter is asked for one."""

import argparse
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omnisession_client.faults import Fault, Replacement
    from omnisession_client.values import Mode
    from omnisession_client.variants import Variant


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that list them and name one."""
    parser.add_argument(
        "--fault",
        default=os.environ.get("OMNISESSION_FAULT"),
        help="break one requirement on purpose [env: OMNISESSION_FAULT]",
    )
    parser.add_argument("--list-faults", action="store_true", help="list the faults and exit")
    parser.add_argument(
        "--variant",
        default=os.environ.get("OMNISESSION_VARIANT"),
        help="be unusual in one way that is allowed [env: OMNISESSION_VARIANT]",
    )
    parser.add_argument("--list-variants", action="store_true", help="list the variants and exit")


def listed(options: argparse.Namespace) -> list[str] | None:
    """The lines of a list, where one was asked for: name, requirements, sentence, with tabs between."""
    if options.list_faults:
        return [f"{one.name}\t{one.requirement}\t{one.sentence}" for one in _faults().values()]
    if options.list_variants:
        return [
            f"{one.name}\t{','.join(one.warns) or '-'}\t{one.sentence}"
            for one in _variants().values()
        ]
    return None


def put_in_force(fault: str | None, variant: str | None) -> None:
    """Be this client in the whole process; raises ValueError for names that are none."""
    if not (fault or variant):
        return
    from omnisession_client.faults import put  # noqa: PLC0415 a right client has none

    replacements = [*_unusual(variant), *_wrong(fault)]
    places = [replacement.place for replacement in replacements]
    if len(set(places)) < len(places):
        raise ValueError(f"--fault {fault} and --variant {variant} change the same place")
    put(replacements)


def mode(fault: str | None, variant: str | None) -> "Mode | None":
    """The mode that such a client has of its own: it may be about actions one at a time."""
    wrong = _faults()[fault].mode if fault else None
    return wrong or (_variants()[variant].mode if variant else None)


def _wrong(name: str | None) -> "Sequence[Replacement]":
    if not name:
        return ()
    if name not in _faults():
        raise ValueError(f"there is no fault {name!r}; --list-faults names them all")
    return _faults()[name].replacements


def _unusual(name: str | None) -> "Sequence[Replacement]":
    if not name:
        return ()
    if name not in _variants():
        raise ValueError(f"there is no variant {name!r}; --list-variants names them all")
    return _variants()[name].replacements


def _faults() -> "dict[str, Fault]":
    from omnisession_client.faults import FAULTS  # noqa: PLC0415 a right client has none

    return FAULTS


def _variants() -> "dict[str, Variant]":
    from omnisession_client.variants import VARIANTS  # noqa: PLC0415 the usual client has none

    return VARIANTS
