"""ACTION of every kind: changes have their effects in the order of their numbers, the same for all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.protocol.kinds.abilities import ALTER
from omnisession_conformance.protocol.model.fold import Folder
from omnisession_conformance.roles.server.steps.any_kind import (
    AnyKind,
    Deed,
    change,
    open_any,
    room_or_stop,
)
from omnisession_conformance.roles.server.steps.any_kind.every import every_kind
from omnisession_conformance.roles.server.steps.sending import Posted, burst, feature, settle

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session

COUNT = 9
"""With those of the other session fewer than every limit of rates takes within a second."""
TURNED = 3
"""So many actions arrive in the opposite order: few enough to be held until their turn."""
EARLIER_MS = 1_000


@every_kind("ACTION-011", "EVENT-008")
async def changes_come_in_their_order(ctx: Context, kind: AnyKind) -> None:
    """Changes that arrive out of order, and have clocks that run backwards, are made in their order."""
    user = ctx.user()
    acting = await open_any(ctx, user, kind, events=True)
    watching = await open_any(ctx, user, kind, events=True)
    plain = await open_any(ctx, user, kind)
    first = await change(ctx, acting, kind)
    alters = kind.name in ctx.declared.able_kinds(ALTER)
    new = (lambda: kind.again(ctx, first.id)) if alters else (lambda: kind.new(ctx))
    deeds, others = [new() for _ in range(COUNT)], [new() for _ in range(TURNED)]
    pending = await burst(plain, [deed.body(plain) for deed in others])
    answers = await settle(acting, _turned(acting, deeds))
    for action in pending:
        answers.append(await action.must())
    # Who applies a later number first has the earlier ones for used when their turn comes.
    used = [answer for answer in answers if answer.code == 4092]
    ctx.equal("ACTION-011", 0, len(used), on=used[:3], why="new actions that were refused as used")
    refused = [str(answer) for answer in answers if not answer.acked]
    ctx.require(not refused, f"actions of a burst were refused: {', '.join(refused[:3])}")
    sessions = (acting, watching, plain)
    await ctx.fences(*sessions)
    for session in sessions:
        _in_order(ctx, session, deeds, "changes that arrived out of order")
        _in_order(ctx, session, others, "changes of another session meanwhile")
    if alters:
        _alike(ctx, sessions, [*deeds, *others])


def _turned(session: Session, deeds: Sequence[Deed]) -> list[Posted]:
    """The bodies of deeds, a few at a time in the opposite order of their numbers."""
    bodies = [deed.body(session) for deed in deeds]
    late = [{**b, "timestamp": b["timestamp"] - EARLIER_MS * n} for n, b in enumerate(bodies)]
    parts = [late[at : at + TURNED] for at in range(0, len(late), TURNED)]
    return [Posted(body) for part in parts for body in reversed(part)]


def _course(session: Session, deeds: Sequence[Deed]) -> list[str]:
    """The markers of some deeds, in the order in which a session showed each of them first."""
    kind, left, course = deeds[0].kind, [deed.marker for deed in deeds], list[str]()
    folder = Folder(session.limits)
    for record in session.stream:
        if folder.take(record.body) == kind.name and left:
            texts = kind.texts(folder.slices[kind.name])
            # A state may show several at once, which says nothing of their order.
            told = [marker for marker in left if marker in texts]
            course += told
            left = [marker for marker in left if marker not in told]
    return course


def _in_order(ctx: Context, session: Session, deeds: Sequence[Deed], what: str) -> None:
    """Observe the order in which a session was told of deeds; a state may stand for several."""
    wanted, seen = [deed.marker for deed in deeds], _course(session, deeds)
    evented = feature(session, "events")
    if not evented:
        wanted = [marker for marker in wanted if marker in seen]
    elif len(seen) < len(wanted):
        room_or_stop(session, deeds[0].kind)
    why = f"{what}, as a session with {'events' if evented else 'states'} shows them"
    ctx.equal("ACTION-011", wanted, seen, on=session.stream[-1:], why=why)


def _alike(ctx: Context, sessions: Sequence[Session], deeds: Sequence[Deed]) -> None:
    """Observe that the changes of one thing came to all in one order, and left the same."""
    kind = deeds[0].kind
    left = [[d.marker for d in deeds if d.shown(s.slice(kind.name))] for s in sessions]
    for session, shown in zip(sessions[1:], left[1:], strict=True):
        why = "what two sessions show of one thing after many changes"
        ctx.equal("EVENT-008", left[0], shown, on=session.stream[-1:], why=why)
    courses = [_course(session, deeds) for session in sessions if feature(session, "events")]
    for course in courses[1:]:
        why = "changes of one thing by two sessions, as two others were told of them"
        ctx.equal("EVENT-008", courses[0], course, why=why)
