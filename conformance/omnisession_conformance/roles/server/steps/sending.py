"""How cases send actions in numbers, and read what became of each of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.stops import Prerequisite
from omnisession_conformance.protocol.json import as_int
from omnisession_conformance.roles.server.reading.trace import OUTCOMES
from omnisession_conformance.roles.server.session import SHARED_SUBJECTS
from omnisession_conformance.traffic.record import Party

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from omnisession_conformance.environment.users import User
    from omnisession_conformance.protocol.position import Position
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.pending import PendingAction
    from omnisession_conformance.roles.server.reply import Answer
    from omnisession_conformance.roles.server.session import Session
    from omnisession_conformance.traffic.record import Record

NOOP = "session.noop"
UNKNOWN = "x-none.do_thing"
"""An action type that no server takes."""
EDIT_START = "article.edit_start"
CHAT_SEND = "chat.send"
EDIT_SUBJECT = SHARED_SUBJECTS["edit"]
CHAT_SUBJECT = SHARED_SUBJECTS["chat"]
NO_GAP = {"gap_ms": 0}
"""Timers of a session that holds nothing that is ahead of the count."""
AHEAD = 4091
FOR_NOW = (AHEAD, 4290, 5030, 5040)
"""Refusals that say nothing about the action: it came too early, too fast, or at a bad time."""
IDLE_ROUNDS = 20
STUCK_ROUNDS = 3
"""Rounds without any progress after which nothing is sent again: with times to wait told, and without."""
AT_A_TIME = 16
"""Actions that are sent without a wait between them: no server need take more than twenty at once."""
Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Posted:
    """An action body with the subject that it goes to, None for that of its user."""

    body: Mapping[str, Any]
    subject: str | None = None


def edit_body(session: Session, article_id: Any, **how: Any) -> Body:
    """An `article.edit_start` as it stands on `article.edit.start`."""
    return session.action_body(EDIT_START, top={"article_id": article_id}, **how)


def chat_body(session: Session, content: Any, **how: Any) -> Body:
    """A `chat.send` as it stands on `chat.messages`."""
    return session.action_body(CHAT_SEND, top={"content": content}, **how)


def entries(slice_: Mapping[str, Any], name: str) -> list[Body]:
    """A list of a slice, empty where it is not there."""
    return slice_.get(name) or []


def feature(session: Session, name: str) -> bool:
    """Whether a session was granted a feature."""
    return name in session.features


def outcomes_of(session: Session, action_id: Any) -> list[Record]:
    """Outcomes on the session's `.control` that name an action, in tap order."""
    return [
        record
        for record in session.pushes
        if record.type in OUTCOMES and record.payload.get("action_id") == action_id
    ]


def from_target(ctx: Context, subject: str, mark: int = 0) -> list[Record]:
    """What the target published on a subject since a mark in the log."""
    return [r for r in ctx.log.on(subject) if r.party is Party.TARGET and r.n >= mark]


async def burst(session: Session, bodies: Iterable[Mapping[str, Any]]) -> list[PendingAction]:
    """Publish actions one after the other without waiting for any."""
    return [await session.send_action(body) for body in bodies]


async def noops(session: Session, count: int) -> list[Answer]:
    """Have so many further actions of a session acked, as a step that a case needs."""
    bodies = [session.action_body(NOOP) for _ in range(count)]
    answers = await settle(session, [Posted(body) for body in bodies])
    for answer in answers:
        if not answer.acked:
            raise Prerequisite(f"{NOOP} was not acked: {answer}")
    return answers


async def settle(
    session: Session, posted: Sequence[Posted], refused: list[Answer] | None = None
) -> list[Answer]:
    """Publish actions in one burst, and again what is ahead or too fast, until none is.

    What is left is sent again by its numbers. Where a rate is limited, these are the first ones, twice
    as many as were taken: all of them each time would be a flood.

    Returns the other outcomes in the order of `posted`, and adds the refusals on the way to `refused`;
    Prerequisite where an action gets no outcome, or is refused for now each time.
    """
    final: dict[int, Answer] = {}
    in_turn = sorted(range(len(posted)), key=lambda i: as_int(posted[i].body.get("client_seq")))
    now = list(range(len(posted)))
    idle = stuck = 0
    while idle < IDLE_ROUNDS and stuck < STUCK_ROUNDS:
        sent = [
            (i, await session.send_action(posted[i].body, subject=posted[i].subject)) for i in now
        ]
        answers = {i: await pending.must() for i, pending in sent}
        again = [answer for answer in answers.values() if _is_for_now(answer)]
        final |= {i: answer for i, answer in answers.items() if not _is_for_now(answer)}
        if len(final) == len(posted):
            return [final[i] for i in range(len(posted))]
        if refused is not None:
            refused += again
        taken = len(answers) - len(again)
        limited = any(answer.code != AHEAD for answer in again)
        left = [i for i in in_turn if i not in final]
        now = left[: max(1, 2 * taken)] if limited else left
        pause_ms = max(map(retry_after, again), default=0)
        idle = 0 if taken else idle + 1
        stuck = stuck + 1 if idle and not pause_ms else 0
        await session.rest(pause_ms, sent[0][1].sent_s)
    raise Prerequisite(
        f"{len(posted) - len(final)} actions were refused for now each time they were sent"
    )


