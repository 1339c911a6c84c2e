"""What the journal says: one fold more, kept beside those of the instances, with its audit."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

from tests.simulation.ledger import Ledger

from omnisession_durable.audit import Audit
from omnisession_durable.entries import NOBODY, Act, Decided, Own
from omnisession_durable.fold import Fold, Verdict
from omnisession_durable.kept import Kept
from omnisession_durable.people import People

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from omnisession_durable.audit import Record
    from omnisession_durable.fold import Judged, Stored
    from omnisession_reference.parts import Parts
    from omnisession_reference.session import Key


class Truth:
    """Folds each entry when it is stored; `effects` has what each action has written."""

    def __init__(
        self, parts: Parts, ended: Callable[[Key, str], None] = lambda _key, _why: None
    ) -> None:
        self._ended = ended
        self.kept = Kept()
        self.ledger = Ledger(self.kept.store)
        self.fold: Fold = parts.of(Fold)(self.kept, parts.of(People)())
        self._audit = Audit(self.fold)
        self.records: list[Record] = []
        self.effects: dict[str, list[Record]] = defaultdict(list)
        self.digests: dict[int, tuple[int, bytes]] = {}
        self.counts = Counter[str]()
        # Of take-overs fold time and term; of hints fold time, how many take-overs there were, and the id.
        self.owns: list[tuple[int, int]] = []
        self.hints: list[tuple[int, int, str]] = []

    def read(self, stored: Stored) -> None:
        """Fold the next entry."""
        judged = self.fold.fold(stored)
        self._count(judged)
        self._hint(judged)
        record = self._audit.record(judged)
        self.digests[stored.seq] = (stored.at_ms, self.fold.digest)
        if record is not None:
            self.records.append(record)
            if record.action_id is None and record.type != "session.open":
                why = record.type.removeprefix("session.")
                self._ended((record.user, record.session), why)
            if record.action_id is not None and record.changes:
                self.effects[record.action_id].append(record)

    def _hint(self, judged: Judged) -> None:
        if judged.verdict is not Verdict.COUNTS:
            return
        match judged.entry:
            case Own():
                self.owns.append((judged.at_ms, self.fold.term))
            case Decided(_, Act() as act):
                self.hints += [(judged.at_ms, len(self.owns), one.event_id) for one in act.hints]
            case _:
                pass

    def _count(self, judged: Judged) -> None:
        is_claim = isinstance(judged.entry, Own)
        match judged.verdict:
            case Verdict.CONFLICT:
                self.counts["conflicts"] += 1
            case Verdict.VOID:
                self.counts["claims that lost" if is_claim else "void entries"] += 1
            case _:
                self.counts["takeovers"] += is_claim
                if isinstance(judged.entry, Own):
                    is_deposed = judged.owner not in (NOBODY, judged.entry.by)
                    self.counts["owners deposed"] += is_deposed


def audited(entries: Iterable[Stored], parts: Parts) -> tuple[list[Record], str]:
    """The records that somebody makes who reads the journal later, and all that this has folded."""
    fold: Fold = parts.of(Fold)(Kept(), parts.of(People)())
    audit = Audit(fold)
    records = [record for record in map(audit.read, entries) if record is not None]
    return records, state_of(fold)


def state_of(fold: Fold) -> str:
    """All that a fold holds, as one text."""
    kept: Any = fold.domain
    told = [fold.owner, fold.term, fold.n, fold.people.as_json(), kept.as_json()]
    return repr(plain(told))


def plain(value: Any) -> Any:
    """A value that is written alike wherever it is the same: sets have an order."""
    match value:
        case dict():
            # What listens to a store stands among its members.
            told = {name: one for name, one in value.items() if not callable(one)}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
            return [(plain(name), plain(one)) for name, one in told.items()]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        case set() | frozenset():
            return sorted(map(plain, value))  # pyright: ignore[reportUnknownArgumentType]
        case list() | tuple() | deque():
            return [plain(one) for one in value]  # pyright: ignore[reportUnknownVariableType]
        case _ if is_dataclass(value):
            return [plain(getattr(value, field.name)) for field in fields(value)]
        case _:
            return value
