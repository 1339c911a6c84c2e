"""STATE: states that are held back come by themselves, however many changes follow the first one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.engine.stops import NotOffered
from omnisession_conformance.protocol.position import Position
from omnisession_conformance.roles.server.pending import PendingAction
from omnisession_conformance.roles.server.steps.any_kind import (
    CHANGES,
    change,
    each_kind,
    one_kind,
    room_or_stop,
    view_of,
)
from omnisession_conformance.roles.server.steps.control import (
    NOWHERE,
    OPEN,
    RESUME,
    SYNC,
    UNKNOWN_KIND,
)
from omnisession_conformance.roles.server.steps.outcomes import as_next
from omnisession_conformance.roles.server.steps.sending import NOOP, noops
from omnisession_conformance.roles.server.steps.timers import BEATS, MS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session
    from omnisession_conformance.roles.server.steps.any_kind import AnyKind, Change

HELD = {"coalesce_ms": 200}
SHORTEST = {"coalesce_ms": 1}
LONGEST = {"coalesce_ms": 1_000}
LATE_MS = 500
"""How much later than `coalesce_ms` a state may come on a busy machine."""
GAP_MS, AHEAD = 10, 1_000
"""A gap that is over before what is held back has to come, and a number far ahead of the count."""
OFTEN = 8
"""Changes in the time that a state may be held back."""
MOST = 150


@case("STATE-014", needs=CHANGES, slow=True)
async def held_back_states_come_unasked(ctx: Context) -> None:
    """Sessions that ask for nothing are told a change of another one in time, whatever follows it."""
    user, kind = ctx.user(), one_kind(ctx)
    actor = await ctx.open(user, kinds=[kind.name])
    sessions = {"was opened": await ctx.open(user, kinds=[kind.name], timers=HELD)}
    sessions["asked for 1 ms"] = await ctx.open(user, kinds=[kind.name], timers=SHORTEST)
    for type_, data in ((OPEN, None), (SYNC, {}), (RESUME, NOWHERE)):
        session = await ctx.open(user, kinds=[kind.name], timers=HELD)
        await session.ask(type_, session.open_data() if data is None else data)
        sessions[f"was asked {type_}"] = session
    await ctx.fences(*sessions.values())
    held_ms = max(session.timers.get("coalesce_ms", 0) for session in sessions.values())
    ctx.require(held_ms <= HELD["coalesce_ms"], f"coalesce_ms {held_ms} was granted")
    first = await change(ctx, actor, kind)
    since, deeds, sent = first.ack.record.t_ns, [first.deed], list[PendingAction]()

    def told(session: Session) -> bool:
        # In some kinds a later change takes the place of the first.
        slice_ = session.slice(kind.name)
        return any(deed.shown(slice_) for deed in deeds)

    def all_told() -> bool | None:
        return all(map(told, sessions.values())) or None

    bound_s = ctx.within(held_ms + LATE_MS)
    topics = tuple(topic for s in sessions.values() for topic in s.topics)
    while not all_told() and (ctx.log.records[-1].t_ns - since) / MS < bound_s * 1_000:
        # Each change would begin the wait anew, where a server counts from the last one.
        await ctx.log.wait(topics, all_told, timeout_s=max(held_ms, 1) / OFTEN / 1_000)
        if len(sent) < MOST:
            deeds.append(kind.new(ctx))
            sent.append(await actor.send_action(deeds[-1].body(actor)))
    for what, session in sessions.items():
        expected = (
            f"a state {held_ms} ms after the ack of a change, {held_ms + LATE_MS} ms with delays"
        )
        why = f"a session that {what}, and then asked for nothing"
        if told(session):
            ctx.check("STATE-014", good=True, expected=expected, seen="it came")
        else:
            on = (first.ack, *session.stream[-1:])
            ctx.absent("STATE-014", expected=expected, waited_s=bound_s, on=on, why=why)
    for action in sent:
        await action.outcome()


@case("STATE-014", needs=CHANGES, slow=True)
async def held_back_states_come_each_time(ctx: Context) -> None:
    """Time after time a change that nothing follows is told unasked, whether heartbeats come or not."""
    user, kind = ctx.user(), one_kind(ctx)
    actor = await ctx.open(user, kinds=[kind.name])
    quiet = await ctx.open(user, kinds=[kind.name], timers=HELD)
    beating = await ctx.open(user, kinds=[kind.name], timers={**BEATS, "coalesce_ms": 400})
    await kind.begins(ctx, actor)
    await ctx.fences(quiet, beating)
    for number in range(1, 3):
        # The first change may be told at once.
        last = [(await change(ctx, actor, kind)) for _ in range(2)][-1]
        for session, what in ((quiet, "seldom"), (beating, "often")):
            held_ms = session.timers.get("coalesce_ms", 0)

            def told(session: Session = session, last: Change = last) -> bool | None:
                return last.shows(session.slice(kind.name)) or None

            expected = f"a state {held_ms} ms after the ack of a change"
            why = f"time {number}, in a session that gets heartbeats {what}, and asks for nothing"
            if await session.wait(told, ctx.within(held_ms + LATE_MS)):
                ctx.check("STATE-014", good=True, expected=expected, seen="it came")
                continue
            room_or_stop(session, kind)
            on = (last.ack, *session.stream[-1:])
            waited = (held_ms + LATE_MS) / 1_000
            ctx.absent("STATE-014", expected=expected, waited_s=waited, on=on, why=why)


async def _of_all_kinds(
    ctx: Context, timers: Mapping[str, int]
) -> tuple[Sequence[AnyKind], Session, Session]:
    """All kinds of a target that has several, a session that acts, and one whose states are held back."""
    user, kinds = ctx.user(), each_kind(ctx)
    names = [kind.name for kind in kinds]
    if len(names) == 1:
        raise NotOffered("the target takes changes of one kind alone")
    actor = await ctx.open(user, kinds=names)
    session = await ctx.open(user, kinds=names, timers=timers)
    for kind in kinds:
        await kind.begins(ctx, actor)
    await ctx.fences(actor, session)
    return kinds, actor, session


@case("STATE-014", needs=CHANGES, slow=True)
async def all_kinds_that_are_held_back_come_unasked(ctx: Context) -> None:
    """A session that asks for nothing is told a change of each kind in time, not of the first alone."""
    kinds, actor, session = await _of_all_kinds(ctx, HELD)
    held_ms = session.timers.get("coalesce_ms", 0)
    deeds = [kind.new(ctx) for kind in kinds]
    # At once, so that all of them are held back at a time.
    sent = [await actor.send_action(deed.body(actor)) for deed in deeds]
    for action in sent:
        ctx.require((await action.must()).acked, "a change was not acked")

    def told() -> bool | None:
        return all(d.shown(session.slice(d.kind.name)) for d in deeds) or None

    bound_s = ctx.within(held_ms + LATE_MS)
    names = ", ".join(kind.name for kind in kinds)
    expected = f"states of {names} {held_ms} ms after their changes"
    if await session.wait(told, bound_s):
        ctx.check("STATE-014", good=True, expected=expected, seen="they came")
        return
    for deed in deeds:
        if not deed.shown(session.slice(deed.kind.name)):
            room_or_stop(session, deed.kind)
    ctx.absent("STATE-014", expected=expected, waited_s=bound_s, on=session.stream[-1:])


@case("STATE-006", needs=CHANGES)
async def all_kinds_that_are_held_back_come_before_a_pong(ctx: Context) -> None:
    """Of several kinds that are held back each is in a state before the next pong, and the next outcome."""
    kinds, actor, session = await _of_all_kinds(ctx, LONGEST)
    for what in ("pong", "outcome"):
        # The first change of a kind may be told at once.
        deeds = [(await change(ctx, actor, kind)).deed for _ in range(2) for kind in kinds]
        if what == "pong":
            upto = await session.fence()
        else:
            ack = await session.apply(NOOP)
            upto = ack.position_or_stop("action.ack")
            await session.reach(upto)
        for deed in deeds[len(kinds) :]:
            shown = deed.shown(session.slice(deed.kind.name, upto=upto))
            if not shown:
                room_or_stop(session, deed.kind)
            expected = f"a state of {deed.kind.name} that tells it, before the {what}"
            seen, on = "it is shown" if shown else "it is not shown", session.stream[-1:]
            ctx.check("STATE-006", shown, expected=expected, seen=seen, on=on)


# What another case changes meanwhile would bring the change along that was dropped.
@case("STATE-006", needs=CHANGES, alone=True)
async def requests_drop_nothing_that_is_held_back(ctx: Context) -> None:
    """What is held back is in a state before the pong, whatever request comes between."""
    kind = one_kind(ctx)
    user, others = ctx.user(), ctx.declared.other_kinds(kind.name)[:1]
    actor = await ctx.open(user, kinds=[kind.name])
    session = await ctx.open(user, kinds=[kind.name, *others], timers=LONGEST)
    await session.fence()
    for what in ("a resume at its head", "a sync of another kind", "a refused sync"):
        # The first of two may be told at once.
        deeds = [(await change(ctx, actor, kind)).deed for _ in range(2)]
        if "resume" in what:
            await session.resume(*session.head)
        elif "another" in what:
            await session.ask(SYNC, {"kinds": list(others)} if others else {})
        else:
            await session.ask(SYNC, {"kinds": [UNKNOWN_KIND]})
        slice_ = await view_of(session, kind)
        shown = deeds[-1].shown(slice_)
        if not shown:
            room_or_stop(session, kind)
        expected, seen = "a state that tells it", "it is shown" if shown else "it is not shown"
        why = f"a change before {what} and a ping, in a session without events"
        ctx.check("STATE-006", shown, expected=expected, seen=seen, on=session.stream[-1:], why=why)


# What another case changes meanwhile would bring a further state.
@case("STATE-006", needs=CHANGES, alone=True)
async def states_asked_for_are_not_told_again(ctx: Context) -> None:
    """Behind a sync, an open again and a snapshot no state follows that tells what these showed."""
    user, kind = ctx.user(), one_kind(ctx)
    actor = await ctx.open(user, kinds=[kind.name])
    session = await ctx.open(user, kinds=[kind.name], timers=LONGEST)
    await kind.begins(ctx, actor)
    await session.fence()
    for what in (SYNC, OPEN, RESUME):
        # The first of two may be told at once.
        done = [(await change(ctx, actor, kind)) for _ in range(2)][-1]
        data = {SYNC: {}, OPEN: session.open_data(kinds=[kind.name]), RESUME: NOWHERE}[what]
        answer = await session.ask(what, data)
        ctx.require(answer.position is not None, f"{what} got {answer}")
        at = answer.position_or_stop(answer.type)
        upto = Position(at.epoch, at.seq + 1)
        await session.reach(upto)
        if not done.shows(session.slice(kind.name, upto=upto)):
            continue
        await session.fence()
        asked = [r for r in session.stream if (p := Position.of(r.body)) and p.head == upto.head]
        # What changes by itself, such as a count of accesses, is told by a state that shows it.
        more = [r for r in session.after(upto) if asked and r.payload == asked[0].payload]
        expected, seen = "no state that shows the same behind it", f"{len(more)} more"
        why = f"a change of another session that is held back, then {what}, then a ping"
        ctx.check("STATE-006", not more, expected=expected, seen=seen, on=(answer, *more), why=why)


@case("STATE-006", needs=CHANGES, alone=True)
async def outcomes_bring_what_is_held_back(ctx: Context) -> None:
    """What is held back is in a state up to the next outcome, also one that takes no number."""
    user, kind = ctx.user(), one_kind(ctx)
    others = [other for other in each_kind(ctx) if other.name != kind.name][:1]
    kinds = [kind.name, *(other.name for other in others)]
    actor = await ctx.open(user, kinds=[kind.name])
    no_gap, gap = [
        await ctx.open(user, kinds=kinds, timers={**LONGEST, "gap_ms": ms}) for ms in (0, GAP_MS)
    ]
    await noops(no_gap, 1)
    known = actor.action_body(NOOP)
    ctx.require((await actor.needed_outcome_of(known)).acked, f"{NOOP} was not acked")
    for what, session, number in (
        ("an action ahead of the count", no_gap, AHEAD),
        ("an action ahead of the count that may be held", gap, AHEAD),
        ("an action with the number of another one", no_gap, 1),
        ("a copy of another session's action, as the next one", no_gap, None),
        *(("an action that changes another kind", no_gap, None) for _ in others),
    ):
        await session.fence()
        done = await change(ctx, actor, kind)
        if "copy" in what:
            answer = await as_next(session, known)
            ctx.require(answer is not None, "a copy got no outcome")
        elif number is None:
            answer = (await change(ctx, session, others[0])).ack
        else:
            answer = await session.act(NOOP, client_seq=number)
        if answer is None:
            continue
        upto = answer.position_or_stop(answer.type)
        await session.reach(upto)
        shown = done.shows(session.slice(kind.name, upto=upto))
        if not shown:
            room_or_stop(session, kind)
        expected, seen = f"a state that tells it, up to {upto}", "shown" if shown else "not shown"
        why, on = f"a change before the outcome of {what}", (done.ack, answer)
        ctx.check("STATE-006", shown, expected=expected, seen=seen, on=on, why=why)
