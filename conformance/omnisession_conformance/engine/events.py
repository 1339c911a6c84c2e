"""What a run tells while it goes on: frozen values, in the order in which things happen.

The engine knows nobody who listens. A subscriber takes what concerns it: the results stream, the
transcript, the line of progress; a transcript that is judged again tells the same events without cases.

The order of a run is RunStarted, TargetChosen, TargetFound, Planned, then cases and messages, and
RunEnded at last, which always comes, however early a run ends.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from omnisession_conformance.engine.role import SERVER
from omnisession_conformance.errors import Interrupted, KitError, first_line, sentence

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from omnisession_conformance.engine.case import Case
    from omnisession_conformance.engine.plan import Catalogue, Plan
    from omnisession_conformance.engine.role import RunFacts
    from omnisession_conformance.protocol.declared import Declared
    from omnisession_conformance.protocol.excuses import Excuse
    from omnisession_conformance.protocol.promise import Promise
    from omnisession_conformance.protocol.verdict import CaseOutcome, Observation, Verdict
    from omnisession_conformance.traffic.record import Record


@dataclass(frozen=True, slots=True)
class CaseResult:
    """How one case ended and what it observed; `reason` is empty for `done`."""

    case: Case[Any]
    end: CaseOutcome
    ms: int
    reason: str = ""
    observations: tuple[Observation, ...] = ()
    excuse: Excuse | None = None
    """It stopped for want of something that is not the target's to have."""
    not_offered: bool = False
    """It stopped since the target has not what the specification leaves to it."""
    late: bool = False
    """It stopped because the machine was too slow for the kit to do its part."""
    crowded: bool = False
    """A list was full, which cases beside it may have done: it stopped for that, or let it pass."""
    disturbed: bool = False
    """It is not clean, and the target refused something in it for now, for reasons of its own, or a list
    was full, which cases beside it may have done."""
    again: bool = False
    """It is the second result of a case that was undecided in its turn."""


@dataclass(frozen=True, slots=True)
class RunStarted:
    """What will be judged: requirements in the registry's order, by checks of these cases.

    `filtered` is true where not all is judged.
    """

    catalogue: Catalogue
    requirements: tuple[str, ...]
    cases: tuple[str, ...]
    profiles: tuple[str, ...]
    filtered: bool
    seed: int | None = None
    """By which the run draws; None where nothing is drawn."""
    pair: bool = False
    """Whether a server and a client are judged together, by what their scenarios come to."""


@dataclass(frozen=True, slots=True)
class TargetChosen:
    """Where the target will be met, or which transcript shows it; `secrets` are nobody's business.

    `label` is what people call it; it is the command of a spawned one. `role` is what it is tested as.
    """

    mode: str
    """`spawn`, `attach` or `transcript`."""
    url: str
    label: str
    secrets: frozenset[str] = frozenset()
    role: str = SERVER
    weakened: tuple[str, ...] = ()
    """What settings keep from being judged, in sentences."""
    claim: Promise | None = None
    """What it is expected to declare at least."""
    hooks: tuple[str, ...] | None = None
    """What can be done to it, `stop` and `restart`; None where nobody can know."""


@dataclass(frozen=True, slots=True)
class TargetFound:
    """Who is tested, as far as it told: `declared` is None where a transcript does not say."""

    chosen: TargetChosen
    declared: Declared | None
    broker_version: str | None
    parts: tuple[TargetFound, ...] = ()
    """Of a pair both sides, each as who is tested."""


@dataclass(frozen=True, slots=True)
class Planned:
    """What will run is known."""

    plan: Plan
    target: TargetChosen


@dataclass(frozen=True, slots=True)
class CaseStarted:
    """A case begins."""

    case: Case[Any]


@dataclass(frozen=True, slots=True)
class CaseEnded:
    """A case is over; `heard` messages have come so far."""

    result: CaseResult
    heard: int


@dataclass(frozen=True, slots=True)
class Heard:
    """Messages that the tap has heard, in order and without a gap to those told before."""

    records: Sequence[Record]


