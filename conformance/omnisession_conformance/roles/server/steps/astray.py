"""Messages whose reply subjects make them none: they are answered nowhere, and do nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.roles.server.steps.sending import (
    EDIT_SUBJECT,
    NOOP,
    edit_body,
    outcomes_of,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session


async def requests_are_none(
    ctx: Context,
    requirement: str,
    mine: Session,
    theirs: Session,
    subjects: Sequence[str],
    what: str,
) -> None:
    """Send every request with each of some reply subjects, and observe that none has an effect."""
    fresh, mark = ctx.session(mine.user), ctx.log.mark()
    for subject in subjects:
        await mine.send("session.ping", reply=subject)
        await mine.send("session.sync", reply=subject)
        await mine.send("session.resume", {"epoch": 1, "seq": 2**40}, reply=subject)
        await fresh.send("session.open", fresh.open_data(), reply=subject)
        await mine.send("session.close", reply=subject)
    ping = await mine.ask("session.ping")
    why = f"the session after closes with {what}"
    good = ping.type == "session.pong"
    ctx.check(requirement, good, expected="session.pong", seen=str(ping), on=ping, why=why)
    if good:
        await mine.reach(ping.position_or_stop("session.pong"))
    await theirs.fence()
    told = [r for r in mine.states() if r.n >= mark and (r.body or {}).get("reason") != "change"]
    ctx.check(requirement, not told, expected="no states asked for so", seen=len(told), on=told)
    why = f"a session that was opened with {what} only"
    ctx.refused(requirement, await fresh.ask("session.ping"), 4041, why=why)


async def actions_are_none(
    ctx: Context, requirement: str, mine: Session, theirs: Session, subjects: Sequence[str]
) -> None:
    """Send actions with each of some reply subjects, on a shared subject as well: none has an outcome."""
    sent = [
        (subject, mine.action_body(NOOP, client_seq=1), edit_body(mine, "none", client_seq=1))
        for subject in subjects
    ]
    for subject, noop, edit in sent:
        await mine.send_action(noop, reply=subject)
        await mine.send_action(edit, reply=subject, subject=EDIT_SUBJECT)
    await ctx.fences(mine, theirs)
    for subject, noop, edit in sent:
        told = [*outcomes_of(mine, noop["action_id"]), *outcomes_of(mine, edit["action_id"])]
        ctx.check(
            requirement,
            not told,
            expected="no outcome on .control",
            seen=[record.type for record in told] or "none",
            on=told,
            why=f"actions with the reply subject {subject}",
        )
