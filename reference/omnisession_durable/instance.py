"""One instance: it folds the journal, and speaks while that names it and a beat of its own came back.

What it is told comes in by the methods of `Instance`, what it does goes out by its `Shell`. It waits for
nothing and reads no clock but the one that it is given.
"""

import secrets
import traceback
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from omnisession_durable.candidacy import Candidacy
from omnisession_durable.decoding import Newer
from omnisession_durable.digests import Digests, short
from omnisession_durable.domain import Domain
from omnisession_durable.entries import NOBODY, Beat, Conf, Entry, Limits, Own, encode
from omnisession_durable.fold import Fold, Judged, Stored, Verdict
from omnisession_durable.lease import Lease
from omnisession_durable.margins import Margins
from omnisession_durable.people import People
from omnisession_durable.reader import Exit, HaltError, Reader
from omnisession_reference.clock import Clock
from omnisession_reference.parts import Parts

NAME_BYTES = 12
RULES = 1
"""The version of the rules by which this package judges entries."""


class Shell(Protocol):
    """What an instance does."""

    def append(self, data: bytes) -> None:
        """Append an entry to the journal, in the order of calls, and wait for nothing."""
        ...

    def subscribe(self) -> None:
        """Receive what clients send, in the queue group of all instances."""
        ...

    def unsubscribe(self) -> None:
        """Receive no more of it."""
        ...

    def publish(self, message: Any) -> None:
        """Say what a term says, in the order of calls."""
        ...

    def halt(self, code: int, why: str) -> None:
        """End this process."""
        ...


class Speaking(Protocol):
    """What an instance is while it owns the journal, see `CoreTerm`; its shell hands over requests."""

    number: int
    has_begun: bool

    @property
    def is_idle(self) -> bool:
        """Whether nothing is under way."""
        ...

    def begin(self) -> None:
        """Begin the epoch: nobody else speaks any more."""
        ...

    def receive(self, request: Any) -> None:
        """Take a request; until the term begins it waits."""
        ...

    def folded(self, judged: Judged) -> None:
        """An entry was folded."""
        ...

    def refused(self, data: bytes) -> None:
        """The journal will never store an entry."""
        ...

    def tick(self) -> None:
        """Look at the times."""
        ...


@dataclass(frozen=True, slots=True)
class Settings:
    """Who an instance is, and by what it works.

    Its name is new at each start, and made here: with an old one it would take the beats of who had it for
    its own.
    """

    name: str = field(default_factory=lambda: secrets.token_hex(NAME_BYTES))
    limits: Limits = field(default_factory=Limits)
    margins: Margins = field(default_factory=Margins)


