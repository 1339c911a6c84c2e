"""Rules on refusals: what they point at, and what they must not give away."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.sweep import Sweep, rule
from omnisession_conformance.protocol.json import as_list, as_object, child, is_object, member
from omnisession_conformance.protocol.schemas.pointer import tokens
from omnisession_conformance.roles.server.reading.attempts import attempts_by_lifetime
from omnisession_conformance.roles.server.reading.lifetimes import error_code
from omnisession_conformance.roles.server.reading.needles import is_a_word
from omnisession_conformance.suite.server.errors.leaks import leaks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omnisession_conformance.roles.server.reading.trace import Trace
    from omnisession_conformance.traffic.record import Record

REFUSALS = ("error", "action.nack")
SHORTEST_ID = 6
"""Shorter ids, and those that may be words, are found in ordinary text."""
_WORD = re.compile(r"[\w.:@,+~-]{6,}")


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refusal with the messages that it may answer."""

    record: Record
    requests: tuple[Record, ...]
    user_id: str | None

    @property
    def error(self) -> dict[str, Any]:
        """The error object, empty where there is none."""
        return as_object(self.record.payload.get("error"))


def refusals(trace: Trace) -> list[Refusal]:
    """Every refusal of the run: errors in answers, errors to actions, and nacks."""
    return trace.view(_refusals)


def _refusals(trace: Trace) -> list[Refusal]:
    told = (Refusal(*answer) for answer in _answers(trace) if answer[0].type in REFUSALS)
    return [refusal for refusal in told if refusal.error]


def _answers(trace: Trace) -> Iterator[tuple[Record, tuple[Record, ...], str | None]]:
    """Yield all answers and outcomes, with what they answer and for whom."""
    for exchange in trace.exchanges:
        for answer in exchange.answers:
            yield answer, (exchange.request,), exchange.request.address.user
    for copy in trace.copies:
        for answer in copy.answers:
            yield answer, (copy.request,), copy.user_id
    for lifetime, mine in attempts_by_lifetime(trace):
        for attempt in mine:
            requests = tuple(copy.request for copy in attempt.copies)
            for outcome in attempt.outcomes:
                yield outcome, requests, lifetime.session.user_id


@rule("ERR-004")
def pointers_lead_into_the_request(trace: Trace, sweep: Sweep) -> None:
    """Judges that a 4001 points at a place of the refused body, or at what it lacks."""
    for refusal in refusals(trace):
        bodies = [r.body for r in refusal.requests if r.body is not None]
        if error_code(refusal.record) != 4001 or not bodies:
            continue
        pointer = member(refusal.error.get("details"), "pointer")
        good = isinstance(pointer, str) and any(_leads_into(pointer, body) for body in bodies)
        sweep.judge(
            "ERR-004",
            good,
            refusal.record,
            expected="a JSON pointer to the first fault of the refused body",
            seen="no pointer" if pointer is None else f"pointer {pointer!r}",
            pointer="/data/error/details/pointer",
            also=refusal.requests[:1],
        )


def _leads_into(pointer: str, body: Any) -> bool:
    """Whether a pointer names a place of a value, or a member that one of its objects lacks."""
    if pointer and not pointer.startswith("/"):
        return False
    place = body
    steps = tokens(pointer)
    for index, token in enumerate(steps):
        there, inner = child(place, token)
        if not there:
            return is_object(place) and index == len(steps) - 1
        place = inner
    return True


@rule("ERR-006")
def refusals_give_nothing_away(trace: Trace, sweep: Sweep) -> None:
    """Judges the text of every refusal: nothing of the server's inside, no id of somebody else."""
    users = {user_id for user_id, _ in trace.sessions} | set(trace.facts.emails)
    users = {id_ for id_ in users if len(id_) >= SHORTEST_ID and not is_a_word(id_)}
    for refusal in refusals(trace):
        text = _text(refusal.error)
        leak = _symptom(text, refusal) or _foreign_id(text, users, refusal)
        sweep.judge(
            "ERR-006",
            leak is None,
            refusal.record,
            expected="nothing of the inside of the server, and no id of another user",
            seen=leak or "",
            pointer="/data/error",
            also=refusal.requests[:1],
        )


def _text(error: dict[str, Any]) -> str:
    """The parts of an error that a server words: a pointer names members of the request."""
    told = as_object(error.get("details"))
    rest = {name: value for name, value in told.items() if name != "pointer"}
    return "\n".join(_strings([error.get("message"), rest]))


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif is_object(value):
        for name, inner in value.items():
            yield name
            yield from _strings(inner)
    else:
        for inner in as_list(value):
            yield from _strings(inner)


def _symptom(text: str, refusal: Refusal) -> str | None:
    for what, found in leaks(text):
        if not _was_sent(found, refusal):
            return f"{what}: {found!r}"
    return None


def _foreign_id(text: str, users: set[str], refusal: Refusal) -> str | None:
    for word in dict.fromkeys(match[0].strip(".:,") for match in _WORD.finditer(text)):
        if word in users and word != refusal.user_id and not _was_sent(word, refusal):
            return f"the id of user {word!r}"
    return None


def _was_sent(text: str, refusal: Refusal) -> bool:
    """Whether the refused message said it itself."""
    return any(text.encode() in request.data for request in refusal.requests)
