"""SIGINT and SIGTERM, from the first line of a command to its last.

Python calls a handler between any two steps of the main thread, whatever is at work there; asyncio's own
handlers wait for the loop's next turn, which does not come while a sweep or a report holds it. So the
handler here raises `Interrupted` in a command that runs straight on. A run in a loop is asked to stop, and
what then holds the loop for longer than a moment is broken off, one thing after the other, so that what was
found by then is told by those who are quick.
"""

from __future__ import annotations

import contextlib
import os
import signal
from dataclasses import dataclass
from typing import TYPE_CHECKING

from omnisession_conformance.errors import Interrupted

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Coroutine, Generator
    from types import FrameType
    from typing import Any, TypeVar

    from omnisession_conformance.engine.stopper import Stopper

    T = TypeVar("T")

STOPPING = (signal.SIGINT, signal.SIGTERM)
MOMENT_S = 0.1
"""How long a loop may be held by one thing once its run is to end."""
TO_TELL = 10
"""Moments that each of those who are told the end of a run has for it."""


@dataclass(slots=True)
class _Running:
    loop: asyncio.AbstractEventLoop
    stopper: Stopper
    held: int = 0
    """Looks since the loop had its last turn."""

    def turn(self) -> None:
        """Note that the loop had its turn."""
        self.held = 0

    def is_held(self) -> bool:
        """Whether something holds the loop for longer than it may."""
        self.held += 1
        return self.held > (TO_TELL if self.stopper.judged else 1)


class Signals:
    """What signals do in this process, by what it is doing."""

    def __init__(self) -> None:
        self._running: _Running | None = None
        self._reason: str | None = None
        self._ending = False

    def install(self) -> None:
        """Take the signals; the command begins."""
        self._running, self._reason, self._ending = None, None, False
        for number in STOPPING:
            signal.signal(number, self._stop)

    def ending(self) -> None:
        """The command has ended, and only its end is left to be told: no more is raised."""
        self._ending = True

    def leave(self, code: int) -> None:
        """Nothing is left but the end of the process: a signal makes it shorter."""

        def end(number: int, frame: FrameType | None) -> None:
            del number, frame
            os._exit(code)

        for number in STOPPING:
            signal.signal(number, end)

    def run(self, work: Coroutine[Any, Any, T], stopper: Stopper) -> T:
        """Make a run in a loop of its own, which signals stop by the stopper."""
        from omnisession_conformance.engine.stopper import run_to_end  # noqa: PLC0415 - see below

        return run_to_end(self._follow(work, stopper), stopper)

    async def _follow(self, work: Coroutine[Any, Any, T], stopper: Stopper) -> T:
        import asyncio  # noqa: PLC0415 - most commands have no loop, and start without

        with self._watching(asyncio.get_running_loop(), stopper):
            return await work

    @contextlib.contextmanager
    def _watching(self, loop: asyncio.AbstractEventLoop, stopper: Stopper) -> Generator[None]:
        self._running = _Running(loop, stopper)
        before = signal.signal(signal.SIGALRM, self._look)
        try:
            yield
        finally:
            self._running = None
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        del frame
        again, self._reason = self._reason is not None, f"{signal.Signals(number).name} received"
        if self._ending:
            return
        running = self._running
        if running is None:
            raise Interrupted(self._reason)
        if not again:
            running.loop.call_soon_threadsafe(running.stopper.stop, self._reason)
            signal.setitimer(signal.ITIMER_REAL, MOMENT_S, MOMENT_S)

    def _look(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        running = self._running
        if running is None:
            return
        held = running.is_held()
        if held:
            running.held = 0
        with contextlib.suppress(RuntimeError):
            running.loop.call_soon_threadsafe(running.turn)
        if held:
            raise Interrupted(self._reason or "")


SIGNALS = Signals()
"""Those of this process: there is one set of them."""
