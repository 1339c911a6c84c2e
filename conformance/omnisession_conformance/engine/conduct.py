"""One whole run: broker, target, probe, tap, cases, verdicts; what every way of running shares."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import secrets
import time
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from nats.errors import Error as NatsError

from omnisession_conformance.engine.events import (
    Announcer,
    Planned,
    RunOutcome,
    RunStarted,
    TargetChosen,
    TargetFound,
)
from omnisession_conformance.engine.fail_fast import FailFast
from omnisession_conformance.engine.finding import in_the_way
from omnisession_conformance.engine.hearing import look_at_hearing, watch_hearing
from omnisession_conformance.engine.limits_of_run import watch_lag, watch_memory, watch_time
from omnisession_conformance.engine.looking import look
from omnisession_conformance.engine.messages import Messages
from omnisession_conformance.engine.plan import (
    SEVERAL,
    SEVERAL_NODES,
    Means,
    make_plan,
    not_reached,
)
from omnisession_conformance.engine.receivers import (
    anybodys_requests,
    reach_far,
    receivers,
    try_traces,
)
from omnisession_conformance.engine.round_trips import LOST_S, RoundTrips
from omnisession_conformance.engine.run import Run, kit_version
from omnisession_conformance.engine.scheduler import EXPLAINED_WITHIN_S, Engine
from omnisession_conformance.engine.watchers import Watchers
from omnisession_conformance.environment.access import at
from omnisession_conformance.environment.broker import embedded_broker
from omnisession_conformance.environment.draws import Draws
from omnisession_conformance.environment.fixture import Fixture
from omnisession_conformance.environment.nodes import HookedNodes, OwnNodes
from omnisession_conformance.environment.private import kept_from_clients
from omnisession_conformance.environment.target import SpawnedTarget
from omnisession_conformance.errors import (
    BrokerError,
    Interrupted,
    KitError,
    first_line,
    kit_failed,
    sentence,
)
from omnisession_conformance.protocol.roles import SERVER
from omnisession_conformance.protocol.schemas.check import Checker
from omnisession_conformance.traffic.ledger import Ledger
from omnisession_conformance.traffic.publisher import open_publisher
from omnisession_conformance.traffic.reader import Reader
from omnisession_conformance.traffic.room import Room
from omnisession_conformance.traffic.tap import Tap

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Mapping, Sequence

    from omnisession_conformance.engine.events import CaseResult, Subscriber
    from omnisession_conformance.engine.plan import Chosen
    from omnisession_conformance.engine.role import Driver, Found, RunFacts
    from omnisession_conformance.engine.stopper import Stopper
    from omnisession_conformance.environment.access import Access
    from omnisession_conformance.environment.broker import Broker
    from omnisession_conformance.environment.nodes import Nodes
    from omnisession_conformance.environment.settings import Settings
    from omnisession_conformance.environment.target import Target
    from omnisession_conformance.environment.users import FixtureConfig
    from omnisession_conformance.protocol.verdict import Verdict
    from omnisession_conformance.traffic.log import Log


async def conduct(
    settings: Settings, chosen: Chosen, subscribers: Sequence[Subscriber], stopper: Stopper
) -> RunOutcome:
    """Make one run, tell subscribers of it, and return its outcome, whatever happens on the way.

    Raises UsageError where the fixture can open no session; everything else that keeps the run from a
    verdict is in the outcome, with every check NOT_RUN.
    """
    announcer, stages = Announcer(subscribers), Stages(time.monotonic_ns())
    asyncio.get_running_loop().set_exception_handler(stopper.unexpected)
    work = asyncio.create_task(_conduct(settings, chosen, announcer, stopper, stages))
    stopper.bind(lambda: _cancel(work))
    lost: str | None = None
    try:
        await work
    except asyncio.CancelledError:
        if not stopper.stopping:
            raise
    except (KeyboardInterrupt, SystemExit):
        raise
    except Interrupted as stop:
        stopper.stop(str(stop))
    except KitError as error:
        if error.exit_code != KitError.exit_code:
            raise
        lost = str(error)
    except BaseException as error:  # noqa: BLE001 - the run ends without a verdict, and is told
        stopper.fault = stopper.fault or error
    stopper.judged = True
    if stopper.fault is not None:
        lost = lost or kit_failed(stopper.fault)
    outcome = stages.outcome(chosen, lost, stopper.reason)
    return announcer.end(replace(outcome, fault=stopper.fault))


def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()


@dataclass(frozen=True, slots=True)
class Judged:
    """The stage after the cases: how they ended, and the verdicts."""

    verdicts: tuple[Verdict, ...]
    results: Mapping[str, CaseResult]
    facts: RunFacts | None
    lost: str | None
    interrupted: str | None


@dataclass(slots=True)
class Stages:
    """How far a run has come; each stage is whole, or not there."""

    started_ns: int
    chosen: TargetChosen | None = None
    log: Log | None = None
    found: TargetFound | None = None
    judged: Judged | None = None
    artifacts: Mapping[str, str] = field(default_factory=dict[str, str])

    def outcome(self, chosen: Chosen, lost: str | None, stopped: str | None) -> RunOutcome:
        """What has become of the run: `lost` or `stopped` say why it did not come to its cases' end."""
        judged, records = self.judged, self.log.records if self.log is not None else ()
        if judged is None:
            # What fails while a run is being stopped does so because it is.
            interrupted, lost = (None, lost) if stopped is None else (stopped, None)
            reason = interrupted or lost or "the run ended before it began"
            judged = Judged(not_reached(chosen, first_line(reason)), {}, None, lost, interrupted)
        outcome = RunOutcome(
            verdicts=judged.verdicts,
            started_ns=self.started_ns,
            chosen=self.chosen,
            found=self.found,
            results=judged.results,
            records=records,
            facts=judged.facts,
            lost=judged.lost,
            interrupted=judged.interrupted,
            artifacts=dict(self.artifacts),
        )
        # What failed when all was judged has taken the verdict away all the same.
        return outcome if lost is None else outcome.cut_short(lost)


