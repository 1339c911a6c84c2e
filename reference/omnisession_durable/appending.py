"""Entries of one term that have not come back yet: numbered, sent again, or replaced."""

from collections.abc import Callable
from dataclasses import dataclass

from omnisession_durable.entries import Body, Decided, Nil, Place, encode
from omnisession_durable.fold import Judged
from omnisession_durable.margins import Margins
from omnisession_reference.clock import Clock

LARGEST = 900_000
"""No entry is larger, in bytes: a journal takes a little more."""

Then = Callable[[Judged, bool], None]
"""Is told what took a number, and whether that is the decision that waits for it."""


class TooLargeError(Exception):
    """No entry of this size can be stored; it has taken no number."""


@dataclass(slots=True)
class Pending:
    """An entry that has not come back; `nil` once the journal has refused it."""

    n: int
    data: bytes
    then: Then
    sent_at: float
    pause: float
    nil: bytes | None = None
    is_passed_over: bool = False


class Appending:
    """Appends decisions without waiting for those before; the fold passes over whatever is out of turn."""

    def __init__(
        self, term: int, append: Callable[[bytes], None], clock: Clock, margins: Margins
    ) -> None:
        self._term = term
        self._append = append
        self._clock = clock
        self._margins = margins
        self._n = 0
        self._pending: dict[int, Pending] = {}

    def add(self, body: Body, then: Then) -> None:
        """Append a decision; `then` is called when its number was folded, by it or by a nil.

        Raises TooLargeError before a number is taken: a number that is never stored blocks all behind it.
        """
        data = self._encode(self._n + 1, body)
        if len(data) > LARGEST:
            raise TooLargeError
        self._n += 1
        pause = self._margins.resend
        self._pending[self._n] = Pending(self._n, data, then, self._clock.elapsed_ms(), pause)
        self._append(data)

    def folded(self, judged: Judged, entry: Decided) -> bool:
        """A number of this term was taken, by a decision or by a nil: tell whoever waits for it.

        False if nobody does: somebody else has written it.
        """
        self.note_number(entry.place.n)
        pending = self._pending.pop(entry.place.n, None)
        if pending is None:
            return False
        self.send_rest()
        pending.then(judged, self.is_own(judged, pending))
        return True

    def is_own(self, judged: Judged, pending: Pending) -> bool:
        """Whether what took a number is the decision that it was given to."""
        return judged.data == pending.data

    def note_number(self, n: int) -> None:
        """No number is given twice, whoever has used it."""
        self._n = max(self._n, n)

    def passed_over(self, entry: Decided) -> None:
        """An entry counted for nothing: if it is one of this term that waits, it stood behind a hole."""
        pending = self._pending.get(entry.place.n)
        if pending is not None and entry.place.term == self._term:
            pending.is_passed_over = True

    def refused(self, data: bytes) -> None:
        """The journal will never store this: another entry takes its number, if this has not done so."""
        for pending in self._pending.values():
            if pending.data == data and pending.nil is None:
                pending.nil = self._encode(pending.n, Nil())
                self._send(pending)
                return

    def tick(self) -> None:
        """Append the first one again if it did not come back for a while; those behind it wait for it."""
        pending = next(iter(self._pending.values()), None)
        if pending is None or self._clock.elapsed_ms() - pending.sent_at < pending.pause:
            return
        pending.pause = min(2 * pending.pause, self._margins.longest_resend)
        self._send(pending)

    def send_rest(self) -> None:
        """Append again, in order, what has come back and counted for nothing, and only that.

        What is just late will come: an overload must not be answered by more of the same.
        """
        for pending in self._pending.values():
            if pending.is_passed_over:
                self._send(pending)

    def _send(self, pending: Pending) -> None:
        pending.is_passed_over = False
        pending.sent_at = self._clock.elapsed_ms()
        self._append(pending.nil or pending.data)

    def _encode(self, n: int, body: Body) -> bytes:
        return encode(Decided(Place(self._term, n), body))
