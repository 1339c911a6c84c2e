"""Rules on the chat room: who types, and who is there."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.sweep import Sweep, rule
from omnisession_conformance.protocol.bounds import ABSENT_NS, BOUND_S
from omnisession_conformance.protocol.json import member, objects
from omnisession_conformance.protocol.model.limits import bound_of
from omnisession_conformance.roles.server.reading.lifetimes import (
    NEVER,
    excused,
    lifetimes,
)
from omnisession_conformance.suite.server.chat.sent import KIND, asked_for, list_in, told

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.reading.lifetimes import Lifetime, Step
    from omnisession_conformance.roles.server.reading.trace import Trace
    from omnisession_conformance.traffic.record import Record

Stay = tuple[int, int]
"""From which record on a user may have been in the room, and until when, in ns."""


@rule("CHAT-008")
def typing_is_told_to_others(trace: Trace, sweep: Sweep) -> None:
    """Judges that nobody is told to type itself."""
    for lifetime, step in told(trace):
        own = lifetime.session.user_id
        if not step.is_state:
            if step.record.type == "chat.typing_changed":
                mine = step.data.get("user_id") == own and step.data.get("active") is True
                _judge(step, not mine, own, "/data/user_id", sweep)
            continue
        # That nobody is there twice is a matter of the schema.
        mine = own in list_in(step, "typing_indicators")
        _judge(step, not mine, own, "/data/typing_indicators", sweep)


def _judge(step: Step, good: bool, own: str, pointer: str, sweep: Sweep) -> None:
    sweep.judge(
        "CHAT-008",
        good,
        step.record,
        expected="only users who are not the session's own",
        seen=f"its own user {own!r}",
        pointer=pointer,
    )


# -- participants ------------------------------------------------------------------------------------


@rule("CHAT-011")
def own_user_is_there(trace: Trace, sweep: Sweep) -> None:
    """Judges that a session which lives some time is shown its own user, and never told it left.

    A session that was ever told of as many users as the list has room for may have lost its own, and
    nothing brings it back.
    """
    rooms: defaultdict[int, _Room] = defaultdict(_Room)
    for lifetime, step in told(trace):
        own, opened = lifetime.session.user_id, lifetime.opened
        room = rooms[id(lifetime)]
        room.take(step, bound_of(KIND, "participants", lifetime.limits))
        if step.record.type == "chat.participant_left":
            sweep.judge(
                "CHAT-011",
                step.data.get("user_id") != own,
                step.record,
                expected="the end of another user's last session",
                seen=f"that of its own user {own!r}, in a live session",
                pointer="/data/user_id",
                also=(opened,) if opened is not None else (),
            )
        if not step.is_state or opened is None:
            continue
        ids = _ids(step)
        young = step.record.t_ns - opened.t_ns < ABSENT_NS
        if own in ids or not (room.was_full or young):
            sweep.judge(
                "CHAT-011",
                own in ids,
                step.record,
                expected=f"the session's own user {own!r}",
                seen=f"{len(ids)} others",
                pointer="/data/participants",
                also=(opened,),
            )


@dataclass(slots=True)
class _Room:
    """Who is there as a session was told, and whether that was ever as many as its list may show."""

    there: set[str] = field(default_factory=set[str])
    was_full: bool = False

    def take(self, step: Step, bound: int | None) -> None:
        """Take what the session was told next."""
        if step.is_state:
            self.there = {*map(str, _ids(step))}
        elif step.record.type == "chat.participant_joined":
            self.there.add(str(member(step.data.get("user"), "id")))
        elif step.record.type == "chat.participant_left":
            self.there.discard(str(step.data.get("user_id")))
        self.was_full |= bound is not None and len(self.there) >= bound


def _ids(step: Step) -> list[Any]:
    return [user.get("id") for user in objects(list_in(step, "participants"))]


@rule("CHAT-011")
def who_left_is_not_there(trace: Trace, sweep: Sweep) -> None:
    """Judges that states which are asked for name nobody whose last session was over long before."""
    stays = _stays(trace)
    for _, state, request in asked_for(trace):
        for index, id_ in enumerate(_ids(state)):
            # Who was there before this run has a session that may end at any time.
            stay = [one for one in stays.get(str(id_), ()) if one[0] < state.record.n]
            if not stay:
                continue
            there = any(_may_be_there(trace, end_ns, request) for _, end_ns in stay)
            sweep.judge(
                "CHAT-011",
                there,
                state.record,
                expected="users with a live chat session",
                seen=f"user {id_!r}, whose last one was over more than {BOUND_S:g} s before",
                pointer=f"/data/participants/{index}",
                also=(request,),
            )


def _may_be_there(trace: Trace, end_ns: int, request: Record) -> bool:
    """Whether a session that was over at some time may have kept its user until a request."""
    return request.t_ns <= end_ns + ABSENT_NS or excused(trace, end_ns, request.t_ns)


def _stays(trace: Trace) -> dict[str, list[Stay]]:
    """When the kit's own users were in the room, without users who have sessions of other clients."""
    found: defaultdict[str, list[Stay]] = defaultdict(list)
    unclear = {s.user_id for s in trace.sessions.values() if not (s.exchanges or s.copies)}
    for lifetime in lifetimes(trace):
        stay = _stay(lifetime)
        if stay is not None:
            found[lifetime.session.user_id].append(stay)
    return {user: stay for user, stay in found.items() if user not in unclear}


def _stay(lifetime: Lifetime) -> Stay | None:
    """How long a session may have kept its user in the room, None for one of other kinds."""
    if lifetime.opened is None or lifetime.opening is None:
        # What was opened without an answer nobody can tell.
        return (0, NEVER) if lifetime.session.exchanges else None
    if KIND not in lifetime.kinds:
        return None
    return (lifetime.opening.n, lifetime.over.t_ns if lifetime.over is not None else NEVER)
