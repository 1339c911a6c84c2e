"""What was dispatched before the session could be known not to take it: it is refused then, and told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.engine.stops import NotOffered
from omnisession_conformance.protocol.limits import DEFAULT_LIMITS
from omnisession_conformance.roles.client.actor import OPEN
from omnisession_conformance.roles.client.puppet.effects import TYPES
from omnisession_conformance.roles.client.puppet.terms import Terms
from omnisession_conformance.roles.client.stage import WITHIN_S
from omnisession_conformance.roles.client.steps.acts import Act, Acts, id_of, number_of
from omnisession_conformance.roles.client.steps.meanwhile import (
    MEANWHILE,
    are_sent,
    dispatched,
    free_types,
    starting,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omnisession_conformance.roles.client.context import Context
    from omnisession_conformance.roles.client.puppet.overrides import Held
    from omnisession_conformance.roles.client.testee.messages import Report

SIZE, TOLD = "HYB-012", "HYB-015"
MANY = 3
TELLS_WITHIN_MS = 4_000
UNKNOWN_TYPE, TOO_LARGE = 4002, 4130
SMALL, LONGER, WIDE = 8_192, 10_000, 100_000
LIMITS = {
    **DEFAULT_LIMITS,
    "action": SMALL,
    **dict.fromkeys(("article_content", "article_rest", "chat_content", "target_url"), WIDE),
}
"""Nothing but the size of an action is near, and nobody refuses that before it is told."""


@case(MEANWHILE, TOLD, needs=("hybrid",), limit_ms=45_000)
async def dispatched_before_its_type_is_known(ctx: Context) -> None:
    """What turns out to be of a type that the server lacks is refused then; what was behind it is sent."""
    types = free_types(ctx, MANY)
    if len(types) == 1:
        raise NotOffered("dispatch takes actions of one type alone before a session is there")
    terms = Terms(actions=tuple(type_ for type_ in TYPES if type_ != types[0]))
    acts, held = await _starting(ctx, types, terms)
    row = await dispatched(acts, len(types))
    why = f"opened.actions lacks {types[0]}, the type of the first that was dispatched"
    await _one_is_refused(ctx, acts, held, row, ("unknown_type", UNKNOWN_TYPE), why)


@case(MEANWHILE, SIZE, TOLD, needs=("hybrid",), limit_ms=45_000)
async def dispatched_before_its_limit_is_known(ctx: Context) -> None:
    """What turns out to be too large is refused then; what was behind it is sent."""
    acts, held = await _starting(ctx, free_types(ctx, 1), Terms(limits=LIMITS))
    deed = await acts.deed()
    if not deed.form.text:
        raise NotOffered("its actions have no text that can be as long as one likes")
    row = [await acts.dispatch(deed.longer(LONGER)), *await dispatched(acts, MANY - 1)]
    why = f"limits.action is {SMALL}, and the first that was dispatched is larger"
    await _one_is_refused(ctx, acts, held, row, ("too_large", TOO_LARGE), why)


async def _starting(ctx: Context, types: Sequence[str], terms: Terms) -> tuple[Acts, Held]:
    """A session whose open has no answer yet."""
    held: list[Held] = []
    acts = await starting(
        ctx, types, terms=terms, before=lambda _, puppet: held.append(puppet.hold(OPEN))
    )
    return acts, held[0]


async def _one_is_refused(
    ctx: Context, acts: Acts, held: Held, row: Sequence[Act], told: tuple[str, int], why: str
) -> None:
    """Observe that the first of some is refused once the session is open, and the others are done."""
    ctx.require(await held.came(within_s=WITHIN_S), "the client asks to open no session")
    held.release()
    await acts.actor.opened()
    if not await are_sent(ctx, acts, row[1:], f"{why}; those behind it"):
        return
    if told[1] == TOO_LARGE and not _takes_no_number(ctx, acts, row, why):
        return
    if row[0].refused is None and not await _is_told(ctx, acts, row[0], told, why):
        return
    last = acts.copies(row[-1])[0]
    done = await acts.done(last)
    ctx.check(
        MEANWHILE,
        good=done,
        expected="what was dispatched behind it is done",
        seen="it is done" if done else f"{acts.actor.served.counted} are done",
        on=acts.actor.records([last]),
        why=why,
    )


def _takes_no_number(ctx: Context, acts: Acts, row: Sequence[Act], why: str) -> bool:
    """Observe that nothing is sent of the first, and that those behind it have the first numbers."""
    sent, first = acts.copies(row[0]), acts.actor.puppet.sessions.terms.counted + 1
    seen = f"{len(sent[0].payload)} bytes are sent" if sent else "nothing is sent of it"
    good = ctx.check(
        SIZE,
        good=not sent,
        expected="nothing is sent of it",
        seen=seen,
        on=acts.actor.records(sent),
        why=why,
    )
    behind = [copies[0] for act in row[1:] if (copies := acts.copies(act))]
    wanted = list(range(first, first + len(behind)))
    return good and ctx.equal(
        SIZE,
        wanted,
        [number_of(one) for one in behind],
        on=acts.actor.records(behind),
        pointer="/client_seq",
        why=f"{why}; the numbers of those behind it",
    )


async def _is_told(ctx: Context, acts: Acts, act: Act, told: tuple[str, int], why: str) -> bool:
    within_s, (reason, code) = ctx.within(TELLS_WITHIN_MS), told

    def names_it(report: Report) -> bool:
        # Nobody knows its id who was not told it, and it is not sent.
        ids = {id_ for id_ in (act.action_id, *map(id_of, acts.copies(act))) if id_}
        return any(
            one.get("reason") == reason or one.get("code") == code
            for one in report.refused
            if not ids or one.get("action_id") in ids
        )

    found = await acts.actor.stage.reported_of("refused", names_it, within_s=within_s)
    expected = f"refused of a report names it: {reason}, or the code {code}"
    for one in (MEANWHILE, TOLD):
        if found is None:
            ctx.absent(one, expected=expected, waited_s=within_s, why=why)
        else:
            ctx.check(one, good=True, expected=expected, seen="it is named", why=why)
    return found is not None
