"""Carries out trials, one after the other, in a process of its own."""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
import os
import signal
import tempfile
import threading
import time
import traceback
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.conduct import conduct
from omnisession_conformance.engine.plan import choose
from omnisession_conformance.engine.stopper import Stopper
from omnisession_conformance.environment.topology import NODES
from omnisession_conformance.environment.waiting import waited_s
from omnisession_conformance.errors import KitError
from omnisession_conformance.exits import Exit
from omnisession_conformance.own_python import set_of_python
from omnisession_conformance.protocol.roles import DEPLOYMENT
from omnisession_conformance.protocol.verdict import Status
from omnisession_conformance.results import CheckResult, RunStatus, summarise
from omnisession_conformance.results.rerun import selecting
from omnisession_conformance.results.summary import exit_code
from omnisession_conformance.selftest.deployed import deployed
from omnisession_conformance.selftest.plan import MOST_GENERATED_S
from omnisession_conformance.selftest.trial import (
    FAULT_VARIABLE,
    GENERATING,
    VARIANT_VARIABLE,
    Remark,
    Scope,
    Trial,
    TrialResult,
)
from omnisession_conformance.suite import catalogue
from omnisession_conformance.suite.deep import LOST, NAME, Deep
from omnisession_conformance.traffic.redact import Redactor

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping
    from multiprocessing.connection import Connection

    from omnisession_conformance.engine.events import RunOutcome
    from omnisession_conformance.environment.settings import Settings
    from omnisession_conformance.protocol.verdict import Verdict

LONGEST_REASON = 300
_GOOD = (Status.PASS, Status.NOT_CLAIMED)


def work(
    connection: Connection[Any, Any], settings: Settings, of_python: Mapping[str, str | None]
) -> None:
    """Carry out every trial that the connection brings, until it is closed.

    Servers are told `of_python` of Python, not what this process was.
    """
    set_of_python(of_python)
    # A Ctrl-C at the terminal reaches the whole group; the parent alone decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    for variable in (FAULT_VARIABLE, VARIANT_VARIABLE, "NATS_URL"):
        os.environ.pop(variable, None)
    catalogue()
    while True:
        try:
            trial: Trial = connection.recv()
        except EOFError:
            return
        result = carry_out(trial, settings)
        try:
            connection.send(result)
        except BrokenPipeError:
            return
        del result
        # Runs keep the collector off, and the records of a whole one are many.
        gc.collect()


REVOCATIONS_VARIABLE = "OMNISESSION_REVOCATIONS"
REVOKE = ("sh", "-c", """printf '{"jti": "%s"}\\n' "$1" >> "$0\"""")
"""Has a token revoked, in a file that the reference server reads."""


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def carry_out(trial: Trial, settings: Settings) -> TrialResult:
    """Make the run of a trial; whatever happens, there is a result."""
    started = time.monotonic()
    run = _generate if trial.scope is Scope.GENERATED else _run
    try:
        with _prepared(trial, settings) as prepared:
            result = asyncio.run(run(trial, prepared))
    except KitError as error:
        result = TrialResult(trial, failed=str(error))
    except Exception:  # noqa: BLE001 - a trial is never lost: whatever it was stands in the matrix
        result = TrialResult(trial, failed=f"the kit raised:\n{traceback.format_exc(limit=-4)}")
    return replace(result, ms=round((time.monotonic() - started) * 1000))


@contextmanager
def _prepared(trial: Trial, settings: Settings) -> Generator[Settings]:
    """The settings of a trial: a target that its run starts, or a deployment that runs meanwhile."""
    if trial.selection.role == DEPLOYMENT:
        command = (*(trial.command or settings.command or ()), *trial.arguments)
        with deployed(command, settings.seed) as found:
            yield found
        return
    with tempfile.NamedTemporaryFile(prefix="omnisession-revoked-") as revoked:
        yield _settings(trial, settings, revoked.name)


