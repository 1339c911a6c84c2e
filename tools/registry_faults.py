"""Names the faults of each requirement in the registry, from what the reference server lists.

`python tools/registry_faults.py` brings schemas/requirements/1.0.yaml up to date, with `--check` it
only says what is not and exits with 1. It changes nothing but the members `faults`, so that the file
stays as people wrote it.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from omnisession_reference.faults import FAULTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

ROOT = Path(__file__).resolve().parent.parent
REGISTRY = ROOT / "schemas" / "requirements" / "1.0.yaml"
_ID = re.compile(r"  - id: (?P<id>[A-Z]+-[0-9]{3})\n")
_MEMBER = re.compile(r"    \S")
_FAULTS = re.compile(r"    faults: \[.*\]\n")


class UnknownRequirementError(Exception):
    """A fault breaks a requirement that the registry does not have."""


def by_requirement() -> dict[str, list[str]]:
    """The names of the faults of each requirement, in the order of the server's list."""
    found: dict[str, list[str]] = {}
    for name, fault in FAULTS.items():
        found.setdefault(fault.requirement, []).append(name)
    return found


def with_faults(text: str, faults: Mapping[str, Sequence[str]]) -> str:
    """The text of a registry with the faults of each requirement as its last member.

    Raises UnknownRequirementError.
    """
    ids = [match["id"] for match in _ID.finditer(text)]
    if unknown := sorted(set(faults) - set(ids)):
        raise UnknownRequirementError(f"there is no requirement {', '.join(unknown)}")
    return "".join(_lines(text.splitlines(keepends=True), faults))


def _lines(lines: Sequence[str], faults: Mapping[str, Sequence[str]]) -> Iterator[str]:
    of: str | None = None
    for line in lines:
        if _FAULTS.fullmatch(line):
            continue
        if of is not None and not _MEMBER.match(line):
            yield from _member(faults.get(of, ()))
            of = None
        if match := _ID.fullmatch(line):
            of = match["id"]
        yield line
    if of is not None:
        yield from _member(faults.get(of, ()))


def _member(names: Sequence[str]) -> Iterator[str]:
    if names:
        yield f"    faults: [{', '.join(names)}]\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Write or check the registry; returns the exit code."""
    parser = argparse.ArgumentParser(description="Name the faults of each requirement.")
    parser.add_argument(
        "--check", action="store_true", help="change nothing, exit 1 on a difference"
    )
    options = parser.parse_args(arguments)
    text = REGISTRY.read_text("utf-8")
    try:
        wanted = with_faults(text, by_requirement())
    except UnknownRequirementError as error:
        print(f"faults: {error}", file=sys.stderr)
        return 1
    if wanted == text:
        return 0
    name = REGISTRY.relative_to(ROOT).as_posix()
    if options.check:
        print(f"{name} names other faults: run `python tools/registry_faults.py`")
        return 1
    REGISTRY.write_text(wanted, "utf-8")
    print(f"wrote {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
