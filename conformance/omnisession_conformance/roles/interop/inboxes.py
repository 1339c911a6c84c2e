"""Inboxes that a client uses for many requests, taken apart: the rules for servers know one for each.

The kit asks each time on an inbox of its own. A real client may have one for all its requests, of all its
sessions; which answer belongs to which request is known by what both say.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from omnisession_conformance.protocol.json import as_text, maybe_int, member
from omnisession_conformance.protocol.subjects import Side

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from omnisession_conformance.traffic.record import Record

OUTCOMES = frozenset({"action.ack", "action.nack"})
ACTIONS = frozenset({"actions", "chat", "edit"})


@dataclass(slots=True)
class _Asked:
    """A request on an inbox with others, and the name that it has apart from them."""

    record: Record
    inbox: str
    answered: bool = False

    def fits(self, answer: Record) -> bool:
        """Whether an answer may be to it: of its session, and an outcome of its action."""
        told, asked = answer.body or {}, self.record.body or {}
        if member(told, "session_id") not in (None, member(asked, "session_id")):
            return False
        is_action = self.record.address.family in ACTIONS
        if answer.type in OUTCOMES:
            return is_action and _action(answer.payload) == _action(asked)
        return answer.type == "error" or not is_action


def apart(records: Sequence[Record]) -> Sequence[Record]:
    """The records, with an inbox of its own for each request on one that has several."""
    asks = Counter(r.reply for r in records if r.side is Side.CLIENT and r.reply)
    shared = {inbox for inbox, number in asks.items() if number > 1}
    if not shared:
        return records
    asked: dict[str, list[_Asked]] = {}
    found: list[Record] = []
    for record in records:
        if record.side is Side.CLIENT and record.reply in shared:
            mine = asked.setdefault(record.reply, [])
            mine.append(_Asked(record, f"{record.reply}.{len(mine) + 1}"))
            found.append(replace(record, reply=mine[-1].inbox))
        elif record.side is Side.SERVER and record.subject in asked:
            found.append(replace(record, subject=_to(record, asked[record.subject])))
        else:
            found.append(record)
    return found


def _to(answer: Record, asked: Sequence[_Asked]) -> str:
    """The inbox of the request that is answered: the first that waits, else the last that fits."""
    fitting = [one for one in asked if one.fits(answer)]
    waiting = next((one for one in fitting if not one.answered), None)
    one = waiting or _last(fitting) or asked[-1]
    one.answered = True
    return one.inbox


def _last(asked: Iterable[_Asked]) -> _Asked | None:
    found = list(asked)
    return found[-1] if found else None


def _action(told: dict[str, object]) -> tuple[str, int | None]:
    return as_text(told.get("action_id")), maybe_int(told.get("client_seq"))
