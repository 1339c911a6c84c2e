"""What is known of a run on a client and its messages do not tell."""

from __future__ import annotations

from dataclasses import dataclass

from omnisession_conformance.engine.role import RunFacts


@dataclass(frozen=True, slots=True)
class Failure:
    """A client that ended, hung or could go on no more: so many `times` in a case, at last alone.

    `record` is the number of the last message that was for it. Without a case it ended in cases side by
    side, and in none of them alone.
    """

    record: int
    said: str
    case: str = ""
    times: int = 2

    @property
    def where(self) -> str:
        """In which case, in words."""
        if not self.case:
            return "in cases side by side, and in none of them alone"
        if self.times == 1:
            return f"in the case {self.case}, with nothing beside it"
        return f"twice in the case {self.case}, the second time with nothing beside it"


@dataclass(frozen=True, slots=True)
class Rest:
    """The last look at a session of a case that has acted; `wrong` says what was wrong, empty for nothing.

    `record` is the number of the last action that it has sent.
    """

    record: int
    wrong: str
    case: str


@dataclass(frozen=True, slots=True)
class Facts(RunFacts):
    """Adds what the rules for clients need."""

    failures: tuple[Failure, ...] = ()
    rests: tuple[Rest, ...] = ()
