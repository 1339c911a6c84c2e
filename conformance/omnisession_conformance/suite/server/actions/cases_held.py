"""ACTION: actions that are held ahead of the count: what they get, and what ends the hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.case import case
from omnisession_conformance.engine.stops import NotOffered
from omnisession_conformance.protocol.json import as_int, as_object
from omnisession_conformance.roles.server.reply import Answer
from omnisession_conformance.roles.server.steps.any_kind import CHANGES, one_kind, open_any
from omnisession_conformance.roles.server.steps.articles import (
    create_article,
    open_articles,
    publish,
    takes,
)
from omnisession_conformance.roles.server.steps.control import CLOSE, OPEN, PING, RESUME, SYNC
from omnisession_conformance.roles.server.steps.held import (
    HOLD,
    Held,
    doomed,
    hold,
    in_time,
    is_early,
    told_everywhere,
)
from omnisession_conformance.roles.server.steps.outcomes import counted
from omnisession_conformance.roles.server.steps.sending import (
    AHEAD,
    EDIT_SUBJECT,
    NO_GAP,
    NOOP,
    UNKNOWN,
    edit_body,
    noops,
    outcomes_of,
)
from omnisession_conformance.roles.server.steps.timers import BEATS

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session

Entry = dict[str, Any]
WIDTHS = (2**16, 2**31, 2**32)
"""Where integers end in some languages: a number that is cut there is the next one again."""
HIGHEST = 2**53 - 1


# -- outcomes --------------------------------------------------------------------------------------------


@case("ACTION-001", "ACTION-002", "ACTION-012")
async def held_actions_get_their_outcomes(ctx: Context) -> None:
    """Copies, refusals and rivals under one number, all ahead, are told once when the gap closes."""
    session = await ctx.open(ctx.user(), timers=HOLD)
    await noops(session, 1)
    for closing in (NOOP, UNKNOWN):
        first = session.next_seq
        twice = session.action_body(NOOP, client_seq=first + 1)
        rival = session.action_body(NOOP, client_seq=first + 1)
        last = session.action_body(UNKNOWN, client_seq=first + 2)
        held = [await hold(session, body) for body in (last, twice, rival, twice)]
        front = await hold(session, session.action_body(closing, client_seq=first))
        answers = await told_everywhere(ctx, session, [front, *held])
        session.next_seq = first + 3
        why = f"an action that was held until an action of the type {closing} closed the gap"
        _judged(ctx, answers[1], "a refusal with 4002", answers[1].code == 4002, why)
        _one_takes_the_number(ctx, answers[2:], why)
        await _fill(ctx, session, first, answers)


@case("EVENT-005", needs=("events", *CHANGES))
async def held_actions_are_causes_of_their_own_changes(ctx: Context) -> None:
    """What an action changes that was held names that one, not the action that closed its gap."""
    kind = one_kind(ctx)
    session = await open_any(ctx, ctx.user(), kind, events=True, timers=HOLD)
    first = session.next_seq
    bodies = [kind.new(ctx).body(session, client_seq=first + ahead) for ahead in (0, 1)]
    sent = [await hold(session, body) for body in bodies[::-1]]
    answers = [await one.pending.must() for one in sent]
    session.next_seq = first + 2
    if not all(answer.acked for answer in answers):
        raise NotOffered("the target held no action until its gap was closed")
    await session.fence()
    causes = [as_object((record.body or {}).get("cause")) for record in session.events()]
    for body in bodies:
        cause = {name: body[name] for name in ("action_id", "session_id", "client_seq")}
        named = any(cause.items() <= told.items() for told in causes)
        ctx.check(
            "EVENT-005",
            named,
            expected=f"an event with the cause {cause}",
            seen=[str(told) for told in causes],
            on=session.events()[-len(bodies) :],
            pointer="/cause",
            why="two changes, of which the second came first and was held",
        )


def _judged(ctx: Context, answer: Answer, wanted: str, right: bool, why: str) -> None:
    """Observe that an action was judged in its turn, or refused before the gap closed."""
    ctx.check(
        "ACTION-012",
        right or is_early(answer),
        expected=f"{wanted}, or {AHEAD} while a number before it was awaited",
        seen=f"{answer}, last_action_seq {counted(answer)}",
        on=answer,
        pointer="/data",
        why=why,
    )


def _one_takes_the_number(ctx: Context, answers: list[Answer], why: str) -> None:
    """Observe that of two copies and a rival under one number one is applied."""
    late = [answer for answer in answers if not is_early(answer)]
    applied = [answer for answer in late if answer.status == "applied"]
    right = all(a.status in ("applied", "duplicate") or a.code == 4092 for a in late)
    ctx.check(
        "ACTION-012",
        right and len(applied) == min(1, len(late)),
        expected="one ack that is applied; for a copy of it a duplicate, for another action 4092",
        seen=[str(answer) for answer in late],
        on=late,
        why=f"{why}; two copies and another action under one number",
    )


async def _fill(ctx: Context, session: Session, first: int, answers: list[Answer]) -> None:
    """Take the numbers that are left where the target held nothing, or not for long enough."""
    while (count := (await session.position()).last_action_seq) < first + 2:
        ctx.require(count >= first, f"client_seq {first} was not taken: {answers[0]}")
        answer = await session.needed_outcome_of(session.action_body(NOOP, client_seq=count + 1))
        ctx.require(answer.acked, f"{NOOP} was not acked: {answer}")


@case("ACTION-012", needs=takes("create", "edit_start"))
async def gaps_are_closed_on_any_subject(ctx: Context) -> None:
    """What is held is judged when a copy, or an action on another subject, takes the number before it."""
    session = await open_articles(ctx, ctx.user(), timers=HOLD)
    article_id = await create_article(session)
    other = await open_articles(ctx, session.user)
    known = other.action_body(NOOP)
    ctx.require((await other.needed_outcome_of(known)).acked, f"{NOOP} was not acked")
    for what in ("a copy of an action of another session", "an action on article.edit.start"):
        first = session.next_seq
        held = await hold(session, session.action_body(NOOP, client_seq=first + 1))
        if "copy" in what:
            front = await hold(session, {**known, "session_id": session.id, "client_seq": first})
        else:
            front = await hold(
                session, edit_body(session, article_id, client_seq=first), subject=EDIT_SUBJECT
            )
        ctx.require((await front.pending.must()).acked, f"{what} was not acked")
        answer = await held.pending.must()
        why = f"an action that was held until {what} closed the gap"
        _judged(ctx, answer, "an ack", answer.acked, why)
        session.next_seq = first + 1
        if not answer.acked:
            await noops(session, 1)
        else:
            session.next_seq += 1


# -- what ends a hold ------------------------------------------------------------------------------------


@case("ACTION-001", "ACTION-012")
async def requests_end_no_hold(ctx: Context) -> None:
    """Opens again, syncs, resumes, pings and what another session does leave held what is held."""
    user = ctx.user()
    session, other = await ctx.open(user, timers=HOLD), await ctx.open(user)
    await noops(session, 1)
    await noops(other, 1)
    wishes = session.open_data(kinds=session.kinds, timers=NO_GAP)
    requests: tuple[tuple[str, Entry], ...] = (
        *((OPEN, wishes), (SYNC, {}), (PING, {})),
        *((RESUME, {"epoch": session.head[0], "seq": 0}), (RESUME, {"epoch": 1, "seq": 2**40})),
    )
    for type_, data in requests:
        first = session.next_seq
        held = await hold(session, session.action_body(NOOP, client_seq=first + 1))
        request = await session.send(type_, data)
        beside = await other.send_action(other.action_body(NOOP))
        front = await hold(session, session.action_body(NOOP, client_seq=first))
        await request.must()
        await beside.must()
        await front.pending.must()
        answer = await held.pending.outcome()
        why = f"an action that was held while {type_} was answered"
        if answer is None:
            ctx.absent("ACTION-001", expected="an outcome of its own", on=held.sent, why=why)
            return
        ctx.check("ACTION-001", good=True, expected="an outcome", seen=str(answer))
        _judged(ctx, answer, "an ack", answer.acked, why)
        session.next_seq = first + 2 if answer.acked else first + 1


@case("ACTION-001")
async def close_refuses_what_is_held(ctx: Context) -> None:
    """Whatever a session holds gets its 4091 when the session is closed, and has no effect."""
    session = await ctx.open(ctx.user(), timers=HOLD)
    first = session.action_body(NOOP)
    await session.needed_outcome_of(first)
    bodies = [session.action_body(NOOP, client_seq=number) for number in (3, 4, 4)]
    held = [await hold(session, body) for body in (*bodies, bodies[-1])]
    # Subjects are taken apart: its outcome shows that what came before it on this one has been taken.
    await session.needed_outcome_of(first)
    closed = await (await session.send(CLOSE)).must()
    session.leave_open = True
    ctx.require(closed.type == "session.closed", f"session.close got {closed}")
    for one in held:
        why = "an action that was held when its session was closed"
        ctx.refused("ACTION-001", await one.pending.outcome(), AHEAD, why=why)


@case("ACTION-001", "ACTION-012")
async def ends_of_other_sessions_end_no_hold(ctx: Context) -> None:
    """What a session holds gets its outcome, whichever other session of its user is closed meanwhile."""
    user = ctx.user()
    session, other = await ctx.open(user, timers=HOLD), await ctx.open(user, timers=HOLD)
    await noops(session, 1)
    known = other.action_body(NOOP)
    await other.needed_outcome_of(known)
    first = session.next_seq
    held = await hold(session, session.action_body(NOOP, client_seq=first + 1))
    beside = await hold(other, other.action_body(NOOP, client_seq=3))
    # Its outcome shows that what came before it on this subject has been taken, as above.
    await other.needed_outcome_of(known)
    closed = await (await other.send(CLOSE)).must()
    other.leave_open = True
    ctx.require(closed.type == "session.closed", f"session.close got {closed}")
    front = await hold(session, session.action_body(NOOP, client_seq=first))
    why = "an action that was held when another session of its user was closed"
    await front.pending.must()
    answer = await held.pending.outcome()
    if answer is None:
        ctx.absent("ACTION-001", expected="an outcome of its own", on=held.sent, why=why)
        return
    ctx.check("ACTION-001", good=True, expected="an outcome", seen=str(answer))
    _judged(ctx, answer, "an ack", answer.acked, why)
    session.next_seq = first + 2 if answer.acked else first + 1
    ctx.refused("ACTION-001", await beside.pending.outcome(), AHEAD, why="held in what was closed")


# -- how long --------------------------------------------------------------------------------------------


@case("ACTION-001", "ACTION-002", "ACTION-007", "ACTION-012")
async def holds_end_in_time(ctx: Context) -> None:
    """Actions ahead are refused in time with what is next by then, and are taken when they come again."""
    session = await ctx.open(ctx.user(), timers={**HOLD, **BEATS})
    bodies = [session.action_body(NOOP, client_seq=number) for number in (3, 3, 4)]
    copies = [await hold(session, body) for body in (*bodies, bodies[0])]
    front = await hold(session, session.action_body(NOOP, client_seq=1))
    answers = await told_everywhere(ctx, session, [front, *copies])
    ctx.require(answers[0].acked, f"client_seq 1 was not acked: {answers[0]}")
    # Its outcome tells the server's time: what was published before it on its subject had come by then.
    since: Any = answers[0].record.integer("timestamp")
    _told_what_was_next(ctx, session, answers[0], copies)
    for answer in answers[1:]:
        expected = as_int(as_object(answer.error.get("details")).get("expected"))
        # What came at once was refused before client_seq 1 was taken.
        ctx.check(
            "ACTION-012",
            answer.code == AHEAD and expected == as_int(counted(answer)) + 1 <= 2,
            expected=f"{AHEAD} with the next number in details.expected",
            seen=f"{answer}, expected {expected}, last_action_seq {counted(answer)}",
            on=answer,
            pointer="/data/error/details/expected",
            why="an action that was held until its time was over",
        )
    in_time(ctx, session, since, answers[1:])
    session.next_seq = 2
    await noops(session, 1)
    again = [await session.needed_outcome_of(body) for body in (bodies[0], bodies[2])]
    for answer in again:
        why = "an action that was refused with 4091 after it was held, sent again in its turn"
        ctx.acked("ACTION-007", answer, status="applied", why=why)


def _told_what_was_next(ctx: Context, session: Session, front: Answer, held: list[Held]) -> None:
    """Observe that refusals behind the ack of an action tell the head, and so count that action."""
    acked = [r.n for r in outcomes_of(session, front.data.get("action_id"))]
    outcomes = {r.n: r for one in held for r in outcomes_of(session, one.action_id)}
    stale = [r for n, r in outcomes.items() if acked and n > acked[0] and not counted(Answer(r))]
    ctx.check(
        "ACTION-012",
        not stale,
        expected="the position of the nack, which counts what was acked before it",
        seen=f"{len(stale)} of {len(outcomes)} refusals tell an earlier one",
        on=stale,
        pointer="/data/position",
    )


@case("ACTION-012", "ACTION-007")
async def numbers_far_ahead_are_gaps(ctx: Context) -> None:
    """One number too many, and numbers beyond the width of integers, are ahead of the count."""
    session = await ctx.open(ctx.user(), timers=NO_GAP)
    await noops(session, 1)
    numbers = (session.next_seq + 1, *(width + session.next_seq for width in WIDTHS), HIGHEST)
    for number in numbers:
        answer = await session.needed_outcome_of(session.action_body(NOOP, client_seq=number))
        why = f"client_seq {number}, where {session.next_seq} is next"
        ctx.refused("ACTION-012", answer, AHEAD, why=why)
        ctx.equal("ACTION-012", True, answer.error.get("retryable"), on=answer, why=why)
        ctx.equal("ACTION-007", session.next_seq - 1, counted(answer), on=answer, why=why)
    answer = await session.needed_outcome_of(session.action_body(NOOP))
    ctx.acked("ACTION-007", answer, status="applied", why="the next number, after all of them")


# -- what they are judged by -----------------------------------------------------------------------------


@case("ACTION-011")
async def held_actions_are_judged_in_their_turn(ctx: Context) -> None:
    """A change that is held while the action before it takes away what it names finds nothing."""
    session, (remove, change) = await doomed(ctx, HOLD)
    first = session.next_seq
    held: Held = await hold(session, {**change, "client_seq": first + 1})
    front = await hold(session, {**remove, "client_seq": first})
    outcome = await front.pending.must()
    ctx.require(outcome.acked, f"{remove['type']} was not acked: {outcome}")
    answer = await held.pending.must()
    ctx.check(
        "ACTION-011",
        answer.code == 4040 or is_early(answer),
        expected=f"4040, or {AHEAD} before the gap closed",
        seen=str(answer),
        on=answer,
        pointer="/data",
        why=f"{change['type']}, held until {remove['type']} of the same thing was done",
    )


@case("ACTION-011", needs=takes("create", "publish", "select"))
async def held_actions_may_what_they_may_in_their_turn(ctx: Context) -> None:
    """A selection that is held while another user publishes the article finds it."""
    author = await open_articles(ctx, ctx.user())
    reader = await open_articles(ctx, ctx.user(), timers=HOLD)
    article_id = await create_article(author)
    body = reader.action_body("article.select", {"article_id": article_id}, client_seq=2)
    held = await hold(reader, body)
    await publish(author, article_id)
    front = await hold(reader, reader.action_body(NOOP, client_seq=1))
    await front.pending.must()
    answer = await held.pending.must()
    ctx.check(
        "ACTION-011",
        answer.acked or is_early(answer),
        expected=f"an ack, or {AHEAD} before the gap closed",
        seen=str(answer),
        on=answer,
        pointer="/data",
        why="article.select, held until after the article was published",
    )
