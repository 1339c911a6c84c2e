"""CTRL: opening a live session again: what it is and has stays as it is, and nobody else hears of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.case import case
from omnisession_conformance.protocol.bounds import BOUND_MS
from omnisession_conformance.protocol.json import as_object
from omnisession_conformance.protocol.roles import SECURE
from omnisession_conformance.roles.server.steps import chat, users
from omnisession_conformance.roles.server.steps.articles import KIND as ARTICLES
from omnisession_conformance.roles.server.steps.articles import (
    create_article,
    create_published,
    ever_full,
    open_articles,
    select,
    start_edit,
    takes,
    unique,
    update,
)
from omnisession_conformance.roles.server.steps.control import OPEN, opened, unchanged
from omnisession_conformance.roles.server.steps.held import HOLD, hold
from omnisession_conformance.roles.server.steps.meeting import meet
from omnisession_conformance.roles.server.steps.outcomes import as_next, counted
from omnisession_conformance.roles.server.steps.sending import (
    AHEAD,
    NO_GAP,
    NOOP,
    UNKNOWN,
    entries,
    noops,
)
from omnisession_conformance.roles.server.steps.timers import SHORT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omnisession_conformance.environment.users import User
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.reply import Answer
    from omnisession_conformance.roles.server.session import Session

Entry = dict[str, Any]
OTHER_TIMERS = {**SHORT, "coalesce_ms": 0, **HOLD}


def other_token(ctx: Context, session: Session) -> str:
    """A token of the same user with other rights, another name and another email, where one can be made.

    A server that ends sessions with their token renews them by those of the same rights alone (SECU-019).
    """
    user = session.user
    if not ctx.fixture.mints:
        return user.token
    rights = () if user.permissions else ctx.fixture.config.rights.get("editor", ())
    told = session.opened and session.opened.data.get("expires_at")
    if told is not None and SECURE in ctx.declared.profiles:
        rights = user.permissions
    name, email = ctx.draws.display_name(ctx.chance), ctx.draws.email()
    claims = {"sub": user.id, "perm": list(rights), "name": name, "email": email}
    return ctx.fixture.sign(claims)


async def _again(ctx: Context, session: Session, token: str | None = None) -> bool:
    """Observe that an open of a live session with other wishes is answered."""
    wishes = session.open_data(
        kinds=ctx.declared.kinds[::-1], features=["digests"], timers=OTHER_TIMERS, token=token
    )
    before = await session.fence()
    answer = await (await session.send(OPEN, wishes)).answer()
    why = "an open of a live session with other wishes and another credential"
    if not opened(ctx, "CTRL-004", answer, why):
        return False
    told = answer.position if answer else None
    seen = (told.epoch, told.last_action_seq) if told else None
    # What others do may have moved the seq on.
    wanted = (before.epoch, before.last_action_seq)
    at = f"epoch and last_action_seq of the present head, told by {why}"
    ctx.equal("CTRL-004", wanted, seen, on=answer, pointer="/data/position", why=at)
    await session.fence()
    return True


# -- what a session has ----------------------------------------------------------------------------------


@case("CTRL-004")
async def open_again_keeps_what_a_session_has(ctx: Context) -> None:
    """What a session selected, edits and types outlives an open with another credential."""
    user, kinds = ctx.user(), ctx.declared.kinds
    sessions = [await ctx.open(user, kinds=kinds, features=f) for f in ((), ("events",))]
    witness = await ctx.open(user, kinds=kinds, features=["events"])
    stranger = await ctx.open(ctx.user(), kinds=kinds, features=["events"])
    for session in sessions:
        await _begin(ctx, session)
    # What is told of their opens comes within two seconds.
    await meet(ctx, *sessions, witness, stranger)
    await ctx.fences(*sessions, witness, stranger)
    before, mark = [_own(session) for session in sessions], ctx.log.mark()
    token = other_token(ctx, witness)
    for session in sessions:
        if not await _again(ctx, session, token):
            return
    await ctx.fences(*sessions, witness, stranger)
    for session, was in zip(sessions, before, strict=True):
        why = f"what a session {chat.carrier(session)} shows of its own, after an open again"
        ctx.equal("CTRL-004", was, _own(session), on=session.stream[-1:], why=why)
    for other in (witness, stranger):
        told = [r for r in other.stream if r.n >= mark and _tells_of(r.type, r.payload, user)]
        whose = "its user" if other is witness else "another user"
        ctx.check(
            "CTRL-004",
            not told,
            expected="nothing of an open of a live session",
            seen=[r.type for r in told] or "nothing",
            on=told,
            why=f"a session of {whose}",
        )
    await _later_shows_the_same(ctx, [*sessions, witness], witness, stranger)
    await _ends_as_ever(ctx, sessions, witness, stranger)


async def _begin(ctx: Context, session: Session) -> None:
    """Have a session select, edit and type, as far as the target takes such actions."""
    actions, kinds = ctx.declared.actions, session.kinds
    if ARTICLES in kinds and {"article.create", "article.select"} <= actions:
        article_id = await create_article(session)
        if "article.update" in actions:
            await update(session, article_id, title=unique(ctx, "title"))
        await select(session, article_id)
        if "article.edit_start" in actions:
            await start_edit(session, article_id)
    if "chat.typing" in actions:
        await chat.type_(session)


def _own(session: Session) -> Entry:
    """What a session shows that is its own doing, or its user's."""
    shown: Entry = {}
    if ARTICLES in session.kinds:
        slice_ = session.slice(ARTICLES)
        shown = {name: slice_.get(name) for name in ("current_article", "revisions")}
        if not ever_full(session, "editors"):
            shown["editors"] = _edits(session)
    if users.KIND in session.kinds:
        slice_ = session.slice(users.KIND)
        shown |= {name: slice_.get(name) for name in ("user", "permissions", "sessions")}
    return shown


