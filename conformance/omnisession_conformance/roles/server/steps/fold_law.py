"""The law of states and events, as cases look at it in one session or in several."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from omnisession_conformance.protocol.json import as_object
from omnisession_conformance.protocol.model.compare import Difference, first_difference
from omnisession_conformance.protocol.model.fold import Folder
from omnisession_conformance.protocol.model.limits import BOUNDS, bound_of
from omnisession_conformance.protocol.model.reducers import REDUCERS
from omnisession_conformance.protocol.model.slices import kind_of_state
from omnisession_conformance.protocol.position import Position

if TYPE_CHECKING:
    from omnisession_conformance.protocol.kinds.parts import Slice
    from omnisession_conformance.roles.server.session import Session
    from omnisession_conformance.traffic.record import Record

REVISION_ADDED = "article.revision_added"


@dataclass(slots=True)
class Judged:
    """How many states of a session were compared with their fold, and those that differ."""

    compared: int = 0
    differing: list[tuple[Record, Difference]] = field(
        default_factory=list[tuple["Record", Difference]]
    )


def judge_states(session: Session, *, events_only: bool = False) -> Judged:
    """Compare each state of a session with the fold of what came before it in its epoch.

    With `events_only` states of reason `change` are passed over: the events alone must carry all. A
    list that was cut once may be shown filled up again by other states.
    """
    folder, judged = Folder(session.limits), Judged()
    was_cut: set[tuple[str, str]] = set()
    for record in session.stream:
        body, position = record.body or {}, Position.of(record.body)
        kind = kind_of_state(record.payload) if record.address.family == "state" else None
        reason = body.get("reason")
        if kind is not None and events_only and reason == "change":
            continue
        before = folder.slices.get(kind) if kind is not None else None
        same_epoch = position is not None and position.epoch == folder.head[0]
        if kind is not None and before is not None and same_epoch:
            cut = set[tuple[str, str]]() if reason == "change" else was_cut
            _compare(judged, record, kind, _refilled(before, record.payload, kind, cut))
        told = folder.take(body)
        if told is not None:
            was_cut |= _at_limit(told, folder.slices[told], session)
    return judged


def _compare(judged: Judged, record: Record, kind: str, expected: Slice) -> None:
    judged.compared += 1
    difference = first_difference(kind, expected, record.payload)
    if difference is not None:
        judged.differing.append((record, difference))


def _refilled(before: Slice, seen: Slice, kind: str, cut: set[tuple[str, str]]) -> Slice:
    return {**before, **{name: seen.get(name) for k, name in cut if k == kind}}


def _at_limit(kind: str, slice_: Slice, session: Session) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for name in BOUNDS[kind]:
        bound = bound_of(kind, name, session.limits)
        if bound is not None and len(slice_.get(name) or ()) >= bound:
            found.add((kind, name))
    return found


def article_of(record: Record) -> str | None:
    """The id of the article that an event or hint is about, if it is about one."""
    data = record.payload
    for value in (data.get("article"), data.get("revision"), data):
        members = as_object(value)
        found = members.get("id") or members.get("article_id")
        if isinstance(found, str):
            return found
    return None


def events_about(session: Session, article_id: str, after: Position | None = None) -> list[Record]:
    """Events of known types about an article, beyond a position or from the start of a session."""
    records = session.events() if after is None else session.after(after)
    return [
        r
        for r in records
        if r.address.family == "events" and r.type in REDUCERS and article_of(r) == article_id
    ]


def event_id(record: Record) -> str:
    """The id of the change that an event or hint carries."""
    return str((record.body or {}).get("event_id"))


def same_data(one: Record, other: Record) -> bool:
    """Whether two events carry the same, but for a content that one of them leaves out."""
    mine, theirs = dict(one.payload), dict(other.payload)
    a, b = as_object(mine.get("article")), as_object(theirs.get("article"))
    if a and b and None in (a.get("content"), b.get("content")):
        mine["article"], theirs["article"] = {**a, "content": None}, {**b, "content": None}
    return one.type == other.type and mine == theirs
