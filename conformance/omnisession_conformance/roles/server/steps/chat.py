"""How cases talk in the chat room and look at it: small steps, each acked or the case stops.

The room is everybody's: messages and users of other cases stand beside those of a case, and what a
case did may be pushed off the end of a list. So cases look for their own messages only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.stops import NoRoom, Prerequisite
from omnisession_conformance.protocol.model.limits import bound_of
from omnisession_conformance.roles.server.steps import lists
from omnisession_conformance.roles.server.steps.any_kind import ever_full
from omnisession_conformance.roles.server.steps.any_kind.chat import ANY_CHAT
from omnisession_conformance.roles.server.steps.articles import unique
from omnisession_conformance.roles.server.steps.sending import (
    CHAT_SEND,
    CHAT_SUBJECT,
    chat_body,
    entries,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from omnisession_conformance.environment.users import User
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.reply import Answer
    from omnisession_conformance.roles.server.session import Session
    from omnisession_conformance.traffic.record import Record

LONG_MS = 6_000
"""The longest time that typing lasts, and how long it does where no other time is asked."""

KIND = "chat"
AT_ONCE = {"coalesce_ms": 0}
"""Timers of a session that is told everything at once, without a ping."""
ADDED = "chat.message_added"
Entry = dict[str, Any]


def takes_chat(*actions: str) -> tuple[str, ...]:
    """The needs of a case that works with the chat and these actions on it (`send`, …)."""
    return (KIND, *(f"action:chat.{name}" for name in actions))


TYPES = takes_chat("typing")


def text(ctx: Context) -> str:
    """A content that nothing else in this run or on this server has.

    It holds characters that careless servers escape, fold or cut.
    """
    return f'{unique(ctx, "message")} <é> & "ß" \\ \u2028 \U0001f600'


# -- sessions --------------------------------------------------------------------------------------


async def open_chat(
    ctx: Context, user: User, *, events: bool = False, timers: Mapping[str, int] | None = None
) -> Session:
    """Open a session with the kind chat; one with `events` gets states where these are not served."""
    return await ctx.open(user, kinds=[KIND], features=["events"] if events else [], timers=timers)


async def open_both(
    ctx: Context, user: User, *, timers: Mapping[str, int] | None = None
) -> list[Session]:
    """Open a session without and one with `events`."""
    return [await open_chat(ctx, user, events=events, timers=timers) for events in (False, True)]


async def open_elsewhere(ctx: Context, user: User) -> list[Session]:
    """Open a session that has not the kind chat, where the target serves another kind."""
    others = ctx.declared.other_kinds(KIND)
    return [await ctx.open(user, kinds=others[:1])] if others else []


@dataclass(slots=True)
class Room:
    """Sessions of several users that see the room, and what was in it before.

    A list that still shows something from before has lost nothing of what was sent since.
    """

    ctx: Context
    sessions: list[Session]
    before: frozenset[str]

    async def late(self, user: User, *, events: bool = False) -> Session:
        """Open one session more, which is told everything by its first state."""
        session = await open_chat(self.ctx, user, events=events)
        self.sessions.append(session)
        return session

    async def messages(self, session: Session, ids: Iterable[Any] = ()) -> list[Entry]:
        """The messages that a session shows at a fence that is made now.

        Raises NoRoom where some of `ids`, which were sent, may have been cut off the list.
        """
        told = entries(await view(session), "messages")
        shown = {entry.get("id") for entry in told}
        missing = not shown.issuperset(ids)
        # Where a list was cut, and others have deleted since, it need not be full any more.
        if missing and not shown & self.before and ever_full(session, ANY_CHAT):
            raise NoRoom("the list of messages was at its limit and may have lost some")
        return told

    async def own(self, session: Session, ids: Sequence[str]) -> list[Entry]:
        """Those of the messages that a session shows that have one of some ids, as they stand."""
        return [m for m in await self.messages(session, ids) if m.get("id") in ids]

    async def each(self, ids: Sequence[str]) -> list[tuple[Session, list[Entry]]]:
        """Every session with what it shows of some messages."""
        return [(session, await self.own(session, ids)) for session in self.sessions]


async def open_room(ctx: Context, *users: User) -> Room:
    """Open, for each user, a session without and one with `events`."""
    sessions = [session for user in users for session in await open_both(ctx, user)]
    first: list[Entry] = entries(sessions[0].slice(KIND), "messages")
    return Room(ctx, sessions, frozenset(str(entry.get("id")) for entry in first))


def carrier(session: Session) -> str:
    """What carries the changes in a session."""
    return f"in a session {'with' if 'events' in session.features else 'without'} events"


def where(session: Session, actor: Session) -> str:
    """Which session it is, seen from the one that acted."""
    events = f"{'with' if 'events' in session.features else 'without'} events"
    if session is actor:
        return f"in the acting session, {events}"
    whose = "the same user" if session.user.id == actor.user.id else "another user"
    return f"in another session of {whose}, {events}"


async def end(ctx: Context, session: Session) -> None:
    """Close a session as a step that a case needs."""
    answer = await session.close()
    ctx.require(answer.type == "session.closed", f"session.close got {answer}")
    session.leave_open = True


# -- messages --------------------------------------------------------------------------------------


def message_id(ack: Answer) -> str:
    """The id that the ack of a send names; Prerequisite where it names none."""
    id_ = ack.result.get("message_id")
    if not isinstance(id_, str) or not id_:
        raise Prerequisite("the ack of chat.send does not name the message in result.message_id")
    return id_


async def say(session: Session, content: str) -> str:
    """Send a message and return its id."""
    return message_id(await session.apply(CHAT_SEND, {"content": content}))


async def edit(session: Session, id_: str, content: str, **more: Any) -> Answer:
    """Give a message another content."""
    return await session.apply("chat.edit", {"message_id": id_, "content": content, **more})


async def delete(session: Session, id_: str) -> Answer:
    """Take a message away."""
    return await session.apply("chat.delete", {"message_id": id_})


async def on_shared(session: Session, content: Any, **top: Any) -> Answer | None:
    """Send a message on `chat.messages`; its outcome, if there is one."""
    body = {**chat_body(session, content), **top}
    return await session.outcome_of(body, subject=CHAT_SUBJECT)


def part(message: Entry | None, *names: str) -> Entry:
    """Some members of a message, as told."""
    return {name: (message or {}).get(name, "(missing)") for name in names}


async def view(session: Session) -> Entry:
    """The slice of chat at a fence that is made now."""
    return session.slice(KIND, upto=await session.fence())


# -- who is there and who types ----------------------------------------------------------------------


async def type_(session: Session, *, active: bool = True, ttl_ms: int | None = None) -> Answer:
    """Say that the user types, or does not any more."""
    more: Entry = {} if ttl_ms is None else {"ttl_ms": ttl_ms}
    return await session.apply("chat.typing", {"active": active, **more})


def typists(slice_: Entry) -> list[Any]:
    """The ids of those who type in a slice of chat."""
    return slice_.get("typing_indicators") or []


def typing(session: Session) -> list[Any]:
    """Who types, as the session was told so far."""
    return typists(session.slice(KIND))


def present(session: Session) -> list[Any]:
    """The ids of the participants, as the session was told so far."""
    return [user.get("id") for user in entries(session.slice(KIND), "participants")]


def crowded(session: Session) -> bool:
    """Whether the room has as many users as a list of them may show."""
    bound = bound_of(KIND, "participants", session.limits)
    return bound is not None and len(present(session)) >= bound


def may_be_cut_off(session: Session) -> bool:
    """Whether a user may be missing for want of room; what a case lets pass so it looks for again alone."""
    full = crowded(session)
    session.lets_pass = session.lets_pass or (full and not session.alone)
    return full


def quiet_or_stop(*sessions: Session) -> None:
    """Stop where a session was shown a full room at any time: a user may be missing who has not left."""
    if any(lists.was_full(session, KIND, "participants") for session in sessions):
        raise NoRoom("the list of participants was at its limit and may have lost some")


async def comes(
    session: Session, done: Callable[[Session], bool], within_s: float
) -> Record | None:
    """Wait until what a session was told is as wanted; the message that made it so, None if late."""

    def find() -> Record | None:
        return session.stream[-1] if done(session) else None

    return await session.wait(find, within_s)


def in_order(
    ctx: Context,
    session: Session,
    wanted: Sequence[str],
    seen: Sequence[Entry],
    why: str,
    *requirements: str,
) -> None:
    """Observe the order of messages that are all shown; how often is a matter of CHAT-001."""
    shown = list(dict.fromkeys(str(m.get("id")) for m in seen))
    ctx.require(set(shown) == set(wanted), f"messages that were acked are not shown, {why}")
    for requirement in requirements or ("CHAT-003",):
        ctx.equal(requirement, list(wanted), shown, on=session.stream[-1:], why=why)


async def is_over(
    ctx: Context, requirement: str, session: Session, user: User, bound_ms: int, after: str
) -> bool:
    """Observe that a session is told, unasked, that a user types no more."""
    why = f"after {after}, {carrier(session)}"
    expected = f"{user.id} to type no more within {bound_ms} ms"
    within_s = ctx.within(bound_ms)
    record = await comes(session, lambda s: user.id not in typing(s), within_s)
    if record is None:
        on = session.stream[-1:]
        return ctx.absent(requirement, expected=expected, waited_s=within_s, on=on, why=why)
    return ctx.check(requirement, good=True, expected=expected, seen="it came", on=record, why=why)
