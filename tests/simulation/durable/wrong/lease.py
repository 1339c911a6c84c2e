"""Leases that are too long, take-overs that are too hasty, subscriptions that are not the owner's."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from omnisession_durable.candidacy import Candidacy
from omnisession_durable.core_term import CoreInstance, CoreTerm
from omnisession_durable.entries import Beat, Own
from omnisession_durable.lease import Lease, Silence

if TYPE_CHECKING:
    from omnisession_durable.fold import Judged
    from omnisession_durable.margins import Margins
    from omnisession_durable.posts import Post


class NoLease(Lease):
    """Whoever owns the journal by its own fold speaks."""

    def left(self, now: float) -> float:
        return max(super().left(now), -1.0 if math.isinf(self._sent) else 1_000.0)


class FromReceipt(CoreInstance):
    """The time counts from when a beat came back."""

    def _heard(self, beat: Beat) -> None:
        if beat.by == self.name:
            self.lease.renew(self.clock.elapsed_ms())
        super()._heard(beat)


class LongLease(Lease):
    """It takes its own lease for longer than others do."""

    def left(self, now: float) -> float:
        return super().left(now) + 1_500


class KeepsTerm(CoreInstance):
    """Another connection is another way, and it goes on in the same term."""

    def disconnected(self) -> None:
        pass


class GoesOn(CoreInstance):
    """Whoever lost its lease goes on in the same term when it has one again."""

    def step_down(self) -> None:
        if self.fold.owner != self.name or self.candidacy.is_leaving:
            super().step_down()

    def say(self, message: Post) -> None:
        if self.may_own():
            super().say(message)


class BeginsAtOnce(CoreInstance):
    """Whoever takes over speaks when its claim is folded."""

    def begins_at(self) -> float:
        return 0.0


class NoWait(Candidacy):
    """It waits for the ways through the cluster, not for the lease of the one before."""

    def begins_at(self) -> float:
        return self._owned_at + self._margins.routes


class OnlyTheLast(Candidacy):
    """It waits for whom this claim deposes, and forgets who was deposed before."""

    def owned(self, own: Own, owner: str, term: int, now: float) -> None:
        self._silent = {}
        super().owned(own, owner, term, now)


class NoRoutes(Candidacy):
    """It waits until nobody else speaks, not until what was said has arrived."""

    def begins_at(self) -> float:
        return super().begins_at() - self._margins.routes


class AnyBeatConfirms(Candidacy):
    """Any beat of the one before says that it is silent."""

    def heard(self, beat: Beat, owner: str, now: float) -> None:
        super().heard(replace(beat, folded=2**40), owner, now)


class AnyBeatIsASign(Candidacy):
    """An owner that lives is left alone, be it too far behind to serve."""

    def is_sign(self, beat: Beat, owner: str) -> bool:
        return beat.by == owner


class _AnyBeat(Silence):
    def note(self, sent: float) -> None:
        self._since = sent if self._since is None else self._since
        self._last = sent


class LateBeatsCount(Candidacy):
    """A beat of its own that comes late says how long the owner was silent."""

    def __init__(self, name: str, margins: Margins) -> None:
        super().__init__(name, margins)
        self._silence = _AnyBeat(margins)


class NeverClaims(Candidacy):
    def is_owner_gone(self) -> bool:
        return False


class ClaimsAtOnce(Candidacy):
    """Whoever was not heard a moment ago is gone."""

    def is_owner_gone(self) -> bool:
        return True


class Limps(Candidacy):
    """An instance that is just too slow claims again and again."""

    def is_steady(self, now: float) -> bool:
        return self._steady_since is not None

    def owned(self, own: Own, owner: str, term: int, now: float) -> None:
        super().owned(own, owner, term, now)
        self._silence.end(now)


class ClaimsWithoutLease(CoreInstance):
    def may_claim(self) -> bool:
        return self.term is None and not math.isinf(self.lease.left(0))


class SpeaksAfterYielding(CoreInstance):
    """It hands over, and goes on until it has folded that."""

    def _leave(self, now: float) -> None:
        if self.fold.owner != self.name:
            super()._leave(now)
        elif self.candidacy.may_append(now):
            self.append(Own(self.candidacy.heir(now), self.name, self.fold.term))


class AllSubscribe(CoreInstance):
    """Standbys hear what clients send, and drop it."""

    def start(self) -> None:
        self.shell.subscribe()
        super().start()


class StaysSubscribed(CoreInstance):
    """Who is deposed goes on hearing."""

    def step_down(self) -> None:
        term, self.term = self.term, None
        if isinstance(term, CoreTerm):
            term.end()


class NeverSubscribes(CoreInstance):
    """A standby that takes over hears nothing."""

    def _owned(self, judged: Judged, own: Own) -> None:
        super()._owned(judged, own)
        self.shell.unsubscribe()
