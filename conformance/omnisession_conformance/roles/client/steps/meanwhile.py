"""What a user does while a session is not live, and when it is sent."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from omnisession_conformance.engine.stops import NotOffered
from omnisession_conformance.roles.client.profiles import CORE
from omnisession_conformance.roles.client.steps.acts import Act, Acts, id_of, number_of
from omnisession_conformance.roles.client.steps.carried import copy_here
from omnisession_conformance.roles.client.steps.coming_back import way_back
from omnisession_conformance.roles.client.steps.deeds import FORMS, Maker, kind_of, takes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from omnisession_conformance.roles.client.actor import Actor
    from omnisession_conformance.roles.client.context import Context
    from omnisession_conformance.roles.client.gate.gate import Gate
    from omnisession_conformance.roles.client.puppet.puppet import Puppet
    from omnisession_conformance.roles.client.puppet.terms import Terms

MEANWHILE = "HYB-017"
SENT_WITHIN_MS = 2_000


def free_types(ctx: Context, number: int) -> tuple[str, ...]:
    """Types that dispatch takes before anything is there, of actions that are known again on the wire."""
    found = [
        type_
        for type_ in takes(ctx.declared.actions)
        if FORMS[type_].about is None and not FORMS[type_].alike
    ]
    if CORE not in ctx.declared.profiles:
        found = [type_ for type_ in found if kind_of(type_) == kind_of(found[0])]
    if not found:
        raise NotOffered("dispatch takes no action that needs nothing to be about")
    return tuple(found[:number])


async def starting(
    ctx: Context,
    types: Sequence[str],
    *,
    terms: Terms | None = None,
    before: Callable[[Gate, Puppet], None],
) -> Acts:
    """A session that begins, with the types of actions that its user has; see `Context.start`."""
    kinds = tuple(dict.fromkeys(kind for type_ in types if (kind := kind_of(type_))))
    actor = await ctx.start(kinds, terms=terms, before=before)
    return Acts(actor, Maker(tuple(types), lambda: secrets.token_hex(6)))


async def dispatched(acts: Acts, number: int) -> list[Act]:
    """Do so many things, whatever becomes of them."""
    return [await acts.dispatch(await acts.deed()) for _ in range(number)]


async def is_back(actor: Actor, *, since: int, later_s: float = 0) -> None:
    """Wait until a client is back in its session and at its head; Prerequisite where it is not."""
    within_s = actor.patience_s("reconnect_ms", "retry_max_ms") + later_s
    back = await way_back(actor, since=since, within_s=within_s)
    answered = back is not None and await actor.until(
        lambda: back.reply in actor.gate.answered, within_s=actor.ctx.answer_s
    )
    there = answered and await actor.stage.caught_up(actor.served) is not None
    actor.ctx.require(there, "the client does not come back to its session (CLI-016, CLI-018)")


async def are_sent(ctx: Context, acts: Acts, row: Sequence[Act], why: str) -> bool:
    """Observe that what was dispatched is sent in the present session, in its order, each under one id.

    The session is live by now.
    """
    actor = acts.actor
    refused = [act.refused for act in row if act.refused is not None]
    if refused:
        seen = f"refused: {', '.join(refused)}"
        return ctx.check(
            MEANWHILE, good=False, expected=f"{len(row)} are taken", seen=seen, why=why
        )
    row = [act for act in row if act.action_id or not act.deed.form.alike]
    if not row:
        raise NotOffered("nobody can tell its actions from one another")
    within_s = ctx.within(SENT_WITHIN_MS)
    await actor.until(lambda: all(copy_here(acts, act) for act in row), within_s=within_s)
    said = [one for act in row if (one := copy_here(acts, act))]
    on = actor.records(said)
    if len(said) < len(row):
        return ctx.absent(
            MEANWHILE,
            expected=f"{len(row)} actions are sent once the session is live",
            waited_s=within_s,
            on=on,
            why=f"{why}; {len(said)} are sent",
        )
    numbers = [number_of(one) or 0 for one in said]
    good = ctx.equal(MEANWHILE, sorted(set(numbers)), numbers, on=on, why=f"{why}: numbers")
    ids = [sorted({id_of(one) for one in acts.copies(act)}) for act in row]
    twice = [some for some in ids if len(some) > 1]
    return good and ctx.equal(MEANWHILE, [], twice, on=on, why=f"{why}: under two ids")
