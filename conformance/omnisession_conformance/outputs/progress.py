"""What is seen while a run goes on: one live line on a terminal, one plain line anywhere else."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Self

from rich.live import Live
from rich.text import Text

from omnisession_conformance.engine.events import CaseEnded, Planned, RunEnded
from omnisession_conformance.report.text import grouped, one_line, plural

if TYPE_CHECKING:
    from types import TracebackType

    from rich.console import Console

    from omnisession_conformance.engine.events import Event

BETWEEN_S = 0.1
"""A line that changes more often than this is not read, and costs the run time."""
BAR_WIDTH = 20
LABEL_WIDTH = 400


class Progress:
    """Shows cases done, messages seen and time gone by; use it as a context manager.

    It draws only when it is told something, in the caller's thread: no timer disturbs a run.
    """

    def __init__(self, console: Console, total: int, label: str = "") -> None:
        self._console = console
        self._total = total
        self._label = label
        self._live: Live | None = None
        self._started = time.monotonic()
        self._drawn = 0.0

    def __enter__(self) -> Self:
        self._started = time.monotonic()
        if not self._console.is_terminal or self._console.is_dumb_terminal:
            against = f" against {self._label}" if self._label else ""
            words = one_line(f"Running {plural(self._total, 'case')}{against}", LABEL_WIDTH)
            self._console.print(Text(words), soft_wrap=True)
            return self
        self._live = Live(console=self._console, auto_refresh=False, transient=True)
        self._live.start()
        self.update(0, 0)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None

    def update(self, done: int, messages: int) -> None:
        """Tell how far the run is."""
        now = time.monotonic()
        if self._live is None or (now - self._drawn < BETWEEN_S and done < self._total):
            return
        self._drawn = now
        line = self.line(done, messages, now - self._started)
        self._live.update(Text(line, no_wrap=True, overflow="ellipsis"), refresh=True)

    def line(self, done: int, messages: int, elapsed_s: float) -> str:
        """The live line."""
        filled = BAR_WIDTH * done // max(1, self._total)
        bar = "━" * filled + "╌" * (BAR_WIDTH - filled)
        return (
            f"{bar}  {done} of {plural(self._total, 'case')} · "
            f"{grouped(messages)} messages · {elapsed_s:.1f} s"
        )


class ProgressLine:
    """Shows how far a run is from its events."""

    name = "the line of progress"

    def __init__(self, console: Console) -> None:
        self._console = console
        self._shown: Progress | None = None
        self._done = 0

    def on(self, event: Event) -> None:
        """Draw what an event changes; raises OSError where the terminal is gone."""
        if isinstance(event, Planned):
            label = event.target.label
            self._shown = Progress(self._console, len(event.plan.cases), label).__enter__()
        elif isinstance(event, CaseEnded) and self._shown is not None:
            # A case that runs again was counted in its turn.
            self._done += not event.result.again
            self._shown.update(self._done, event.heard)
        elif isinstance(event, RunEnded):
            self.close()

    def close(self) -> None:
        """Take the line away; may be called again."""
        shown, self._shown = self._shown, None
        if shown is not None:
            shown.__exit__(None, None, None)
