"""The audit trail: what a reader of the journal makes of it. Nobody writes a second one."""

from dataclasses import dataclass

from omnisession_durable.entries import Act, Decided, End, Open
from omnisession_durable.fold import Fold, Judged, Stored, Verdict
from omnisession_durable.reader import Exit, HaltError, Reader
from omnisession_reference.wire import JsonObject


@dataclass(frozen=True, slots=True)
class Record:
    """Something that counts: who did what, what became of it, and what has changed by it.

    `n` is the sequence of its entry, `at_ms` fold time. A session that was opened or has ended has no
    action and no outcome.
    """

    n: int
    at_ms: int
    user: str
    session: str
    type: str
    action_id: str | None = None
    client_seq: int | None = None
    code: int | None = None
    changes: tuple[JsonObject, ...] = ()


class Audit:
    """Reads a journal from its begin, with the fold that instances have, and tells what counts."""

    def __init__(self, fold: Fold) -> None:
        self._fold = fold
        self._reader = Reader()

    def read(self, stored: Stored) -> Record | None:
        """Read the next entry; None where it is nothing that anybody did. Raises HaltError."""
        if not self._reader.takes(stored):
            return None
        judged = self._fold.fold(stored)
        if self._fold.lacks_begin(judged.entry):
            raise HaltError(
                Exit.CONFIGURED, "the journal has lost its begin: there is no audit of it"
            )
        return self.record(judged)

    def record(self, judged: Judged) -> Record | None:
        """Tell what an entry counts for; a copy has its outcome in the record of the first."""
        if judged.verdict is not Verdict.COUNTS or not isinstance(judged.entry, Decided):
            return None
        match judged.entry.body:
            case Open(user, session):
                return Record(judged.seq, judged.at_ms, user, session, "session.open")
            case End(user, session, why):
                return Record(judged.seq, judged.at_ms, user, session, f"session.{why}")
            case Act() as act if not act.copy:
                return Record(
                    judged.seq,
                    judged.at_ms,
                    act.user,
                    act.session,
                    act.type,
                    act.action_id,
                    act.client_seq,
                    None if act.outcome.error is None else act.outcome.error.get("code"),
                    judged.changes,
                )
            case _:
                return None
