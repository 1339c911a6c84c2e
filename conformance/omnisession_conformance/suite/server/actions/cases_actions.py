"""ACTION: outcomes of actions, where they are told, and what their positions say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.case import case
from omnisession_conformance.engine.context import same
from omnisession_conformance.protocol.schemas.catalogue import catalogue
from omnisession_conformance.roles.server.steps.any_kind import ADAPTERS, CHANGE, change
from omnisession_conformance.roles.server.steps.articles import (
    KIND,
    select,
    takes,
    unique,
)
from omnisession_conformance.roles.server.steps.ordinary import acked
from omnisession_conformance.roles.server.steps.sending import (
    CHAT_SEND,
    CHAT_SUBJECT,
    EDIT_START,
    EDIT_SUBJECT,
    NO_GAP,
    NOOP,
    UNKNOWN,
    Body,
    chat_body,
    edit_body,
    outcomes_of,
)

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.pending import PendingAction
    from omnisession_conformance.roles.server.session import Session
    from omnisession_conformance.traffic.record import Record

NEVER = 1_000
"""Far ahead of every number that a case comes to."""
NO_MAJOR = "9.0"


@case("ACTION-001")
async def every_copy_gets_one_outcome(ctx: Context) -> None:
    """Accepted, refused, repeated and early copies, some without inbox, each get one outcome."""
    session = await ctx.open(ctx.user(), timers=NO_GAP)
    untyped = session.action_body(NOOP, client_seq=5)
    del untyped["type"]
    sent: list[tuple[str, Body, int]] = [
        ("an accepted action", session.action_body(NOOP), 3),
        ("an action of an unknown type", session.action_body(UNKNOWN), 2),
        ("an action with a number for data", {**session.action_body(NOOP), "data": 5}, 2),
        ("an action of another MAJOR", {**session.action_body(NOOP), "v": NO_MAJOR}, 1),
        ("an action without type", untyped, 1),
        ("an action far ahead of the count", session.action_body(NOOP, client_seq=NEVER), 2),
        ("a new action under a used number", session.action_body(NOOP, client_seq=1), 1),
        ("the next accepted action", session.action_body(NOOP, client_seq=6), 1),
    ]
    for number, (_, body, copies) in enumerate(sent):
        for copy in range(copies):
            await session.send_action(body, reply="" if (number + copy) % 2 else None)
    await session.wait(lambda: _all_told(session, sent) or None, ctx.answer_s)
    await session.fence()
    for what, body, copies in sent:
        _one_each(ctx, session, body, copies, what)


def _all_told(session: Session, sent: list[tuple[str, Body, int]]) -> bool:
    """Whether each action has as many outcomes as it has copies."""
    return all(len(outcomes_of(session, body["action_id"])) >= copies for _, body, copies in sent)


def _one_each(ctx: Context, session: Session, body: Body, copies: int, what: str) -> None:
    told = outcomes_of(session, body["action_id"])
    wanted = f"{copies} outcomes on .control with client_seq {body['client_seq']}"
    if len(told) < copies:
        ctx.absent("ACTION-001", expected=wanted, on=told, why=f"{copies} copies of {what}")
        return
    ctx.equal(
        "ACTION-001",
        [body["client_seq"]] * copies,
        [record.payload.get("client_seq") for record in told],
        on=told,
        pointer="/data/client_seq",
        why=f"numbers of the outcomes of {copies} copies of {what}",
    )


@case("ACTION-002")
async def outcome_on_control_and_inbox(ctx: Context) -> None:
    """An action on each subject has the same outcome body on `.control` and on its reply subject."""
    session = await ctx.open(ctx.user())
    noop = session.action_body(NOOP)
    await _both(ctx, session, await session.send_action(noop), "an accepted action")
    await _both(ctx, session, await session.send_action(noop), "its copy, with an inbox of its own")
    for subject, body in (
        (EDIT_SUBJECT, edit_body(session, unique(ctx, "none"))),
        (CHAT_SUBJECT, chat_body(session, 5)),
    ):
        pending = await session.send_action(body, subject=subject)
        await _both(ctx, session, pending, f"a refused action on {subject}")


async def _both(ctx: Context, session: Session, pending: PendingAction, why: str) -> None:
    topics = (*session.topics, pending.inbox)

    def find_both() -> tuple[Record, Record] | None:
        told, came = pending.on_control(), ctx.log.on(pending.inbox)
        return (told, came[0]) if told is not None and came else None

    found = await ctx.log.wait(topics, find_both, timeout_s=ctx.answer_s)
    if found is None:
        missing = "the reply subject" if pending.on_control() is not None else ".control"
        ctx.absent("ACTION-002", expected=f"the outcome on {missing}, too", why=why)
        return
    told, came = found
    ctx.check(
        "ACTION-002",
        same(told.body, came.body),
        expected=told.body,
        seen=came.body,
        on=(came, told),
        why=f"the body on the reply subject, compared with that on .control: {why}",
    )


# -- types -------------------------------------------------------------------------------------------


@case("ACTION-017", "ACTION-008")
async def unlisted_action_types_are_refused(ctx: Context) -> None:
    """Types that `opened.actions` does not list get a final 4002, those that it lists never."""
    session = await ctx.open(ctx.user())
    known = catalogue().row("user.actions").definitions
    unlisted = [type_ for type_ in known if type_ not in ctx.declared.actions]
    for type_ in (UNKNOWN, "article.x_none", "session.open", *unlisted):
        await _refused_type(ctx, session, type_, session.action_body(type_))
    if CHAT_SEND in unlisted:
        await _refused_type(ctx, session, CHAT_SEND, chat_body(session, "hello"), CHAT_SUBJECT)
    if EDIT_START in unlisted:
        await _refused_type(ctx, session, EDIT_START, edit_body(session, "none"), EDIT_SUBJECT)
    for type_ in known:
        if type_ in ctx.declared.actions:
            answer = await session.act(type_)
            ctx.check(
                "ACTION-017",
                answer.code != 4002,
                expected="anything but 4002",
                seen=str(answer),
                on=answer,
                why=f"{type_} is listed in opened.actions",
            )


async def _refused_type(
    ctx: Context, session: Session, type_: str, body: dict[str, Any], subject: str | None = None
) -> None:
    answer = await session.outcome_of(body, subject=subject)
    why = f"{type_} is not listed in opened.actions"
    if not ctx.refused("ACTION-017", answer, 4002, why=why) or answer is None:
        return
    ctx.equal("ACTION-017", False, answer.error.get("retryable"), on=answer, why=why)
    told = answer.position.last_action_seq if answer.position else None
    ctx.equal(
        "ACTION-008",
        body["client_seq"],
        told,
        on=answer,
        pointer="/data/position/last_action_seq",
        why=f"a final refusal of the next action, with {answer.code}",
    )


@case("ACTION-018")
async def an_ordinary_noop(ctx: Context) -> None:
    """A `session.noop` is acked, also where nothing else works."""
    session = await ctx.open(ctx.user())
    await acked(ctx, "ACTION-018", session, NOOP, {})


@case("ACTION-018")
async def noop_changes_nothing(ctx: Context) -> None:
    """A `session.noop` is acked, and every slice of the session shows the same as before."""
    session = await ctx.open(ctx.user(), kinds=ctx.declared.kinds)
    for able in ctx.declared.able_kinds(CHANGE):
        made = await change(ctx, session, ADAPTERS[able])
        if able == KIND and takes("select")[1] in ctx.declared.offers():
            await select(session, made.id)
    await session.sync()
    before = {kind: own_part(session, kind) for kind in session.kinds}
    ctx.acked("ACTION-018", await session.outcome_of(session.action_body(NOOP)))
    await session.fence()
    after = {kind: own_part(session, kind) for kind in session.kinds}
    await session.sync()
    synced = {kind: own_part(session, kind) for kind in session.kinds}
    for kind in session.kinds:
        states = session.states(kind)[-1:]
        ctx.equal("ACTION-018", before[kind], after[kind], on=states, why=f"{kind} after the noop")
        ctx.equal("ACTION-018", before[kind], synced[kind], on=states, why=f"{kind} after a sync")


def own_part(session: Session, kind: str) -> dict[str, Any]:
    """The part of a slice that other cases do not change: what is the session's user's own."""
    slice_, id_ = session.slice(kind), session.user.id
    owner = {"articles": "author_id", "editors": "user_id", "messages": "user_id"}
    return {
        name: [e for e in value if e.get(owner[name]) == id_] if name in owner else value
        for name, value in slice_.items()
        if name not in ("participants", "typing_indicators")
    }
