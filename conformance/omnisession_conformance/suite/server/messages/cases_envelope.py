"""ENV: lists, nulls, times and ids in what a server tells; the form of all bodies rules judge."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.case import case
from omnisession_conformance.protocol.bounds import BOUND_MS
from omnisession_conformance.protocol.json import as_object
from omnisession_conformance.protocol.kinds.articles import ARTICLES
from omnisession_conformance.protocol.kinds.tables import BY_NAME
from omnisession_conformance.roles.server.steps.any_kind import CHANGES, change, one_kind, open_any
from omnisession_conformance.roles.server.steps.articles import (
    create_article,
    open_articles,
    publish,
    select,
    slice_of,
    start_edit,
    takes,
    unique,
)
from omnisession_conformance.roles.server.steps.control import OPEN, PING, UNKNOWN_REQUEST
from omnisession_conformance.roles.server.steps.malformed import HALF
from omnisession_conformance.roles.server.steps.sending import CHAT_SUBJECT, EDIT_SUBJECT, NOOP
from omnisession_conformance.roles.server.steps.timers import DAY_MS, MINUTE_MS

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session
    from omnisession_conformance.roles.server.steps.articles import Entry
    from omnisession_conformance.traffic.record import Record

EDIT = "article.edit_start"
OPENED_LISTS = ("kinds", "features", "profiles", "actions")
TIMES = [(list_.name, time) for list_ in ARTICLES.lists for time in list_.times]
"""Lists of a slice, each with a time in its entries."""


# -- nothing to tell -------------------------------------------------------------------------------------


@case("ENV-005", "ENV-006")
async def nothing_is_an_empty_list_or_null(ctx: Context) -> None:
    """A session in which nothing is selected is told lists, be they empty, and null for none."""
    session = await ctx.open(ctx.user(), kinds=ctx.declared.kinds)
    syncing = await session.sync()
    head = await session.fence()
    resumed = (await session.resume(head.epoch, head.seq)).must_be("session.resumed")
    lists = [(session.opened, name) for name in OPENED_LISTS]
    for answer, name in (*lists, (syncing, "kinds"), (resumed, "messages")):
        if answer is not None:
            _list(ctx, answer.record, answer.data, name)
    for state in session.states():
        # Of a kind that the protocol does not know nothing can be said.
        kind = BY_NAME.get(str(state.payload.get("type")))
        for told in kind.lists if kind is not None else ():
            _list(ctx, state, state.payload, told.name)
        for told in kind.ones if kind is not None else ():
            _there(ctx, state, state.payload, told.name)
    if session.opened is not None:
        _there(ctx, session.opened.record, session.opened.data, "expires_at")


def _list(ctx: Context, record: Record, data: dict[str, Any], name: str, at: str = "/data") -> None:
    seen, pointer = data.get(name, "no member"), f"{at}/{name}"
    good = isinstance(seen, list)
    ctx.check("ENV-005", good, expected="an array", seen=seen, on=record, pointer=pointer)


def _there(
    ctx: Context, record: Record, data: dict[str, Any], name: str, at: str = "/data"
) -> None:
    seen = "present" if name in data else "no member"
    expected, pointer = "present, with null for none", f"{at}/{name}"
    ctx.check("ENV-006", name in data, expected=expected, seen=seen, on=record, pointer=pointer)


def _null(ctx: Context, record: Record, data: dict[str, Any], name: str, at: str = "/data") -> None:
    seen, pointer = data.get(name, "no member"), f"{at}/{name}"
    ctx.equal("ENV-006", None, seen, on=record, pointer=pointer)


@case("ENV-005", "ENV-006", needs=takes("create"))
async def draft_with_a_title_only(ctx: Context) -> None:
    """A draft of which only the title is given has a list of tags and null for its publication."""
    user = ctx.user()
    sessions = [await open_articles(ctx, user, events=events) for events in (False, True)]
    article_id = await create_article(sessions[0])
    await ctx.fences(*sessions)
    told = [
        (record, article, at)
        for session in sessions
        for record in session.stream
        for article, at in _articles(record)
        if article.get("id") == article_id
    ]
    ctx.require(bool(told), "an article that was created is told nowhere")
    for record, article, at in told:
        _list(ctx, record, article, "tags", at)
        _null(ctx, record, article, "published_at", at)
    for state in sessions[0].states():
        _null(ctx, state, state.payload, "current_article")


def _articles(record: Record) -> list[tuple[Entry, str]]:
    """The articles in a state or event, each with its JSON pointer."""
    if record.address.family == "state":
        entries: list[Entry] = slice_of(record).get("articles") or []
        return [(entry, f"/data/articles/{index}") for index, entry in enumerate(entries)]
    return [(as_object(record.payload.get("article")), "/data/article")]


@case("ENV-006", needs=("events", *takes("create", "edit_start")))
async def event_of_no_action_has_null_for_it(ctx: Context) -> None:
    """The event of an edit that ends with its session has actor and cause, and both are null."""
    user = ctx.user()
    editing, watching = [await open_articles(ctx, user, events=events) for events in (False, True)]
    article_id = await create_article(editing)
    await start_edit(editing, article_id)
    await editing.close()
    editing.leave_open = True

    def ended() -> Record | None:
        found = watching.events("article.edit_ended")
        return next((r for r in found if r.payload.get("article_id") == article_id), None)

    event = await watching.wait(ended, ctx.within(BOUND_MS))
    ctx.require(event is not None, "the end of an edit with its session was not told by an event")
    if event is not None and event.body is not None:
        for name in ("actor", "cause"):
            _null(ctx, event, event.body, name, "")


# -- times -----------------------------------------------------------------------------------------------


@case("ENV-003", needs=takes("create", "publish", "edit_start", "select"))
async def times_of_changes_are_milliseconds(ctx: Context) -> None:
    """Times that an article gets when it is made, published and edited are those of their messages."""
    session = await open_articles(ctx, ctx.user())
    article_id = await create_article(session)
    await publish(session, article_id)
    await start_edit(session, article_id)
    await select(session, article_id)
    await session.fence()
    state = session.states()[-1]
    told = state.integer("timestamp") or 0
    times = _times(state, article_id)
    ctx.require(bool(times), "a state does not tell of an article's changes")
    for pointer, seen in [("/timestamp", told), *times]:
        good = type(seen) is int and abs(seen - state.at_ms) <= DAY_MS
        ctx.check(
            "ENV-003",
            good and abs(seen - told) <= MINUTE_MS,
            expected=f"milliseconds since the Unix epoch, near {told} and {state.at_ms}",
            seen=seen,
            on=state,
            pointer=pointer,
        )


def _times(state: Record, article_id: str) -> list[tuple[str, Any]]:
    """The times in a state that an article's changes set, each with its JSON pointer."""
    slice_, found = slice_of(state), list[tuple[str, Any]]()
    for name, member in TIMES:
        entries: list[Entry] = slice_.get(name) or []
        for index, one in enumerate(entries):
            if article_id in (one.get("id"), one.get("article_id")):
                found.append((f"/data/{name}/{index}/{member}", one.get(member)))
    return found