def _edits(session: Session) -> list[Entry]:
    """The edits of its user, without members that an event may have brought."""
    editors = entries(session.slice(ARTICLES), "editors")
    mine = [e for e in editors if e.get("user_id") == session.user.id]
    return [{name: e.get(name) for name in ("article_id", "user_id", "since")} for e in mine]


def _tells_of(type_: str, data: Entry, user: User) -> bool:
    """Whether an event tells of a user, or of what the user's sessions do."""
    named = data.get("user_id") or as_object(data.get("user")).get("id")
    return type_.startswith("user.") or named == user.id


async def _later_shows_the_same(
    ctx: Context, sessions: list[Session], witness: Session, stranger: Session
) -> None:
    """Observe that sessions that are opened later show what earlier ones do: user, sessions and typing."""
    for earlier, kind in ((witness, users.KIND), (stranger, chat.KIND)):
        if kind not in earlier.kinds:
            continue
        later = await ctx.open(earlier.user, kinds=[kind])
        await meet(ctx, later, *sessions)
        wanted, seen = (_of_the_user(s, kind, witness.user, later) for s in (earlier, later))
        on = (*later.stream[-1:], *earlier.stream[-1:])
        why = f"{kind} in a session that is opened later, beside an earlier one"
        ctx.equal("CTRL-004", wanted, seen, on=on, why=why)
        await later.close()
        later.leave_open = True


def _of_the_user(session: Session, kind: str, user: User, late: Session) -> Entry:
    """What a session shows of a user and the user's sessions, but for one that was opened late."""
    slice_ = session.slice(kind)
    if kind == chat.KIND:
        return {"types": user.id in chat.typists(slice_)}
    listed = [e for e in entries(slice_, "sessions") if e.get("session_id") != late.id]
    return {"user": slice_.get("user"), "sessions": listed}


async def _ends_as_ever(
    ctx: Context, sessions: list[Session], witness: Session, stranger: Session
) -> None:
    """Observe that sessions that were opened twice end once, with their edits and their presence."""
    for session in sessions:
        await session.close()
        session.leave_open = True
    await witness.fence()
    if ARTICLES in witness.kinds and not ever_full(witness, "editors"):
        over = await witness.wait(lambda: not _edits(witness) or None, ctx.within(BOUND_MS))
        _gone(ctx, over, "the edits of sessions that were opened twice and closed")
    await witness.close()
    witness.leave_open = True
    if chat.KIND in stranger.kinds and not chat.may_be_cut_off(stranger):
        absent = await chat.comes(
            stranger, lambda s: witness.user.id not in chat.present(s), ctx.within(BOUND_MS)
        )
        _gone(ctx, absent, "the presence of a user whose sessions were opened twice and closed")


def _gone(ctx: Context, seen: object, what: str) -> None:
    if seen is None:
        ctx.absent("CTRL-004", expected=f"the end of {what}", waited_s=BOUND_MS / 1_000)
    else:
        ctx.check("CTRL-004", good=True, expected=f"the end of {what}", seen="it came")


@case("CTRL-004", needs=("fixture:mint", "role:editor", *takes("create", "publish", "update")))
async def open_again_gives_and_takes_no_rights(ctx: Context) -> None:
    """A session may do what it might when it was opened, whatever rights its next open brings."""
    article_id = await create_published(await open_articles(ctx, ctx.user()))
    for role, may in (("reader", False), ("editor", True)):
        user = ctx.user(role)
        session = await open_articles(ctx, user)
        if not await _again(ctx, session, other_token(ctx, session)):
            return
        changes = {"article_id": article_id, "changes": {"title": unique(ctx, "title")}}
        answer = await session.outcome_of(session.action_body("article.update", changes))
        what = "without rights" if may else "with post_edit_any"
        why = f"an update by a session of a user who was a {role}, opened again {what}"
        if may:
            ctx.acked("CTRL-004", answer, why=why)
        else:
            ctx.refused("CTRL-004", answer, 4030, why=why)


