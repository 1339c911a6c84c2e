"""Actions as the rules read them: all copies of one action in one session, with their outcomes."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from omnisession_conformance.protocol.json import maybe_int, maybe_text, member
from omnisession_conformance.protocol.kinds import KINDS
from omnisession_conformance.protocol.kinds.tables import ACTIONS, ACTIONS_OF_NO_KIND, EVENTS
from omnisession_conformance.protocol.limits import LONGEST_ACTION_ID, limit_of
from omnisession_conformance.protocol.subjects import REPLY_PREFIXES
from omnisession_conformance.roles.server.asking import SHARED
from omnisession_conformance.roles.server.reading.lifetimes import NEVER, lifetimes
from omnisession_conformance.roles.server.reading.needles import SEPARATOR
from omnisession_conformance.traffic.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from omnisession_conformance.protocol.position import Position
    from omnisession_conformance.roles.server.reading.lifetimes import Lifetime
    from omnisession_conformance.roles.server.reading.trace import Copy, Trace

AttemptKey = tuple[str, str, str]


@dataclass(slots=True)
class Attempt:
    """One action id in one life of a session: what was sent, and what came on `.control`."""

    lifetime: Lifetime
    action_id: str
    copies: list[Copy] = field(default_factory=list["Copy"])
    outcomes: list[Record] = field(default_factory=list[Record])
    ack: Record | None = None
    """The first ack that says it was applied."""
    position: Position | None = None
    """Where that ack says that the last effect is."""
    named: str | None = None
    """The article, message or url that the action names, or the `result` of its ack."""

    @property
    def action(self) -> Record:
        """The first copy."""
        return self.copies[0].request

    @property
    def one_body(self) -> bool:
        """Whether all copies are of the same bytes."""
        return len(self.copies) == 1 or len({copy.request.data for copy in self.copies}) == 1


def is_applied(outcome: Record) -> bool:
    """Whether an outcome is an ack of the first copy."""
    return outcome.type == "action.ack" and outcome.payload.get("status") == "applied"


def is_final(outcome: Record) -> bool:
    """Whether an outcome is an ack or a nack that will not change."""
    if outcome.type == "action.ack":
        return True
    return member(outcome.payload.get("error"), "retryable") is False


def client_seq_of(outcome: Record | None) -> int | None:
    """The number that an outcome is about."""
    return maybe_int(outcome.payload.get("client_seq")) if outcome is not None else None


def attempts_by_lifetime(trace: Trace) -> list[tuple[Lifetime, list[Attempt]]]:
    """Every action of the run by life of a session, in order of its first copy."""
    return trace.view(_attempts_by_lifetime)


def _attempts_by_lifetime(trace: Trace) -> list[tuple[Lifetime, list[Attempt]]]:
    return [(lifetime, list(_attempts_in(lifetime))) for lifetime in lifetimes(trace)]


def _attempts_in(lifetime: Lifetime) -> Iterable[Attempt]:
    found: dict[str, Attempt] = {}
    for copy in lifetime.session.copies:
        if copy.action_id is not None:
            if copy.action_id not in found:
                found[copy.action_id] = Attempt(lifetime, copy.action_id)
            found[copy.action_id].copies.append(copy)
    for outcome in lifetime.session.outcomes:
        action_id: Any = outcome.payload.get("action_id")
        if isinstance(action_id, str) and action_id in found:
            found[action_id].outcomes.append(outcome)
    for attempt in found.values():
        attempt.ack = next((r for r in attempt.outcomes if is_applied(r)), None)
        attempt.position = lifetime.position(attempt.ack)
        attempt.named = _named_entity(attempt)
    return found.values()


def attempts(trace: Trace) -> dict[AttemptKey, Attempt]:
    """Every action of the run by user, session and action id."""
    return trace.view(_attempts)


def _attempts(trace: Trace) -> dict[AttemptKey, Attempt]:
    return {
        (lifetime.session.user_id, lifetime.session.session_id, attempt.action_id): attempt
        for lifetime, mine in attempts_by_lifetime(trace)
        for attempt in mine
    }


def may_have_been_read(trace: Trace, text: str, before: int) -> bool:
    """Whether a lenient decoder may have found an id in bytes that the kit's own decoder refuses.

    A receiver may accept what its decoder accepts, so what came of such bytes is not judged.
    """
    return trace.view(_unclear).first(text) < before


class _Unclear:
    """The actions that a decoder may read in several ways, as one text to be searched."""

    def __init__(self, requests: Sequence[Record]) -> None:
        self._joined = SEPARATOR.join(request.data for request in requests)
        self._numbers = [request.n for request in requests]
        sizes = (len(request.data) + len(SEPARATOR) for request in requests)
        self._ends = list(accumulate(sizes))
        self._found: dict[str, int] = {}

    def first(self, text: str) -> int:
        """The number of the first that has a text somewhere in it, `NEVER` where none has."""
        number = self._found.get(text)
        if number is None:
            at = self._joined.find(text.encode("utf-8", "replace"))
            number = self._numbers[bisect_right(self._ends, at)] if at >= 0 else NEVER
            self._found[text] = number
        return number


def _unclear(trace: Trace) -> _Unclear:
    return _Unclear([copy.request for copy in trace.copies if copy.request.flaws])


def is_owed(copy: Copy, lifetime: Lifetime) -> bool:
    """Whether a copy passes the common stages: from there on it must get an outcome.

    A text that a lenient decoder may read in another way than the kit does is not judged.
    """
    request = copy.request
    body = request.body
    if body is None or request.flaws or copy.action_id is None:
        return False
    if len(copy.action_id) > LONGEST_ACTION_ID:
        return False
    if request.reply and not request.reply.startswith(REPLY_PREFIXES):
        return False
    number = copy.client_seq
    most = limit_of(lifetime.limits, "action")
    named = body.get("user_id") == copy.user_id and request.address.flaw is None
    return named and number is not None and number >= 1 and len(request.data) <= most


# -- which event belongs to which action -----------------------------------------------------------

EVENTS_OF: dict[str, frozenset[str]] = {
    **{type_: frozenset(action.causes) for type_, action in ACTIONS.items()},
    **dict.fromkeys(ACTIONS_OF_NO_KIND, frozenset[str]()),
}
"""What each action may cause in sessions of its user; no other event can be its effect there."""
KNOWN_EVENTS = frozenset(EVENTS)
_ID_MEMBERS = {kind.id_member: kind.prefix for kind in KINDS if kind.id_member is not None}
"""The members by which actions name what they are about, and the sort of that."""
_MADE_BY = {a.type: kind.id_member for kind in KINDS for a in kind.actions if a.creates}
OF_THE_USER = frozenset(a.type for kind in KINDS if kind.id_member is None for a in kind.actions)
"""Actions that are about the acting user, whom no id in them names."""


def entity_of(type_: str, data: dict[str, Any]) -> tuple[str, str] | None:
    """Return what an event is about, as its sort and its id; None for unknown or broken events."""
    event = EVENTS.get(type_)
    if event is None or event.about is None:
        return None
    sort, name = event.about
    id_ = member(data.get(event.within) if event.within else data, name)
    return (sort, id_) if isinstance(id_, str) else None


def _named_entity(attempt: Attempt) -> str | None:
    """Return the id of the article, message or url that an action names, or its ack's `result`."""
    data, body = attempt.action.payload, attempt.action.body or {}
    result: Any = attempt.ack.payload.get("result") if attempt.ack is not None else None
    if (made := _MADE_BY.get(attempt.action.type)) is not None:
        # An id in the action of something that is new is an unknown member, and means nothing.
        return maybe_text(member(result, made))
    # On a shared subject a `data` beside the member at top level says nothing.
    first, second = (body, data) if attempt.action.subject in SHARED else (data, body)
    for name in _ID_MEMBERS:
        for id_ in (first.get(name), second.get(name), member(result, name)):
            if isinstance(id_, str):
                return id_
    return None