@dataclass(frozen=True, slots=True, repr=False)
class RunOutcome:
    """Everything that there is to say of a run that has ended, its verdicts settled.

    `chosen` and `found` are None where it did not come so far, `facts` (what rules know beside the
    records) where no case was run. `lost` and `interrupted` say why it was cut short, if it was;
    `started_ns` is on the clock of the records. It has no `repr` of all its records: asyncio makes one
    of a main task's result when it gives SIGINT back, which took a second.
    """

    verdicts: tuple[Verdict, ...]
    started_ns: int = 0
    chosen: TargetChosen | None = None
    found: TargetFound | None = None
    results: Mapping[str, CaseResult] = field(default_factory=dict[str, CaseResult])
    records: Sequence[Record] = ()
    facts: RunFacts | None = None
    lost: str | None = None
    interrupted: str | None = None
    fault: BaseException | None = None
    """What nobody had expected and ended the run, if that did."""
    artifacts: Mapping[str, str] = field(default_factory=dict[str, str])
    """Files that cases made for the folder of the report, by name."""

    @property
    def declared(self) -> Declared | None:
        """What the target declared, as far as it was asked."""
        return self.found.declared if self.found is not None else None

    @property
    def secrets(self) -> frozenset[str]:
        """What must not be shown."""
        return self.chosen.secrets if self.chosen is not None else frozenset()

    def cut_short(self, reason: str, *, interrupted: bool = False) -> RunOutcome:
        """The same without anything green, where it was not cut short before."""
        if self.lost is not None or self.interrupted is not None:
            return self
        short = f"{'interrupted' if interrupted else 'run cut short'}: {first_line(reason)}"
        verdicts = tuple(verdict.cut_short(short) for verdict in self.verdicts)
        if interrupted:
            return replace(self, interrupted=reason, verdicts=verdicts)
        return replace(self, lost=reason, verdicts=verdicts)


@dataclass(frozen=True, slots=True)
class RunEnded:
    """The run is over."""

    outcome: RunOutcome


Event: TypeAlias = (
    RunStarted | TargetChosen | TargetFound | Planned | CaseStarted | CaseEnded | Heard | RunEnded
)


class Subscriber(Protocol):
    """Who listens to a run."""

    name: str
    """What a reason calls it, should it fail."""

    def on(self, event: Event) -> None:
        """Take an event; what it raises ends the run without a verdict."""
        ...


class Announcer:
    """Tells events to all subscribers, and the run when one of them fails."""

    def __init__(self, subscribers: Sequence[Subscriber]) -> None:
        self.subscribers = tuple(subscribers)
        self.lose: Callable[[str], None] = _raise
        """Ends the run for a reason; until there is one to end, it raises KitError."""
        self._fault: Exception | None = None

    def tell(self, event: Event) -> None:
        """Tell what has happened, to all of them, also where one of them fails."""
        failed: str | None = None
        for subscriber in self.subscribers:
            try:
                subscriber.on(event)
            except Exception as error:  # noqa: BLE001 - whatever it was, it is the end of the run
                self._keep(error)
                failed = failed or _failed(subscriber, error)
        if failed is not None:
            self.lose(failed)

    def end(self, outcome: RunOutcome) -> RunOutcome:
        """Tell that the run is over; the outcome that is left when a subscriber fails even then."""
        for subscriber in self.subscribers:
            try:
                subscriber.on(RunEnded(outcome))
            except Exception as error:  # noqa: BLE001 - what was to be kept of the run is lost
                outcome = outcome.cut_short(_failed(subscriber, error))
                self._keep(error)
            except Interrupted as stop:
                # Who is slow is not waited for; the others are told.
                outcome = outcome.cut_short(str(stop), interrupted=True)
        return outcome if self._fault is None else replace(outcome, fault=self._fault)

    def _keep(self, error: Exception) -> None:
        # A disk that is full is no riddle.
        if not isinstance(error, OSError | KitError):
            self._fault = self._fault or error


def _failed(subscriber: Subscriber, error: Exception) -> str:
    return f"{subscriber.name} failed: {sentence(error)}"


def _raise(reason: str) -> None:
    raise KitError(reason)
