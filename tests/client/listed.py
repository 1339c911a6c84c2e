"""The requirements on clients, as far as the lists of wrong and unusual clients need them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omnisession_client_faults.places import Replacement
    from omnisession_conformance.protocol.registry import Registry

MAY_LEAVE = frozenset({"CLI-001", "CLI-023", "CLI-031", "CLI-036", "CLI-037"})
"""SHOULD and SHOULD NOT."""
_MUST = [number for number in range(1, 36) if number != 21]
_CLI = [f"CLI-{number:03}" for number in (*_MUST, 36, 37)]
_HYB = [f"HYB-{number:03}" for number in range(1, 21) if number != 14]
ROWS = {name: name not in MAY_LEAVE for name in (*_CLI, *_HYB)}
"""Each, and whether it is mandatory."""


def registry() -> Registry:
    """What the reader of lists asks of the registry."""
    rows = {
        name: SimpleNamespace(excluded=None, mandatory=mandatory, level="MUST")
        for name, mandatory in ROWS.items()
    }
    return cast("Registry", cast("Any", rows))


def is_of_the_shell(replacements: Sequence[Replacement]) -> bool:
    """Whether a client is unlike in more than its pure functions."""
    return any(part.place.startswith(("shell.", "link.", "testee.")) for part in replacements)
