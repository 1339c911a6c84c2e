"""Everything that an instance is while it owns the journal; it is thrown away when that ends."""

from collections import deque
from collections.abc import Callable

from omnisession_durable.appending import Appending
from omnisession_durable.deciding import Deciding
from omnisession_durable.domain import Decider
from omnisession_durable.entries import Decided
from omnisession_durable.fold import Fold, Judged, Verdict
from omnisession_durable.margins import Margins
from omnisession_durable.messages import Message, Request
from omnisession_durable.serving import Serving
from omnisession_durable.streams import Streams
from omnisession_reference.clock import Clock
from omnisession_reference.parts import Parts

MOST_WAITING = 4_096
"""So many requests wait until a term begins; clients send again what is dropped."""


class Term:
    """One term: it waits until whoever spoke before is silent, begins, and speaks until it is over."""

    def __init__(
        self,
        number: int,
        *,
        fold: Fold,
        decider: Decider,
        say: Callable[[Message], None],
        append: Callable[[bytes], None],
        clock: Clock,
        margins: Margins,
        parts: Parts,
    ) -> None:
        self.number = number
        self.has_begun = False
        self._clock = clock
        self._waiting: deque[tuple[Request, float]] = deque(maxlen=MOST_WAITING)
        self.streams = parts.of(Streams)(number, fold, say)
        self.appending = parts.of(Appending)(number, append, clock, margins)
        deciding = parts.of(Deciding)(fold, decider)
        self.serving = parts.of(Serving)(
            deciding, self.streams, self.appending, say, clock, margins
        )

    def begin(self) -> None:
        """Begin the epoch, then serve what has come meanwhile."""
        self.has_begun = True
        self.streams.begin()
        while self._waiting:
            self.serving.receive(*self._waiting.popleft())

    def receive(self, request: Request) -> None:
        """Take a request; until the term begins it waits."""
        now = self._clock.elapsed_ms()
        if self.has_begun:
            self.serving.receive(request, now)
        else:
            self._waiting.append((request, now))

    def folded(self, judged: Judged) -> None:
        """An entry was folded: first its effects, then the outcome."""
        if not isinstance(judged.entry, Decided):
            return
        if judged.verdict is Verdict.VOID:
            self.appending.passed_over(judged.entry)
            return
        if self.has_begun and judged.verdict is Verdict.COUNTS:
            self.streams.folded(judged)
        self.appending.folded(judged, judged.entry)

    @property
    def is_idle(self) -> bool:
        """Whether nothing is under way."""
        return self.serving.is_idle

    def farewell(self) -> None:
        """Say the last words while it still may."""
        self.serving.farewell()

    def refused(self, data: bytes) -> None:
        """The journal will never store an entry."""
        self.appending.refused(data)

    def tick(self) -> None:
        """Look at the times."""
        self.appending.tick()
        self.serving.tick()
