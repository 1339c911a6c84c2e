"""What a run may take at most: time, memory and messages.

A target may send whatever it likes, as fast as it can. What the kit keeps of it, and how long it looks at
it, is bounded all the same; a run that meets a bound ends without a verdict, and says which.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

TIMEOUT_S = 600.0
MEMORY_MB = 1_000
MESSAGES = 150_000
BROWSER_MB = 1_500
"""Chromium with one page: 0.9 GB, with pages that its processes share counted for each of them."""
MB = 1_000_000
KEPT_PART = 1.0
"""The part of the memory that the messages of a run may take, as they are counted: what they really take,
judging included, was measured as two thirds of that. What takes more meets the watch over memory."""
WATCHED_PART = 0.85
"""The part of the memory at which a run is ended: it grows on until its processes are gone,
and what the kit's process held before is not counted."""
JUDGING_S = 25.0
JUDGING_PART = 0.2
"""What is left for the verdicts and the reports, in seconds and of the whole time: the smaller counts."""
REPORTS_PART = 0.5
"""The part of that which is left for the reports."""
LONGER_PART = 0.5
"""How much longer a run may take at most, of its whole time, where it waited for a processor."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """The bounds of one run.

    `timeout_s` is the time from its start to its reports, `memory_mb` what the kit, its broker and all
    processes that it started may take together, beyond what the kit's process held before the run,
    `messages` how many messages are kept.
    """

    timeout_s: float = TIMEOUT_S
    memory_mb: float = MEMORY_MB
    messages: int = MESSAGES
    browser_mb: float = 0
    """What the target may take beside that, where it is in a browser: that alone holds more than a run."""

    @property
    def with_a_browser(self) -> Bounds:
        """The same for a target that may be a page."""
        return replace(self, browser_mb=BROWSER_MB)

    @property
    def kept_bytes(self) -> float:
        """Memory for the messages of the run."""
        return self.memory_mb * MB * KEPT_PART

    @property
    def watched_bytes(self) -> float:
        """Memory at which the run is ended."""
        return self.memory_mb * MB * WATCHED_PART + self.browser_mb * MB

    @property
    def cases_s(self) -> float:
        """Time until the cases are over."""
        return self.timeout_s - self._judging_s

    @property
    def verdicts_s(self) -> float:
        """Time until the verdicts are there."""
        return self.timeout_s - self._judging_s * REPORTS_PART

    def longer_s(self, waited_s: float) -> float:
        """What is added to each of these times when the kit waited so long for a processor.

        How busy a machine is says nothing of the target, and a right one is not left without a verdict
        for it.
        """
        return min(waited_s, self.timeout_s * LONGER_PART)

    @property
    def _judging_s(self) -> float:
        return min(JUDGING_S, self.timeout_s * JUDGING_PART)