@contextlib.asynccontextmanager
async def prepare(settings: Settings, target: Target) -> AsyncGenerator[Run]:
    """A run with its broker up and its target not started yet; stops both at the end.

    Raises BrokerError.
    """
    # Who runs a broker that others use should know the kit, unless it was told to hide.
    known = settings.attaches and not settings.disguise
    draws = Draws(settings.seed, kit_version() if known else None)
    fixture = Fixture(_fixture_config(settings, target), draws)
    async with _broker(settings) as (access, of_target, broker):
        shares_login = isinstance(target, SpawnedTarget) and of_target.is_shared_with(target.env)
        if isinstance(target, SpawnedTarget):
            target.env = of_target.variables(target.env)
            target.spreads = settings.nodes > 1 and shares_login
        run = Run(
            access=access,
            target=target,
            fixture=fixture,
            ledger=Ledger(
                shared_broker=settings.access is not None,
                marks=draws.marks,
                repeats=settings.access is not None or not settings.broker.plain,
            ),
            broker=broker,
            nodes=_nodes(settings, broker),
            knows_all_brokers=settings.access is None and not settings.broker.extra,
            draws=draws,
            private_prefixes=settings.private_subjects,
            unheard=_unheard(settings),
            bounds=settings.bounds,
            start_timeout_s=settings.start_timeout_s,
            shrink_s=settings.shrink_s,
            programs=settings.programs,
            server_access=of_target if shares_login else None,
        )
        try:
            yield run
        finally:
            await target.stop()
            await run.behind.aclose()


async def _conduct(
    settings: Settings, chosen: Chosen, announcer: Announcer, stopper: Stopper, stages: Stages
) -> None:
    selection = chosen.selection
    role = chosen.catalogue.role(selection.role)
    announcer.tell(
        RunStarted(
            catalogue=chosen.catalogue,
            requirements=chosen.told,
            cases=tuple(dict.fromkeys(check.source for check in chosen.checks)),
            profiles=selection.profiles or role.profiles,
            filtered=selection.filtered,
            seed=settings.seed,
            pair=not role.whole,
        )
    )
    async with prepare(settings, role.target(settings)) as run:
        run.ledger.kit = role.side.other
        driver = role.drive(run)
        fixture, target = run.fixture, run.target
        stages.log, stages.artifacts = run.log, run.artifacts
        stages.chosen = TargetChosen(
            target.mode,
            run.url,
            target.label,
            _secrets(settings, fixture),
            role.name,
            settings.weakened,
            settings.claim,
            tuple(sorted(hook.removeprefix("hook:") for hook in target.hooks())),
        )
        announcer.tell(stages.chosen)
        found = await begin(run, driver)
        stages.found = _found(stages.chosen, found)
        announcer.tell(stages.found)
        means = Means(
            profiles=found.declared.profiles,
            offers=fixture.offers()
            | target.hooks()
            | target.wires()
            | found.declared.offers()
            | ({SEVERAL} if settings.instances > 1 else frozenset[str]())
            | (frozenset[str]() if run.nodes is None else {SEVERAL_NODES} | run.nodes.hooks()),
            may_disrupt=settings.allow_disruption or not settings.attaches,
            cramped=found.declared.cramped(),
        )
        plan = make_plan(chosen, means, run.draws.rng("order"))
        announcer.tell(Planned(plan, stages.found.chosen))
        engine = Engine(run, role, driver, plan, chosen.catalogue, announcer.tell)
        engine.fail_fast = FailFast(settings.fail_fast, settings.expected)
        announcer.lose = engine.lose
        await _judge(run, engine, announcer, stopper, stages)