# -- ids -------------------------------------------------------------------------------------------------


@case("ENV-008", needs=CHANGES)
async def bodies_name_the_session_that_is_told(ctx: Context) -> None:
    """What one session's action brings to another session of its user names that other one."""
    user, kind = ctx.user(), one_kind(ctx)
    sessions = [
        await open_any(ctx, user, kind, events=events, timers={"coalesce_ms": 0})
        for events in (False, True, False)
    ]
    for acting in sessions[:2]:
        await change(ctx, acting, kind)
    await ctx.fences(*sessions)
    for session in sessions:
        ctx.require(len(session.stream) > 1, "a session was told nothing of the changes")
        for record in (*session.stream, *session.pushes):
            seen = {name: (record.body or {}).get(name) for name in ("user_id", "session_id")}
            wanted = {"user_id": user.id, "session_id": session.id}
            ctx.equal("ENV-008", wanted, seen, on=record, why=f"{record.type} on {record.subject}")


@case("ENV-008")
async def errors_name_the_ids_of_their_subject(ctx: Context) -> None:
    """Errors tell the ids that the subject of their message has, whatever its body says."""
    await _ids_of_errors(ctx, await ctx.open(ctx.user()))


@case("ENV-008", needs=("fixture:mint",))
async def errors_name_ids_as_they_are(ctx: Context) -> None:
    """Errors tell ids that are encoded in subjects as they are: with their dots, spaces and accents."""
    user = ctx.user(user_id=f"{unique(ctx, 'u')}. é=*>")
    session_id = f"{ctx.draws.digits()}-{ctx.draws.digits()}. é="
    await _ids_of_errors(ctx, await ctx.open(user, session_id=session_id))


async def _ids_of_errors(ctx: Context, session: Session) -> None:
    fresh = ctx.session(session.user)
    user, id_, other = session.user.id, session.id, fresh.id
    bad_user = f"user.actions.{session.actions_subject.rpartition('.')[2]}=61"
    bad = f"{fresh.prefix.removesuffix(other)}=61{other}.control"
    action = session.action_body(NOOP, client_seq=1)
    wrong, later = {**action, "user_id": "nobody"}, {**action, "session_id": other}
    unreadable, unnumbered = {**action, "action_id": 5}, {**action, "client_seq": 0}
    actions = session.actions_subject
    # An id that the subject does not have is null, or that of the body where it is one.
    either, nobody = (None, id_), (None,)
    for code, type_, body, subject, users, sessions in (
        (4002, UNKNOWN_REQUEST, None, None, (user,), (id_,)),
        (4000, UNKNOWN_REQUEST, HALF, None, (user,), (id_,)),
        (4041, PING, fresh.request_body(PING), fresh.control_subject, (user,), (other,)),
        (4004, OPEN, None, bad, (user,), nobody),
        (4031, NOOP, wrong, actions, (user,), either),
        (4000, NOOP, HALF, actions, (user,), nobody),
        (4000, NOOP, b"", actions, (user,), nobody),
        (4000, NOOP, b"[]", actions, (user,), nobody),
        (4001, NOOP, unreadable, actions, (user,), either),
        (4001, NOOP, unnumbered, actions, (user,), either),
        (4001, NOOP, {**action, "session_id": 5}, actions, (user,), nobody),
        (4001, NOOP, {**action, "user_id": ""}, actions, (user,), either),
        (4041, NOOP, later, actions, (user,), (None, other)),
        (4004, NOOP, action, bad_user, nobody, either),
        (4000, EDIT, HALF, EDIT_SUBJECT, nobody, nobody),
        (4000, EDIT, b"[]", CHAT_SUBJECT, nobody, nobody),
        (4001, EDIT, unreadable, EDIT_SUBJECT, (None, user), either),
        (4041, EDIT, later, CHAT_SUBJECT, (None, user), (None, other)),
    ):
        answer = await (await session.send(type_, body=body, subject=subject)).must()
        # With another answer it is not this that is wrong.
        if answer.code == code:
            told = answer.record.body or {}
            for name, wanted in (("user_id", users), ("session_id", sessions)):
                seen = told.get(name, "no member")
                ctx.check(
                    "ENV-008",
                    seen in wanted,
                    expected=" or ".join(map(repr, wanted)),
                    seen=repr(seen),
                    on=answer,
                    pointer=f"/{name}",
                    why=f"{name} of an {answer} to a message on {subject or 'its control subject'}",
                )
