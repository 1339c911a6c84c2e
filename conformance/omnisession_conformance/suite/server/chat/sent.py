"""What the rules on the chat room share: what was told, what the kit sent, and what it asked for."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from omnisession_conformance.protocol.json import as_list, member
from omnisession_conformance.roles.server.asking import SHARED
from omnisession_conformance.roles.server.reading.attempts import attempts
from omnisession_conformance.roles.server.reading.lifetimes import lifetimes
from omnisession_conformance.suite.server.state.rules_following import announced

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omnisession_conformance.roles.server.reading.attempts import Attempt
    from omnisession_conformance.roles.server.reading.lifetimes import Lifetime, Step
    from omnisession_conformance.roles.server.reading.trace import Trace
    from omnisession_conformance.traffic.record import Record

KIND = "chat"
ADDED = "chat.message_added"
Entry = dict[str, Any]


def told(trace: Trace) -> list[tuple[Lifetime, Step]]:
    """The states and events of the kind chat of all sessions."""
    return trace.view(_find_told)


def _find_told(trace: Trace) -> list[tuple[Lifetime, Step]]:
    return [
        (lifetime, step)
        for lifetime in lifetimes(trace)
        for step in lifetime.steps
        if step.kind == KIND
    ]


def list_in(step: Step, name: str) -> list[Any]:
    """A list of a state, empty where it has none."""
    return as_list(step.data.get(name)) if step.is_state else []


def messages(step: Step) -> list[Entry]:
    """The messages of a state's or event's data."""
    listed = list_in(step, "messages") if step.is_state else [step.data.get("message")]
    return [entry for entry in listed if isinstance(entry, dict)]


def messages_at(step: Step) -> list[tuple[Entry, str]]:
    """The same, with where each stands."""
    if not step.is_state:
        return [(entry, "/data/message") for entry in messages(step)]
    listed = enumerate(list_in(step, "messages"))
    return [(entry, f"/data/messages/{n}") for n, entry in listed if isinstance(entry, dict)]


# -- what the kit sent -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sent:
    """A message of the kit that was acked: by whom it was sent, and what it held, if that is clear."""

    attempt: Attempt
    ack: Record
    user_id: str
    content: str | None

    def surely_before(self, other: Sent) -> bool:
        """Whether the server accepted this message before another, whatever took how long."""
        if self.attempt.lifetime is other.attempt.lifetime:
            one, two = (
                self.attempt.action.integer("client_seq"),
                other.attempt.action.integer("client_seq"),
            )
            return one is not None and two is not None and one < two
        return self.ack.n < other.attempt.action.n


def applied(trace: Trace, type_: str) -> Iterator[tuple[Attempt, Record]]:
    """Yield the actions of a type that were applied, with their acks."""
    for attempt in attempts(trace).values():
        if attempt.ack is not None and attempt.action.type == type_ and attempt.one_body:
            yield attempt, attempt.ack


def given(record: Record, name: str) -> Any:
    """A member of an action's data, which the shared subject has at top level."""
    body = record.body or {}
    return body.get(name) if record.subject in SHARED else record.payload.get(name, body.get(name))


def all_sent(trace: Trace) -> dict[str, list[Sent]]:
    """Messages of the kit by the id that their ack names."""
    return trace.view(_find_sent)


def _find_sent(trace: Trace) -> dict[str, list[Sent]]:
    found: defaultdict[str, list[Sent]] = defaultdict(list)
    for attempt, ack in applied(trace, "chat.send"):
        id_ = member(ack.payload.get("result"), "message_id")
        if isinstance(id_, str):
            content = given(attempt.action, "content")
            clear = isinstance(content, str) and not attempt.action.flaws
            user_id = attempt.lifetime.session.user_id
            found[id_].append(Sent(attempt, ack, user_id, content if clear else None))
    return dict(found)


def by_id(trace: Trace) -> dict[str, Sent]:
    """Messages of the kit whose ids no other message has."""
    return {id_: sent[0] for id_, sent in all_sent(trace).items() if len(sent) == 1}


def all_edits(trace: Trace) -> dict[str, list[tuple[int, str]]]:
    """By message: the contents that somebody asked to give it, and since when."""
    found: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
    for copy in trace.copies:
        content = given(copy.request, "content")
        if copy.request.type == "chat.edit" and isinstance(content, str):
            found[str(given(copy.request, "message_id"))].append((copy.request.n, content))
    return found


def asked_for(trace: Trace) -> list[tuple[Lifetime, Step, Record]]:
    """States of the kind chat that came because a request asked for them, with the request."""
    return trace.view(_find_asked_for)


def _find_asked_for(trace: Trace) -> list[tuple[Lifetime, Step, Record]]:
    found: list[tuple[Lifetime, Step, Record]] = []
    for lifetime in lifetimes(trace) if KIND in _kinds(trace) else ():
        requests = {
            one.head(i): one.request
            for one in announced(trace, lifetime)
            for i in range(len(one.kinds))
        }
        found += [
            (lifetime, step, requests[step.head])
            for step in lifetime.steps
            if step.is_state and step.kind == KIND and step.head in requests
        ]
    return found


def _kinds(trace: Trace) -> set[str]:
    return {kind for lifetime in lifetimes(trace) for kind in lifetime.kinds}