# -- what is remembered ----------------------------------------------------------------------------------


@case("CTRL-004")
async def open_again_keeps_count_and_memory(ctx: Context) -> None:
    """After an open again copies get their first outcome, here and elsewhere, and the count goes on."""
    user = ctx.user()
    session, other = await ctx.open(user, timers=NO_GAP), await ctx.open(user)
    bodies = [session.action_body(type_) for type_ in (NOOP, UNKNOWN, NOOP)]
    first = [await session.needed_outcome_of(body) for body in bodies]
    if not await _again(ctx, session):
        return
    for body, was in zip(bodies, first, strict=True):
        answer = await session.outcome_of(body)
        why = f"a copy of client_seq {body['client_seq']}, sent again after an open again"
        _told_again(ctx, was, answer, ("error", "position"), why)
        elsewhere = await as_next(other, body)
        _told_again(ctx, was, elsewhere, ("error",), f"{why}, in another session")
    await noops(session, 1)
    pong = await session.ask("session.ping")
    why = "last_action_seq after an open again, copies and one more action"
    ctx.equal("CTRL-004", len(bodies) + 1, counted(pong), on=pong, why=why)
    await _holds_nothing(ctx, session, bodies[0])


async def _holds_nothing(ctx: Context, session: Session, known: Entry) -> None:
    """Observe that a session that was opened to hold nothing does not hold what is ahead of its count."""
    if session.timers.get("gap_ms") != 0:
        return
    first, session.next_seq = session.next_seq, session.next_seq + 1
    ahead = await hold(session, session.action_body(NOOP, client_seq=first + 1))
    # What came behind it on its subject was answered before the gap is closed.
    await session.needed_outcome_of(known)
    await session.needed_outcome_of(session.action_body(NOOP, client_seq=first))
    answer = await ahead.pending.outcome()
    why = f"an action ahead of the count, with gap_ms 0, after an open with {HOLD['gap_ms']}"
    ctx.refused("CTRL-004", answer, AHEAD, why=why)


def _told_again(
    ctx: Context, was: Answer, now: Answer | None, names: tuple[str, ...], why: str
) -> None:
    if now is None:
        ctx.absent("CTRL-004", expected=f"{was.type} again", why=why)
        return
    status = {"status": "duplicate"} if was.acked else {}
    wanted = {"type": was.type, **status, **{name: was.data.get(name) for name in names}}
    seen = {"type": now.type, **{name: now.data.get(name) for name in (*status, *names)}}
    ctx.equal("CTRL-004", wanted, seen, on=(now, was), pointer="/data", why=why)


# -- what is refused -------------------------------------------------------------------------------------


@case("CTRL-004", needs=("fixture:mint",))
async def refused_opens_again_leave_the_session(ctx: Context) -> None:
    """An open of a live session is refused for its versions and credential, and the session lives on."""
    session = await ctx.open(ctx.user(), kinds=ctx.declared.kinds, features=["events"])
    await noops(session, 1)
    await _begin(ctx, session)
    await session.fence()
    was = _own(session)
    for what, data, code in _to_refuse(ctx, session):
        before = await session.fence()
        answer = await (await session.send(OPEN, data)).answer()
        why = f"an open of a live session with {what}"
        ctx.refused("CTRL-004", answer, code, why=why)
        await unchanged(ctx, "CTRL-004", session, before, why)
    now = _own(session)
    # What may have been cut off a list meanwhile is not looked at.
    wanted = {name: value for name, value in was.items() if name in now}
    why = "what a session shows of its own, after opens again that were refused"
    ctx.equal("CTRL-004", wanted, now, on=session.stream[-1:], why=why)


def _to_refuse(ctx: Context, session: Session) -> Iterator[tuple[str, Entry, int]]:
    """What to open a live session with, in words, and the code that it must be refused with."""
    fixture, user = ctx.fixture, session.user
    claims = {"sub": user.id, "perm": list(user.permissions)}
    tokens = (
        ("an expired token", fixture.sign(claims, lifetime_s=-3_600), 4011),
        ("the token of another user", ctx.user().token, 4031),
        ("a token that another key signed", fixture.sign(claims, key=f"x{user.token}"), 4010),
    )
    for what, token, code in tokens:
        yield what, session.open_data(kinds=session.kinds, token=token), code
    data = session.open_data(kinds=session.kinds)
    yield "versions that no server speaks", {**data, "protocol": ["9.0"]}, 4003
    if "fixture:auth" in fixture.offers():
        yield "no credential", {**data, "auth": None}, 4010
