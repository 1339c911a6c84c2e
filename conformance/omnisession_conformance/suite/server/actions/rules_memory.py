"""Rules on how long a server says that it remembers outcomes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.sweep import Sweep, rule
from omnisession_conformance.protocol.limits import OUTCOMES_MS
from omnisession_conformance.roles.server.reading.lifetimes import Lifetime, lifetimes

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.reading.trace import Trace
    from omnisession_conformance.traffic.record import Record

WINDOW = "resume_window_ms"


@rule("ACTION-028")
def outcomes_outlive_every_window(trace: Trace, sweep: Sweep) -> None:
    """Judges the `outcomes_ms` of every open against the longest window that any open was granted."""
    opens = [(life.opened, life) for life in lifetimes(trace) if life.opened is not None]
    granted = [(window, opened) for opened, life in opens if (window := _window(life)) is not None]
    if not granted:
        return
    longest, shown = max(granted, key=_first)
    for opened, life in opens:
        told = life.limits.get(OUTCOMES_MS)
        if type(told) is int:
            sweep.judge(
                "ACTION-028",
                told >= longest,
                opened,
                expected=f"{OUTCOMES_MS} of {longest} or more, the longest {WINDOW} granted",
                seen=str(told),
                pointer=f"/data/limits/{OUTCOMES_MS}",
                also=(shown,) if shown is not opened else (),
            )
        else:
            sweep.ok("ACTION-028")


def _window(life: Lifetime) -> int | None:
    window = life.timers.get(WINDOW)
    return window if type(window) is int else None


def _first(pair: tuple[int, Record]) -> int:
    return pair[0]
