"""What comes along into a new session, and what does not since nobody knows what became of it.

A server may forget the outcomes of a user who had no live session for `outcomes_ms`. The session lived on
for its `resume_window_ms` after the last message that was answered.
"""

from dataclasses import replace

from omnisession_client import refusing
from omnisession_client.pending.lists import without
from omnisession_client.values import Pending, Refused, State

# Done twice these are as done once. So is what expects a revision: the second time it fails.
HARMLESS = ("article.select", "chat.typing", "session.noop")
# The way of the copies, at most; a tenth where the times are short.
MARGIN_MS = 5_000


def began(state: State) -> State:
    """A session begins: what is pending gets new numbers there, in its old order."""
    pending = tuple(
        replace(one, number=None, body=b"", status="due", copies=0, gap=False)
        for one in state.pending
    )
    return replace(state, pending=pending, ahead=())


def opened(state: State) -> State:
    """The server has made the session: give up what may not be done twice, if it may have forgotten."""
    until, state = state.known_ms, replace(state, known_ms=None)
    if until is None or state.steady_ms < until:
        return state
    for one in state.pending:
        if one.left and not is_harmless(one):
            lost = Refused(one.doing.action_id, reason="given_up")
            state = refusing.told(without(state, one), lost)
    return state


def is_harmless(one: Pending) -> bool:
    """Whether an action may be done twice, or fails by itself the second time."""
    expects = one.doing.type == "article.update" and one.doing.expect is not None
    return expects or one.doing.type in HARMLESS


def known(state: State, sent_ms: int) -> State:
    """A message was answered in the session: reckon from when it was sent."""
    if state.opened is None or "outcomes_ms" not in state.opened.limits:
        return replace(state, known_ms=None)
    whole = state.opened.resume_window_ms + state.opened.limits["outcomes_ms"]
    until = sent_ms + whole - min(MARGIN_MS, whole // 10)
    return replace(state, known_ms=max(until, state.known_ms or until))
