"""LIMIT: how large messages may be, how long lists, and how many sessions a user may have."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.case import Phase, case
from omnisession_conformance.engine.stops import NotOffered
from omnisession_conformance.protocol.bounds import BOUND_MS
from omnisession_conformance.roles.server.steps import users
from omnisession_conformance.roles.server.steps.any_kind import ADAPTERS, CHANGE, change
from omnisession_conformance.roles.server.steps.articles import (
    current,
    open_articles,
    select,
    takes,
    unique,
    view,
)
from omnisession_conformance.roles.server.steps.chat import on_shared, open_room, takes_chat
from omnisession_conformance.roles.server.steps.control import UNKNOWN_KIND
from omnisession_conformance.roles.server.steps.outcomes import counted
from omnisession_conformance.roles.server.steps.sending import (
    CHAT_SEND,
    CHAT_SUBJECT,
    EDIT_SUBJECT,
    NOOP,
    Body,
    chat_body,
    edit_body,
    error_only,
)
from omnisession_conformance.roles.server.steps.sizes import MIXED, reachable, text_of, usable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omnisession_conformance.protocol.declared import Declared
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.pending import PendingRequest
    from omnisession_conformance.roles.server.reply import Answer
    from omnisession_conformance.roles.server.session import Session
    from omnisession_conformance.roles.server.steps.chat import Room

PLAIN = "x"
AGAINST_A_RULE = 4220
MOST_SESSIONS = 200
"""Of a server that advertises more so many are opened, and it is not filled up."""
MOST_THAT_TELL = 64
"""The same where each open makes a list longer that all the others are told anew."""
AT_A_TIME = 8
"""Opens that are asked for at once: a burst of all would take a slow machine longer than one may."""
MOUNTAIN = "\U0001f3d4"
TRACE = {"traceparent": f"00-{'a' * 32}-{'b' * 16}-01"}


# -- sizes of actions ------------------------------------------------------------------------------------


def padded(session: Session, body: Body, size: int, fill: str) -> bytes:
    """A body of exactly so many bytes, by an unknown member."""
    empty = len(session.encode({**body, "x_pad": ""}))
    count, rest = divmod(size - empty, len(fill.encode()))
    return session.encode({**body, "x_pad": fill * count + "x" * rest})


@case("LIMIT-002", phase=Phase.HOSTILE)
async def largest_action_is_taken(ctx: Context) -> None:
    """An action of exactly the largest size is taken; one byte more is refused, and takes no number."""
    publisher = await ctx.private_publisher()
    session = await ctx.open(ctx.user(), publisher=publisher)
    told = ctx.declared.limit("action")
    limit = reachable(publisher, told)
    for subject, body in (
        (EDIT_SUBJECT, edit_body(session, "none", client_seq=1)),
        (CHAT_SUBJECT, chat_body(session, 5, client_seq=1)),
    ):
        if limit < told:
            # Nobody can send what is above: the broker carries no such body.
            break
        raw = padded(session, body, limit + 1, "x")
        pending = await session.send("action", body=raw, subject=subject)
        why = f"{len(raw)} bytes on {subject}"
        error_only(ctx, "LIMIT-002", await pending.answer(), 4130, why=why)
    for fill in ("x", MOUNTAIN):
        body = session.action_body(NOOP)
        for size_ in (limit + 1, limit) if limit == told else (limit,):
            raw = padded(session, body, size_, fill)
            # Headers are no part of the size, and the broker counts them.
            headers = TRACE if fill == "x" else None
            pending = await session.send(
                "action", body=raw, subject=session.actions_subject, headers=headers
            )
            answer = await pending.answer()
            why = f"{len(raw)} bytes of {len(raw.decode())} characters, with the limit {told}"
            if size_ > limit:
                error_only(ctx, "LIMIT-002", answer, 4130, why=why)
            elif ctx.acked("LIMIT-002", answer, status="applied", why=why):
                ctx.equal("LIMIT-002", body["client_seq"], counted(answer), on=answer, why=why)


# -- sizes of members ------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Fill:
    """What a text of a certain size is made of, and whether a rule of the server is against it."""

    text: str
    against_a_rule: bool = False


def _fills(*texts: str) -> Iterator[_Fill]:
    """Yield each, and plain letters where a rule was against one: what is taken has its size."""
    tried = [_Fill(text) for text in texts]
    yield from tried
    if any(fill.against_a_rule for fill in tried):
        yield _Fill(PLAIN)


@case("LIMIT-003", needs=takes("create", "update", "select"), phase=Phase.LOUD)
async def largest_content_is_taken(ctx: Context) -> None:
    """Content of exactly the limit is taken whole, and one byte more refused, in create and update."""
    session = await open_articles(ctx, ctx.user(), events=True)
    told, limit = ctx.declared.limit("article_content"), usable(session, "article_content")
    # A mountain has one character and four bytes.
    for fill in _fills(MIXED, MOUNTAIN):
        text, above = text_of(fill.text, limit), text_of(fill.text, limit + 1)
        title, marker = unique(ctx, "title"), unique(ctx, "marker")
        why = f"of {limit} bytes and {len(text)} characters like {fill.text!r}"
        more = f"of {limit + 1} bytes and {len(above)} characters like {fill.text!r}"
        data = {"title": title, "content": text}
        made = await _taken(ctx, session, "article.create", data, why, fill)
        if limit == told and not fill.against_a_rule:
            data = {"title": marker, "content": above}
            await _refused(ctx, session, "article.create", data, more)
        article_id: Any = made.result.get("article_id") if made else None
        if not isinstance(article_id, str):
            continue
        await select(session, article_id)
        await _shows(ctx, session, title, text, f"a create {why}")
        named = {"article_id": article_id}
        changes = {"title": marker, "content": above}
        if limit == told:
            data = {**named, "changes": changes}
            await _refused(ctx, session, "article.update", data, more)
            await _shows(ctx, session, title, text, f"an update {more}, which was refused")
        other = "y" + text_of(fill.text, limit - 1)
        changes = {"content": other}
        await _taken(ctx, session, "article.update", {**named, "changes": changes}, why, fill)
        await _shows(ctx, session, title, other, f"an update {why}")
        await session.apply("article.select", {"article_id": None})


async def _refused(ctx: Context, session: Session, type_: str, data: Body, why: str) -> None:
    body = session.action_body(type_, data)
    answer = await session.outcome_of(body)
    _final(ctx, answer, session, f"{type_} with content {why}")


def _final(ctx: Context, answer: Answer | None, session: Session, why: str) -> None:
    """Observe that the last action of a session was refused for good, for its size."""
    if ctx.refused("LIMIT-003", answer, 4130, why=why) and answer is not None:
        seen = [answer.type, answer.error.get("retryable"), counted(answer)]
        wanted = ["action.nack", False, session.next_seq - 1]
        ctx.equal("LIMIT-003", wanted, seen, on=answer, why=f"type, retryable and count: {why}")


async def _taken(
    ctx: Context, session: Session, type_: str, data: Body, why: str, fill: _Fill
) -> Answer | None:
    answer = await session.outcome_of(session.action_body(type_, data))
    if fill.text != PLAIN and answer is not None and answer.code == AGAINST_A_RULE:
        fill.against_a_rule = True
        return None
    ctx.acked("LIMIT-003", answer, status="applied", why=f"{type_} with content {why}")
    return answer


async def _shows(ctx: Context, session: Session, title: str, text: str, why: str) -> None:
    selected = current(await view(session))
    content: Any = selected.get("content")
    good = selected.get("title") == title and content == text
    ctx.check(
        "LIMIT-003",
        good,
        expected=f"title {title} and content of {len(text)} characters",
        seen=f"title {selected.get('title')} and content of {len(content or '')} characters",
        why=f"the selected article after {why}",
    )


@case("LIMIT-003", needs=takes_chat("send", "edit"), phase=Phase.LOUD)
async def longest_message_is_taken(ctx: Context) -> None:
    """A message of exactly the limit is shown whole, and one byte more refused, in send and edit."""
    room = await open_room(ctx, ctx.user())
    session = room.sessions[0]
    told, limit = ctx.declared.limit("chat_content"), usable(session, "chat_content")
    ids: list[str] = []
    for fill in _fills(MIXED, MOUNTAIN):
        text, above = text_of(fill.text, limit), text_of(fill.text, limit + 1)
        why = f"of {limit} bytes and {len(text)} characters like {fill.text!r}"
        more = f"of {limit + 1} bytes and {len(above)} characters like {fill.text!r}"
        made = await _taken(ctx, session, CHAT_SEND, {"content": text}, why, fill)
        if limit == told and not fill.against_a_rule:
            await _refused(ctx, session, CHAT_SEND, {"content": above}, more)
            shared = await on_shared(session, above)
            _final(ctx, shared, session, f"{CHAT_SUBJECT} with content {more}")
        id_: Any = made.result.get("message_id") if made else None
        if not isinstance(id_, str):
            continue
        ids.append(id_)
        await _reads(ctx, room, ids, text, f"a send {why}")
        named = {"message_id": id_}
        if limit == told:
            await _refused(ctx, session, "chat.edit", {**named, "content": above}, more)
            await _reads(ctx, room, ids, text, f"an edit {more}, which was refused")
        other = "y" + text_of(fill.text, limit - 1)
        await _taken(ctx, session, "chat.edit", {**named, "content": other}, why, fill)
        await _reads(ctx, room, ids, other, f"an edit {why}")


async def _reads(ctx: Context, room: Room, ids: list[str], text: str, why: str) -> None:
    """Observe that the last message sent is shown whole, and none of its user that was refused."""
    for session in room.sessions:
        told = await room.messages(session, ids[-1:])
        own = [m for m in told if m.get("user_id") == session.user.id]
        new = [m for m in own if m.get("id") not in room.before.union(ids)]
        shown = [m.get("content") for m in own if m.get("id") == ids[-1]]
        ctx.check(
            "LIMIT-003",
            shown == [text] and not new,
            expected=f"content of {len(text)} characters, and no other message",
            seen=f"content of {[len(str(c)) for c in shown]} characters, {len(new)} others",
            on=session.stream[-1:],
            why=f"the messages after {why}",
        )


# -- sessions --------------------------------------------------------------------------------------------


@case("LIMIT-004", "EVENT-007", "USER-003", phase=Phase.LOUD, limit_ms=60_000)
async def sessions_of_a_user_are_limited(ctx: Context) -> None:
    """Of a user's sessions all up to the limit are opened and told, and one more is not, until one ends."""
    user = ctx.user()
    further, stranger = ctx.session(user), ctx.session(ctx.user())
    limit = ctx.declared.limit("sessions")
    told = _kind(ctx.declared) in TELLS_OF_SESSIONS and "events" not in ctx.declared.features
    count = min(limit, MOST_THAT_TELL if told else MOST_SESSIONS)
    sessions = [ctx.session(user) for _ in range(count)]
    for at in range(0, count, AT_A_TIME):
        wave = sessions[at : at + AT_A_TIME]
        for session, pending in [(s, await _open(s, tells=s is sessions[0])) for s in wave]:
            answer = await pending.answer()
            if _opened(ctx, answer, f"one of {count} sessions, with the limit {limit}"):
                session.opened = answer
        if any(session.opened is None for session in wave):
            return
        if at == 0:
            await _refused_opens(ctx, further)
    await _all_are_told(ctx, sessions)
    if count < limit:
        raise NotOffered(f"a limit of {limit} sessions is not reached")
    why = f"one session more than the limit of {limit}"
    ctx.refused("LIMIT-004", await (await _open(further)).answer(), 4291, why=why)
    ctx.refused("LIMIT-004", await (await further.send("session.ping")).answer(), 4041, why=why)
    await _never_told(ctx, sessions[0], further)
    again = await (await _open(sessions[0])).answer()
    _opened(ctx, again, "a live session that is opened again, at the limit")
    stranger.opened = await (await _open(stranger)).answer()
    _opened(ctx, stranger.opened, "a session of another user, meanwhile")
    await sessions[-1].close()
    sessions[-1].leave_open = True
    further.opened = await (await _open(further)).answer()
    _opened(ctx, further.opened, "the further session, after another was closed")
    # A close of what is over is refused, and gives room to nobody.
    await (await sessions[-1].send("session.close")).answer()
    more = await (await _open(ctx.session(user))).answer()
    ctx.refused("LIMIT-004", more, 4291, why=f"{why}, after a second close of one that was over")
    if not _tells_changes(ctx) or users.KIND not in sessions[0].kinds:
        raise NotOffered("the server tells no events of such a kind, or nothing of sessions")


