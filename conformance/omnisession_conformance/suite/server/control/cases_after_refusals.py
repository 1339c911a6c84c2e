"""CTRL, VER, CHAT: a session id after opens of it that were refused, and a user after opens again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.protocol.bounds import BOUND_MS
from omnisession_conformance.roles.server.steps.chat import open_chat, present, quiet_or_stop
from omnisession_conformance.roles.server.steps.control import OPEN, UNKNOWN_KIND

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context


@case("CTRL-006", "VER-002")
async def refused_opens_leave_their_ids_free(ctx: Context) -> None:
    """A session id whose open was refused for its versions or kinds is opened by a right one."""
    user = ctx.user()
    for requirement, code, wrong in (
        ("VER-002", 4003, {"protocol": ["9.0"]}),
        ("CTRL-006", 4220, {"kinds": [UNKNOWN_KIND]}),
    ):
        session = ctx.session(user)
        data = session.open_data(kinds=ctx.declared.kinds[:1])
        refused = await session.ask(OPEN, {**data, **wrong})
        ctx.refused(requirement, refused, code, why=f"an open with {wrong}")
        answer = await session.open(kinds=list(ctx.declared.kinds[:1]))
        expected = f"session.opened after the refusal with {code}"
        good = answer.type == "session.opened"
        ctx.check(requirement, good, expected=expected, seen=str(answer), on=answer)


@case("CHAT-011", needs=("chat",))
async def opens_again_are_no_further_sessions(ctx: Context) -> None:
    """Who opened its session several times leaves the room with its one end."""
    watcher, leaver = await open_chat(ctx, ctx.user()), await open_chat(ctx, ctx.user())
    for _ in range(2):
        again = await leaver.ask(OPEN, leaver.open_data(kinds=leaver.kinds))
        ctx.require(again.type == "session.opened", f"an open again got {again}")
    came = await watcher.wait(
        lambda: leaver.user.id in present(watcher) or None, ctx.within(BOUND_MS)
    )
    if not came:
        quiet_or_stop(watcher)
    ctx.require(bool(came), "the user is not shown in the room")
    await leaver.close()
    leaver.leave_open = True
    bound_s = ctx.within(BOUND_MS)
    expected = f"the user gone within {BOUND_MS} ms of the close"
    if await watcher.wait(lambda: leaver.user.id not in present(watcher) or None, bound_s):
        ctx.check("CHAT-011", good=True, expected=expected, seen="gone")
    else:
        ctx.absent("CHAT-011", expected=expected, waited_s=bound_s)
