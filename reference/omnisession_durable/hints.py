"""Hints of late: whoever takes over says them again, since nobody knows whether they were said.

Receivers keep the highest revision, so one that is told twice does no harm.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from omnisession_durable.entries import Act, Decided, Hint
from omnisession_durable.fold import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from omnisession_durable.fold import Judged
    from omnisession_reference.wire import JsonObject

LATE_MS = 5_000
"""Of fold time: longer than it takes until somebody has taken over, where there is somebody."""


@dataclass(frozen=True, slots=True)
class Told:
    """A hint that was to be said, and with what data."""

    at_ms: int
    hint: Hint
    data: JsonObject


class Hints:
    """The hints of the entries of the last seconds, in order."""

    def __init__(self) -> None:
        self._told: deque[Told] = deque()

    def note(self, judged: Judged) -> None:
        """An entry was folded."""
        body = judged.entry.body if isinstance(judged.entry, Decided) else None
        if judged.verdict is Verdict.COUNTS and isinstance(body, Act):
            self._told.extend(_told_of(judged.at_ms, body))
        self._forget(judged.at_ms)

    def since(self, now_ms: int) -> Iterable[Told]:
        """Those of not long before this time, which is fold time."""
        self._forget(now_ms)
        return tuple(self._told)

    def _forget(self, now_ms: int) -> None:
        while self._told and self._told[0].at_ms < now_ms - LATE_MS:
            self._told.popleft()


def _told_of(at_ms: int, act: Act) -> Iterable[Told]:
    articles = [write["values"][0] for write in act.writes if write["op"] == "put_article"]
    for hint in act.hints:
        written = next((one for one in articles if one["id"] == hint.article_id), None)
        if hint.type == "article.deleted":
            yield Told(at_ms, hint, {"article_id": hint.article_id})
        elif hint.type == "article.updated" and written is not None:
            yield Told(at_ms, hint, {"article": written})