def _found(chosen: TargetChosen, found: Found) -> TargetFound:
    """Who is tested, and of a pair both sides."""
    version = found.broker_version
    if found.parts:
        chosen = replace(chosen, label=" with ".join(part.label for part in found.parts))
    parts = tuple(
        TargetFound(replace(chosen, role=part.role, label=part.label), part.declared, version)
        for part in found.parts
    )
    return TargetFound(chosen, found.declared, version, parts)


def _fixture_config(settings: Settings, target: Target) -> FixtureConfig:
    """The fixture; a spawned target without one is given a secret of this run."""
    config = settings.fixture
    if config.secret is None and not config.users and isinstance(target, SpawnedTarget):
        config = replace(config, secret=secrets.token_urlsafe(32), expired=None)
    if config.secret is not None and isinstance(target, SpawnedTarget):
        target.env = {"OMNISESSION_SECRET": config.secret, **target.env}
    return config


def _secrets(settings: Settings, fixture: Fixture) -> frozenset[str]:
    # Minted tokens are many, and known by their looks: every text is searched for each secret.
    made = {fixture.config.secret} if fixture.config.secret else set[str]()
    return frozenset(made.union(settings.secrets))


@contextlib.asynccontextmanager
async def _broker(settings: Settings) -> AsyncGenerator[tuple[Access, Access, Broker | None]]:
    """The ways of the kit and of a target to the broker, and that itself where it is the kit's own."""
    if settings.access is not None:
        yield settings.access, settings.access, None
        return
    async with embedded_broker(plan=settings.broker) as broker:
        kit, target = (
            replace(settings.login, addresses=at(url).addresses)
            for url in (broker.url, broker.target_url)
        )
        yield kit, target, broker


def _unheard(settings: Settings) -> tuple[str, ...]:
    """Subjects that the kit passes over: on a broker that is wholly its own nobody else hears them."""
    own = settings.access is None and not settings.broker.extra
    if settings.role != SERVER or not own:
        return ()
    return kept_from_clients()


def _nodes(settings: Settings, broker: Broker | None) -> Nodes | None:
    """The nodes of the broker that may end: the kit's own, or those of hooks."""
    if settings.nodes == 1:
        return None
    return HookedNodes(settings.hooks, settings.nodes) if broker is None else OwnNodes(broker)


async def begin(run: Run, driver: Driver[Any, RunFacts]) -> Found:
    """Look at the broker, start the target and ask what it declares.

    Raises BrokerError where what was looked at is bad, and what `look`, `start` and `probe` of its role
    raise.
    """
    if (reason := in_the_way(await look(run, driver))) is not None:
        raise BrokerError(reason)
    return await meet(run, driver)


async def meet(run: Run, driver: Driver[Any, RunFacts]) -> Found:
    """Start the target and ask what it declares; raises what `start` and `probe` of its role raise."""
    await driver.start()
    found = await driver.probe()
    run.declared = found.declared
    run.clock.round_trip_s = found.round_trip_s
    return found


