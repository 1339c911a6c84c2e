"""The processes that carry trials out: some at a time, each with a time limit, none of them lost."""

from __future__ import annotations

import multiprocessing
import signal
import time
from dataclasses import dataclass
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Any, Protocol, Self

from omnisession_conformance.own_python import of_python, safe_of_python, set_of_python
from omnisession_conformance.selftest.trial import TrialResult
from omnisession_conformance.selftest.worker import work

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection
    from multiprocessing.context import SpawnProcess
    from types import FrameType, TracebackType

    from omnisession_conformance.environment.settings import Settings
    from omnisession_conformance.selftest.schedule import Schedule
    from omnisession_conformance.selftest.trial import Trial

GRACE_S = 20.0
"""A trial ends itself when its time is up; one that still has not after this is killed."""
STOP_GRACE_S = 10.0
DRAW_EVERY_S = 0.5
SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Watcher(Protocol):
    """Who is told how far the trials are."""

    def update(self, schedule: Schedule) -> None:
        """Something may have changed."""
        ...


@dataclass(slots=True)
class _Worker:
    process: SpawnProcess
    connection: Connection[Any, Any]
    trial: Trial | None = None
    deadline: float = 0.0


class Pool:
    """Long-lived processes, so that the kit is imported once in each; use it as a context manager.

    While it is open, SIGINT and SIGTERM end the run of trials instead of the process.
    """

    def __init__(self, settings: Settings, jobs: int) -> None:
        # What a fork would copy of the terminal's and the logging's state is better left behind.
        self._context = multiprocessing.get_context("spawn")
        self._settings = settings
        self._jobs = jobs
        self._workers: list[_Worker] = []
        self._ears, self._bell = self._context.Pipe(duplex=False)
        self._interrupted: str | None = None
        self._restore: list[Callable[[], object]] = []

    def __enter__(self) -> Self:
        for number in SIGNALS:
            before = signal.signal(number, self._ring)
            self._restore.append(lambda n=number, b=before: signal.signal(n, b))
        self._workers = [self._start() for _ in range(self._jobs)]
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        for worker in self._workers:
            worker.connection.close()
            if worker.trial is not None:
                # It stops its broker and its server, then itself.
                worker.process.terminate()
        deadline = time.monotonic() + STOP_GRACE_S
        for worker in self._workers:
            worker.process.join(max(0.0, deadline - time.monotonic()))
            if worker.process.exitcode is None:
                worker.process.kill()
                worker.process.join()
        for restore in self._restore:
            restore()
        self._ears.close()
        self._bell.close()

    def _ring(self, number: int, frame: FrameType | None) -> None:
        del frame
        if self._interrupted is None:
            self._interrupted = f"{signal.Signals(number).name} received"
            self._bell.send(None)

    def _start(self) -> _Worker:
        mine, theirs = self._context.Pipe()
        told = of_python()
        process = self._context.Process(
            target=work, args=(theirs, self._settings, told), daemon=True
        )
        # It is started as `python -c`, and what it starts in turn as it would be from here.
        set_of_python(safe_of_python())
        try:
            process.start()
        finally:
            set_of_python(told)
        theirs.close()
        return _Worker(process, mine)

    def run(self, schedule: Schedule, watcher: Watcher) -> str | None:
        """Carry out what the schedule hands out; returns why it was interrupted, if it was."""
        while self._interrupted is None:
            self._hand_out(schedule)
            watcher.update(schedule)
            busy = [w for w in self._workers if w.trial is not None]
            if not busy or schedule.ended is not None:
                return None
            ready = wait([self._ears, *(w.connection for w in busy)], DRAW_EVERY_S)
            for worker in busy:
                if worker.connection in ready:
                    self._receive(worker, schedule)
                elif time.monotonic() > worker.deadline:
                    self._replace(worker, schedule, "it hung, and was killed")
        return self._interrupted

    def _hand_out(self, schedule: Schedule) -> None:
        for worker in self._workers:
            if worker.trial is None and (trial := schedule.next()) is not None:
                worker.trial = trial
                worker.deadline = time.monotonic() + trial.limit_s + GRACE_S
                try:
                    worker.connection.send(trial)
                except OSError:
                    self._replace(worker, schedule, "its process had ended")

    def _receive(self, worker: _Worker, schedule: Schedule) -> None:
        try:
            result: TrialResult = worker.connection.recv()
        except (EOFError, OSError):
            worker.process.join(1.0)
            code = worker.process.exitcode
            self._replace(worker, schedule, f"its process ended with exit code {code}")
            return
        worker.trial = None
        schedule.done(result)

    def _replace(self, worker: _Worker, schedule: Schedule, why: str) -> None:
        """Put a new process in the place of one that is of no more use; its trial has failed."""
        trial, worker.trial = worker.trial, None
        worker.connection.close()
        worker.process.kill()
        worker.process.join()
        new = self._start()
        worker.process, worker.connection = new.process, new.connection
        if trial is not None:
            schedule.done(TrialResult(trial, failed=f"the trial came to no end: {why}"))
