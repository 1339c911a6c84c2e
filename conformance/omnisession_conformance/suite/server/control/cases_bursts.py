"""CTRL: what one user sends at once holds nobody else up, and is answered behind a close, too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import Phase, case
from omnisession_conformance.protocol.bounds import BOUND_S
from omnisession_conformance.roles.server.steps.any_kind import CHANGES, change, one_kind, open_any
from omnisession_conformance.roles.server.steps.control import CLOSE, PING, SYNC, answered
from omnisession_conformance.roles.server.steps.sending import NOOP, burst

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context

BESIDE = 3
"""Sessions that are told of each change, and changes that are under way when the close comes."""
ACTIONS = 300
"""Few enough for every server, and far too many for one that takes some milliseconds for each in turn."""


@case("CTRL-001", phase=Phase.LOUD)
async def bursts_hold_nobody_up(ctx: Context) -> None:
    """A ping that comes behind 300 actions of another user is answered in its time."""
    busy, calm = await ctx.open(ctx.user()), await ctx.open(ctx.user())
    sent = await burst(busy, [busy.action_body(NOOP) for _ in range(ACTIONS)])
    pending = await calm.send(PING)
    why = f"a ping behind {ACTIONS} actions of another user"
    answer = await pending.answer()
    expected = f"an answer within {BOUND_S:g} s"
    if answer is None:
        ctx.absent("CTRL-001", expected=expected, waited_s=ctx.answer_s, why=why)
    else:
        ctx.check("CTRL-001", good=True, expected=expected, seen=str(answer), on=answer, why=why)
    # The cases after this one are not to wait for what is left of it.
    for action in sent[-1:]:
        await action.outcome()


@case("CTRL-011", "CTRL-012", "ACTION-014", needs=CHANGES)
async def what_comes_behind_a_close_is_answered(ctx: Context) -> None:
    """A change, a close, and requests and actions right behind it: each is answered, however busy it is."""
    user, kind = ctx.user(), one_kind(ctx)
    session, *_ = [await open_any(ctx, user, kind) for _ in range(BESIDE)]
    await change(ctx, session, kind)
    bodies = [kind.new(ctx).body(session) for _ in range(BESIDE)]
    changes = [await session.send_action(body) for body in bodies]
    close = await session.send(CLOSE)
    late = {type_: await session.send(type_) for type_ in (PING, SYNC)}
    noop = session.encode(session.action_body(NOOP))
    action = await session.send("action", body=noop, subject=session.actions_subject)
    for sent in changes:
        outcome = await sent.outcome()
        expected, why = "an outcome", "an action that a close came right behind"
        if outcome is None:
            ctx.absent("CTRL-011", expected=expected, waited_s=ctx.answer_s, why=why)
            continue
        ctx.check("CTRL-011", good=True, expected=expected, seen=str(outcome), on=outcome, why=why)
    if answered(ctx, "CTRL-011", await close.answer(), "session.closed"):
        session.leave_open = True
        for type_, request in late.items():
            why = f"{type_} right behind session.close"
            ctx.refused("CTRL-012", await request.answer(), 4101, why=why)
        # It came on another subject, and may have overtaken the close.
        answer, why = await action.answer(), f"{NOOP} right behind session.close"
        if answer is not None and answer.acked:
            ctx.check(
                "ACTION-014", good=True, expected="4101", seen=str(answer), on=answer, why=why
            )
        else:
            ctx.refused("ACTION-014", answer, 4101, why=why)
