"""Folds that do not judge something."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from omnisession_durable.core_term import CoreInstance
from omnisession_durable.decoding import Poison
from omnisession_durable.fold import Fold, Judged, Stored, Verdict
from omnisession_durable.reader import Reader

if TYPE_CHECKING:
    from omnisession_durable.entries import Act, Beat, Open, Own


class AnyTerm(Fold):
    def is_of_another_term(self, term: int) -> bool:
        return False


class AnyNumber(Fold):
    def is_out_of_turn(self, n: int) -> bool:
        return False


class AnyAct(Fold):
    """Place and reads are judged; session, number, id and room are not."""

    def why_not_in_session(self, act: Act) -> str:
        return "" if self.people.head((act.user, act.session)) else "no such session"

    def why_not_open(self, opened: Open) -> str:
        is_known = self.people.head((opened.user, opened.session)) is not None
        return (
            "" if self.domain.agrees(opened.terms) and not is_known else "known, or no such kinds"
        )


class AnyActInAnyTerm(Fold):
    """Both, since each of them stands in for the other."""

    def is_of_another_term(self, term: int) -> bool:
        return False

    def why_not_in_session(self, act: Act) -> str:
        return "" if self.people.head((act.user, act.session)) else "no such session"


class AnyWrite(Fold):
    """What is written is not looked at."""

    def why_not_in_domain(self, act: Act) -> str:
        return ""


class AnyClaim(Fold):
    def why_not_own(self, own: Own) -> str:
        return "" if self.conf else "no configuration"


class TimeOfBeats(Fold):
    """Beats move the time of the fold, though later folds never see them."""

    def fold(self, stored: Stored) -> Judged:
        judged = super().fold(stored)
        if judged.verdict is Verdict.PASSING:
            self.at_ms = self.time(stored)
        return judged


class TimeGoesBack(Fold):
    def time(self, stored: Stored) -> int:
        return stored.at_ms


class OwnTime(Fold):
    """Time is the process's own: here it counts what it was handed, beats among them."""

    _seen = 0

    def fold(self, stored: Stored) -> Judged:
        self._seen += 150
        return super().fold(stored)

    def time(self, stored: Stored) -> int:
        return max(self.at_ms, stored.at_ms - stored.at_ms % 1_000_000 + self._seen)


class Raises(Fold):
    """A bad entry is an exception."""

    def judge(self, seq: int, entry: Any) -> Any:
        if isinstance(entry, Poison):
            raise TypeError(entry.why)
        return super().judge(seq, entry)


class OwnLimits(CoreInstance):
    """An instance goes on with its own limits, and folds by them."""

    def check_conf(self) -> None:
        if self.fold.conf is not None:
            self.fold.conf = replace(self.fold.conf, limits=self.limits)


class AnyBegin(CoreInstance):
    """The first configuration that it finds is the begin, whatever stands before it."""

    def check_begin(self, judged: Judged) -> None:
        pass


class AnyFold(CoreInstance):
    """What others have folded is theirs."""

    def check_fold(self, beat: Beat) -> None:
        pass


class AnyKinds(Fold):
    """A session may be opened with kinds that nobody can show."""

    def why_not_open(self, opened: Open) -> str:
        key = (opened.user, opened.session)
        return "the session is known" if self.people.head(key) is not None else ""


class CountsTerms(Fold):
    """A term is a number that goes up by itself, and is given again after a lost end."""

    def next_term(self) -> int:
        return self.term + 1


class GoesOnBehind(Reader):
    """A new consumer begins with whatever was folded last, a beat or not."""

    def resume(self) -> int:
        return self.seq


class SkipsWhatItHas(Reader):
    """An entry where another one was folded is taken for the same."""

    def compare(self, stored: Stored) -> None:
        pass
