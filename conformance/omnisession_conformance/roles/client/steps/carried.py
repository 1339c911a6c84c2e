"""Pending actions in a new session: the same under other numbers, or none of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.stops import Prerequisite
from omnisession_conformance.roles.client.steps.acts import (
    Act,
    Acts,
    number_of,
    session_of,
    whole,
)
from omnisession_conformance.roles.client.steps.coming_back import comes_back_to_nothing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omnisession_conformance.protocol.json import Object
    from omnisession_conformance.roles.client.context import Context
    from omnisession_conformance.roles.client.gate.seen import Seen

ALONG = "HYB-009"
SAME = ("action_id", "type", "data", "expect")
NEW_WITHIN_S, COMES_WITHIN_MS = 15.0, 5_000


async def session_is_over(acts: Acts) -> None:
    """Have the session of an actor end while it is away; Prerequisite where it does not ask for it."""
    asked = await comes_back_to_nothing(acts.actor, over=True)
    if asked is None:
        raise Prerequisite("the client asks for no recovery of a session that is over (CLI-016)")


def copy_here(acts: Acts, act: Act) -> Seen | None:
    """The first of an action that names the present session."""
    session_id = acts.actor.served.session_id
    return next((one for one in acts.copies(act) if session_of(one) == session_id), None)


async def come_along(
    ctx: Context,
    acts: Acts,
    row: Sequence[tuple[Act, Seen]],
    why: str,
    *,
    perhaps: Sequence[tuple[Act, Seen]] = (),
) -> bool:
    """Observe that actions come in the present session as they were, in their order.

    `perhaps` are some before them that the client may know to be done.
    """
    actor = acts.actor
    first = actor.puppet.sessions.terms.counted + 1
    within_s = ctx.within(COMES_WITHIN_MS)
    all_ = await actor.until(lambda: all(copy_here(acts, act) for act, _ in row), within_s=within_s)
    found = [(old, new) for act, old in (*perhaps, *row) if (new := copy_here(acts, act))]
    on = actor.records([new for _, new in found])
    if not all_:
        return ctx.absent(
            ALONG,
            expected=f"{len(row)} actions that were pending, in the new session",
            waited_s=within_s,
            on=on,
            why=f"{why}; {len(found)} have come along",
        )
    alike = all(
        ctx.equal(ALONG, about(old), about(new), on=actor.records([new, old]), why=why)
        for old, new in found
    )
    numbers = [number_of(new) for _, new in found]
    return alike and ctx.equal(
        ALONG,
        list(range(first, first + len(found))),
        numbers,
        on=on,
        pointer="/client_seq",
        why=f"{why}: numbers of the new session, in the old order",
    )


def about(one: Seen) -> Object:
    """What stays of an action in another session."""
    body = whole(one)
    return {name: body[name] for name in SAME if name in body}
