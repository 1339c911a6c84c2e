"""A whole self-test: ask, choose, try, put together, write."""

from __future__ import annotations

import contextlib
import os
import shlex
import sys
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from omnisession_conformance.engine.run import kit_version
from omnisession_conformance.environment.target import REFERENCE_COMMAND
from omnisession_conformance.errors import cannot_write, sentence
from omnisession_conformance.files import Folder
from omnisession_conformance.outputs.sole import SoleWriter
from omnisession_conformance.outputs.streams import let_go, say
from omnisession_conformance.protocol.roles import CLIENT, DEPLOYMENT, SERVER
from omnisession_conformance.protocol.version import PROTOCOL
from omnisession_conformance.roles.client.target import REFERENCE_COMMAND as CLIENT_COMMAND
from omnisession_conformance.selftest.ask import ask
from omnisession_conformance.selftest.deployed import DEPLOYMENTS_COMMAND
from omnisession_conformance.selftest.marking import marked
from omnisession_conformance.selftest.matrix import About, Matrix, Reruns, build
from omnisession_conformance.selftest.plan import Suite, choose, demanded, make_trials
from omnisession_conformance.selftest.pool import Pool
from omnisession_conformance.selftest.report.document import document
from omnisession_conformance.selftest.report.markdown import markdown
from omnisession_conformance.selftest.report.terminal import Progress, render
from omnisession_conformance.selftest.schedule import Schedule
from omnisession_conformance.suite import catalogue

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from omnisession_conformance.environment.settings import Settings
    from omnisession_conformance.selftest.plan import Wish
    from omnisession_conformance.traffic.redact import Redactor

REFERENCE = {
    SERVER: (*REFERENCE_COMMAND, "--log-level", "error"),
    CLIENT: CLIENT_COMMAND,
    DEPLOYMENT: DEPLOYMENTS_COMMAND,
}
"""The target that is tried where no other is named; nobody reads the log of so many of them."""
MATRIX_JSON = "matrix.json"
MATRIX_MD = "matrix.md"
ANOTHER = "another folder with --report"


@dataclass(frozen=True, slots=True)
class Shown:
    """How the self-test is told: what hides secrets, the options that chose the target, the terminal."""

    redactor: Redactor
    options: tuple[str, ...]
    console: Console


def usual_jobs() -> int:
    """Two trials more than there are cores: many wait for what a faulty server never sends."""
    affinity = getattr(os, "sched_getaffinity", None)
    return 2 + (len(affinity(0)) if affinity is not None else os.cpu_count() or 1)


def prove(settings: Settings, wish: Wish, shown: Shown, jobs: int, folder: Path) -> Matrix:
    """Make every trial that was asked for, and write and show the kill matrix.

    Raises UsageError for a command that lists no faults, an unknown name or a folder that cannot be
    written to or that another run writes to, NothingToRunError when nothing is to be tried.
    """
    kit = catalogue(settings.role)
    command = settings.command or REFERENCE[settings.role]
    chosen = choose(ask(command, settings.env, kit), kit.registry, wish)
    with contextlib.ExitStack() as stack:
        room = _make_room(folder, stack)
        about = _about(settings.role, command, wish, shown.redactor, jobs)
        planned = make_trials(chosen, Suite.of(kit), wish)
        trials = [marked(trial, settings.role) for trial in planned]
        schedule = Schedule.of(kit.registry, chosen, trials)
        started = time.monotonic()
        with Progress(shown.console, about.subject, jobs) as progress, Pool(settings, jobs) as pool:
            interrupted = pool.run(schedule, progress)
        options = shlex.split(shown.redactor.command(shown.options))
        matrix = build(
            replace(
                about,
                wall_ms=round((time.monotonic() - started) * 1000),
                interrupted=interrupted,
                control=schedule.ended,
            ),
            kit.registry,
            chosen,
            demanded(kit.registry, wish),
            schedule.results,
            Reruns(
                tuple(options),
                wish.on,
                wish.programs,
                _words_of(settings, shown, about),
                settings.role,
            ),
        )
        # What was found is shown, whether it can be written or not, and written, whether anybody reads it.
        failed = _write(room, {MATRIX_JSON: document(matrix), MATRIX_MD: markdown(matrix)})
        _show(matrix, shown.console, folder)
        if failed is not None:
            raise cannot_write(f"the kill matrix to '{folder}'", failed, ANOTHER) from failed
        return matrix


def _show(matrix: Matrix, console: Console, folder: Path) -> None:
    try:
        render(matrix, console, folder)
        sys.stdout.flush()
    except OSError as error:
        let_go(sys.stdout)
        if not isinstance(error, BrokenPipeError):
            say(f"omnisession: the self-test could not be printed: {sentence(error)}")


def _words_of(settings: Settings, shown: Shown, about: About) -> tuple[str, ...]:
    """The words that start the target again; that of the kit is called by any Python that has it."""
    if about.role == SERVER:
        return ()
    given = settings.command if settings.command != REFERENCE[about.role] else None
    return tuple(shlex.split(shown.redactor.command(given) if given else about.subject))


def _about(role: str, command: tuple[str, ...], wish: Wish, redactor: Redactor, jobs: int) -> About:
    # Where Python lies on this machine is of no interest to anybody who reads the matrix.
    words = ("python", *command[1:]) if command[0] == sys.executable else command
    return About(
        kit=kit_version(),
        protocol=PROTOCOL,
        started_at=time.time_ns() // 1_000_000,
        command=redactor.command(["omnisession", *sys.argv[1:]]),
        subject=redactor.command(words),
        role=role,
        seed=wish.seed,
        jobs=jobs,
        whole=wish.whole,
        filtered=wish.filtered,
        on=wish.on,
        programs=wish.programs,
    )


def _make_room(path: Path, stack: contextlib.ExitStack) -> Folder:
    """Hold the folder, without the files of an earlier run, which would be taken for this one's."""
    try:
        stack.enter_context(contextlib.closing(SoleWriter(path, ANOTHER)))
        folder = stack.enter_context(Folder(path))
        for name in (MATRIX_JSON, MATRIX_MD):
            folder.remove(name)
    except OSError as error:
        raise cannot_write(f"the kill matrix to '{path}'", error, ANOTHER) from error
    return folder


def _write(folder: Folder, files: dict[str, str]) -> OSError | None:
    """Write the files, each whole or not at all; the first error where there is one."""
    failed: OSError | None = None
    for name, text in files.items():
        try:
            folder.write_new(name, text.encode("utf-8", "backslashreplace"))
        except OSError as error:
            failed = failed or error
    return failed
