"""What every instance makes of the journal: the same entries in the same order give the same fold.

The fold is total: each entry is judged, and a bad one counts for nothing. It asks no clock, its time is
that of the entries. Who appends an entry may be wrong about all that it knows, late, deposed or two at a
time: that the entry counts is decided here, and nowhere else.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from omnisession_durable.decoding import Newer, Poison, decode
from omnisession_durable.domain import Domain
from omnisession_durable.entries import (
    NOBODY,
    PARTITION,
    Act,
    Beat,
    Conf,
    Decided,
    End,
    Entry,
    Nil,
    Open,
    Own,
    Signs,
)
from omnisession_durable.people import People
from omnisession_reference.wire import JsonObject, encode

NOTHING = bytes(16)
"""The digest of a fold of nothing."""


@dataclass(frozen=True, slots=True)
class Stored:
    """An entry as the journal hands it over: its sequence, and the time at which it was stored."""

    seq: int
    at_ms: int
    data: bytes


class Verdict(StrEnum):
    """What an entry counts for."""

    COUNTS = "counts"
    CONFLICT = "conflict"
    """It takes its number, and has no effect: what it rests on has changed. Its owner ends its term."""
    VOID = "void"
    PASSING = "passing"
    """It vanishes after a while, and nothing that is folded rests on it."""


@dataclass(frozen=True, slots=True)
class Judged:
    """An entry with its verdict; `at_ms` is fold time, `owner` who owned the journal before it.

    `data` are its bytes, by which its writer knows it.
    """

    seq: int
    at_ms: int
    entry: Entry | Poison | Newer
    verdict: Verdict
    why: str = ""
    changes: tuple[JsonObject, ...] = ()
    owner: str = NOBODY
    data: bytes = b""


class Fold:
    """The state that follows from the entries so far."""

    def __init__(self, domain: Domain, people: People) -> None:
        self.domain = domain
        self.people = people
        self.at_ms = 0
        self.conf: Conf | None = None
        self.conf_seq = 0
        self.owner = NOBODY
        self.term = 0
        self.n = 0
        self.digest: bytes = NOTHING
        self._stamp = 0
        # When the owner was last seen to be there, by whatever it has appended.
        self._there_ms = 0

    def fold(self, stored: Stored) -> Judged:
        """Judge the next entry, and let it have its effects."""
        entry = decode(stored.data)
        self.note_stamp(stored)
        if isinstance(entry, Beat):
            # Not even its time counts: beats vanish from the journal, and later folds never see them.
            if entry.by == self.owner and entry.speaks:
                self._there_ms = self.time(stored)
            return Judged(stored.seq, self.at_ms, entry, Verdict.PASSING)
        if isinstance(entry, Signs):
            if not self.is_of_another_term(entry.term):
                self._there_ms = self.time(stored)
                self.people.live_on(entry.sessions, self._there_ms)
            return Judged(stored.seq, self.at_ms, entry, Verdict.PASSING)
        self.at_ms = self.time(stored)
        if self.conf is not None:
            self.people.forget(self.at_ms, self.conf.limits)
        owner = self.owner
        verdict, why, changes = self.judge(stored.seq, entry)
        # Not why: these are words, and others may have other words for the same.
        told = encode([stored.seq, self.at_ms, verdict, changes])
        self.digest = hashlib.blake2b(self.digest + told + stored.data, digest_size=16).digest()
        return Judged(stored.seq, self.at_ms, entry, verdict, why, changes, owner, stored.data)

    def note_stamp(self, stored: Stored) -> None:
        """Look whether time has jumped, or nobody was there for a whole window: then all live from now on.

        While an owner lives it has silent ones expire by itself, and without one they could reach nobody.
        """
        jumped_ms, self._stamp = stored.at_ms - self._stamp, max(self._stamp, stored.at_ms)
        if self.conf is not None and jumped_ms > self.conf.limits.window_ms:
            self.people.live_all(stored.at_ms)

    def lacks_begin(self, entry: Entry | Poison | Newer) -> bool:
        """Whether an entry that was judged rests on a begin that was never folded.

        The first configuration is the begin. Once there are snapshots, one of them is a begin as well.
        """
        if self.conf is not None:
            return False
        return isinstance(entry, (Own, Decided)) or (isinstance(entry, Conf) and entry.over != 0)

    def time(self, stored: Stored) -> int:
        """Fold time: that of the journal, which never goes back here."""
        return max(self.at_ms, stored.at_ms)

    def judge(
        self, seq: int, entry: Entry | Poison | Newer
    ) -> tuple[Verdict, str, tuple[JsonObject, ...]]:
        """Say what an entry counts for, and why not."""
        match entry:
            case Conf():
                return self._plain(self.why_not_conf(entry), lambda: self._configure(seq, entry))
            case Own():
                return self._plain(self.why_not_own(entry), lambda: self._depose(entry))
            case Decided():
                return self.decided(seq, entry)
            case Poison(why):
                return Verdict.VOID, why, ()
            case _:
                return Verdict.VOID, "a later format", ()

    def _plain(
        self, why: str, effect: Callable[[], None]
    ) -> tuple[Verdict, str, tuple[JsonObject, ...]]:
        if why:
            return Verdict.VOID, why, ()
        effect()
        return Verdict.COUNTS, "", ()

    def _configure(self, seq: int, conf: Conf) -> None:
        self.conf, self.conf_seq = conf, seq

    def _depose(self, own: Own) -> None:
        self.owner, self.term, self.n = own.by, self.next_term(), 0
        self.people.renew(self.at_ms, self.at_ms - self._there_ms)
        self._there_ms = self.at_ms

    def next_term(self) -> int:
        """The term that begins now: above each before, and each time at which anything was opened.

        It is a time, in milliseconds, and no sequence: these are given again where the end of a journal was
        lost, and clients would drop what comes in an epoch that they have seen.
        """
        return max(self.term, self.at_ms) + 1

    def why_not_conf(self, conf: Conf) -> str:
        """Why a configuration does not follow the one in force."""
        return "" if conf.over == self.conf_seq else "over another configuration"

    def why_not_own(self, own: Own) -> str:
        """Why a claim does not count: the first of two over one term wins, in every fold."""
        if self.conf is None or own.partition != PARTITION:
            return "no configuration" if self.conf is None else "another partition"
        return "" if own.over == self.term else "over another term"

    def decided(self, seq: int, entry: Decided) -> tuple[Verdict, str, tuple[JsonObject, ...]]:
        """Judge a decision: where it stands, then whether it still holds."""
        why = self.why_not_here(entry)
        if why:
            return Verdict.VOID, why, ()
        self.n += 1
        self._there_ms = self.at_ms
        match entry.body:
            case Open():
                why, effect = self.why_not_open(entry.body), self._open
            case Act():
                why, effect = self.why_not_act(entry.body), self._act
            case End():
                why, effect = self.why_not_end(entry.body), self._end
            case Nil():
                why, effect = "", self._nil
        if why:
            return Verdict.CONFLICT, why, ()
        return Verdict.COUNTS, "", effect(seq, entry.body)  # pyright: ignore[reportArgumentType]

    def why_not_here(self, entry: Decided) -> str:
        """Why no decision counts there: it came twice, late, from somebody deposed, or behind a hole."""
        if entry.place.partition != PARTITION:
            return "another partition"
        if self.is_of_another_term(entry.place.term):
            return "another term"
        return "another number" if self.is_out_of_turn(entry.place.n) else ""

    def is_of_another_term(self, term: int) -> bool:
        """Whether somebody decided who does not own the journal."""
        return term != self.term

    def is_out_of_turn(self, n: int) -> bool:
        """Whether a number was counted before, or one before it was not."""
        return n != self.n + 1

    def why_not_open(self, opened: Open) -> str:
        """Why a session cannot be opened any more."""
        key = (opened.user, opened.session)
        if self.people.head(key) is not None or self.people.is_over(key):
            return "the session is known"
        if not self.domain.agrees(opened.terms):
            return "nobody can show these kinds"
        if self.conf is None or not self.people.has_room(opened.user, self.conf.limits):
            return "no room for one session more"
        return ""

    def why_not_act(self, act: Act) -> str:
        """Why an action cannot have its outcome any more."""
        return self.why_not_in_session(act) or self.why_not_in_domain(act)

    def why_not_in_session(self, act: Act) -> str:
        """Why the session, its number or its id are not those of the decision."""
        head = self.people.head((act.user, act.session))
        if head is None:
            return "no such session"
        if act.client_seq and act.client_seq != head.last_action_seq + 1:
            return "not the next number"
        # A copy of what was forgotten meanwhile still takes its number: it writes nothing.
        is_known = self.people.known(act.user, act.action_id) is not None
        return "the id is known" if is_known and not act.copy else ""

    def why_not_in_domain(self, act: Act) -> str:
        """Why the domain is not what the decision rests on."""
        for key, version in act.reads.items():
            if self.domain.version(key) != version:
                return f"{key} has changed"
        return "" if self.domain.fits(act.writes) else "a write does not fit"

    def why_not_end(self, ended: End) -> str:
        """Why a session cannot end."""
        if self.people.head((ended.user, ended.session)) is None:
            return "no such session"
        return "" if self.domain.fits(ended.writes) else "a write does not fit"

    def _open(self, seq: int, opened: Open) -> tuple[JsonObject, ...]:
        self.people.open(seq, opened, self.at_ms)
        return ()

    def _end(self, seq: int, ended: End) -> tuple[JsonObject, ...]:
        self.people.end(ended, self.at_ms)
        return tuple(self.domain.write(seq, self.at_ms, ended.writes))

    def _nil(self, _seq: int, _nil: Nil) -> tuple[JsonObject, ...]:
        return ()

    def _act(self, seq: int, act: Act) -> tuple[JsonObject, ...]:
        if self.conf is None:
            return ()
        self.people.count(act, self.conf.limits, self.at_ms)
        if act.copy:
            return ()
        self.people.remember(seq, act, self.conf.limits)
        return tuple(self.domain.write(seq, self.at_ms, act.writes))
