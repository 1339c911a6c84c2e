"""What runs beside the cases and must last as long as they do.

A run whose clock, transcript or watch over the target has died would go on and be green about what
nobody looked at any more. So each of them is awaited: one that fails, or that ends before the cases do,
ends the run without a verdict, with its name and what happened to it.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from omnisession_conformance.errors import sentence
from omnisession_conformance.traffic.log import RunOver

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any


class Watchers:
    """The tasks beside the cases of one run; `lose` is told why the first of them ended."""

    def __init__(self, lose: Callable[[str], None]) -> None:
        self._lose = lose
        self._tasks: list[asyncio.Task[None]] = []
        self._work: list[Coroutine[Any, Any, None]] = []
        self._stopping = False

    def start(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        """Run something until `stop`; `name` is what a reason calls it."""
        self._work.append(work)
        self._tasks.append(asyncio.create_task(self._watch(name, work), name=name))

    async def stop(self) -> None:
        """End all of them, and return when they have ended."""
        self._stopping = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for work in self._work:
            # What was ended before its first step would complain that nobody has waited for it.
            work.close()

    async def _watch(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        reason = f"{name} ended before the run did"
        try:
            await work
        except RunOver:
            # The run is over already, and why is known.
            return
        except asyncio.CancelledError:
            if not self._stopping:
                self._lose(reason)
            raise
        except BaseException as error:
            # Whatever it was, it is the end of the run: also what a signal handler raises in here.
            self._lose(f"{name} failed: {sentence(error)}")
            if isinstance(error, KeyboardInterrupt | SystemExit):
                raise
            return
        if not self._stopping:
            self._lose(reason)
