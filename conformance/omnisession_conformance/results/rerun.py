"""The command that runs one check again."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from omnisession_conformance.protocol.verdict import SWEEP

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omnisession_conformance.protocol.verdict import Verdict

MOST_CASES = 3


def rerun_line(verdict: Verdict, options: Sequence[str] = ()) -> str:
    """`omnisession check … --only REQ-ID@case`; a sweep is narrowed to the cases that broke it.

    `options` are those that chose the target (`--nats URL`), without anything that selects checks.
    """
    return shlex.join(["omnisession", "check", *options, *selecting(verdict)])


def selecting(verdict: Verdict) -> tuple[str, ...]:
    """The options that select the check alone."""
    words = ["--only", str(verdict.check)]
    if verdict.check.source == SWEEP:
        cases = dict.fromkeys(o.case for o in verdict.observations if o.case)
        for case in list(cases)[:MOST_CASES]:
            words += ["--case", case]
    return tuple(words)
