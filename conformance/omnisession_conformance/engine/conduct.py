"""One whole run: broker, target, probe, tap, cases, verdicts; what every way of running shares."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import secrets
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from nats.errors import Error as NatsError

from omnisession_conformance.engine.plan import Means, Plan, make_plan, not_reached, select
from omnisession_conformance.engine.role import SERVER
from omnisession_conformance.engine.run import Run, new_tag
from omnisession_conformance.engine.scheduler import EXPLAINED_WITHIN_S, CaseResult, Engine, Watcher
from omnisession_conformance.engine.watchers import Watchers
from omnisession_conformance.environment.broker import Broker, embedded_broker
from omnisession_conformance.environment.fixture import Fixture, FixtureConfig
from omnisession_conformance.environment.target import (
    REFERENCE_COMMAND,
    AttachedTarget,
    SpawnedTarget,
)
from omnisession_conformance.errors import KitError, first_line, sentence
from omnisession_conformance.protocol.schemas.check import Checker
from omnisession_conformance.traffic.ledger import Ledger
from omnisession_conformance.traffic.publisher import open_publisher
from omnisession_conformance.traffic.reader import Reader
from omnisession_conformance.traffic.tap import Tap

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Mapping, Sequence

    from omnisession_conformance.engine.case import Case
    from omnisession_conformance.engine.plan import Catalogue, Selection
    from omnisession_conformance.engine.role import Driver, Found, RunFacts
    from omnisession_conformance.environment.settings import Settings
    from omnisession_conformance.environment.target import Target
    from omnisession_conformance.protocol.declared import Declared
    from omnisession_conformance.protocol.verdict import Verdict
    from omnisession_conformance.traffic.log import Log
    from omnisession_conformance.traffic.record import Record


class Observer(Watcher, Protocol):
    """What a run tells while it goes on."""

    def target_found(self, outcome: RunOutcome) -> None:
        """The probe was answered: who it is and what it declares."""
        ...

    def planned(self, plan: Plan, run: Run) -> None:
        """What will run is known."""
        ...

    async def follow(self, log: Log) -> None:
        """Runs beside the cases and may read the log; is cancelled when they are over."""
        ...


@dataclass(slots=True, repr=False)
class RunOutcome:
    """Everything that a report needs of a run; verdicts are settled once it has ended.

    `lost` and `interrupted` say why it was cut short, if it was. It has no `repr` of all its records:
    asyncio makes one of a main task's result when it gives SIGINT back, which took a second.
    """

    role: str = SERVER
    mode: str = "spawn"
    label: str = ""
    url: str = ""
    declared: Declared | None = None
    broker_version: str | None = None
    verdicts: tuple[Verdict, ...] = ()
    results: Mapping[str, CaseResult] = field(default_factory=dict[str, CaseResult])
    records: Sequence[Record] = ()
    facts: RunFacts | None = None
    """What the rules know beside the records; None where no case was run."""
    secrets: frozenset[str] = frozenset()
    started_ns: int = 0
    lost: str | None = None
    interrupted: str | None = None

    def lose(self, reason: str) -> None:
        """What was to be kept of the run is lost: nothing that was green is known any more."""
        if self.lost is None and self.interrupted is None:
            self.lost = reason
            short = f"run cut short: {first_line(reason)}"
            self.verdicts = tuple(verdict.cut_short(short) for verdict in self.verdicts)


class Stopper:
    """Lets a signal handler stop a run, whatever it is doing just then."""

    def __init__(self) -> None:
        self.reason: str | None = None
        self._act: Callable[[str], None] | None = None

    def stop(self, reason: str) -> None:
        """Stop the run; before its cases start, as soon as it looks."""
        self.reason = self.reason or reason
        if self._act is not None:
            self._act(reason)

    def bind(self, act: Callable[[str], None]) -> None:
        """Say what stops the run from now on."""
        self._act = act
        if self.reason is not None:
            act(self.reason)


async def conduct(
    settings: Settings,
    catalogue: Catalogue,
    selection: Selection,
    observer: Observer,
    stopper: Stopper,
) -> RunOutcome:
    """Make one run and return its outcome, whatever happens on the way.

    Raises UsageError and NothingToRunError for a bad selection; everything else that keeps the run
    from a verdict is in the outcome, with every check NOT_RUN.
    """
    checks = tuple(select(catalogue, selection))
    outcome = RunOutcome(role=selection.role, started_ns=time.monotonic_ns())
    work = asyncio.create_task(_conduct(settings, catalogue, selection, observer, stopper, outcome))
    stopper.bind(lambda _: _cancel(work))
    try:
        await work
    except asyncio.CancelledError:
        if stopper.reason is None:
            raise
        outcome.interrupted = stopper.reason
    except KitError as error:
        if error.exit_code != KitError.exit_code:
            raise
        outcome.lost = str(error)
    if not outcome.verdicts:
        reason = outcome.interrupted or outcome.lost or "the run ended before it began"
        outcome.verdicts = not_reached(catalogue, checks, first_line(reason))
    return outcome


def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()


def _target(settings: Settings) -> Target:
    if settings.attaches:
        return AttachedTarget(settings.hooks)
    command = settings.command or REFERENCE_COMMAND
    return SpawnedTarget(command, dict(settings.env))


@contextlib.asynccontextmanager
async def prepare(settings: Settings) -> AsyncGenerator[Run]:
    """A run with its broker up and its target not started yet; stops both at the end.

    Raises BrokerError.
    """
    tag = new_tag()
    target = _target(settings)
    fixture = Fixture(_fixture_config(settings, target), tag)
    async with _broker(settings) as broker:
        run = Run(
            tag=tag,
            url=broker.url,
            options=settings.nats_options,
            target=target,
            fixture=fixture,
            ledger=Ledger(tag, shared_broker=settings.url is not None),
            private_prefixes=settings.private_subjects,
            start_timeout_s=settings.start_timeout_s,
        )
        try:
            yield run
        finally:
            await target.stop()


async def _conduct(
    settings: Settings,
    catalogue: Catalogue,
    selection: Selection,
    observer: Observer,
    stopper: Stopper,
    outcome: RunOutcome,
) -> None:
    role = catalogue.role(selection.role)
    async with prepare(settings) as run:
        run.ledger.kit = role.side.other
        driver = role.drive(run)
        outcome.url = run.url
        fixture, target = run.fixture, run.target
        outcome.mode, outcome.label = target.mode, target.label
        outcome.secrets = _secrets(fixture)
        try:
            found = await begin(run, driver)
            outcome.declared, outcome.broker_version = found.declared, found.broker_version
            observer.target_found(outcome)
            means = Means(
                profiles=found.declared.profiles,
                offers=fixture.offers() | target.hooks() | found.declared.offers(),
                may_disrupt=settings.allow_disruption or not settings.attaches,
            )
            plan = make_plan(catalogue, selection, means)
            observer.planned(plan, run)
            engine = Engine(run, role, driver, plan, catalogue, observer)
            await _judge(run, engine, observer, stopper, outcome)
        finally:
            outcome.records = run.log.records


def _fixture_config(settings: Settings, target: Target) -> FixtureConfig:
    """The fixture; a spawned target without one is given a secret of this run."""
    config = settings.fixture
    if config.secret is None and not config.users and isinstance(target, SpawnedTarget):
        config = FixtureConfig(
            secret=secrets.token_urlsafe(32), takes_null=config.takes_null, rights=config.rights
        )
    if config.secret is not None and isinstance(target, SpawnedTarget):
        target.env = {"OMNISESSION_SECRET": config.secret, **target.env}
    return config


def _secrets(fixture: Fixture) -> frozenset[str]:
    # Minted tokens are many, and known by their looks: every text is searched for each secret.
    return frozenset({fixture.config.secret} if fixture.config.secret else ())


@contextlib.asynccontextmanager
async def _broker(settings: Settings) -> AsyncGenerator[Broker]:
    if settings.url is not None:
        yield Broker(settings.url)
        return
    async with embedded_broker() as broker:
        yield broker


async def begin(run: Run, driver: Driver[Any, RunFacts]) -> Found:
    """Start the target and ask what it declares; raises what `start` and `probe` of its role raise."""
    await driver.start()
    found = await driver.probe()
    run.declared = found.declared
    run.clock.round_trip_s = found.round_trip_s
    return found


async def _judge(
    run: Run, engine: Engine, observer: Observer, stopper: Stopper, outcome: RunOutcome
) -> None:
    reader = Reader(Checker(), run.ledger.services, EXPLAINED_WITHIN_S)
    run.tap = Tap(run.log, run.ledger, reader, run.trace_prefix, engine.lose)
    watchers = Watchers(engine.lose)
    # A log of parsed objects makes every full collection longer; a run is bounded, so none is made.
    gc.freeze()
    gc.disable()
    try:
        await run.tap.open(run.url, run.options)
        run.publisher = await open_publisher(run.url, run.options, run.ledger, "actors")
        if isinstance(run.target, SpawnedTarget):
            run.target.on_exit, run.target.on_blind = engine.target_exited, engine.lose
            if run.target.blind is not None:
                engine.lose(run.target.blind)
            if not run.target.running:
                engine.lose("the target ended after it had answered the probe")
        else:
            watchers.start("the watch over the target", engine.driver.watch(engine.lose))
        watchers.start("the clock of the kit", run.clock.watch())
        watchers.start("the transcript", observer.follow(run.log))
        stopper.bind(engine.interrupt)
        await engine.run_cases()
        if engine.ended.reason is None:
            await run.tap.settle()
    except NatsError as error:
        engine.lose(f"the connection to the broker failed: {sentence(error)}")
    finally:
        await watchers.stop()
        await _leave(run, engine)
        outcome.lost, outcome.interrupted = engine.ended.lost, engine.ended.interrupted
        outcome.results = engine.results
        outcome.facts = engine.driver.facts()
        outcome.verdicts = engine.verdicts()
        gc.enable()
        gc.unfreeze()


async def _leave(run: Run, engine: Engine) -> None:
    try:
        await run.close()
    except (NatsError, OSError) as error:
        engine.lose(f"the broker could not be left: {sentence(error)}")


class Silent:
    """An observer that tells nobody."""

    def case_started(self, case: Case[Any]) -> None:
        """Nothing to tell."""

    def case_ended(self, result: CaseResult) -> None:
        """Nothing to tell."""

    def target_found(self, outcome: RunOutcome) -> None:
        """Nothing to tell."""

    def planned(self, plan: Plan, run: Run) -> None:
        """Nothing to tell."""

    async def follow(self, log: Log) -> None:
        """Nothing to follow, as long as the cases run."""
        del log
        await asyncio.Event().wait()
