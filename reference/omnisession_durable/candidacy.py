"""What an instance knows of the others, by the journal alone: who lives, who is gone, who comes next."""

from omnisession_durable.entries import NOBODY, Beat, Own
from omnisession_durable.lease import Silence
from omnisession_durable.margins import Margins


class Candidacy:
    """When an instance claims the journal, and to whom it leaves it."""

    def __init__(self, name: str, margins: Margins) -> None:
        self.name = name
        self.is_leaving = False
        self._margins = margins
        self._silence = Silence(margins)
        self._heard: dict[str, float] = {}
        # When those who were deposed are silent, and the term that deposed them.
        self._silent: dict[str, tuple[int, float]] = {}
        self._owned_at = 0.0
        self._steady_since: float | None = None
        self._appended_at: float | None = None
        self._leaves_at = 0.0

    def heard(self, beat: Beat, owner: str, now: float) -> None:
        """A beat was folded."""
        if beat.by == self.name:
            self._silence.note(beat.sent)
            return
        self._heard.pop(beat.by, None)
        self._heard[beat.by] = now
        term, at = self._silent.get(beat.by, (0, 0.0))
        if at > now and beat.folded >= term:
            self._silent[beat.by] = (term, now)  # it knows, and has nothing more to say
        if self.is_sign(beat, owner):
            self._silence.end(now)

    def is_sign(self, beat: Beat, owner: str) -> bool:
        """Whether the owner lives and can speak: a process that is too far behind is no owner."""
        return beat.by == owner and beat.speaks

    def owned(self, own: Own, owner: str, term: int, now: float) -> None:
        """There is another owner, which has its time, or the same one in another term."""
        if own.by != owner:
            self._silence.end(now)  # an owner that begins again gives no sign by that
        self._appended_at = None
        self._owned_at = now
        self._silent = {name: of for name, of in self._silent.items() if of[1] > now}
        # Whoever was not heard for so long has no lease, and is no heir either.
        longest = 10 * self._margins.dead
        self._heard = {name: at for name, at in self._heard.items() if now - at < longest}
        if owner not in (NOBODY, self.name, own.of):
            # Its lease rests on a beat from before this entry, so on none that was folded later here.
            self._silent[owner] = (term, self._heard.get(owner, now) + self._margins.lease)

    def begins_at(self) -> float:
        """From when nobody else speaks, whoever owned the journal before, nor is heard late."""
        last = max((at for _, at in self._silent.values()), default=self._owned_at)
        return max(last, self._owned_at) + self._margins.routes

    def is_owner_gone(self) -> bool:
        """Whether the owner was silent for long."""
        return self._silence.is_long()

    def note_lease(self, now: float, *, holds: bool) -> None:
        """Note whether it could speak at this time."""
        if not holds:
            self._steady_since = None
        elif self._steady_since is None:
            self._steady_since = now

    def is_steady(self, now: float) -> bool:
        """Whether it could speak for a while without a break."""
        since = self._steady_since
        return since is not None and now - since >= self._margins.steady

    def may_append(self, now: float) -> bool:
        """Whether it is time to say it, or to say it again."""
        if self._appended_at is not None and now - self._appended_at < self._margins.claim:
            return False
        self._appended_at = now
        return True

    def leave(self, now: float) -> None:
        """It is to end as planned."""
        if not self.is_leaving:
            self.is_leaving = True
            self._leaves_at = now + self._margins.lease

    def is_late(self, now: float, more: float = 0) -> bool:
        """Whether what is under way has had its time, and so much more."""
        return now >= self._leaves_at + more

    def heir(self, now: float) -> str:
        """To whom it leaves the journal: whoever was heard last, and not long ago; else to nobody."""
        name, at = next(reversed(self._heard.items()), (NOBODY, 0.0))
        return name if now - at < self._margins.dead else NOBODY
