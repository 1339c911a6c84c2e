"""What was looked at before a run, and what of it keeps a run from being made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

Mark = Literal["ok", "note", "warn", "bad"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    `ok`, a `note` about what a run will leave out, a `warn`ing that concerns no run, or `bad`: no run is
    possible. `what` are the words for it, `code` is stable, for programs.
    """

    mark: Mark
    what: str
    text: str
    code: str


def in_the_way(findings: Iterable[Finding]) -> str | None:
    """What keeps a run from being made, in sentences; None where nothing does."""
    bad = [finding.text for finding in findings if finding.mark == "bad"]
    return " ".join(bad) if bad else None
