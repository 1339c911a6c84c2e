"""What the engine knows of what is tested: a role, and what drives a target of that role in one run.

A role says which requirements bind it, which cases and rules judge them, and how the records of a run
are read for those rules. Its driver starts the target, asks what it declares, hands each case a context
and tidies up behind it. The engine imports no role: which there are is put together in the suite.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

from omnisession_conformance.protocol.roles import CLIENT, DEPLOYMENT, INTEROP, SERVER

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from omnisession_conformance.engine.blame import NeverWorks
    from omnisession_conformance.engine.case import Case
    from omnisession_conformance.engine.finding import Finding
    from omnisession_conformance.engine.run import Run
    from omnisession_conformance.engine.sweep import Rule
    from omnisession_conformance.environment.settings import Settings
    from omnisession_conformance.environment.target import Target
    from omnisession_conformance.protocol.declared import Declared
    from omnisession_conformance.protocol.subjects import Side
    from omnisession_conformance.protocol.verdict import CheckId, Observation
    from omnisession_conformance.traffic.record import Record


class Observing(Protocol):
    """What the engine asks of the context of a case: what was observed by now."""

    @property
    def observations(self) -> Sequence[Observation]:
        """Everything that the case saw, in order."""
        ...


@dataclass(frozen=True, slots=True)
class Death:
    """A target that the kit started and that ended twice under the same ordinary message.

    `records` are the numbers of that message, the second time, and of those that were sent right behind
    it, or of a burst in the midst of which it ended each time; `said` are the last lines of its output.
    """

    records: tuple[int, ...]
    exit_code: int
    said: str = ""


@dataclass(frozen=True, slots=True)
class Disturbance:
    """A stretch of the tap's clock, in ns, in which the kit did something to instances, and what."""

    from_ns: int
    to_ns: int
    what: str


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What is known of every run and its messages do not tell; a role adds what its rules need.

    `profiles` are those that the target declared. Times are stretches of the tap's clock, from and to
    in ns: in `outages` a hook had stopped the target, or it was not there again yet; in `stalls` the
    kit's own loop stood still, so that it saw nothing in its time and sent nothing. In `disturbances` the
    kit ended or froze instances of the target: what is late or missing then is nobody's fault. `deaths`
    are those of the target under ordinary messages. From `broken_ns` on the kit let connections of the
    target fail: what was said may be lost, so it is a matter of cases alone.
    """

    profiles: frozenset[str] = frozenset({"core"})
    outages: tuple[tuple[int, int], ...] = ()
    stalls: tuple[tuple[int, int], ...] = ()
    disturbances: tuple[Disturbance, ...] = ()
    deaths: tuple[Death, ...] = ()
    broken_ns: int | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """One side of a pair: its role, what people call it, and what it declares."""

    role: str
    label: str
    declared: Declared


@dataclass(frozen=True, slots=True)
class Found:
    """What the probe learned: the declaration, the broker's version, the round trip in seconds.

    Of a pair the declaration is what both have, and its `parts` are those of each.
    """

    declared: Declared
    broker_version: str
    round_trip_s: float
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class NullTarget:
    """A command that no run may call green, as it is none of the role or does not stay one."""

    name: str
    sentence: str
    command: tuple[str, ...]
    start_timeout_s: float | None = None
    """How long it is given to start, where that is all that is waited for."""
    profile: str = ""
    """The profile that it declares and does not keep: judged by that, it must fail. Others pass nothing."""


__all__ = (
    "CLIENT",
    "DEPLOYMENT",
    "INTEROP",
    "SERVER",
    "Death",
    "Disturbance",
    "Driver",
    "Found",
    "NullTarget",
    "Observing",
    "Part",
    "Role",
    "RunFacts",
)
W = TypeVar("W", bound=Observing)
F = TypeVar("F", bound=RunFacts)
T = TypeVar("T")
F_co = TypeVar("F_co", bound=RunFacts, covariant=True)


class Driver(Protocol[W, F_co]):
    """Drives one target of a role through one run; holds what its cases share."""

    async def look(self) -> Sequence[Finding]:
        """Look at the broker before the target is started: what a run needs, and what it will leave out.

        Raises UsageError where the fixture can test nothing, BrokerError where there is no broker.
        """
        ...

    async def deaf_to(self) -> str | None:
        """What the kit may not hear any more, None as long as it may hear all; BrokerError."""
        ...

    async def start(self) -> None:
        """Start the target; TargetError where it fails."""
        ...

    async def probe(self) -> Found:
        """Ask the target what it declares, before the tap is there.

        Raises TargetError where nothing of the role answers, BrokerError where the broker is gone.
        """
        ...

    async def revive(self) -> None:
        """Start the target again in the middle of a run and wait until it serves; else TargetError."""
        ...

    async def watch(self, lose: Callable[[str], None]) -> None:
        """Ask until cancelled whether a target that the kit did not start is there; else `lose`."""
        ...

    def at_a_time(self) -> int:
        """How many quiet cases may run beside each other."""
        ...

    def context(self, case: Case[W]) -> W:
        """What a case is handed; nothing in it belongs to another case."""
        ...

    async def leave(self, context: W) -> None:
        """Undo what a case did, so that it disturbs no later one; answers may come later."""
        ...

    def abandon(self, context: W) -> None:
        """Take back what was lent to a case that its target's end has cut off."""
        ...

    async def settle(self) -> None:
        """Return when what was left behind by `leave` is over."""
        ...

    def refuses_for_now(self, record: Record) -> bool:
        """Whether a message of the target refuses something for reasons that will pass."""
        ...

    def crowded(self, context: W) -> bool:
        """Whether what a case looked for may have been crowded out by cases beside it."""
        ...

    def lets_pass(self, context: W) -> bool:
        """Whether a case did not mind that something was not there, as cases beside it may be why."""
        ...

    def never_works(self) -> Sequence[NeverWorks]:
        """What cases use as a means and was refused each time, once the cases are over."""
        ...

    def facts(self) -> F_co:
        """What is known of the run by now, for the rules."""
        ...


class Role(Protocol[W, F, T]):
    """One kind of target: W is what its cases are handed, F what its rules know, T what they judge."""

    @property
    def name(self) -> str:
        """Its name: what `role` of a requirement says."""
        ...

    @property
    def side(self) -> Side:
        """The side of the protocol that a target of this role is on."""
        ...

    @property
    def binds(self) -> frozenset[str]:
        """The values of a requirement's `role` that bind a target of this role."""
        ...

    @property
    def whole(self) -> bool:
        """Whether it judges all that binds its targets; else what its cases come to, and no more."""
        ...

    @property
    def profiles(self) -> tuple[str, ...]:
        """The profiles that such a target may declare."""
        ...

    @property
    def survives(self) -> CheckId:
        """The check that fails a target which ends again and again under the same message."""
        ...

    @property
    def cases(self) -> tuple[Case[W], ...]:
        """Its cases."""
        ...

    @property
    def rules(self) -> tuple[Rule[T], ...]:
        """Its rules."""
        ...

    def target(self, settings: Settings) -> Target:
        """The target of a run with some settings, not started."""
        ...

    def drive(self, run: Run) -> Driver[W, F]:
        """The driver of a run."""
        ...

    def read(self, records: Sequence[Record], facts: F) -> T:
        """Read records, those of strangers left out, for the rules."""
        ...

    def nulls(self, command: Sequence[str]) -> tuple[NullTarget, ...]:
        """Its null targets; `command` starts a real target, which one of them is until it ends."""
        ...
