"""USER: the list of a user's sessions: who is in it, in which order, and when it changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.case import case
from omnisession_conformance.engine.stops import NotOffered
from omnisession_conformance.protocol.bounds import BOUND_MS
from omnisession_conformance.protocol.json import as_int
from omnisession_conformance.protocol.model.order import misplacement_in
from omnisession_conformance.roles.server.steps.articles import later_than
from omnisession_conformance.roles.server.steps.timers import SHORT
from omnisession_conformance.roles.server.steps.users import (
    KIND,
    open_user,
    other_kinds,
    user_slice,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session
    from omnisession_conformance.roles.server.steps.users import Entry

AT_ONCE = 6
"""Sessions that open at once, where a user may have so many."""
HELD = {"coalesce_ms": 1_000}
"""The longest that a server may be asked to hold states back."""
SLACK_MS = 50
"""So much may the clocks of two instances of one server differ."""


def _entries(slice_: Mapping[str, Any]) -> list[Entry]:
    entries: list[Entry] = slice_.get("sessions") or []
    return entries


def _ids(ctx: Context, session: Session) -> list[str]:
    """The sessions that a session shows now, in the order of its list.

    Those that the kit does not know are left out where others may have opened them for a lent user.
    """
    ids = [str(entry.get("session_id")) for entry in _entries(session.slice(KIND))]
    known = {one.id for one in ctx.sessions}
    return ids if ctx.fixture.mints else [id_ for id_ in ids if id_ in known]


async def _shown(
    ctx: Context, watchers: Sequence[Session], live: Sequence[Session], why: str, within_ms: int
) -> None:
    """Observe that sessions which ask for nothing come to list exactly those that are live.

    Where one does not, the case ends: every later list would be wrong for the same reason.
    """
    wanted = sorted(session.id for session in live)
    bound = ctx.within(within_ms)
    good = True
    for watcher in watchers:

        def same(watcher: Session = watcher) -> bool | None:
            return sorted(_ids(ctx, watcher)) == wanted or None

        if await watcher.wait(same, bound):
            ctx.check("USER-003", good=True, expected="the live sessions", seen="the live sessions")
            continue
        good, bound = False, 0.0
        seen, on = sorted(_ids(ctx, watcher)), watcher.stream[-1:]
        ctx.equal("USER-003", wanted, seen, on=on, why=f"{why}, in {_name(watcher)}")
    ctx.require(good, "a session does not list the live sessions of its user")


def _name(watcher: Session) -> str:
    return f"a session {'with' if watcher.features else 'without'} events"


@case("USER-003", needs=(KIND,))
async def sessions_come_and_go_in_the_list(ctx: Context) -> None:
    """Sessions of any kind are in the list from their open to their close, with what they opened."""
    user, other = ctx.user(), ctx.user()
    live = [await open_user(ctx, user)]
    first = live[0]
    own = [e for e in _entries(first.slice(KIND)) if e.get("session_id") == first.id]
    kinds = [entry.get("kinds") for entry in own]
    ctx.equal("USER-003", [[KIND]], kinds, on=first.stream[-1:], why="the own session, first state")
    live.append(await open_user(ctx, user, events=True))
    live.append(await open_user(ctx, user, timers=HELD))
    watchers = live[:3]
    await open_user(ctx, other)
    await _shown(ctx, watchers, live, "after three were opened", BOUND_MS)
    last = max(as_int(entry.get("opened_at")) for entry in _entries(first.slice(KIND)))
    moved = await later_than(first, last + SLACK_MS)
    guests = [
        await ctx.open(user, kinds=other_kinds(ctx)),
        await ctx.open(user, kinds=ctx.declared.kinds[::-1], features=["events"]),
        await open_user(ctx, user),
    ]
    live += guests
    await _shown(ctx, [*watchers, guests[2]], live, "after sessions of other kinds", BOUND_MS)
    # A clock that did not move so far, or was set back meanwhile, tells nothing of an order.
    if moved and await later_than(first, last + SLACK_MS):
        _opened_later(ctx, watchers, guests, last)
    _as_opened(ctx, watchers, live)
    for gone in (guests[0], guests[2]):
        await gone.close()
        gone.leave_open = True
        live.remove(gone)
        await _shown(ctx, watchers, live, "after one was closed", BOUND_MS)
    live.append(await open_user(ctx, user, events=True))
    await _shown(ctx, [live[-1]], live, "when it was opened after others had closed", BOUND_MS)
    await _shown(ctx, watchers, live, "after another was opened", BOUND_MS)
    for watcher in watchers:
        await watcher.sync()
    await _shown(ctx, watchers, live, "in a sync", 0)
    _in_order(ctx, watchers)


def _opened_later(
    ctx: Context, watchers: Sequence[Session], guests: Sequence[Session], last: int
) -> None:
    """Observe that sessions are told to be opened after a time, and not with the first of their user."""
    ids = {session.id for session in guests}
    for watcher in watchers:
        told = [e for e in _entries(watcher.slice(KIND)) if e.get("session_id") in ids]
        times = [entry.get("opened_at") for entry in told]
        ctx.check(
            "USER-003",
            all(as_int(time) > last for time in times),
            expected=f"opened_at after {last}, when the sessions before them were opened",
            seen=times,
            on=watcher.stream[-1:],
            why=f"sessions that were opened later, in {_name(watcher)}",
        )


def _as_opened(ctx: Context, watchers: Sequence[Session], live: Sequence[Session]) -> None:
    """Observe that the kinds of each session are those that it opened, in all lists alike."""
    wanted = {session.id: list(session.kinds) for session in live}
    lists: list[list[Entry]] = []
    for watcher in watchers:
        entries = [e for e in _entries(watcher.slice(KIND)) if e.get("session_id") in wanted]
        lists.append(entries)
        seen = {str(e.get("session_id")): e.get("kinds") for e in entries}
        ctx.equal("USER-003", wanted, seen, on=watcher.stream[-1:], why="the kinds of each session")
    times = [{str(e.get("session_id")): e.get("opened_at") for e in each} for each in lists]
    for watcher, told in zip(watchers, times, strict=True):
        why = "opened_at in all sessions alike"
        ctx.equal("USER-003", times[0], told, on=watcher.stream[-1:], why=why)


def _in_order(ctx: Context, watchers: Sequence[Session]) -> None:
    for watcher in watchers:
        for state in watcher.states(KIND):
            wrong = misplacement_in(KIND, "sessions", state.payload.get("sessions"))
            ctx.check(
                "USER-003",
                wrong is None,
                expected="by opened_at, then session_id",
                seen="in order" if wrong is None else f"{wrong.before} before {wrong.after}",
                on=state,
                pointer="/data/sessions",
            )


@case("USER-003", needs=(KIND,))
async def sessions_of_one_moment_are_in_order(ctx: Context) -> None:
    """Sessions that open at once are each listed once, in order, in the lists of all of them."""
    user = ctx.user()
    at_once = min(AT_ONCE, ctx.declared.limit("sessions"))
    sessions = [ctx.session(user) for _ in range(at_once)]
    pending = [
        await s.send(
            "session.open", s.open_data(kinds=[KIND], features=["events"] if n % 2 else [])
        )
        for n, s in enumerate(sessions)
    ]
    for session, one in zip(sessions, pending, strict=True):
        answer = await one.must()
        answer.position_or_stop("session.opened")
        session.opened = answer
    for session in sessions:
        start = session.opened.position if session.opened else None
        ctx.require(start is not None, "an open was answered without a position")
        await session.fence()
    await _shown(ctx, sessions, sessions, "after all were opened at once", BOUND_MS)
    for session in sessions:
        await session.sync()
    await _shown(ctx, sessions, sessions, "in a sync", 0)
    _in_order(ctx, sessions)


@case("USER-003", needs=(KIND,))
async def opening_again_changes_no_list(ctx: Context) -> None:
    """A live session that is opened again stays in the list once, as it was first opened."""
    user = ctx.user()
    watcher, again = await open_user(ctx, user, events=True), await open_user(ctx, user)
    await _shown(ctx, [watcher, again], [watcher, again], "after two were opened", BOUND_MS)
    before = _entries(await user_slice(watcher))
    await again.open(kinds=[KIND])
    for session in (watcher, again):
        await session.sync()
        after = _entries(await user_slice(session))
        seen = [e for e in after if e.get("session_id") in (watcher.id, again.id)]
        mine = [e for e in before if e.get("session_id") in (watcher.id, again.id)]
        why = f"after one was opened again, in {_name(session)}"
        ctx.equal("USER-003", mine, seen, on=session.stream[-1:], why=why)


@case("USER-003", needs=(KIND,), slow=True, limit_ms=9_000)
async def expired_session_leaves_the_list(ctx: Context) -> None:
    """A session that nobody uses leaves the lists of the user's others soon after its window."""
    user = ctx.user()
    watchers = [await open_user(ctx, user, events=events) for events in (False, True)]
    mute = await ctx.open(user, kinds=other_kinds(ctx), timers=SHORT)
    mute.leave_open = True
    await _shown(ctx, watchers, [*watchers, mute], "after all were opened", BOUND_MS)
    window = mute.timers.get("resume_window_ms", SHORT["resume_window_ms"])
    bound = window + BOUND_MS + BOUND_MS
    longest = min(as_int(watcher.timers.get("resume_window_ms")) for watcher in watchers)
    if longest <= bound:
        raise NotOffered(f"no session lives for {bound} ms without a word, to watch unasked")
    await _shown(ctx, watchers, watchers, "after one expired", bound)
