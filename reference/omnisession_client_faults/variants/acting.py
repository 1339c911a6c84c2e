"""How a client sends actions."""

import json
from dataclasses import replace
from typing import Any

from omnisession_client import ending, outbox, reading
from omnisession_client.effects import Publish, Step
from omnisession_client.messages import Dispatched
from omnisession_client.values import State
from omnisession_client_faults.variants import variant
from omnisession_reference.wire import JsonObject, encode

UNKNOWN = 5040
OWN_SUBJECTS = {"chat.send": ("chat.messages", "content")}
OWN_SUBJECTS["article.edit_start"] = ("article.edit.start", "article_id")


@variant("uses-the-subjects-of-types", of=("HYB-001",), replaces="outbox.dispatch")
def own_subjects(original: Any, state: State, action: Dispatched) -> Step:
    """Two types of actions go to the subjects that they have of their own."""
    after, effects = original(state, action)
    if after.under_way is None or state.under_way is not None or action.type not in OWN_SUBJECTS:
        return after, effects
    subject, member = OWN_SUBJECTS[action.type]
    body: JsonObject = json.loads(after.under_way.body)
    if member not in body["data"] or len(body["data"]) > 1:
        return after, effects
    data = encode({**body.pop("data"), **body})
    after = replace(after, under_way=replace(after.under_way, subject=subject, body=data))
    return after, tuple(Publish(subject, data) if isinstance(e, Publish) else e for e in effects)


@variant("acts-by-request", of=("HYB-007", "CLI-029"), replaces="link.Link.send")
async def by_request(
    original: Any, link: Any, subject: str, body: bytes, token: str | None = None
) -> None:
    """Actions are published with a reply subject, on which nobody listens to what comes."""
    is_request = subject.startswith("session.")
    await original(link, subject, body, token if is_request else "action")


@variant("gives-up-at-once", of=("HYB-007", "HYB-015"), replaces="outbox.rang")
def gives_up(original: Any, state: State, timer: str) -> Step:
    """An action without an outcome is given up and told, and the client goes on in a new session."""
    silent = timer == outbox.OUTCOME and state.phase == "live" and state.under_way is not None
    return ending.leave(state) if silent else original(state, timer)


@variant("gives-up-at-a-nack", of=("HYB-006", "HYB-007", "HYB-015"), replaces="outbox.outcome")
def gives_up_at_a_nack(original: Any, state: State, type_: str, data: JsonObject) -> Step:
    """An action whose first copy is refused for now is given up and told; the next one has its number."""
    under_way, failure = state.under_way, reading.failure(data)
    is_its = under_way is not None and data.get("action_id") == under_way.action_id
    if type_ == "action.ack" or under_way is None or not is_its or under_way.copies > 1:
        return original(state, type_, data)
    is_free = failure.retryable and failure.code != UNKNOWN
    return outbox.given_up(state) if is_free else original(state, type_, data)


@variant("leaves-at-an-unknown-outcome", of=("HYB-007", "HYB-020"), replaces="outbox.outcome")
def leaves_at_unknown(original: Any, state: State, type_: str, data: JsonObject) -> Step:
    """An action of which nobody knows yet is given up and told, and the client goes on in a new session."""
    is_its = state.under_way is not None and data.get("action_id") == state.under_way.action_id
    is_nack = type_ == "action.nack" and is_its
    if is_nack and state.phase == "live" and reading.failure(data).code == UNKNOWN:
        return ending.leave(state)
    return original(state, type_, data)


@variant("gives-up-at-a-cut", of=("HYB-007", "HYB-015"), replaces="outbox.live")
def gives_up_at_a_cut(original: Any, state: State) -> Step:
    """An action that was under way at a cut is given up and told, and a new session is opened."""
    is_due = state.under_way is not None and state.under_way.status == "due"
    return ending.leave(state) if is_due and state.phase == "live" else original(state)


@variant("repeats-for-long", of=("HYB-007",), replaces="outbox.MOST_COPIES")
def for_long(_original: int) -> int:
    """An action without an outcome is sent again for as long as the client runs."""
    return 10**9


@variant("repeats-after-a-fixed-wait", of=("HYB-007",), replaces="outbox.later")
def fixed_wait(original: Any, state: State, least_ms: int = 0) -> Step:
    """An action is sent again after the bound of its wait, and not at a random time before it."""
    after, effects = original(state, least_ms)
    return after, tuple(
        replace(e, at_least_ms=e.at_most_ms) if hasattr(e, "at_most_ms") else e for e in effects
    )


@variant("repeats-before-the-answer", of=("HYB-007",), replaces="update.ready", mode="pure")
def before_the_answer(original: Any, state: State) -> Step:
    """On a new connection an action goes out again before the recovery is answered."""
    after, effects = original(state)
    under_way = after.under_way
    if under_way is None or under_way.status != "due" or after.opened is None:
        return after, effects
    copy = Publish(under_way.subject, under_way.body)
    return after, (*effects, copy)