async def numbered(session: Session, bodies: Sequence[Body]) -> list[Answer | None]:
    """Publish actions as the next ones of a session, some at a time, each whatever became of the others.

    What takes no number leaves it to the next: what came behind it is sent again under another one.
    Returns the outcomes in the order of `bodies`, None where none came; the numbers are set in them.
    """
    found: list[Answer | None] = [None] * len(bodies)
    left, tries = list(range(len(bodies))), 0
    while left and tries < IDLE_ROUNDS:
        now, first = left[:AT_A_TIME], session.next_seq
        for number, at in enumerate(now, first):
            bodies[at]["client_seq"] = number
        sent = [await session.send_action(bodies[at]) for at in now]
        answers = [await pending.outcome() for pending in sent]
        again: list[int] = []
        for at, answer in zip(now, answers, strict=True):
            if answer is not None and _is_for_now(answer):
                again.append(at)
                continue
            found[at] = answer
            if answer is not None and answer.error.get("retryable") is not True:
                session.next_seq += answer.type != "error"
        if None in answers:
            break
        tries = tries + 1 if len(again) == len(now) else 0
        left = [*again, *left[len(now) :]]
        pause_ms = max((retry_after(a) for a in answers if a is not None), default=0)
        await session.rest(pause_ms, sent[0].sent_s)
    return found


async def copies(session: Session, bodies: Sequence[Body]) -> list[Answer | None]:
    """Publish actions once more in one burst, and again what is refused for now."""
    pending = [await session.send_action(body) for body in bodies]
    answers = [await one.outcome() for one in pending]
    return [
        await session.outcome_of(body)
        if answer is not None and answer.later_ms is not None
        else answer
        for body, answer in zip(bodies, answers, strict=True)
    ]


def _is_for_now(answer: Answer) -> bool:
    return answer.code in FOR_NOW and answer.error.get("retryable") is True


def retry_after(answer: Answer) -> int:
    """The `retry_after_ms` of a refusal, 0 where it has none."""
    return as_int(answer.error.get("retry_after_ms"))


async def inbox_answer(
    session: Session, body: Mapping[str, Any] | bytes, *, subject: str | None = None
) -> Answer | None:
    """Publish something on an action subject; what came to its reply subject, if anything did."""
    sent = await session.send("action", body=body, subject=subject or session.actions_subject)
    return await sent.answer()


def error_only(
    ctx: Context, requirement: str, answer: Answer | None, *codes: int, why: str = ""
) -> bool:
    """Observe an `error` with one of some codes on a reply subject, and no outcome of an action."""
    wanted = f"an error with {' or '.join(map(str, codes))} on the reply subject"
    if answer is None:
        return ctx.absent(requirement, expected=wanted, why=why)
    good = answer.type == "error" and answer.code in codes
    return ctx.check(requirement, good, expected=wanted, seen=str(answer), on=answer, why=why)


def untold(
    ctx: Context, requirement: str, action_id: Any, *sessions: Session, why: str = ""
) -> bool:
    """Observe that no session was told an outcome of an action; call it after fences."""
    told = [record for session in sessions for record in outcomes_of(session, action_id)]
    return ctx.check(
        requirement,
        not told,
        expected="no outcome of it on any .control",
        seen=[record.type for record in told] or "none",
        on=told,
        why=why,
    )


def within(position: Position | None, first: Position, last: Position) -> bool:
    """Whether a position is one that the stream had between two fences."""
    return position is not None and first.head <= position.head <= last.head


def inboxes(ctx: Context, user: User) -> set[str]:
    """The reply subjects on which a user of this case asked to be answered."""
    asked = (r for r in ctx.log.records if r.party is Party.KIT and r.case == ctx.case.name)
    return {r.reply for r in asked if r.reply and (r.body or {}).get("user_id") == user.id}


def told_to(ctx: Context, user: User) -> list[Record]:
    """Everything that the target sent to a user: session subjects and answers."""
    answers = inboxes(ctx, user)
    return [
        r
        for r in ctx.log.records
        if r.party is Party.TARGET and (r.address.user == user.id or r.subject in answers)
    ]
