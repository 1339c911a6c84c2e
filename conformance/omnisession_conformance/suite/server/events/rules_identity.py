"""Rules on what an event is: one id for one change, and one order of changes in all sessions."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.sweep import Sweep, rule
from omnisession_conformance.protocol.json import is_object, member
from omnisession_conformance.protocol.kinds.tables import EVENTS
from omnisession_conformance.roles.server.reading.attempts import KNOWN_EVENTS, entity_of
from omnisession_conformance.roles.server.reading.lifetimes import lifetimes
from omnisession_conformance.traffic.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterable

    from omnisession_conformance.roles.server.reading.lifetimes import Lifetime
    from omnisession_conformance.roles.server.reading.trace import Trace

_ENTITIES = {event.within: event.entity.members for event in EVENTS.values() if event.within}
"""By member of an event's data: the members of the entity there."""
_PLAIN = tuple(
    dict.fromkeys(
        name for event in EVENTS.values() if not event.within for name in event.entity.members
    )
)
"""Members of an event's data that are no entities."""
_READERS_MAY_DIFFER = {type_ for type_, event in EVENTS.items() if event.readers_differ}
"""An article that appears for one user and goes for another may be one change."""
_HAPPENS_ONCE = {type_: event.within for type_, event in EVENTS.items() if event.once}
"""Events with the entity in their data: the same data in another session is the same change."""


MOST_ALIKE = 16
"""Data of one change that are kept to compare with: readers may be told more or less of it."""
MOST_VERSIONS = 64
"""Changes of one revision that are told apart; a right server tells of one."""
Told = tuple[Record, str, tuple[str, str] | None]
"""An event with its `event_id` and what it is about."""


def _told(trace: Trace) -> list[list[Told]]:
    """The events of all sessions, session by session."""
    return trace.view(_read)


def _read(trace: Trace) -> list[list[Told]]:
    return [list(_events(lifetime)) for lifetime in lifetimes(trace)]


def _events(lifetime: Lifetime) -> Iterable[Told]:
    for step in lifetime.steps:
        event_id = None if step.is_state else step.body.get("event_id")
        if isinstance(event_id, str):
            yield step.record, event_id, entity_of(step.record.type, step.data)


@dataclass(slots=True)
class _Seen:
    """The first event under an id, and some data that were found to tell of the same change."""

    first: Record
    alike: list[dict[str, Any]]


@rule("EVENT-001", "EVENT-004")
def an_id_names_one_change(trace: Trace, sweep: Sweep) -> None:
    """Judges that equal ids stand for equal changes, each told once in each session."""
    seen: dict[str, _Seen] = {}
    for told in _told(trace):
        here: dict[str, Record] = {}
        for record, event_id, _ in told:
            if event_id in here:
                _again(sweep, record, event_id, here[event_id])
                continue
            here[event_id] = record
            _compare(sweep, record, event_id, seen)
    for hint, event_id in _hints(trace):
        if event_id in seen:
            _compare(sweep, hint, event_id, seen)


def _again(sweep: Sweep, record: Record, event_id: str, before: Record) -> None:
    """A second event under one id in a session: the same change told twice, or another change."""
    if (record.type, record.payload) != (before.type, before.payload):
        _broken(sweep, record, "another event_id for another event", event_id, before)
        return
    sweep.broken(
        "EVENT-001",
        record,
        expected="a change told once in a session",
        seen=f"{record.type} {event_id} again",
        pointer="/event_id",
        also=(before,),
    )


def _compare(sweep: Sweep, record: Record, event_id: str, seen: dict[str, _Seen]) -> None:
    known = seen.get(event_id)
    if known is None:
        seen[event_id] = _Seen(record, [record.payload])
    elif record.type != known.first.type or record.payload not in known.alike:
        why = _unlike(record, known.first)
        if why is not None:
            _broken(sweep, record, f"one change under {event_id}", why, known.first)
            return
        if record.type == known.first.type and len(known.alike) < MOST_ALIKE:
            known.alike.append(record.payload)
    sweep.ok("EVENT-004")


def _broken(sweep: Sweep, record: Record, expected: str, seen: str, other: Record) -> None:
    sweep.broken(
        "EVENT-004", record, expected=expected, seen=seen, pointer="/event_id", also=(other,)
    )


