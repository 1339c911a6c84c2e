"""Rules on states: whose they are, when they may come, and what is in them."""

from __future__ import annotations

from itertools import pairwise
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.sweep import Sweep, rule
from omnisession_conformance.protocol.json import as_list, is_list, is_object, objects
from omnisession_conformance.protocol.kinds.articles import CURRENT, revision_key
from omnisession_conformance.protocol.kinds.tables import BY_NAME, LISTS
from omnisession_conformance.protocol.model.digest import digest
from omnisession_conformance.protocol.model.limits import BOUNDS, bound_of
from omnisession_conformance.protocol.model.order import ORDERS, misplacement_in
from omnisession_conformance.protocol.model.slices import MEMBERS
from omnisession_conformance.roles.server.reading.lifetimes import (
    NEVER,
    after_the_end,
    is_request,
    lifetimes,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from omnisession_conformance.roles.server.reading.lifetimes import Lifetime, Step
    from omnisession_conformance.roles.server.reading.trace import Trace
    from omnisession_conformance.traffic.record import Record

ARTICLE_LISTS = ("articles", "editors")
IDS: dict[str, Callable[[Any], Any]] = {
    name: itemgetter(*list_.entity.id)
    for lists in LISTS.values()
    for name, list_ in lists.items()
    if list_.entity is not None
}
"""By list: what tells its entries apart. That strings stand once is a matter of the schema."""


def _states(trace: Trace) -> list[tuple[Lifetime, Step]]:
    """The states of a known kind of all sessions."""
    return trace.view(_find_states)


def _find_states(trace: Trace) -> list[tuple[Lifetime, Step]]:
    return [
        (lifetime, step)
        for lifetime in lifetimes(trace)
        for step in lifetime.steps
        if step.is_state and step.kind in BY_NAME
    ]


@rule("STATE-001")
def kinds_are_those_opened(trace: Trace, sweep: Sweep) -> None:
    """Judges the kind of every state, and of every event whose type tells one."""
    good = 0
    for lifetime in lifetimes(trace):
        if lifetime.opened is None:
            continue
        for step in lifetime.steps:
            if step.kind in lifetime.kinds:
                good += 1
            elif step.is_state or step.kind is not None:
                sweep.broken(
                    "STATE-001",
                    step.record,
                    expected=f"a kind of {', '.join(lifetime.kinds)}",
                    seen=f"kind {step.kind!r}",
                    pointer="/data/type" if step.is_state else "/type",
                    also=(lifetime.opened,),
                )
    sweep.ok("STATE-001", good)


@rule("STATE-002")
def entries_stand_once(trace: Trace, sweep: Sweep) -> None:
    """Judges that no list of a state holds the same thing twice."""
    good = 0
    for _, step in _states(trace):
        data = step.data
        twice = next((name for name in MEMBERS[step.kind or ""] if _twice(name, data)), None)
        if twice is None:
            good += 1
        else:
            sweep.broken(
                "STATE-002",
                step.record,
                expected="each entry once",
                seen=f"an entry of {twice} twice",
                pointer=f"/data/{twice}",
            )
    sweep.ok("STATE-002", good)


def _twice(name: str, data: dict[str, Any]) -> bool:
    ids, entries = IDS.get(name), data.get(name)
    if ids is None or not is_list(entries) or len(entries) < 2:
        return False
    try:
        # What is no object, or has no id, is a matter of the schema.
        return len(set(map(ids, entries))) < len(entries)
    except (TypeError, KeyError):
        return False


@rule("STATE-007")
def only_live_sessions_are_told(trace: Trace, sweep: Sweep) -> None:
    """Judges that nothing is published for a session before its open or after its expiry."""
    for lifetime in lifetimes(trace):
        opening = _first_open(lifetime)
        opened_at = opening.n if opening is not None else NEVER
        early = [r for r in _first_of_each(lifetime) if r.n < opened_at]
        if early:
            everything, asked = lifetime.published_after(-1), lifetime.asked()[:1]
            for record in everything:
                if record.n < opened_at:
                    _judge_told(lifetime, record, "that was not opened", asked, sweep)
        if lifetime.closed is None and lifetime.over is not None:
            for record in after_the_end(trace, lifetime):
                _judge_told(lifetime, record, "that has expired", [lifetime.over], sweep)
        count = len(lifetime.session.stream) + len(lifetime.session.control)
        sweep.ok("STATE-007", 0 if early else max(count, 1))


def _first_of_each(lifetime: Lifetime) -> list[Record]:
    return [*lifetime.session.stream[:1], *lifetime.session.control[:1]]


def _judge_told(
    lifetime: Lifetime, record: Record, why: str, also: list[Record], sweep: Sweep
) -> None:
    sweep.broken(
        "STATE-007",
        record,
        expected=f"nothing for session {lifetime.session.session_id} {why}",
        seen=f"{record.type} on {record.subject}",
        also=tuple(also),
    )


def _first_open(lifetime: Lifetime) -> Record | None:
    """The first request that opened the session, or may have: its answer is not in the trace."""
    for exchange in lifetime.session.exchanges:
        request = exchange.request
        opened = exchange.answered("session.opened")
        unseen = request.type == "session.open" and not exchange.answers and is_request(request)
        if opened or unseen:
            return request
    return None


# -- order -------------------------------------------------------------------------------------------


@rule("STATE-008", "STATE-010")
def lists_are_in_order(trace: Trace, sweep: Sweep) -> None:
    """Judges the order of every list; what decides between neighbours says which rule is broken."""
    for _, step in _states(trace):
        for name in ORDERS[step.kind or ""]:
            entries = step.data.get(name)
            if name != "revisions" and is_list(entries) and len(entries) > 1:
                _judge_order(step, name, entries, sweep)


def _judge_order(step: Step, name: str, entries: Any, sweep: Sweep) -> None:
    found = misplacement_in(step.kind or "", name, entries)
    # The same entry twice is a matter of STATE-002.
    if found is None or found.same:
        sweep.ok("STATE-010")
        sweep.ok("STATE-008", int(name in ARTICLE_LISTS))
        return
    requirements = ["STATE-008"] if name in ARTICLE_LISTS else []
    requirements += ["STATE-010"] if found.by_string else []
    for requirement in requirements:
        sweep.broken(
            requirement,
            step.record,
            expected=f"{found.after} before {found.before} (sort keys, ascending)",
            seen=f"{found.before} before {found.after}",
            pointer=found.pointer,
        )


@rule("ART-012")
def selections_tell_one_story(trace: Trace, sweep: Sweep) -> None:
    """Judges that a selected article, its list entry and its revisions agree."""
    for lifetime in lifetimes(trace):
        last: Step | None = None
        for step in lifetime.steps:
            if step.kind != "articles":
                continue
            current: Any = step.data.get("current_article")
            if step.is_state and is_object(current):
                # Between the two events of an update a state lacks the newest revision.
                midway = last is not None and last.record.type == "article.updated"
                fault = _selection_fault(current, step.data, midway)
                pointer, expected, seen = fault or (None, "", "")
                sweep.judge(
                    "ART-012",
                    fault is None,
                    step.record,
                    expected=expected,
                    seen=seen,
                    pointer=pointer,
                )
            last = step


Fault = tuple[str, str, str]
"""Pointer, expected, seen."""


def _selection_fault(current: dict[str, Any], data: dict[str, Any], midway: bool) -> Fault | None:
    """Return where a selection contradicts itself."""
    id_, revision = current.get("id"), current.get("revision")
    revisions = objects(data.get("revisions"))
    for index, entry in enumerate(revisions):
        if entry.get("article_id") != id_:
            pointer = f"/data/revisions/{index}/article_id"
            return pointer, f"revisions of article {id_!r}", f"one of {entry.get('article_id')!r}"
    numbers = [r.get("revision") for r in revisions]
    if any(revision_key(one) >= revision_key(next_) for one, next_ in pairwise(revisions)):
        return "/data/revisions", "the highest revision first, each once", str(numbers)
    if revision not in numbers and not midway:
        return "/data/revisions", f"the current revision {revision} among them", str(numbers)
    return _unlike_its_entry(current, data)


def _unlike_its_entry(current: dict[str, Any], data: dict[str, Any]) -> Fault | None:
    entry = next(
        (a for a in objects(data.get("articles")) if a.get("id") == current.get("id")), None
    )
    if entry is None:
        return None
    for member in CURRENT.members:
        if member != "content" and entry.get(member) != current.get(member):
            expected = f"{entry.get(member)!r}, as in the list"
            return f"/data/current_article/{member}", expected, repr(current.get(member))
    return None


# -- limits and digests ------------------------------------------------------------------------------


@rule("STATE-012")
def lists_keep_their_limit(trace: Trace, sweep: Sweep) -> None:
    """Judges the length of every bounded list against the limit that the session was told."""
    good = 0
    for lifetime, step in _states(trace):
        kind = step.kind or ""
        for name in BOUNDS[kind] if lifetime.opened is not None else ():
            size = len(as_list(step.data.get(name)))
            bound = bound_of(kind, name, lifetime.limits) if size else None
            if bound is None or size <= bound:
                good += 1
                continue
            sweep.broken(
                "STATE-012",
                step.record,
                expected=f"at most {bound} entries",
                seen=f"{size} entries",
                pointer=f"/data/{name}",
                also=(lifetime.opened,) if lifetime.opened is not None else (),
            )
    sweep.ok("STATE-012", good)


@rule("STATE-011")
def states_carry_their_digest(trace: Trace, sweep: Sweep) -> None:
    """Judges that a digest is there where it was negotiated, only there, and that of the data."""
    for lifetime in lifetimes(trace):
        for step in lifetime.steps if lifetime.opened is not None else ():
            if not step.is_state:
                continue
            if not lifetime.has_digests:
                if "digest" not in step.body:
                    sweep.ok("STATE-011")
                    continue
                wanted = None
            elif step.record.flaws:
                # Of a text that can be read in two ways there is no one digest.
                continue
            else:
                wanted = digest(step.body.get("data"))
            told = step.body.get("digest")
            sweep.judge(
                "STATE-011",
                told is not None and told == wanted,
                step.record,
                expected="no digest" if wanted is None else f"digest {wanted}",
                seen="no digest" if told is None else f"digest {told}",
                pointer="/digest",
            )
