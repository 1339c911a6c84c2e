"""Who may speak, and who is thought to be gone. Both rest on entries that came back in the own fold.

Whoever may speak has folded all that was stored before the beat that lets it: had it been deposed before
then, it would know. A beat that was lost, or is late, or lies in a frozen process, gives nothing, since
the time counts from when it was sent.
"""

import math

from omnisession_durable.margins import Margins


class Lease:
    """For how long an instance may speak, by its own steady clock."""

    def __init__(self, margins: Margins) -> None:
        self._margins = margins
        self._sent = -math.inf

    def renew(self, sent: float) -> None:
        """A beat of its own came back that it sent at this time."""
        self._sent = max(self._sent, sent)

    @property
    def is_new(self) -> bool:
        """Whether no beat of its own has come back yet."""
        return math.isinf(self._sent)

    def left(self, now: float) -> float:
        """How long it may speak from now on; 0 or less: not any more."""
        return self._sent + self._margins.lease - now

    def holds(self, now: float) -> bool:
        """Whether it may speak."""
        return self.left(now) > 0


class Silence:
    """Whether the owner is thought to be gone.

    It is, when two beats of an instance's own, sent long enough after each other, stand in the journal
    with no sign of the owner between them. No clock but its own is asked, and who cannot read the journal
    believes nobody gone. Both have been sent after the last sign was heard: one that comes late tells of a
    time in which the owner may have given signs.
    """

    def __init__(self, margins: Margins) -> None:
        self._margins = margins
        self._since: float | None = None
        self._last = -math.inf
        self._ended_at = -math.inf

    def end(self, now: float) -> None:
        """The owner has given a sign, or there is a new one, which has its time."""
        self._since = None
        self._ended_at = now

    def note(self, sent: float) -> None:
        """A beat of its own came back that it sent at this time."""
        if sent <= max(self._last, self._ended_at):
            return
        self._since = sent if self._since is None else self._since
        self._last = sent

    def is_long(self) -> bool:
        """Whether the owner may be taken over."""
        return self._since is not None and self._last - self._since >= self._margins.dead
