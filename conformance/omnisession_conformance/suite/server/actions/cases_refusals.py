"""ACTION: actions that cannot be attributed, cannot be read, or do not fit their type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.case import case
from omnisession_conformance.roles.server.steps.any_kind import (
    CHANGES,
    one_kind,
    open_any,
    shows_times,
)
from omnisession_conformance.roles.server.steps.articles import (
    create_article,
    current,
    find_editor,
    open_articles,
    select,
    takes,
    titles,
    unique,
    view,
)
from omnisession_conformance.roles.server.steps.faulty_bodies import (
    Fault,
    faulty_actions,
    points_at,
)
from omnisession_conformance.roles.server.steps.outcomes import count_in
from omnisession_conformance.roles.server.steps.sending import (
    CHAT_SUBJECT,
    EDIT_SUBJECT,
    NO_GAP,
    NOOP,
    Body,
    Posted,
    chat_body,
    edit_body,
    error_only,
    inbox_answer,
    outcomes_of,
    settle,
    untold,
)

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.pending import PendingRequest
    from omnisession_conformance.roles.server.session import Session

CREATE = "article.create"
NO_IDS: tuple[Any, ...] = (None, [], {}, "")


@case("ACTION-013")
async def body_of_another_user_is_refused(ctx: Context) -> None:
    """An action on a user's subject with the user id of another gets 4031, and nobody is told."""
    mine, theirs = await ctx.open(ctx.user()), await ctx.open(ctx.user())
    as_theirs = theirs.action_body(NOOP, client_seq=1)
    mixed = {**mine.action_body(NOOP, client_seq=1), "user_id": theirs.user.id}
    for why, body in (
        ("body of another user with that user's live session", as_theirs),
        ("body of another user with the sender's own session", mixed),
    ):
        answer = await inbox_answer(mine, body)
        error_only(ctx, "ACTION-013", answer, 4031, why=why)
        await ctx.fences(mine, theirs)
        untold(ctx, "ACTION-013", body["action_id"], mine, theirs, why=why)
        for session in (mine, theirs):
            pong = await session.ask("session.ping")
            ctx.equal(
                "ACTION-013", 0, count_in(pong), on=pong, why=f"last_action_seq after a {why}"
            )
    for session, body in ((theirs, as_theirs), (mine, mine.action_body(NOOP, client_seq=1))):
        answer = await session.outcome_of(body)
        why = "the first action that is right, after those that were not"
        ctx.acked("ACTION-013", answer, status="applied", why=why)


@case("ACTION-013", needs=CHANGES)
async def body_of_another_user_has_no_effect(ctx: Context) -> None:
    """A change in another user's name is none, neither for one nor the other."""
    kind = one_kind(ctx)
    mine, theirs = [await open_any(ctx, ctx.user(), kind) for _ in range(2)]
    deed = kind.new(ctx)
    body = deed.body(theirs, client_seq=1)
    for forged in (body, {**body, "session_id": mine.id}):
        error_only(ctx, "ACTION-013", await inbox_answer(mine, forged), 4031)
    for session in (mine, theirs):
        await shows_times(ctx, "ACTION-013", session, deed, "sent in another user's name", 0)


@case("ACTION-014")
async def actions_need_a_live_session(ctx: Context) -> None:
    """Actions of unknown, closed and other people's sessions get 4041 or 4101, and nobody is told."""
    user, other = ctx.user(), ctx.user()
    live, closed, theirs = await ctx.open(user), await ctx.open(user), await ctx.open(other)
    unknown = ctx.session(user)
    await closed.close()
    closed.leave_open = True
    mark = ctx.log.mark()
    sent: list[tuple[str, Body, PendingRequest]] = []
    for what, session_id in (
        ("an unknown session", unknown.id),
        ("a closed session", closed.id),
        ("a live session of another user", theirs.id),
    ):
        for subject, body in (
            (live.actions_subject, live.action_body(NOOP, client_seq=1)),
            (EDIT_SUBJECT, edit_body(live, unique(ctx, "none"), client_seq=1)),
            (CHAT_SUBJECT, chat_body(live, 5, client_seq=1)),
        ):
            named = {**body, "session_id": session_id}
            pending = await live.send("action", body=named, subject=subject)
            sent.append((f"{what}, on {subject}", named, pending))
    for why, _, pending in sent:
        error_only(ctx, "ACTION-014", await pending.answer(), 4041, 4101, why=why)
    await ctx.fences(live, theirs)
    for why, body, _ in sent:
        untold(ctx, "ACTION-014", body["action_id"], live, theirs, unknown, closed, why=why)
    told = [r for s in (unknown, closed) for r in (*s.stream, *s.pushes) if r.n >= mark]
    ctx.check(
        "ACTION-014",
        not told,
        expected="nothing on the subjects of a session that is not live",
        seen=[record.subject for record in told] or "nothing",
        on=told,
    )
    ping = await unknown.ask("session.ping")
    ctx.refused("ACTION-014", ping, 4041, why="the unknown session, after actions that named it")


@case("ACTION-014", needs=takes("create", "edit_start"))
async def dead_sessions_have_no_effect(ctx: Context) -> None:
    """What is sent in the name of a session that is over changes nothing, and takes no id."""
    user = ctx.user()
    live, closed = await open_articles(ctx, user), await open_articles(ctx, user)
    article_id = await create_article(live)
    await closed.close()
    closed.leave_open = True
    marker = unique(ctx, "marker")
    create = closed.action_body(CREATE, {"title": marker}, client_seq=1)
    edit = edit_body(closed, article_id, client_seq=1)
    error_only(ctx, "ACTION-014", await inbox_answer(closed, create), 4041, 4101)
    answer = await inbox_answer(closed, edit, subject=EDIT_SUBJECT)
    error_only(ctx, "ACTION-014", answer, 4041, 4101)
    slice_ = await view(live)
    shown = titles(slice_)
    ctx.check("ACTION-014", marker not in shown, expected="no article of it", seen=shown)
    found = find_editor(slice_, article_id, user.id)
    ctx.check("ACTION-014", found is None, expected="no running edit", seen=found)
    again = live.action_body(CREATE, {"title": marker}, action_id=create["action_id"])
    outcome = await live.outcome_of(again)
    ctx.acked("ACTION-014", outcome, status="applied", why="the same action_id in a live session")


