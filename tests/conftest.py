"""What holds for all tests: programs they need, what is drawn, and snapshots that nobody reads."""

from __future__ import annotations

import gc
import os
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings
from tests import needs
from tests.kit.report import snapshot

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

PARTLY = pytest.StashKey[bool]()
"""Set where tests that read snapshots were left out."""
READ = pytest.StashKey[set[str]]()
"""The snapshots that other processes of this run read."""

# A machine that does other things as well is slow at times: no example has a deadline of its own.
settings.register_profile("fixed", deadline=None, derandomize=True, database=None)
settings.register_profile("drawn", deadline=None, max_examples=1_000)
settings.load_profile("fixed")
# Each program that a test starts would compile the kit, and all that the kit imports, anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
# Nothing fails by chance: what a run of the kit draws is the same each time, unless a test says otherwise.
os.environ["OMNISESSION_SEED"] = "0"

LEAVE_OUT = ("collectonly", "setuponly", "setupplan", "ignore", "ignore_glob", "lf")
"""Options with which not all tests run, though none is deselected."""


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collect without the collector of garbage: it would look at ten thousand tests, all of which stay."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """End a test that needs a missing program before anything is set up for it."""
    for marker in item.iter_markers("needs"):
        for tool in marker.args:
            needs.program(tool)


def pytest_deselected(items: Sequence[pytest.Item]) -> None:
    """Note that not every snapshot can be read."""
    for item in items:
        if hasattr(getattr(item, "module", None), "matches_snapshot"):
            item.config.stash[PARTLY] = True


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take over what a process of pytest-xdist read."""
    told = getattr(node, "workeroutput", {})
    node.config.stash.setdefault(READ, set()).update(told.get("snapshots", ()))
    node.config.stash[PARTLY] = node.config.stash.get(PARTLY, False) or told.get("partly", True)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> Generator[None]:
    """Say at the very end what was not tested, and fail for snapshots that nothing reads."""
    config = session.config
    if (told := getattr(config, "workeroutput", None)) is not None:
        told |= {"snapshots": sorted(snapshot.read), "partly": config.stash.get(PARTLY, False)}
    reporter = config.pluginmanager.getplugin("terminalreporter")
    last = _unread(session)
    if isinstance(reporter, pytest.TerminalReporter):
        last += _untested(reporter)
    yield
    if isinstance(reporter, pytest.TerminalReporter):
        for line in last:
            reporter.write_line(line)


def _unread(session: pytest.Session) -> list[str]:
    """Fail a whole run that read less than all snapshots, and say which."""
    config = session.config
    partly = config.stash.get(PARTLY, False) or any(
        config.getoption(name, default=False) for name in LEAVE_OUT
    )
    whole = config.args_source is config.ArgsSource.TESTPATHS and not partly
    if not whole or session.exitstatus or hasattr(config, "workerinput"):
        return []
    unread = snapshot.unread(config.stash.get(READ, set[str]()))
    if unread:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
    return [f"UNUSED SNAPSHOT: no test reads {path}; remove it" for path in unread]


def _untested(reporter: pytest.TerminalReporter) -> list[str]:
    """One line of all that was skipped for want of something outside the project."""
    reasons: set[str] = set()
    for report in reporter.stats.get("skipped", ()):
        match report.longrepr:
            case (_, _, str(text)) if needs.NOT_TESTED in text:
                reasons.add(text.partition(needs.NOT_TESTED)[2])
            case _:
                pass
    return [needs.NOT_TESTED + " · ".join(sorted(reasons))] if reasons else []
