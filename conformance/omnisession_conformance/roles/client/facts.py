"""What is known of a run on a client and its messages do not tell."""

from __future__ import annotations

from dataclasses import dataclass

from omnisession_conformance.engine.role import RunFacts


@dataclass(frozen=True, slots=True)
class Failure:
    """A client that failed twice in one case, the second time with nothing beside it.

    `record` is the number of the last message that was for it.
    """

    case: str
    record: int
    said: str


@dataclass(frozen=True, slots=True)
class Facts(RunFacts):
    """Adds what the rules for clients need."""

    failures: tuple[Failure, ...] = ()
