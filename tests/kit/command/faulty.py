"""The real program with one fault put into the kit: `python faulty.py FAULT FILE ARGUMENTS…`.

The fault makes FILE when it begins; what is slow by it goes on for a minute, and holds the loop.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omnisession_conformance import report
from omnisession_conformance.cli.main import main
from omnisession_conformance.engine.sweep import Rule
from omnisession_conformance.outputs import rejudge
from omnisession_conformance.report import html
from omnisession_conformance.results import TranscriptWriter
from omnisession_conformance.roles.server import role
from omnisession_conformance.traffic.tap import Tap

if TYPE_CHECKING:
    from collections.abc import Callable

MINUTE_S = 60.0
BEGUN = Path(sys.argv[2])


def slow(*_: Any, **__: Any) -> None:
    """Compute for a minute, as what looks at too many messages does."""
    BEGUN.touch()
    end = time.monotonic() + MINUTE_S
    while time.monotonic() < end:
        sum(range(1_000))


def slow_in(place: Any, name: str, after: int = 0) -> Callable[[], None]:
    """Make a function slow from one of its calls on."""

    def put() -> None:
        good, left = getattr(place, name), [after]

        def call(*arguments: Any, **more: Any) -> Any:
            left[0] -= 1
            if left[0] < 0:
                slow()
            return good(*arguments, **more)

        setattr(place, name, call)

    return put


FAULTS: dict[str, Callable[[], None]] = {
    "rule": slow_in(Rule, "judge"),
    "reading": slow_in(role.ServerRole, "read"),
    "message": slow_in(Tap, "_record", after=20),
    "transcript": slow_in(TranscriptWriter, "write"),
    "format": slow_in(html, "html"),
    "writing": slow_in(report, "_write_whole"),
    "judging": slow_in(rejudge, "read_records"),
}

if __name__ == "__main__":
    FAULTS[sys.argv[1]]()
    sys.argv = ["omnisession", *sys.argv[3:]]
    main()
