"""Actions as the rules read them: all copies of one action in one session, with their outcomes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from omnisession_conformance.protocol.subjects import REPLY_PREFIXES
from omnisession_conformance.roles.server.reading.lifetimes import lifetimes
from omnisession_conformance.traffic.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterable

    from omnisession_conformance.protocol.position import Position
    from omnisession_conformance.roles.server.reading.lifetimes import Lifetime
    from omnisession_conformance.roles.server.reading.trace import Copy, Trace

AttemptKey = tuple[str, str, str]
DEFAULT_ACTION_LIMIT = 196_608


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
    error: Any = outcome.payload.get("error")
    return isinstance(error, dict) and error.get("retryable") is False  # pyright: ignore[reportUnknownMemberType]


def client_seq_of(outcome: Record | None) -> int | None:
    """The number that an outcome is about."""
    value: Any = outcome.payload.get("client_seq") if outcome is not None else None
    return value if isinstance(value, int) else None


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
    unclear = trace.view(_unclear)
    raw = text.encode()
    return any(raw in request.data for request in unclear if request.n < before)


def _unclear(trace: Trace) -> list[Record]:
    return [copy.request for copy in trace.copies if copy.request.flaws]


def is_owed(copy: Copy, lifetime: Lifetime) -> bool:
    """Whether a copy passes the common stages: from there on it must get an outcome.

    A text that a lenient decoder may read in another way than the kit does is not judged.
    """
    request = copy.request
    body = request.body
    if body is None or request.flaws or copy.action_id is None:
        return False
    if request.reply and not request.reply.startswith(REPLY_PREFIXES):
        return False
    number = copy.client_seq
    limit: Any = lifetime.limits.get("action")
    most = limit if isinstance(limit, int) else DEFAULT_ACTION_LIMIT
    named = body.get("user_id") == copy.user_id and request.address.flaw is None
    return named and number is not None and number >= 1 and len(request.data) <= most


# -- which event belongs to which action -----------------------------------------------------------

EVENTS_OF: dict[str, frozenset[str]] = {
    "article.create": frozenset({"article.created", "article.updated", "article.revision_added"}),
    "article.update": frozenset({"article.created", "article.updated", "article.revision_added"}),
    "article.publish": frozenset({"article.created", "article.updated", "article.revision_added"}),
    "article.delete": frozenset({"article.deleted", "article.edit_ended"}),
    "article.select": frozenset({"article.selected"}),
    "article.edit_start": frozenset({"article.edit_started"}),
    "article.edit_end": frozenset({"article.edit_ended"}),
    "chat.send": frozenset({"chat.message_added", "chat.typing_changed"}),
    "chat.edit": frozenset({"chat.message_edited"}),
    "chat.delete": frozenset({"chat.message_deleted"}),
    "chat.typing": frozenset({"chat.typing_changed"}),
    "url.create": frozenset({"url.created"}),
    "url.update": frozenset({"url.updated"}),
    "url.delete": frozenset({"url.deleted"}),
    "user.update": frozenset({"user.updated", "chat.participant_joined", "article.updated"}),
    "session.noop": frozenset(),
}
"""What each action may cause in sessions of its user; no other event can be its effect there."""
KNOWN_EVENTS = frozenset(
    {
        "article.created",
        "article.updated",
        "article.deleted",
        "article.selected",
        "article.revision_added",
        "article.edit_started",
        "article.edit_ended",
        "chat.message_added",
        "chat.message_edited",
        "chat.message_deleted",
        "chat.participant_joined",
        "chat.participant_left",
        "chat.typing_changed",
        "url.created",
        "url.updated",
        "url.deleted",
        "user.updated",
        "user.permissions_changed",
        "user.session_opened",
        "user.session_closed",
    }
)
_ENTITY_MEMBER = {
    "article.created": ("article", "id"),
    "article.updated": ("article", "id"),
    "article.deleted": ("", "article_id"),
    "article.selected": ("article", "id"),
    "article.revision_added": ("revision", "article_id"),
    "article.edit_started": ("", "article_id"),
    "article.edit_ended": ("", "article_id"),
    "chat.message_added": ("message", "id"),
    "chat.message_edited": ("message", "id"),
    "chat.message_deleted": ("", "message_id"),
    "chat.participant_joined": ("user", "id"),
    "chat.participant_left": ("", "user_id"),
    "chat.typing_changed": ("", "user_id"),
    "url.created": ("url", "id"),
    "url.updated": ("url", "id"),
    "url.deleted": ("", "url_id"),
    "user.updated": ("user", "id"),
    "user.session_opened": ("session", "session_id"),
    "user.session_closed": ("", "session_id"),
}
_SORT_OF_ENTITY = {
    "chat.participant_joined": "participant",
    "chat.participant_left": "participant",
    "chat.typing_changed": "typing",
    "user.session_opened": "session",
    "user.session_closed": "session",
}


def entity_of(type_: str, data: dict[str, Any]) -> tuple[str, str] | None:
    """Return what an event is about, as its sort and its id; None for unknown or broken events."""
    where = _ENTITY_MEMBER.get(type_)
    if where is None:
        return None
    holder: Any = data.get(where[0]) if where[0] else data
    id_: Any = holder.get(where[1]) if isinstance(holder, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    sort = _SORT_OF_ENTITY.get(type_) or type_.partition(".")[0]
    return (sort, id_) if isinstance(id_, str) else None


_MADE_BY = {"article.create": "article_id", "chat.send": "message_id", "url.create": "url_id"}


def _named_entity(attempt: Attempt) -> str | None:
    """Return the id of the article, message or url that an action names, or its ack's `result`."""
    data, body = attempt.action.payload, attempt.action.body or {}
    result: Any = attempt.ack.payload.get("result") if attempt.ack is not None else None
    if (made := _MADE_BY.get(attempt.action.type)) is not None:
        # An id in the action of something that is new is an unknown member, and means nothing.
        id_ = _member(result, made)
        return id_ if isinstance(id_, str) else None
    for name in ("article_id", "message_id", "url_id"):
        for id_ in (data.get(name), body.get(name), _member(result, name)):
            if isinstance(id_, str):
                return id_
    return None


def _member(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]


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
    if event.type not in may_cause:
        return f"{action.type} does not make {event.type}"
    return _contrary(action, event) or _of_another(attempt, event)


def _contrary(action: Record, event: Record) -> str | None:
    if action.type != "chat.typing":
        return None
    same = event.payload.get("active") == action.payload.get("active")
    return None if same else "the action says the contrary of the event"


def _of_another(attempt: Attempt, event: Record) -> str | None:
    # A change of the user's own is named by no id in the action.
    named, entity = attempt.named, entity_of(event.type, event.payload)
    if named is None or entity is None or entity[0] not in ("article", "chat", "url"):
        return None
    if entity[1] == named or attempt.action.type == "user.update":
        return None
    return f"the action is about {named}, the event about {entity[1]}"