def misfit(attempt: Attempt, event: Record) -> str | None:
    """Say why an event cannot be an effect of an action, or None where it can.

    Only what contradicts the action itself counts: its type, what it names, or that it was sent later.
    """
    action = attempt.action
    if event.n < action.n:
        return "the event was published before the action was sent"
    may_cause = EVENTS_OF.get(action.type)
    if may_cause is None or event.type not in KNOWN_EVENTS or not attempt.one_body:
        return None
    if event.type not in may_cause and not _may_reveal(attempt, event):
        return f"{action.type} does not make {event.type}"
    return _contrary(action, event) or _of_another(attempt, event)


def _may_reveal(attempt: Attempt, event: Record) -> bool:
    """Whether an event may tell what was there before to another session of the user.

    Rights are those of a session: who publishes by the right of one becomes a reader in another.
    """
    action = ACTIONS.get(attempt.action.type)
    elsewhere = event.address.session != attempt.lifetime.session.session_id
    return action is not None and event.type in action.reveals and elsewhere


def _contrary(action: Record, event: Record) -> str | None:
    for name in ACTIONS[action.type].echoes if action.type in ACTIONS else ():
        if event.payload.get(name) != action.payload.get(name):
            return "the action says the contrary of the event"
    return None


def _of_another(attempt: Attempt, event: Record) -> str | None:
    # A change of the user's own is named by no id in the action.
    named, entity = attempt.named, entity_of(event.type, event.payload)
    if named is None or entity is None or entity[0] not in _ID_MEMBERS.values():
        return None
    if entity[1] == named or attempt.action.type in OF_THE_USER:
        return None
    return f"the action is about {named}, the event about {entity[1]}"