def _settings(trial: Trial, settings: Settings, revoked: str) -> Settings:
    """Those of a trial; `revoked` is a file of its own in which the target looks for revoked tokens."""
    return replace(
        settings,
        command=(*(trial.command or settings.command or ()), *trial.arguments),
        env={REVOCATIONS_VARIABLE: revoked, **settings.env, **trial.env},
        fixture=replace(settings.fixture, revoke=(*REVOKE, revoked, "{jti}")),
        instances=trial.instances,
        nodes=trial.nodes,
        broker=replace(settings.broker, topology=NODES) if trial.nodes > 1 else settings.broker,
        start_timeout_s=trial.start_timeout_s or settings.start_timeout_s,
        # Nobody reads the programs of a trial.
        shrink_s=0.0,
    )


async def _run(trial: Trial, settings: Settings) -> TrialResult:
    chosen = choose(catalogue(trial.selection.role), trial.selection)
    with _limited(trial) as stopper:
        outcome = await conduct(settings, chosen, (), stopper)
    return read_outcome(trial, outcome)


async def _generate(trial: Trial, settings: Settings) -> TrialResult:
    """Rounds of generated traffic until all programs were played, or something was found."""
    began_s = time.monotonic() - waited_s()

    def over() -> bool:
        enough = deep.tally.programs >= trial.programs
        # What other processes took of the machine is no slowness of the server.
        spent_s = time.monotonic() - waited_s() - began_s
        return bool(deep.found) or enough or spent_s >= MOST_GENERATED_S

    deep = Deep(settings.seed, over)
    lost = failed = None
    with _limited(trial) as stopper:
        while lost is None and failed is None and not over():
            outcome = await conduct(settings, deep.chosen(), (), stopper)
            deep.sweep(outcome)
            lost, failed = outcome.lost, outcome.interrupted
    found = [requirement for requirement in deep.found if requirement != LOST]
    return TrialResult(
        trial,
        statuses=dict.fromkeys(found, Status.FAIL),
        remarks=tuple(
            Remark(f"{id_}@{NAME}", Status.FAIL, True, "found by generation", GENERATING)
            for id_ in found
        ),
        exit_code=int(Exit.NOT_CONFORMANT if found else Exit.CONFORMANT),
        passed=deep.tally.judged,
        lost=None if found else lost,
        failed=failed,
    )


@contextmanager
def _limited(trial: Trial) -> Generator[Stopper]:
    """What stops the runs of a trial when its time is up, or the self-test is stopped."""
    stopper, loop = Stopper(), asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stopper.stop, "the self-test was stopped")
    why = f"the trial took longer than {trial.limit_s:.0f} s"
    limit = loop.call_later(trial.limit_s, stopper.stop, why)
    yield stopper
    limit.cancel()


def read_outcome(trial: Trial, outcome: RunOutcome) -> TrialResult:
    """What of a run matters to a trial."""
    registry = catalogue(trial.selection.role).registry
    checks = [CheckResult.of(verdict, "") for verdict in outcome.verdicts]
    requirements = summarise(
        checks, registry, selected={verdict.check.requirement for verdict in outcome.verdicts}
    )
    status = RunStatus.COMPLETE if outcome.lost is None else RunStatus.ABORTED
    return TrialResult(
        trial,
        statuses={r.id: r.status for r in requirements},
        remarks=tuple(_remarks(outcome)),
        exit_code=int(exit_code(status, requirements)),
        passed=sum(v.status is Status.PASS for v in outcome.verdicts),
        lost=outcome.lost,
        failed=outcome.interrupted,
    )


def _remarks(outcome: RunOutcome) -> Iterator[Remark]:
    redactor = Redactor(outcome.secrets)
    for verdict in outcome.verdicts:
        if verdict.status in _GOOD or (verdict.status is Status.NOT_RUN and verdict.excused):
            continue
        yield Remark(
            str(verdict.check),
            verdict.status,
            verdict.level.startswith("MUST"),
            redactor.text(_reason(verdict))[:LONGEST_REASON],
            selecting(verdict),
        )


def _reason(verdict: Verdict) -> str:
    first = next((o for o in verdict.observations if o.why or o.seen), None)
    if first is None:
        return verdict.reason
    told = (
        first.why,
        f"expected {first.expected}" if first.expected else "",
        f"seen {first.seen}" if first.seen else "",
    )
    return "; ".join(filter(None, told))
