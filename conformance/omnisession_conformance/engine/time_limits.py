"""How long each case may take: the time that a busy target asks it to wait comes on top."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from omnisession_conformance.environment.config import START_TIMEOUT_S

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from omnisession_conformance.engine.case import Case

RESTARTS = "hook:restart"
MOST_REST_S = 120.0
"""A case that was asked to wait for longer than this in all is cut off like any other."""
MOST_RESTS_S = 900.0
"""The same for all cases of a run: a target that is busy for ever must not keep the kit for ever."""


def limit_s(case: Case[Any], start_timeout_s: float) -> float:
    """How long a case may take: one that starts the target again has its longer time to start on top."""
    longer = start_timeout_s - START_TIMEOUT_S if RESTARTS in case.needs else 0.0
    return case.limit_ms / 1_000 + max(0.0, longer)


@dataclass(slots=True)
class _Bound:
    timeout: asyncio.Timeout
    rest_left_s: float


@dataclass(slots=True)
class TimeLimits:
    """The limits of the cases that run, by name."""

    most_rest_s: float = MOST_REST_S
    left_s: float = MOST_RESTS_S
    """What is left for all cases together."""
    _bounds: dict[str, _Bound] = field(default_factory=dict[str, _Bound])

    @contextlib.asynccontextmanager
    async def limit(self, case: str, limit_s: float) -> AsyncGenerator[None]:
        """Bound what is done within; TimeoutError when its time, with all rests, is over."""
        async with asyncio.timeout(limit_s) as timeout:
            self._bounds[case] = _Bound(timeout, self.most_rest_s)
            try:
                yield
            finally:
                del self._bounds[case]

    def prolong(self, case: str, seconds: float) -> None:
        """Give a case more time, because it took so long until its target took what it had refused."""
        bound = self._bounds.get(case)
        when = bound.timeout.when() if bound is not None else None
        if bound is None or when is None or bound.timeout.expired():
            return
        more_s = min(seconds, bound.rest_left_s, self.left_s)
        bound.rest_left_s -= more_s
        self.left_s -= more_s
        bound.timeout.reschedule(when + more_s)
