"""In which order trials are made, and which follow from what came out.

Pure: a pool asks for the next trial and tells results.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from omnisession_conformance.selftest.judging import control_trouble, variant_trouble
from omnisession_conformance.selftest.listing import Fault, Variant
from omnisession_conformance.selftest.plan import widened
from omnisession_conformance.selftest.trial import Kind, Scope, Trial, TrialResult

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from omnisession_conformance.protocol.registry import Registry
    from omnisession_conformance.selftest.listing import Listing


@dataclass(slots=True)
class Schedule:
    """Trials to come, trials under way and results; the last result of a trial counts."""

    registry: Registry
    chosen: Mapping[str, Fault | Variant]
    """Faults and variants by name."""
    waiting: deque[Trial]
    alone: deque[Trial] = field(default_factory=deque[Trial])
    running: int = 0
    results: dict[tuple[Kind, str, Scope], TrialResult] = field(
        default_factory=dict[tuple[Kind, str, Scope], TrialResult]
    )
    ended: str | None = None
    """Why no more trials are handed out, where that is not because all are done."""

    @classmethod
    def of(cls, registry: Registry, chosen: Listing, trials: Iterable[Trial]) -> Schedule:
        """A schedule at its beginning."""
        named = {entry.name: entry for entry in (*chosen.faults, *chosen.variants)}
        return cls(registry, named, deque(trials))

    @property
    def total(self) -> int:
        """Trials done, under way and to come, as far as is known."""
        return len(self.results) + self.running + len(self.waiting) + len(self.alone)

    def next(self) -> Trial | None:
        """The next trial, or None where there is none just now; what is tried again runs alone."""
        if self.ended is not None:
            return None
        if self.waiting:
            trial = self.waiting.popleft()
        elif self.alone and self.running == 0:
            trial = self.alone.popleft()
        else:
            return None
        self.running += 1
        return trial

    def done(self, result: TrialResult) -> None:
        """Take a result, and see what follows from it."""
        self.running -= 1
        trial = result.trial
        if not trial.again and (doubt := self._doubt(result)):
            self._again(replace(trial, again=doubt))
            return
        self.results[trial.key] = result
        if trial.kind is Kind.CONTROL:
            self.ended = control_trouble(result)
        if trial.kind is Kind.FAULT and trial.scope is Scope.REQUIREMENT:
            self._follow(result)

    def _again(self, trial: Trial) -> None:
        if trial.kind is Kind.CONTROL:
            # Nothing else is worth trying before it is known whether the server is right.
            self.waiting.appendleft(trial)
        else:
            self.alone.append(trial)

    def _doubt(self, result: TrialResult) -> str | None:
        """Why other trials at the same time, or a slow moment, may be to blame for a result."""
        match result.trial.kind:
            case Kind.NULL:
                return result.failed
            case Kind.FAULT:
                return result.trouble
            case Kind.CONTROL:
                return control_trouble(result)
            case Kind.VARIANT:
                return variant_trouble(self._warns(result), result)

    def _warns(self, result: TrialResult) -> tuple[str, ...]:
        variant = self.chosen[result.trial.name]
        return variant.warns if isinstance(variant, Variant) else ()

    def _follow(self, result: TrialResult) -> None:
        if result.trouble is not None or self._convicted(result):
            return
        wide = widened(replace(result.trial, again=""))
        to_come = (*self.waiting, *self.alone)
        if wide.key not in self.results and all(t.key != wide.key for t in to_come):
            self.waiting.appendleft(wide)

    def _convicted(self, result: TrialResult) -> bool:
        fault = self.chosen[result.trial.name]
        if not isinstance(fault, Fault):
            return False
        mandatory = self.registry[fault.requirement].mandatory
        return result.convicts(fault.requirement, mandatory=mandatory)