TELLS_OF_SESSIONS = ("user", "chat")
"""Kinds whose slices change with the sessions of their user."""


def _kind(declared: Declared) -> str:
    """A kind that tells nobody of sessions, where there is one."""
    return (*declared.other_kinds(*TELLS_OF_SESSIONS), declared.cheapest_kind)[0]


async def _refused_opens(ctx: Context, session: Session) -> None:
    """Have opens of a session refused, each at another stage; none of them is one of its user's."""
    wishes = session.open_data()
    for data in (
        {**wishes, "kinds": [UNKNOWN_KIND]},
        {**wishes, "protocol": ["9.0"]},
        {**wishes, "auth": {"scheme": "bearer", "token": "none"}},
        {**wishes, "kinds": 5},
    ):
        answer = await (await session.send("session.open", data)).answer()
        refused = answer is None or answer.type == "error"
        ctx.require(refused, f"an open that was to be refused got {answer}")


async def _all_are_told(ctx: Context, sessions: list[Session]) -> None:
    """Observe that all sessions of a user get the event of a change, however many they are."""
    name = _kind(ctx.declared)
    if not _tells_changes(ctx):
        return
    kind = ADAPTERS[name]
    done = await change(ctx, sessions[0], kind)
    within_s, on = ctx.within(BOUND_MS), done.ack
    for number, session in enumerate(sessions):
        why = f"a change, in session {number + 1} of {len(sessions)} of its user"

        def shown(session: Session = session) -> bool | None:
            return done.deed.shown(session.slice(name)) or None

        if await session.wait(shown, within_s) is None:
            ctx.absent("EVENT-007", expected="its event", waited_s=within_s, on=on, why=why)
            return
        ctx.check("EVENT-007", good=True, expected="its event", seen="it came")


