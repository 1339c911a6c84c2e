"""What the runs of mutants come to. Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mutants.trial import Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mutants.pool import Ran
    from mutants.triage import Entry


@dataclass(frozen=True, slots=True)
class Score:
    """What became of the mutants of one server, with what is known of those that survived."""

    target: str
    runs: Sequence[Ran]
    triage: Mapping[str, Entry]

    @property
    def count(self) -> Mapping[Outcome, int]:
        """How many came out how."""
        return Counter(ran.trial.outcome for ran in self.runs)

    @property
    def run(self) -> int:
        """How many were run; what does not compile was not."""
        return len(self.runs) - self.count[Outcome.NOT_BUILT]

    @property
    def killed(self) -> int:
        """How many were noticed."""
        return sum(ran.trial.outcome.killed for ran in self.runs)

    @property
    def alive(self) -> Sequence[Ran]:
        """Those that were not noticed."""
        return [
            ran
            for ran in self.runs
            if not ran.trial.outcome.killed and ran.trial.outcome is not Outcome.NOT_BUILT
        ]

    @property
    def right(self) -> Sequence[Ran]:
        """Survivors that are as right as the server itself."""
        return [r for r in self.alive if (e := self.entry(r)) is not None and e.class_.is_right]

    @property
    def new(self) -> Sequence[Ran]:
        """Survivors of which nothing is known."""
        return [ran for ran in self.alive if self.entry(ran) is None]

    @property
    def share(self) -> float | None:
        """The score: those noticed among those that could be."""
        judged = self.run - len(self.right)
        return self.killed / judged if judged else None

    def entry(self, ran: Ran) -> Entry | None:
        """Return what is known of a mutant."""
        return self.triage.get(ran.mutant.id)