def _unlike(one: Record, other: Record) -> str | None:
    """Say how two events cannot be one change, or None where they can."""
    mine, theirs = one.payload, other.payload
    if one.type != other.type:
        same = entity_of(one.type, mine) == entity_of(other.type, theirs)
        if same and {one.type, other.type} <= _READERS_MAY_DIFFER:
            return None
        return f"{one.type} here, {other.type} there"
    if one.type not in KNOWN_EVENTS or mine == theirs or _same_but_for_content(mine, theirs):
        return None
    for name in _PLAIN:
        if mine.get(name) != theirs.get(name):
            return f"{name} {mine.get(name)!r} here, {theirs.get(name)!r} there"
    for name, members in _ENTITIES.items():
        one_entity, other_entity = mine.get(name), theirs.get(name)
        for part in members:
            here, there = member(one_entity, part), member(other_entity, part)
            # Content is told where the article is the current one, and may be left out elsewhere.
            if here != there and not (part == "content" and None in (here, there)):
                return f"{name}.{part} {here!r} here, {there!r} there"
    return None


def _same_but_for_content(mine: dict[str, Any], theirs: dict[str, Any]) -> bool:
    """The usual case of two events that differ, decided without a look at each member."""
    here, there = mine.get("article"), theirs.get("article")
    if not is_object(here) or not is_object(there):
        return False
    told = (here.get("content"), there.get("content"))
    return None in told and bool({**here, "content": None} == {**there, "content": None})


def _hints(trace: Trace) -> Iterable[tuple[Record, str]]:
    for record in trace.hints():
        event_id = member(record.body, "event_id")
        if isinstance(event_id, str):
            yield record, event_id


ChangeKey = tuple[str, str, int | None]


@dataclass(slots=True)
class _Change:
    """What looks like one change: its data, and where it was told."""

    entity: dict[str, Any]
    by_place: dict[int, list[tuple[Record, str]]] = field(
        default_factory=dict[int, "list[tuple[Record, str]]"]
    )


@rule("EVENT-004")
def a_change_has_one_id(trace: Trace, sweep: Sweep) -> None:
    """Judges that one change has one id in all sessions and hints that it reaches."""
    changes: defaultdict[ChangeKey, list[_Change]] = defaultdict(list)
    for place, told in enumerate(_told(trace)):
        for record, event_id, _ in told:
            if record.type in _HAPPENS_ONCE:
                _note_change(changes, place, record, event_id)
    for hint, event_id in _hints(trace):
        if hint.type in _HAPPENS_ONCE:
            _note_change(changes, HINTS, hint, event_id, new=False)
    for alike in changes.values():
        for change in alike:
            _judge_ids(change, sweep)


HINTS = -1
"""The place of all hints."""


def _note_change(
    changes: defaultdict[ChangeKey, list[_Change]],
    place: int,
    record: Record,
    event_id: str,
    *,
    new: bool = True,
) -> None:
    found = _entity(record)
    if found is None:
        return
    name, entity = found
    id_: Any = entity.get("id", entity.get("article_id"))
    revision: Any = entity.get("revision")
    key = (record.type, str(id_), revision if isinstance(revision, int) else None)
    for change in changes[key]:
        if _same_entity(name, entity, change.entity):
            break
    else:
        if not new or len(changes[key]) >= MOST_VERSIONS:
            return
        change = _Change(entity)
        changes[key].append(change)
    change.by_place.setdefault(place, []).append((record, event_id))


def _entity(record: Record) -> tuple[str, dict[str, Any]] | None:
    name = _HAPPENS_ONCE[record.type]
    entity = record.payload.get(name)
    return (name, entity) if is_object(entity) else None


def _same_entity(name: str, one: dict[str, Any], other: dict[str, Any]) -> bool:
    if one == other:
        return True
    return all(one.get(m) == other.get(m) for m in _ENTITIES[name] if m != "content")


def _judge_ids(change: _Change, sweep: Sweep) -> None:
    places = change.by_place
    # The same data twice in one place: two changes that look alike, which nobody can tell apart.
    if len(places) < 2 or any(len(seen) > 1 for seen in places.values()):
        return
    (first, wanted), *others = (seen[0] for seen in places.values())
    good = 0
    for record, event_id in others:
        if event_id == wanted:
            good += 1
        else:
            _broken(sweep, record, f"event_id {wanted}, as elsewhere", event_id, first)
    sweep.ok("EVENT-004", good)


@rule("EVENT-008")
def entities_change_in_one_order(trace: Trace, sweep: Sweep) -> None:
    """Judges that all sessions see the changes of an entity in the same order."""
    sequences: defaultdict[tuple[str, str], list[Sequence]] = defaultdict(list)
    for told in _told(trace):
        mine: defaultdict[tuple[str, str], Sequence] = defaultdict(list)
        for record, event_id, entity in told:
            if entity is not None:
                mine[entity].append((event_id, record))
        for entity, sequence in mine.items():
            if len(sequence) > 1:
                sequences[entity].append(sequence)
    for (sort, id_), found in sequences.items():
        if len(found) > 1:
            found.sort(key=len, reverse=True)
            _judge_order(found, f"{sort} {id_}", sweep)


Sequence = list[tuple[str, Record]]


def _judge_order(found: list[Sequence], entity: str, sweep: Sweep) -> None:
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
