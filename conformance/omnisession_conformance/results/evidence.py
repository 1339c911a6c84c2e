"""The slice of the transcript that explains a finding: the blamed messages and what led there."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, Literal

from omnisession_conformance.protocol.subjects import Side
from omnisession_conformance.results.describe import describe
from omnisession_conformance.results.lines import Evidence
from omnisession_conformance.traffic.record import Party, Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from omnisession_conformance.traffic.redact import Redactor

MOST = 8
"""Messages shown with a finding: enough for a request, its answer and the states around it."""
BODY_LIMIT = 2_000
"""Characters of a body that are shown; the transcript has it whole."""
LOOK_BACK = 4_000
"""How many messages back a request is looked for: a session's last request is never further away
than the traffic of some cases that ran beside it."""


def evidence(
    blamed: Iterable[int],
    log_records: Sequence[Record],
    *,
    redactor: Redactor,
    started_ns: int,
    most: int = MOST,
    pair: bool = False,
) -> tuple[Evidence, ...]:
    """Choose the messages that explain a finding, in tap order.

    `blamed` are numbers of records; those that are not in the log are left out. `log_records` is in
    tap order. For each blamed message of the server the request that led there is added: the
    one that was sent from that inbox, else the last one of that session; for a blamed request that
    was to be answered, what came to its inbox. Never more than `most`, the blamed ones first. Of a `pair`
    it is told which of the two has sent a message.
    """
    chosen: dict[int, Record] = {}
    marked = [r for n in dict.fromkeys(blamed) if (r := _find(log_records, n)) is not None]
    for record in (*marked, *_context(marked, log_records)):
        if record.party is not Party.STRANGER and len(chosen) < most:
            chosen.setdefault(record.n, record)
    numbers = {r.n for r in marked}
    return tuple(
        _shown(chosen[n], redactor, started_ns, blamed=n in numbers, pair=pair)
        for n in sorted(chosen)
    )


def _context(marked: Sequence[Record], records: Sequence[Record]) -> Iterator[Record]:
    for record in marked:
        if record.party is Party.STRANGER:
            continue
        if record.side is Side.SERVER:
            if (request := _request_before(record, records)) is not None:
                yield request
        elif record.reply:
            yield from _answers_after(record, records)


def _find(records: Sequence[Record], n: int) -> Record | None:
    # Numbers equal places in a live log; a log read from a transcript has gaps.
    at = n if n < len(records) and records[n].n == n else bisect_left(records, n, key=_number)
    return records[at] if at < len(records) and records[at].n == n else None


def _number(record: Record) -> int:
    return record.n


def _request_before(record: Record, records: Sequence[Record]) -> Record | None:
    end = bisect_left(records, record.n, key=_number)
    by_session: Record | None = None
    for earlier in reversed(records[max(0, end - LOOK_BACK) : end]):
        if earlier.side is not Side.CLIENT or earlier.party is Party.STRANGER:
            continue
        if earlier.reply and earlier.reply == record.subject:
            return earlier
        if by_session is None and _same_session(earlier, record):
            by_session = earlier
    return by_session


def _same_session(request: Record, record: Record) -> bool:
    user, session = record.address.user, record.address.session
    if user is None or session is None:
        return False
    if request.address.session is not None:
        return (request.address.user, request.address.session) == (user, session)
    body = request.body or {}
    return body.get("user_id") == user and body.get("session_id") == session


def _answers_after(request: Record, records: Sequence[Record]) -> Iterator[Record]:
    start = bisect_left(records, request.n, key=_number)
    for later in records[start : start + LOOK_BACK]:
        if later.side is Side.SERVER and later.subject == request.reply:
            yield later


def _sender(record: Record, *, pair: bool) -> Literal["kit", "target", "client", "server"]:
    if record.party is Party.KIT:
        return "kit"
    if not pair:
        return "target"
    return "client" if record.side is Side.CLIENT else "server"


def _shown(
    record: Record, redactor: Redactor, started_ns: int, *, blamed: bool, pair: bool
) -> Evidence:
    # Redacted before it is cut: the first half of a secret would be no known secret any more.
    text = redactor.text(record.data.decode("utf-8", "backslashreplace"))
    if len(text) > BODY_LIMIT:
        text = f"{text[:BODY_LIMIT]}… ({len(text) - BODY_LIMIT} more characters)"
    return Evidence(
        n=record.n,
        t_ms=round((record.t_ns - started_ns) / 1e6, 3),
        party=_sender(record, pair=pair),
        subject=redactor.text(record.subject),
        reply=redactor.text(record.reply),
        type=redactor.text(record.type),
        summary=redactor.text(describe(record)),
        text=text,
        blamed=blamed,
    )
