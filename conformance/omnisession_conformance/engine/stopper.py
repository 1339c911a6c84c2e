"""What ends a run from outside, whatever it is doing just then: a signal, or an error out of nowhere.

Signal handlers run between any two steps of a program. What one of them raises, as the time limits of
test runners do, comes out of whatever was at work: a case, a connection's reader, or the loop itself,
which then stands still with a run in the middle. Such an error ends the run without a verdict, and the
run is still told to its end.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

from omnisession_conformance.errors import Interrupted

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

T = TypeVar("T")
MOST_ENDS = 50
"""Errors out of the loop itself after which its run is given up: a timer may go on to raise them."""


class Stopper:
    """Ends a run: by `stop` for the user, by `fail` for an error that nobody expected."""

    def __init__(self) -> None:
        self.reason: str | None = None
        """Why the user wanted it to end, None where nobody did."""
        self.fault: BaseException | None = None
        self.judged = False
        """Whether only the telling of its end is left."""
        self._act: Callable[[], None] | None = None

    @property
    def stopping(self) -> bool:
        """Whether the run is to end."""
        return self.reason is not None or self.fault is not None

    def stop(self, reason: str) -> None:
        """Stop the run as the user wants; before its cases start, as soon as it looks."""
        self.reason = self.reason or reason
        self._tell()

    def fail(self, error: BaseException) -> None:
        """End the run without a verdict."""
        self.fault = self.fault or error
        self._tell()

    def bind(self, act: Callable[[], None]) -> None:
        """Say what ends the run from now on."""
        self._act = act
        if self.stopping:
            act()

    def unexpected(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Take what a callback of the loop has raised, as the loop's exception handler."""
        error = context.get("exception")
        from_handler = isinstance(error, BaseException) and not isinstance(error, Exception)
        if isinstance(error, Interrupted):
            self.stop(str(error))
        elif isinstance(error, BaseException) and (from_handler or "handle" in context):
            self.fail(error)
        else:
            loop.default_exception_handler(context)

    def _tell(self) -> None:
        if self._act is not None:
            self._act()


def run_to_end(work: Coroutine[Any, Any, T], stopper: Stopper) -> T:
    """Run a coroutine to its end, as `asyncio.run` does.

    What is raised into the loop itself, outside of every task, stops the run by `stopper` and is not
    the end of the loop.
    """
    with asyncio.Runner() as runner:
        loop = runner.get_loop()
        task = loop.create_task(work)
        for left in reversed(range(MOST_ENDS)):
            try:
                return loop.run_until_complete(task)
            except BaseException as error:
                if task.done() or not left or isinstance(error, SystemExit):
                    raise
                if isinstance(error, Interrupted | KeyboardInterrupt):
                    stopper.stop(str(error) or "SIGINT received")
                else:
                    stopper.fail(error)
    raise AssertionError("unreachable: the last error is raised")
