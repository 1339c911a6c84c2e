"""Puts what explains most before what follows from it.

One fault of a target breaks a requirement wherever it is touched, and others in passing: a pong with an
old position is seen in every case that asks for one, and has a few others find a position that they did
not expect. So what was seen in most cases is told first; nothing is left out.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from omnisession_conformance.protocol.verdict import KEPT, SWEEP

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from omnisession_conformance.results import CheckResult, RequirementResult


BROADEST_FIRST = "What was seen in most cases comes first: others may follow from it."


def broadest_first(
    requirements: Iterable[RequirementResult], checks: Sequence[CheckResult]
) -> list[RequirementResult]:
    """The requirements by the number of cases in which they got their verdict, then of messages.

    First those of which a sweep saw more than it keeps: how widely is not known any more. Those that were
    seen as widely stay in their order, that of the specification, which begins with what all else needs.
    """
    by_name = {check.check: check for check in checks}

    def narrowness(requirement: RequirementResult) -> tuple[int, int]:
        mine = (by_name[name] for name in requirement.checks if name in by_name)
        deciding = [check for check in mine if check.status is requirement.status]
        if any(c.id.source == SWEEP and len(c.findings) >= KEPT for c in deciding):
            return -sys.maxsize, 0
        cases = {case for check in deciding for case in check.cases}
        messages = {n for check in deciding for finding in check.findings for n in finding.records}
        return -len(cases), -len(messages)

    return sorted(requirements, key=narrowness)
