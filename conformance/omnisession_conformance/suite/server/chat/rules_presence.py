"""The rule that nobody is told to have left the room who has been there all the time."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from omnisession_conformance.engine.sweep import Sweep, rule
from omnisession_conformance.protocol.bounds import ABSENT_NS
from omnisession_conformance.roles.server.reading.lifetimes import excused, lifetimes
from omnisession_conformance.suite.server.chat.sent import KIND, told

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.reading.lifetimes import Lifetime
    from omnisession_conformance.roles.server.reading.trace import Trace
    from omnisession_conformance.traffic.record import Record

LEFT = "chat.participant_left"


@rule("CHAT-011")
def who_is_there_has_not_left(trace: Trace, sweep: Sweep) -> None:
    """Judges that a user with a live chat session is not told to have left when another of them ended."""
    stays: dict[str, list[Lifetime]] | None = None
    for _, step in told(trace):
        user_id = step.data.get("user_id")
        if step.record.type != LEFT or not isinstance(user_id, str):
            continue
        stays = stays or _stays(trace)
        witness = _witness(trace, stays.get(user_id, []), step.record)
        if witness is not None:
            sweep.broken(
                "CHAT-011",
                step.record,
                expected=f"nothing: {user_id} has another live chat session",
                seen=LEFT,
                pointer="/data/user_id",
                also=(witness,),
            )


def _stays(trace: Trace) -> dict[str, list[Lifetime]]:
    """The chat sessions of each user."""
    found: defaultdict[str, list[Lifetime]] = defaultdict(list)
    for lifetime in lifetimes(trace):
        if lifetime.opened is not None and KIND in lifetime.kinds:
            found[lifetime.session.user_id].append(lifetime)
    return dict(found)


def _witness(trace: Trace, mine: list[Lifetime], left: Record) -> Record | None:
    """What shows that a user was there all the time: the open of a session that outlived the others.

    An end may be told before it is answered and for some time after it, so that session must have been
    open at each end that the event may be about.
    """
    asked = [(life, request) for life in mine if (request := _closing(life)) is not None]
    ends = [request for _, request in asked if request.n < left.n]
    late = [end for end in ends if left.t_ns - end.t_ns <= 2 * ABSENT_NS]
    if not late or excused(trace, late[0].t_ns, left.t_ns):
        return None
    closing = [life for life, request in asked if request.n < left.n]
    for life in mine:
        opened = life.opened
        known = opened is not None and all(opened.n < end.n for end in late)
        if known and life not in closing and _lived(life, left):
            return opened
    return None


def _closing(life: Lifetime) -> Record | None:
    """The first request to close a session."""
    requests = (exchange.request for exchange in life.session.exchanges)
    return next((request for request in requests if request.type == "session.close"), None)


def _lived(life: Lifetime, left: Record) -> bool:
    """Whether a session was told something after an event, or answered a close that was sent later."""
    if life.over is None:
        return bool(life.steps) and life.steps[-1].record.n > left.n
    return life.closed is not None and life.over.n > left.n