# -- form ----------------------------------------------------------------------------------------------


def unreadable(session: Session) -> list[tuple[str, bytes]]:
    """Bodies that tell not whose, which or which number; each with a few words about it."""
    good = session.action_body(NOOP, client_seq=1)
    found = [("an empty body", b""), ("no JSON", b"{"), ("a list", b"[]"), ("text", b'"noop"')]
    for name in ("action_id", "client_seq", "session_id", "user_id"):
        lacking = {key: value for key, value in good.items() if key != name}
        found.append((f"{name} is missing", session.encode(lacking)))
        found += [(f"{name} is {bad!r}", session.encode({**good, name: bad})) for bad in NO_IDS]
    found += [
        (f"client_seq is {bad!r}", session.encode({**good, "client_seq": bad}))
        for bad in ("1", 0, -1, 1.5, 2**53, True)
    ]
    long = {**good, "action_id": "a" * 129}
    found.append(("action_id is of 129 characters", session.encode(long)))
    found += [
        (f"{name} is 1", session.encode({**good, name: 1})) for name in ("action_id", "session_id")
    ]
    return found


@case("ACTION-015", "ERR-004")
async def unreadable_actions_take_no_number(ctx: Context) -> None:
    """Actions without readable id or number are answered on the inbox only; the next is number 1."""
    session = await ctx.open(ctx.user(), timers=NO_GAP)
    subjects = (session.actions_subject, EDIT_SUBJECT, CHAT_SUBJECT)
    mark = ctx.log.mark()
    for subject in subjects:
        sent = [
            (what, await session.send("action", body=body, subject=subject))
            for what, body in unreadable(session)
        ]
        for _, body in unreadable(session):
            await session.send("action", body=body, subject=subject, reply="")
        for what, pending in sent:
            answer = await pending.answer()
            why = f"{what}, on {subject}"
            good = error_only(ctx, "ACTION-015", answer, 4000, 4001, why=why)
            if good and answer is not None and answer.code == 4001:
                member = what.partition(" ")[0]
                fault = Fault(what, {}, f"/{member}", missing=what.endswith("missing"))
                points_at(ctx, answer, fault, why)
    await session.fence()
    told = [r for r in session.pushes if r.n >= mark and r.type != "session.heartbeat"]
    ctx.check(
        "ACTION-015",
        not told,
        expected="nothing about them on .control",
        seen=[record.type for record in told] or "nothing",
        on=told,
    )
    good = session.action_body(NOOP, client_seq=1)
    answer = await session.outcome_of(good)
    ctx.acked("ACTION-015", answer, status="applied", why="client_seq 1 after unreadable actions")


# -- data ----------------------------------------------------------------------------------------------


@case("ACTION-016", "ERR-004")
async def invalid_data_is_refused(ctx: Context) -> None:
    """For each listed type, data that breaks its schema gets a final 4001."""
    session = await ctx.open(ctx.user())
    faults = list(faulty_actions(ctx.checker, session, ctx.declared.actions))
    answers = await settle(session, [Posted(fault.body, fault.subject) for fault in faults])
    for fault, answer in zip(faults, answers, strict=True):
        why = f"{fault.body['type']} with a fault: {fault.what}"
        if ctx.refused("ACTION-016", answer, 4001, why=why):
            points_at(ctx, answer, fault, why)
            ctx.equal(
                "ACTION-016",
                ["action.nack", False],
                [answer.type, answer.error.get("retryable")],
                on=answer,
                why=f"type and retryable: {why}",
            )


@case("ACTION-016", needs=takes("create", "update", "select"))
async def invalid_data_has_no_effect(ctx: Context) -> None:
    """Of invalid changes no valid half is applied, and of an invalid create nothing is made."""
    session = await open_articles(ctx, ctx.user())
    title, marker = unique(ctx, "title"), unique(ctx, "marker")
    article_id = await create_article(session, title=title, content="before")
    await select(session, article_id)
    half = {"title": marker, "content": marker, "tags": 5}
    for type_, data in (
        ("article.update", {"article_id": article_id, "changes": half}),
        ("article.update", {"article_id": article_id, "changes": {"title": marker, "slug": None}}),
        (CREATE, {"title": marker, "tags": "none"}),
        (CREATE, {"title": marker, "content": None}),
        ("article.select", {"article_id": 5}),
    ):
        body = session.action_body(type_, data)
        ctx.refused("ACTION-016", await session.outcome_of(body), 4001)
        slice_ = await view(session)
        shown, selected = titles(slice_), current(slice_)
        told = outcomes_of(session, body["action_id"])
        why = f"what shows after {type_} with {data}"
        ctx.equal("ACTION-016", [title], shown_of(shown, title, marker), on=told, why=why)
        seen = [selected.get(name) for name in ("id", "title", "content")]
        ctx.equal("ACTION-016", [article_id, title, "before"], seen, on=told, why=why)


def shown_of(shown: list[str], *wanted: str) -> list[str]:
    """Those of some titles that are shown."""
    return [title for title in shown if title in wanted]
