"""ACTION of every kind: copies, refusals, the order of actions, and the ids that acks tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.protocol.kinds.abilities import CREATE
from omnisession_conformance.roles.server.steps.any_kind import (
    AnyKind,
    Deed,
    change,
    open_any,
    shows_times,
    view_of,
)
from omnisession_conformance.roles.server.steps.any_kind.every import every_kind
from omnisession_conformance.roles.server.steps.outcomes import as_next
from omnisession_conformance.roles.server.steps.sending import NO_GAP, within

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.reply import Answer
    from omnisession_conformance.roles.server.session import Session

REUSED = 4092


# -- copies ------------------------------------------------------------------------------------------------


@every_kind("ACTION-005", "ACTION-009", "ACTION-010", "ACTION-020", creating=("ACTION-024",))
async def copies_are_known(ctx: Context, kind: AnyKind) -> None:
    """Copies of a change get its ack and its id again, other bodies under its id or number nothing."""
    user = ctx.user()
    session, second = [await open_any(ctx, user, kind, timers=NO_GAP) for _ in range(2)]
    deed, other, late = kind.new(ctx), kind.new(ctx), kind.new(ctx)
    body = deed.body(session)
    first = await session.needed_outcome_of(body)
    ctx.require(first.acked, f"{deed.type} was not acked: {first}")
    again = await session.outcome_of(body)
    _as_first(ctx, "ACTION-005", first, again, "a copy under the same number", place=True)
    _named(ctx, kind, first, again, "a copy under the same number")
    for number in (body["client_seq"], session.next_seq):
        changed = {**body, "data": other.data, "client_seq": number}
        why = f"another body under a known id, as client_seq {number}"
        ctx.refused("ACTION-009", await session.outcome_of(changed), REUSED, why=why)
    session.next_seq += 1
    used = await session.outcome_of(late.body(session, client_seq=body["client_seq"]))
    ctx.refused("ACTION-010", used, REUSED, why="a new action under a used number")
    await _elsewhere(ctx, kind, body, first, session, second)
    for one, count in ((deed, 1), (other, 0), (late, 0)):
        why = "a change that was copied" if count else "a body that was refused with 4092"
        for requirement in ("ACTION-005",) if count else ("ACTION-009", "ACTION-010"):
            await shows_times(ctx, requirement, second, one, why, count)


async def _elsewhere(
    ctx: Context, kind: AnyKind, body: dict[str, Any], first: Answer, old: Session, live: Session
) -> None:
    """Copy an action into a live session, and into one that is opened once its own is over."""
    _copied(ctx, kind, first, await as_next(live, body), "a copy in another live session")
    await old.close()
    old.leave_open = True
    later = await open_any(ctx, old.user, kind)
    _copied(ctx, kind, first, await as_next(later, body), "a copy in a later session")


def _copied(ctx: Context, kind: AnyKind, first: Answer, copy: Answer | None, why: str) -> None:
    _as_first(ctx, "ACTION-020", first, copy, why)
    _named(ctx, kind, first, copy, why)


def _as_first(
    ctx: Context,
    requirement: str,
    first: Answer,
    copy: Answer | None,
    why: str,
    *,
    place: bool = False,
) -> None:
    """Observe that a copy got `duplicate`, with the position of the first ack where it is the same."""
    if ctx.acked(requirement, copy, status="duplicate", why=why) and copy is not None and place:
        wanted, seen = first.data.get("position"), copy.data.get("position")
        ctx.equal(requirement, wanted, seen, on=(copy, first), pointer="/data/position", why=why)


def _named(ctx: Context, kind: AnyKind, first: Answer, copy: Answer | None, why: str) -> None:
    """Observe that the ack of a copy names what the first one made."""
    if kind.id_member is not None and copy is not None and copy.acked:
        wanted, seen = first.data.get("result"), copy.data.get("result")
        ctx.equal("ACTION-024", wanted, seen, on=(copy, first), pointer="/data/result", why=why)


@every_kind("ACTION-024", ability=CREATE)
async def acks_tell_the_id_of_what_was_made(ctx: Context, kind: AnyKind) -> None:
    """The ack of a create carries the id under which it shows."""
    session = await open_any(ctx, ctx.user(), kind)
    deed = kind.new(ctx)
    ack = await session.needed_outcome_of(deed.body(session))
    ctx.require(ack.acked, f"{deed.type} was not acked: {ack}")
    slice_ = await view_of(session, kind)
    listed: list[dict[str, Any]] = slice_.get(kind.list or "") or []
    shown = [entry.get("id") for entry in listed if deed.marker in entry.values()]
    ctx.require(bool(shown), f"what {deed.type} made is not shown")
    ctx.equal(
        "ACTION-024",
        shown[0],
        ack.result.get(kind.id_member or ""),
        on=ack,
        pointer=f"/data/result/{kind.id_member}",
        why=f"the id under which the result of {deed.type} shows",
    )


# -- kinds that are not open -------------------------------------------------------------------------------


@every_kind("ACTION-025")
async def actions_need_no_open_kind(ctx: Context, kind: AnyKind) -> None:
    """A session takes actions on a kind that it did not open, where the server has another one."""
    user = ctx.user()
    watching = await open_any(ctx, user, kind)
    await change(ctx, watching, kind)
    others = ctx.declared.other_kinds(kind.name)
    acting = await ctx.open(user, kinds=others[:1] or [kind.name])
    before = await acting.fence()
    deed = kind.new(ctx)
    ack = await acting.outcome_of(deed.body(acting))
    why = f"{deed.type} from a session with the kind {acting.kinds[0]} only"
    if not ctx.acked("ACTION-025", ack, status="applied", why=why) or ack is None:
        return
    after = await acting.fence()
    ctx.check(
        "ACTION-025",
        within(ack.position, before, after),
        expected=f"a position from {before} to {after}, the acting session's",
        seen=ack.position,
        on=ack,
        why=why,
    )
    await shows_times(ctx, "ACTION-025", watching, deed, f"in a session that has it, after {why}")


# -- refusals ----------------------------------------------------------------------------------------------


@every_kind("ACTION-006", "ACTION-016", "SEC-002")
async def refusals_do_nothing(ctx: Context, kind: AnyKind) -> None:
    """What is refused has no effect, no part of one, and stays refused; so does what asks elsewhere."""
    user = ctx.user()
    session, watching = [await open_any(ctx, user, kind, timers=NO_GAP) for _ in range(2)]
    await change(ctx, session, kind)
    forged = kind.new(ctx)
    body = forged.body(session, client_seq=session.next_seq)
    await session.send_action(body, reply=f"{watching.prefix}.state")
    await session.fence()
    await shows_times(ctx, "SEC-002", watching, forged, "sent with a reply subject of a session", 0)
    broken = kind.broken(ctx)
    await _refused_again(ctx, session, "ACTION-016", broken, 4001)
    await shows_times(ctx, "ACTION-016", watching, broken, "of which one half is not valid", 0)
    missing = kind.of_nothing(ctx)
    if missing is not None and missing.type in ctx.declared.actions:
        # Which error it is says the page of the kind.
        await _refused_again(ctx, session, "ACTION-006", missing)
        await shows_times(ctx, "ACTION-006", watching, missing, "on what does not exist", 0)


async def _refused_again(
    ctx: Context, session: Session, requirement: str, deed: Deed, code: int | None = None
) -> None:
    """Observe a final refusal, and the same error for a copy of it."""
    body = deed.body(session)
    first = await session.needed_outcome_of(body)
    if code is not None:
        ctx.refused(requirement, first, code, why=deed.type)
    ctx.require(first.error.get("retryable") is False, f"no final refusal, but {first}")
    copy = await session.outcome_of(body)
    why = f"a copy of {deed.type}, which was refused with {first.code}"
    if copy is None:
        ctx.absent("ACTION-006", expected="the same refusal again", why=why)
    else:
        ctx.equal("ACTION-006", first.error, copy.error, on=(copy, first), why=why)
