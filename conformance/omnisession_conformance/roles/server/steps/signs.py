"""What a client may send that keeps its session alive, and what does not, one thing each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.roles.server.steps.control import (
    NOWHERE,
    OPEN,
    PING,
    RESUME,
    SYNC,
    UNKNOWN_KIND,
    UNKNOWN_REQUEST,
)
from omnisession_conformance.roles.server.steps.sending import (
    CHAT_SUBJECT,
    EDIT_SUBJECT,
    NOOP,
    UNKNOWN,
    chat_body,
    edit_body,
)
from omnisession_conformance.roles.server.steps.timers import BEATS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from omnisession_conformance.roles.server.session import Session


OWN_TYPES = ("session.heartbeat", "session.pong", "action.ack", "session.opened", "error")
"""Types of a server, which it ignores where it receives them."""


def _asking(
    type_: str, data: dict[str, Any] | None = None, reply: str | None = None
) -> Callable[[Session], Awaitable[object]]:
    return lambda session: session.send(type_, data, reply=reply)


def _acting(type_: str, **how: Any) -> Callable[[Session], Awaitable[object]]:
    return lambda session: session.send_action(session.action_body(type_, **how))


def _opening(**wishes: Any) -> Callable[[Session], Awaitable[object]]:
    return lambda session: session.send(OPEN, session.open_data(**wishes))


async def _copy(session: Session) -> None:
    await session.send_action(session.action_body(NOOP, action_id=session.id, client_seq=1))


async def _used(session: Session) -> None:
    await session.send_action(session.action_body(NOOP, client_seq=1))


async def _another_version(session: Session) -> None:
    await session.send_action({**session.action_body(NOOP), "v": "9.0"})


async def _edit(session: Session) -> None:
    await session.send_action(edit_body(session, session.id), subject=EDIT_SUBJECT)


async def _say_nothing(session: Session) -> None:
    await session.send_action(chat_body(session, None), subject=CHAT_SUBJECT)


def _dated(timestamp: int) -> Callable[[Session], Awaitable[object]]:
    return lambda session: session.send(
        PING, body={**session.request_body(PING), "timestamp": timestamp}
    )


async def _begin(session: Session) -> None:
    await session.send(RESUME, {"epoch": session.head[0] or 1, "seq": 0})


SIGNS: dict[str, tuple[str | None, Callable[[Session], Awaitable[object]]]] = {
    "pings": (None, _asking(PING)),
    "pings without a reply subject": (None, _asking(PING, reply="")),
    "pings of the first time that there is": (None, _dated(1)),
    "syncs": (None, _asking(SYNC)),
    "resumes": (None, _asking(RESUME, NOWHERE)),
    "resumes from the begin": (None, _begin),
    "opens": (None, _opening()),
    "refused opens": (None, _opening(protocol=["9.0"])),
    "refused syncs": (None, _asking(SYNC, {"kinds": [UNKNOWN_KIND]})),
    "invalid syncs": (None, _asking(SYNC, {"kinds": 5})),
    "requests of an unknown type": (None, _asking(UNKNOWN_REQUEST)),
    "actions": (None, _acting(NOOP)),
    "copies of one action": (None, _copy),
    "refused actions": (None, _acting(UNKNOWN)),
    "actions of another version": (None, _another_version),
    "actions under a used number": (None, _used),
    "actions far ahead of the count": (None, _acting(NOOP, client_seq=1_000)),
    "actions on article.edit.start": ("articles", _edit),
    "actions on chat.messages": ("chat", _say_nothing),
}
"""What a client may say to be held for alive, whatever becomes of it, with the kind that it needs."""


# -- what is no sign -------------------------------------------------------------------------------------


async def _nothing(session: Session) -> None:
    del session


async def _own_types(session: Session) -> None:
    for type_ in OWN_TYPES:
        await session.send(type_)


async def _misnamed(session: Session) -> None:
    body = {**session.request_body(PING), "session_id": f"{session.id[1:]}x"}
    await session.send(PING, body=body)


async def _elsewhere(session: Session) -> None:
    other = f"{session.prefix.rpartition('.')[0]}.{session.id[1:]}x.control"
    await session.send(PING, body=session.request_body(PING), subject=other)


async def _unreadable(session: Session) -> None:
    ping = session.request_body(PING)
    for body in (b"{", {**ping, "v": "9.0"}, {**ping, "timestamp": None}, {**ping, "data": None}):
        await session.send(PING, body=body)


async def _no_actions(session: Session) -> None:
    noop = session.action_body(NOOP, client_seq=1)
    for fault in ({"client_seq": 0}, {"action_id": ""}, {"action_id": "a" * 129}):
        await session.send_action({**noop, **fault})
    await session.send_action(noop, reply="x.nobody")
    await session.send_action(noop, subject=f"{session.actions_subject}x")


NO_SIGNS: dict[str, Callable[[Session], Awaitable[object]]] = {
    "nothing": _nothing,
    "the server's own types": _own_types,
    "pings with a forged reply subject": _asking(PING, reply="x.nobody"),
    "pings that name another session": _misnamed,
    "pings on the subject of another session": _elsewhere,
    "requests that the stage of form refuses": _unreadable,
    "actions that the common stages refuse": _no_actions,
}
"""What is no sign of life, said as often."""
LAST_SIGNS: dict[str, Callable[[Session], Awaitable[object]]] = {
    "an open again": _opening(timers={**BEATS, "resume_window_ms": 60_000}),
    "a ping of the last time that there is": _dated(2**53 - 1),
    "a sync": _asking(SYNC),
    "a resume": _asking(RESUME, NOWHERE),
    "an action": _acting(NOOP),
    "a refused action": _acting(UNKNOWN),
    "an action far ahead of the count": _acting(NOOP, client_seq=1_000),
}
"""What a session says at first, and nothing after it: its window begins anew, and no more than that."""
