"""What a case of any role is handed: log and times of the run, and the ways to say what it observes."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from omnisession_conformance.engine.stops import KitTooSlow, Prerequisite
from omnisession_conformance.protocol.position import Position
from omnisession_conformance.protocol.verdict import CheckId, Observation, Outcome
from omnisession_conformance.traffic.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterable

    from omnisession_conformance.engine.case import Case
    from omnisession_conformance.engine.run import Run
    from omnisession_conformance.environment.draws import Draws
    from omnisession_conformance.protocol.declared import Declared
    from omnisession_conformance.traffic.log import Log

BUSY_S = 5.0
"""As late as the loop of the kit was within this time, a server may be that shares the machine."""
TEXT_LIMIT = 600
"""Longest text of an expected or seen value: what people can compare at a glance."""


class OfRecord(Protocol):
    """What a record says, read: an answer, for one."""

    @property
    def record(self) -> Record:
        """The record."""
        ...


def show(value: Any) -> str:
    """A value as short text for a report; strings as they are, everything else as JSON."""
    if isinstance(value, str):
        text = value
    elif isinstance(value, Position):
        text = str(value)
    else:
        text = json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
    return text if len(text) <= TEXT_LIMIT else f"{text[:TEXT_LIMIT]}… ({len(text)} characters)"


@dataclass(slots=True)
class CaseContext:
    """One case's view of the run.

    Cases report through `check`, `equal` and `absent`; these collect, so that a case shows all that is
    wrong, not only the first. `require` stops a case where there is nothing left to judge. Cases reach
    the run through its members alone; `run` is for the role.
    """

    run: Run
    case: Case[Any]
    observations: list[Observation] = field(default_factory=list[Observation], kw_only=True)

    @property
    def log(self) -> Log:
        """The log of the run."""
        return self.run.log

    @property
    def declared(self) -> Declared:
        """What the target declared of itself."""
        return self.run.declared

    @property
    def draws(self) -> Draws:
        """What the run makes up: names that nobody else uses."""
        return self.run.draws

    @property
    def answer_s(self) -> float:
        """How long to wait for an answer or outcome, in seconds."""
        return self.run.clock.answer_s

    @property
    def late_ms(self) -> int:
        """How much later than it was sent something may be read, and the next thing not: see `BUSY_S`."""
        return 2 * round(self.run.clock.worst_lag_s(BUSY_S) * 1_000)

    @property
    def margin_s(self) -> float:
        """What a bound of the protocol is stretched by, in seconds, before something counts as absent."""
        return self.run.clock.margin_s

    def within(self, milliseconds: float) -> float:
        """How long to wait, in seconds, for something that must come within a time of the protocol."""
        return self.run.clock.within(milliseconds)

    async def settle(self) -> None:
        """Return when everything that the broker had for the tap so far is in the log."""
        await self.run.tap.settle()

    # -- observations ---------------------------------------------------------------------------------

    def check(
        self,
        requirement: str,
        good: bool,
        *,
        expected: Any,
        seen: Any,
        on: OfRecord | Record | Iterable[OfRecord | Record] | None = None,
        pointer: str | None = None,
        why: str = "",
    ) -> bool:
        """Observe whether something is as a requirement says; returns `good`.

        `on` names the records that show it, the one to blame first.
        """
        self._observe(
            requirement,
            Outcome.OK if good else Outcome.BROKEN,
            expected=show(expected),
            seen=show(seen),
            records=_numbers_of(on),
            pointer=pointer,
            why=why,
        )
        return good

    def equal(
        self,
        requirement: str,
        expected: Any,
        seen: Any,
        *,
        on: OfRecord | Record | Iterable[OfRecord | Record] | None = None,
        pointer: str | None = None,
        why: str = "",
    ) -> bool:
        """Observe whether a value equals what a requirement says, as JSON values do."""
        return self.check(
            requirement,
            same(expected, seen),
            expected=expected,
            seen=seen,
            on=on,
            pointer=pointer,
            why=why,
        )

    def absent(
        self,
        requirement: str,
        *,
        expected: Any,
        waited_s: float = 2.0,
        on: OfRecord | Record | Iterable[OfRecord | Record] | None = None,
        why: str = "",
    ) -> bool:
        """Observe that something that had to come did not; returns False."""
        late = self.run.clock.blames_nobody(waited_s)
        self._observe(
            requirement,
            Outcome.LATE if late else Outcome.ABSENT,
            expected=show(expected),
            seen="nothing in its time",
            records=_numbers_of(on),
            why=why or ("the machine was too slow to tell" if late else ""),
        )
        return False

    def unsure(self, requirement: str, why: str) -> None:
        """Observe that something was wrong which did not come again: nobody can tell."""
        self._observe(requirement, Outcome.LATE, why=why)

    def require(self, good: bool, reason: str) -> None:
        """Stop the case where a step that it builds on did not happen."""
        if not good:
            raise Prerequisite(reason)

    def in_time(self, good: bool, reason: str) -> None:
        """Stop the case where the kit itself was too slow to judge anything."""
        if not good:
            raise KitTooSlow(reason)

    def _observe(self, requirement: str, outcome: Outcome, **what: Any) -> None:
        if requirement not in self.case.requirements:
            raise ValueError(f"case {self.case.name} does not say that it observes {requirement}")
        check = CheckId(requirement, self.case.name)
        self.observations.append(Observation(check, outcome, case=self.case.name, **what))


def same(one: Any, other: Any) -> bool:
    """Equality of JSON values: numbers and booleans are never equal, member order means nothing."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[k], other[k]) for k in one)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(  # pyright: ignore[reportUnknownArgumentType]
            same(a, b)
            for a, b in zip(one, other, strict=True)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
        )
    return bool(one == other)


def _numbers_of(on: OfRecord | Record | Iterable[OfRecord | Record] | None) -> tuple[int, ...]:
    if on is None:
        return ()
    if isinstance(on, Record):
        return (on.n,)
    record = getattr(on, "record", None)
    if isinstance(record, Record):
        return (record.n,)
    return tuple(number for item in on for number in _numbers_of(item))  # pyright: ignore[reportGeneralTypeIssues, reportUnknownVariableType, reportUnknownArgumentType]