async def _judge(
    run: Run, engine: Engine, announcer: Announcer, stopper: Stopper, stages: Stages
) -> None:
    reader = Reader(Checker(), run.ledger.services, EXPLAINED_WITHIN_S)
    room = Room(run.bounds)
    name = run.draws.connection_name("tap")
    run.tap = Tap(
        run.log,
        run.ledger,
        reader,
        run.trace_prefix,
        engine.lose,
        room,
        name,
        unheard=run.unheard,
    )
    watchers, messages = Watchers(engine.lose), Messages(run.log, announcer)
    # A log of parsed objects makes every full collection longer; a run is bounded, so none is made.
    collects = gc.isenabled()
    gc.freeze()
    gc.disable()
    try:
        await _open(run, engine, watchers)
        watchers.start("the reading of the log", messages.tell())
        await _watch(run, engine.lose, watchers)
        stopper.bind(lambda: _end(engine, stopper))
        await engine.run_cases()
        await _hear_the_rest(run, engine)
    except BrokerError as error:
        engine.lose(str(error))
    except NatsError as error:
        engine.lose(f"the connection to the broker failed: {sentence(error)}")
    except asyncio.CancelledError:
        _end(engine, stopper)
        raise
    except BaseException as error:
        _fail(engine, stopper, error)
        if isinstance(error, KeyboardInterrupt | SystemExit):
            raise
    finally:
        await watchers.stop()
        await _leave(run, engine)
        if engine.ended.lost is not None:
            # What took too much is not waited for, and takes no more while it is judged.
            await run.target.kill()
        stages.judged = _settle(engine, messages, stopper)
        gc.unfreeze()
        if collects:
            gc.enable()


async def _watch(run: Run, lose: Callable[[str], None], watchers: Watchers) -> None:
    """Start what watches over a run that goes on: its time, its memory, the broker and the tap."""
    trips = await _round_trips(run)
    run.log.before_giving_up = trips.confirm
    watchers.start("the watch over the time", watch_time(run.bounds, run.left_s, lose))
    watchers.start("the watch over memory", watch_memory(run.bounds, lose))
    if run.broker is not None:
        watching = run.broker.watch(lambda why: _lose_broker(run, lose, why))
        watchers.start("the watch over the broker", watching)
    watchers.start("the watch over the tap", watch_lag(trips, lose))


async def _hear_the_rest(run: Run, engine: Engine) -> None:
    """Wait for what was published while cases ran, and see that all of it could be heard."""
    if engine.ended.reason is None:
        await engine.or_end(run.tap.settle())
    if engine.ended.reason is None and run.ledger.shared_broker:
        await engine.or_end(look_at_hearing(engine))


async def _open(run: Run, engine: Engine, watchers: Watchers) -> None:
    """Open the kit's connections and start to watch over target and clock; raises BrokerError."""
    await run.tap.open(run.access)
    run.publisher = await open_publisher(
        run.access, run.ledger, "actors", engine.lose, run.rights, run.draws
    )
    run.no_traces = await try_traces(run, timeout_s=run.clock.answer_s)
    if isinstance(run.target, SpawnedTarget):
        run.target.on_exit, run.target.on_blind = engine.target_exited, engine.lose
        if run.target.blind is not None:
            engine.lose(run.target.blind)
        if not run.target.running:
            engine.lose(f"{engine.who} ended after it had answered the probe")
    else:
        watchers.start("the watch over the target", engine.driver.watch(engine.lose))
    watchers.start("the clock of the kit", run.clock.watch())
    if run.ledger.shared_broker:
        watchers.start("the watch over the kit's rights", watch_hearing(engine))


async def _round_trips(run: Run) -> RoundTrips:
    """Over all nodes between kit and target, as far as they tell."""
    told = await receivers(run, anybodys_requests(run), timeout_s=run.clock.answer_s)
    far = partial(reach_far, run, within_s=LOST_S) if told.far else None
    return RoundTrips(run.tap, run.clock, far)


def _lose_broker(run: Run, lose: Callable[[str], None], why: str) -> None:
    run.tap.shut()
    lose(why)


def _end(engine: Engine, stopper: Stopper) -> None:
    if stopper.reason is not None:
        engine.interrupt(stopper.reason)
    elif stopper.fault is not None:
        engine.lose(kit_failed(stopper.fault))


def _fail(engine: Engine, stopper: Stopper, error: BaseException) -> None:
    """End the run for something that came out of it, be it a signal or a fault."""
    if isinstance(error, Interrupted):
        stopper.reason = stopper.reason or str(error)
    else:
        stopper.fault = stopper.fault or error
    _end(engine, stopper)


def _settle(engine: Engine, messages: Messages, stopper: Stopper) -> Judged:
    """The verdicts, and the rest of the messages told; what breaks either off ends the run."""
    for step in (messages.tell_rest, engine.sweep_all):
        try:
            step()
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # noqa: BLE001 - what is known by then is told
            _fail(engine, stopper, error)
    ended = engine.ended
    return Judged(
        engine.verdicts(), engine.results, engine.driver.facts(), ended.lost, ended.interrupted
    )


async def _leave(run: Run, engine: Engine) -> None:
    try:
        await run.close()
    except (NatsError, OSError) as error:
        engine.lose(f"the broker could not be left: {sentence(error)}")