class Instance(ABC):
    """A state machine; each of its inputs is handled whole before the next one."""

    def __init__(
        self,
        settings: Settings,
        domain: Domain,
        clock: Clock,
        shell: Shell,
        parts: Parts | None = None,
    ) -> None:
        parts = parts or Parts()
        self.name = settings.name
        self.limits = settings.limits
        self.margins = settings.margins
        self.clock = clock
        self.shell = shell
        self.parts = parts
        self.fold: Fold = parts.of(Fold)(domain, parts.of(People)())
        self.digests = Digests(self.fold.digest)
        self.reader: Reader = parts.of(Reader)()
        self.lease: Lease = parts.of(Lease)(settings.margins)
        self.candidacy: Candidacy = parts.of(Candidacy)(settings.name, settings.margins)
        self.term: Speaking | None = None
        self.is_over = False
        self._next_beat = 0.0

    # -- inputs

    def start(self) -> None:
        """Begin to live; entries are handed over from the first one on."""
        self._next_beat = self.clock.elapsed_ms()
        self._tick()

    def stored(self, stored: Stored) -> None:
        """The journal hands over its next entry, or after `resume` some once more."""
        self._do(lambda: self._stored(stored))

    def resume(self) -> int:
        """From where a new consumer hands over entries; to be asked whenever one is made."""
        return self.reader.resume()

    def receive(self, request: Any) -> None:
        """A client asks for something."""
        self._do(lambda: self._receive(request))

    def refused(self, data: bytes) -> None:
        """The journal says that it will never store an entry, whatever is done."""
        self._do(lambda: self._refused(data))

    def disconnected(self) -> None:
        """The connection was lost: the next one may be a quicker way, so what it owned is over."""
        self._do(self.step_down)

    def leave(self) -> None:
        """Hand over and end, as planned."""
        self._do(lambda: self.candidacy.leave(self.clock.elapsed_ms()))

    def fail(self, why: str) -> None:
        """Something that it needs does not work any more: end."""
        if not self.is_over:
            self._halt(Exit.FAILED, why)

    def _do(self, handle: Callable[[], None]) -> None:
        if self.is_over:
            return
        try:
            # Whatever this process slept through is looked at before anything else.
            if not self.may_own():
                self.step_down()
            handle()
        except HaltError as halt:
            self._halt(halt.code, halt.why)
        except Exception as error:  # noqa: BLE001 it must not live on, subscribed and silent
            at = traceback.extract_tb(error.__traceback__)[-1]
            self._halt(Exit.FAILED, f"{error!r} in {at.name}, line {at.lineno} of {at.filename}")

    def _halt(self, code: Exit, why: str) -> None:
        self.is_over = True
        self.step_down()
        self.shell.halt(code, why)

    # -- speaking

    def may_own(self) -> bool:
        """Whether what it knows is new enough to speak by."""
        return self.lease.holds(self.clock.elapsed_ms())

    def in_term(self, term: Speaking, handle: Callable[[], None]) -> None:
        """Do what a term had to wait for, if that lasts."""
        if self.term is term:
            self._do(handle)

    def say(self, message: Any) -> None:
        """Publish, if it may at this very moment; else it says nothing more in this term."""
        if self.term is None:
            return
        if self.may_own():
            self.shell.publish(message)
        else:
            self.step_down()

    def tell(self, message: Any) -> None:
        """Publish what claims nothing: for that no lease is needed."""
        self.shell.publish(message)

    def step_down(self) -> None:
        """Own nothing any more: no message comes in and none goes out until another term begins."""
        if self.term is not None:
            self.term = None
            self.shell.unsubscribe()

    # -- entries

    def _stored(self, stored: Stored) -> None:
        if not self.reader.takes(stored):
            return
        judged = self.fold.fold(stored)
        if judged.verdict is not Verdict.PASSING:
            self.reader.keep(stored)
            self.digests.note(judged.seq, self.fold.digest)
        self.check_begin(judged)
        self.note(judged)
        match judged.entry:
            case Beat():
                self._heard(judged.entry)
            case Own() if judged.verdict is Verdict.COUNTS:
                self._owned(judged, judged.entry)
            case Conf():
                self.check_conf()
            case Newer(version):
                raise HaltError(Exit.CONFIGURED, f"the journal has entries of format {version}")
            case _:
                if self.term is not None:
                    self.term.folded(judged)

    @abstractmethod
    def note(self, judged: Judged) -> None:
        """Remember of an entry what another term needs; nothing that is folded rests on it."""

    def check_begin(self, judged: Judged) -> None:
        """Go on only with a journal that has its begin: without it this would be another fold."""
        if self.fold.lacks_begin(judged.entry):
            why = f"the journal has entry {judged.seq}, and not the begin that it rests on"
            raise HaltError(Exit.CONFIGURED, why)

    def check_fold(self, beat: Beat) -> None:
        """Go on only while all folds are one: else some of them have another journal, perhaps this one.

        Beats that stood there before this instance lived may be of a journal that was lost.
        """
        if self.lease.is_new or not self.digests.differs(beat.folded, beat.digest):
            return
        why = f"{beat.by} has folded another journal than this instance up to {beat.folded}"
        raise HaltError(Exit.AGAIN, why)

    def _heard(self, beat: Beat) -> None:
        now = self.clock.elapsed_ms()
        if beat.by == self.name:
            self.lease.renew(beat.sent)
        else:
            self.check_fold(beat)
        self.candidacy.heard(beat, self.fold.owner, now)

    def _owned(self, judged: Judged, own: Own) -> None:
        self.step_down()
        self.candidacy.owned(own, judged.owner, judged.seq, self.clock.elapsed_ms())
        if own.by == self.name and not self.candidacy.is_leaving:
            self.term = self.new_term(self.fold.term)
            self.shell.subscribe()

    @abstractmethod
    def new_term(self, number: int) -> Speaking:
        """Make a term."""

    def check_conf(self) -> None:
        """Go on only with the configuration that all folds use."""
        conf = self.fold.conf
        if conf is None:
            return
        if conf.fold > RULES:
            raise HaltError(
                Exit.CONFIGURED, f"the journal is folded by rules of version {conf.fold}"
            )
        if conf.limits != self.limits:
            raise HaltError(Exit.CONFIGURED, "the journal has other limits than this instance")

    # -- the rest

    def _receive(self, request: Any) -> None:
        if self.term is not None:
            self.term.receive(request)
        else:
            self.turn_away(request)

    @abstractmethod
    def turn_away(self, request: Any) -> None:
        """Answer a request that has come to an instance that owns nothing."""

    def _refused(self, data: bytes) -> None:
        if self.term is not None:
            self.term.refused(data)

    def _tick(self) -> None:
        self._do(self._look)
        if not self.is_over:
            self.clock.call_later(self.margins.tick, self._tick)

    def _look(self) -> None:
        now = self.clock.elapsed_ms()
        holds = self.lease.left(now) > self.margins.farewell
        self.candidacy.note_lease(now, holds=holds)
        if not holds:
            self.step_down()
        if self.term is not None and not self.term.has_begun and now >= self.begins_at():
            self._next_beat = now  # the others are waiting to hear it
            self.term.begin()
        if self.term is not None:
            self.term.tick()
        self._stand(now)
        if now >= self._next_beat:
            self._next_beat = now + self.margins.beat
            self.append(self.beat(now))

    def begins_at(self) -> float:
        """From when it may speak in its term, as far as others are concerned."""
        return self.candidacy.begins_at()

    @property
    def speaks(self) -> bool:
        """Whether it speaks as the owner."""
        return self.term is not None and self.term.has_begun

    def beat(self, now: float) -> Beat:
        """Say that it lives, how far it has folded, and whether it can speak."""
        return Beat(self.name, int(now), self.reader.seq, self.speaks, short(self.fold.digest))

    def _stand(self, now: float) -> None:
        """Do what a candidate does: give a configuration, claim, hand over, or end."""
        if self.candidacy.is_leaving:
            self._leave(now)
        elif self.may_claim() and self.fold.conf is None:
            if self.candidacy.may_append(now):
                self.append(Conf(0, RULES, self.limits))
        elif self.may_claim() and self.wants() and self.candidacy.may_append(now):
            self.append(Own(self.name, self.name, self.fold.term))

    def may_claim(self) -> bool:
        """Whether it knows enough to say anything of who owns the journal."""
        return self.term is None and self.candidacy.is_steady(self.clock.elapsed_ms())

    def wants(self) -> bool:
        """Whether the journal needs an owner: it has none, a silent one (this), or one that is gone."""
        is_free = self.fold.owner in (NOBODY, self.name)
        return is_free or self.candidacy.is_owner_gone()

    def _leave(self, now: float) -> None:
        if self.term is not None and self.term.has_begun:
            self.shell.unsubscribe()
            if not self.term.is_idle and not self.candidacy.is_late(now):
                return
        self.step_down()
        if self.fold.owner != self.name or self.candidacy.is_late(now, self.margins.decide):
            raise HaltError(Exit.PLANNED, "it has left as planned")
        if self.candidacy.may_append(now):
            self.append(Own(self.candidacy.heir(now), self.name, self.fold.term))

    def append(self, entry: Entry) -> None:
        """Append an entry."""
        self.shell.append(encode(entry))
