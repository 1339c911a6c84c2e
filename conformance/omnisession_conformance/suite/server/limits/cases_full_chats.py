"""STATE, CHAT: what edits and deletes do where the room has as many messages as are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import Phase, case
from omnisession_conformance.roles.server.steps.chat import (
    KIND,
    Entry,
    delete,
    message_id,
    open_both,
    open_chat,
    part,
    takes_chat,
    text,
    view,
    where,
)
from omnisession_conformance.roles.server.steps.sending import CHAT_SEND, entries
from omnisession_conformance.suite.server.limits.long_lists import (
    CUT,
    FULL,
    MOST,
    cut_or_stop,
    fill,
    may_show,
    unlike,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session

LEAST = 3
NOT_FOUND = 4040


@case(
    *(CUT, FULL, "CHAT-005", "CHAT-007"),
    needs=takes_chat("send", "edit", "delete"),
    phase=Phase.LOUD,
    limit_ms=60_000,
)
async def changes_in_a_full_chat(ctx: Context) -> None:
    """The newest, a middle one and the last that is shown are edited and deleted; all others stay."""
    limit, user, other = ctx.declared.limit("chat_messages"), ctx.user(), ctx.user()
    sessions = [*await open_both(ctx, user), await open_chat(ctx, other)]
    actor, contents = sessions[0], [text(ctx) for _ in range(min(limit, MOST) + 1)]
    sends = [(CHAT_SEND, {"content": content}) for content in contents]
    acks = await fill(ctx, actor, sends, KIND, "messages")
    own = dict(zip(map(message_id, acks), contents, strict=True))
    shown = [m for m in await _messages(actor) if m.get("id") in own]
    ctx.require(len(shown) >= LEAST, "messages that were acked are not shown")
    # The last comes first: what is done to it while the list is full is undone by nothing that follows.
    chosen = [str(shown[at].get("id")) for at in (-1, len(shown) // 2, 0)]
    before = [[str(m.get("id")) for m in await _messages(s)] for s in sessions]
    for id_ in chosen:
        own[id_] = text(ctx)
        answer = await actor.act("chat.edit", {"message_id": id_, "content": own[id_]})
        if answer.code == NOT_FOUND:
            expected = "the message to be found: it is shown"
            ctx.check("CHAT-005", good=False, expected=expected, seen=str(answer), on=answer)
            return
        ctx.require(answer.acked, f"chat.edit was not acked: {answer}")
    late = await open_chat(ctx, user)
    for session, old in zip((*sessions, late), (*before, before[0]), strict=True):
        why = f"after edits in a full chat, {where(session, actor)}"
        await _compare(ctx, session, old, own, [], limit, why)
    before = [[str(m.get("id")) for m in await _messages(s)] for s in (*sessions, late)]
    sessions.append(late)
    for at, id_ in enumerate(chosen):
        await delete(sessions[at % 2], id_)
    late = await open_chat(ctx, other)
    for session, old in zip((*sessions, late), (*before, before[0]), strict=True):
        why = f"after deletes in a full chat, {where(session, actor)}"
        await _compare(ctx, session, old, own, chosen, limit, why)
    cut_or_stop(ctx, "chat_messages")


async def _messages(session: Session) -> list[Entry]:
    return entries(await view(session), "messages")


async def _compare(
    ctx: Context,
    session: Session,
    before: Sequence[str],
    own: Mapping[str, str],
    gone: Sequence[str],
    limit: int,
    why: str,
) -> None:
    """Observe that a session shows what it did, with the contents that its messages have now."""
    seen, on = await _messages(session), session.stream[-1:]
    ids = [str(m.get("id")) for m in seen]
    wanted = [id_ for id_ in may_show(before, ids, limit, gone) if id_ in own]
    lost = [id_ for id_ in wanted if id_ not in ids]
    ctx.equal(CUT, [], lost[:3], on=on, why=f"messages that are missing, {why}")
    if gone:
        back = [id_ for id_ in ids if id_ in gone]
        ctx.equal("CHAT-007", [], back, on=on, why=f"deleted messages, {why}")
        return
    told = [part(m, "id", "content") for m in seen if m.get("id") in wanted]
    expected = [{"id": id_, "content": own[id_]} for id_ in wanted if id_ in ids]
    unlike(ctx, "CHAT-005", expected, told, on=on, why=why)