def _tells_changes(ctx: Context) -> bool:
    able = ctx.declared.able_kinds(CHANGE)
    return "events" in ctx.declared.features and _kind(ctx.declared) in able


async def _never_told(ctx: Context, told: Session, refused: Session) -> None:
    """Observe that a session of the kind user was told nothing of one that was never opened."""
    if users.KIND not in told.kinds:
        return
    await told.fence()
    seen = [r for r in told.stream if refused.id in json.dumps(r.payload)]
    expected = "nothing of a session whose opens were refused"
    good, what = not seen, [r.type for r in seen] or "nothing"
    ctx.check(
        "USER-003", good, expected=expected, seen=what, on=seen, why="at the limit of sessions"
    )


async def _open(session: Session, *, tells: bool = False) -> PendingRequest:
    kind, served = _kind(session.declared), session.declared.features
    more = [users.KIND] if tells and users.KIND in session.declared.kinds else []
    kinds = list(dict.fromkeys([kind, *more]))
    data = session.open_data(kinds=kinds, features=[name for name in served if name == "events"])
    return await session.send("session.open", data)


def _opened(ctx: Context, answer: Answer | None, why: str) -> bool:
    if answer is None:
        return ctx.absent("LIMIT-004", expected="session.opened", why=why)
    good = answer.type == "session.opened"
    seen = str(answer)
    return ctx.check("LIMIT-004", good, expected="session.opened", seen=seen, on=answer, why=why)
