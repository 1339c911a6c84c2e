"""Rules on what an event is: one id for one change, and one order of changes in all sessions."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from omnisession_conformance.model.slices import (
    ARTICLE,
    MESSAGE,
    REVISION,
    SESSION,
    URL,
    USER,
)
from omnisession_conformance.record import Origin, Record
from omnisession_conformance.rules.deeds import KNOWN_EVENTS, entity_of
from omnisession_conformance.rules.lines import lines
from omnisession_conformance.rules.sweep import Sweep, rule

if TYPE_CHECKING:
    from collections.abc import Iterable

    from omnisession_conformance.rules.lines import Line
    from omnisession_conformance.trace import Trace

_ENTITIES = {
    "article": ARTICLE,
    "revision": REVISION,
    "message": MESSAGE,
    "url": URL,
    "user": USER,
    "session": SESSION,
}
_PLAIN = ("article_id", "user_id", "since", "message_id", "active", "url_id", "session_id")
_READERS_MAY_DIFFER = frozenset({"article.created", "article.updated", "article.deleted"})
"""An article that appears for one user and goes for another may be one change."""
_HAPPENS_ONCE = frozenset(
    {
        "article.created",
        "article.updated",
        "article.revision_added",
        "chat.message_added",
        "url.created",
    }
)
"""Events whose data names one change: the same data in another session is the same change."""


def _events(line: Line) -> Iterable[tuple[Record, str]]:
    for step in line.steps:
        if not step.is_state and step.record.body is not None:
            event_id: Any = step.record.body.get("event_id")
            if isinstance(event_id, str):
                yield step.record, event_id


@rule("EVENT-004")
def an_id_names_one_change(trace: Trace, sweep: Sweep) -> None:
    """Judges that equal ids stand for equal changes, once in each session."""
    first: dict[str, Record] = {}
    for line in lines(trace):
        here: dict[str, Record] = {}
        for record, event_id in _events(line):
            if event_id in here:
                _broken(
                    sweep, record, "another event_id for another event", event_id, here[event_id]
                )
                continue
            here[event_id] = record
            _compare(sweep, record, event_id, first.setdefault(event_id, record))
    for hint, event_id in _hints(trace):
        if event_id in first:
            _compare(sweep, hint, event_id, first[event_id])


def _compare(sweep: Sweep, record: Record, event_id: str, other: Record) -> None:
    if record is not other and (why := _unlike(record, other)) is not None:
        _broken(sweep, record, f"one change under {event_id}", why, other)
    else:
        sweep.ok("EVENT-004")


def _broken(sweep: Sweep, record: Record, expected: str, seen: str, other: Record) -> None:
    sweep.broken(
        "EVENT-004", record, expected=expected, seen=seen, pointer="/event_id", also=(other,)
    )


def _unlike(one: Record, other: Record) -> str | None:
    """Say how two events cannot be one change, or None where they can."""
    if one.type != other.type:
        same = entity_of(one.type, one.payload) == entity_of(other.type, other.payload)
        if same and {one.type, other.type} <= _READERS_MAY_DIFFER:
            return None
        return f"{one.type} here, {other.type} there"
    if one.type not in KNOWN_EVENTS or one.payload == other.payload:
        return None
    mine, theirs = one.payload, other.payload
    for name in _PLAIN:
        if mine.get(name) != theirs.get(name):
            return f"{name} {mine.get(name)!r} here, {theirs.get(name)!r} there"
    for name, members in _ENTITIES.items():
        for member in members:
            here, there = _member(mine, name, member), _member(theirs, name, member)
            # Content is told where the article is the current one, and may be left out elsewhere.
            if here != there and not (member == "content" and None in (here, there)):
                return f"{name}.{member} {here!r} here, {there!r} there"
    return None


def _member(data: dict[str, Any], name: str, member: str) -> Any:
    entity = data.get(name)
    return entity.get(member) if isinstance(entity, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]


def _hints(trace: Trace) -> Iterable[tuple[Record, str]]:
    for record in trace.records:
        if record.address.family == "hint" and record.origin is Origin.TARGET and record.body:
            event_id: Any = record.body.get("event_id")
            if isinstance(event_id, str):
                yield record, event_id


@rule("EVENT-004")
def a_change_has_one_id(trace: Trace, sweep: Sweep) -> None:
    """Judges that one change has one id in all sessions and hints that it reaches."""
    told: defaultdict[str, dict[int, list[tuple[Record, str]]]] = defaultdict(dict)
    for number, line in enumerate(lines(trace)):
        for record, event_id in _events(line):
            key = _change(record)
            if key is not None:
                told[key].setdefault(number, []).append((record, event_id))
    for hint, event_id in _hints(trace):
        key = _change(hint)
        if key in told:
            told[key].setdefault(-1, []).append((hint, event_id))
    for by_session in told.values():
        # The same data twice in one place: two changes that look alike, which nobody can tell apart.
        if len(by_session) < 2 or any(len(seen) > 1 for seen in by_session.values()):
            continue
        (first, wanted), *others = (seen[0] for seen in by_session.values())
        for record, event_id in others:
            if event_id != wanted:
                _broken(sweep, record, f"event_id {wanted}, as elsewhere", event_id, first)
            else:
                sweep.ok("EVENT-004")


def _change(record: Record) -> str | None:
    """Return a text that is equal for two events only where both tell of the same change."""
    if record.type not in _HAPPENS_ONCE:
        return None
    for name, members in _ENTITIES.items():
        entity = record.payload.get(name)
        if isinstance(entity, dict):
            named: list[Any] = [entity.get(m) for m in members if m != "content"]  # pyright: ignore[reportUnknownMemberType]
            return json.dumps([record.type, named])
    return None


@rule("EVENT-008")
def entities_change_in_one_order(trace: Trace, sweep: Sweep) -> None:
    """Judges that all sessions see the changes of an entity in the same order."""
    sequences: defaultdict[tuple[str, str], list[list[tuple[str, Record]]]] = defaultdict(list)
    for line in lines(trace):
        mine: defaultdict[tuple[str, str], list[tuple[str, Record]]] = defaultdict(list)
        for record, event_id in _events(line):
            entity = entity_of(record.type, record.payload)
            if entity is not None:
                mine[entity].append((event_id, record))
        for entity, sequence in mine.items():
            sequences[entity].append(sequence)
    for (sort, id_), found in sequences.items():
        if len(found) > 1:
            found.sort(key=len, reverse=True)
            _judge_order(found, f"{sort} {id_}", sweep)


def _judge_order(found: list[list[tuple[str, Record]]], entity: str, sweep: Sweep) -> None:
    places: dict[str, tuple[int, Record]] = {}
    for event_id, record in found[0]:
        places.setdefault(event_id, (len(places), record))
    for sequence in found[1:]:
        highest: tuple[int, Record] | None = None
        compared = 0
        for event_id, record in sequence:
            place = places.get(event_id)
            if place is None:
                continue
            if highest is not None and place[0] < highest[0]:
                sweep.broken(
                    "EVENT-008",
                    record,
                    expected=f"the changes of {entity} in one order in all sessions",
                    seen="this change after one that it precedes in another session",
                    pointer="/event_id",
                    also=(highest[1], place[1]),
                )
                break
            highest = (place[0], record)
            compared += 1
        else:
            sweep.ok("EVENT-008", int(compared > 1))
