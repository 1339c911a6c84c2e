"""Rules: functions on the trace of a run, each feeding the sweep checks of some requirements.

A rule judges every message of the target in the whole run, whatever case was at work. It reports
good observations too: a sweep that saw nothing is NOT_RUN, never PASS.
"""

from __future__ import annotations

import math
import time
import traceback
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from omnisession_conformance.protocol.subjects import Side
from omnisession_conformance.protocol.verdict import (
    KEPT,
    SWEEP,
    CheckId,
    Observation,
    Outcome,
    shortened,
)
from omnisession_conformance.traffic.record import Party

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from omnisession_conformance.traffic.record import Record

T = TypeVar("T")
"""What a role reads the records of a run as."""


class OutOfTime(Exception):  # noqa: N818 - it says why judging ends, not that something is wrong
    """There is no more time to judge."""


@dataclass(slots=True)
class Sweep:
    """Counts what was seen of each requirement and keeps its first violations.

    `side` is the one that is judged. What the kit sent as that side, since it plays it, is nobody's
    fault but its own.
    """

    side: Side = Side.SERVER
    seen: Counter[str] = field(default_factory=Counter[str])
    violations: defaultdict[str, list[Observation]] = field(
        default_factory=lambda: defaultdict(list)
    )
    left_out: Counter[str] = field(default_factory=Counter[str])
    until_s: float = math.inf
    """When there is no more time, on the monotonic clock."""
    cut: set[str] = field(default_factory=set[str])
    """Requirements that there was no time to judge, or not whole."""

    def look_at_time(self) -> None:
        """Raise OutOfTime when there is no more."""
        if time.monotonic() > self.until_s:
            raise OutOfTime

    def ok(self, requirement: str, count: int = 1) -> None:
        """Note that messages which a requirement is about were seen and are right."""
        self.seen[requirement] += count
        self.look_at_time()

    def broken(
        self,
        requirement: str,
        record: Record,
        *,
        expected: str,
        seen: str,
        pointer: str | None = None,
        why: str = "",
        also: tuple[Record, ...] = (),
    ) -> None:
        """Note a violation by a record; `also` are records that show why."""
        kept = self.violations[requirement]
        if len(kept) >= KEPT:
            self.left_out[requirement] += 1
            self.look_at_time()
            return
        ours = record.party is Party.KIT and record.side is self.side
        kept.append(
            Observation(
                check=CheckId(requirement, SWEEP),
                outcome=Outcome.KIT_FAULT if ours else Outcome.BROKEN,
                why=f"the kit itself sent it: {why or expected}" if ours else why,
                expected=shortened(expected),
                seen=shortened(seen),
                pointer=pointer,
                records=(record.n, *(r.n for r in also)),
                case=record.case,
            )
        )

    def failed(self, requirements: Iterable[str], why: str) -> None:
        """Note that the kit itself failed to judge some requirements."""
        for requirement in requirements:
            check = CheckId(requirement, SWEEP)
            fault = Observation(check, Outcome.KIT_FAULT, why=f"the kit failed in {why}")
            self.violations[requirement].append(fault)

    def judge(
        self,
        requirement: str,
        good: bool,
        record: Record,
        *,
        expected: str,
        seen: str,
        pointer: str | None = None,
        why: str = "",
        also: tuple[Record, ...] = (),
    ) -> bool:
        """Note either; returns `good`."""
        if good:
            self.ok(requirement)
        else:
            self.broken(
                requirement,
                record,
                expected=expected,
                seen=seen,
                pointer=pointer,
                why=why,
                also=also,
            )
        return good


@dataclass(frozen=True, slots=True)
class Rule(Generic[T]):
    """A named function on the trace, with the requirements whose sweep it feeds.

    `module` is where it stands.
    """

    name: str
    requirements: tuple[str, ...]
    run: Callable[[T, Sweep], None]
    module: str = ""

    def judge(self, trace: T, sweep: Sweep) -> None:
        """Run the rule; should the rule itself fail, that is the verdict on its requirements."""
        try:
            sweep.look_at_time()
            self.run(trace, sweep)
        except OutOfTime:
            sweep.cut.update(self.requirements)
        except Exception:  # noqa: BLE001 - a fault of the kit is a verdict, not the end of the report
            sweep.failed(self.requirements, f"rule {self.name}:\n{traceback.format_exc(limit=-4)}")


_rules: dict[str, Rule[Any]] = {}


def rule(
    *requirements: str,
) -> Callable[[Callable[[T, Sweep], None]], Callable[[T, Sweep], None]]:
    """Register a function as the sweep of some requirements."""

    def register(function: Callable[[T, Sweep], None]) -> Callable[[T, Sweep], None]:
        name = function.__name__.replace("_", "-")
        if name in _rules:
            raise ValueError(f"two rules are called {name}")
        _rules[name] = Rule(name, requirements, function, function.__module__)
        return function

    return register


def registered_rules(package: str) -> tuple[Rule[Any], ...]:
    """The rules of the modules below a package that were imported, in order of registration."""
    return tuple(rule for rule in _rules.values() if rule.module.startswith(f"{package}."))
