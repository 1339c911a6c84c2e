"""At rest: what each session of the client reports, beside what the server has told it on the wire."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from omnisession_conformance.engine.stops import Prerequisite
from omnisession_conformance.protocol.json import as_text
from omnisession_conformance.protocol.kinds.tables import BY_NAME
from omnisession_conformance.roles.client.compare import in_slices
from omnisession_conformance.roles.client.polling import polled
from omnisession_conformance.roles.client.resting import unlike_slices
from omnisession_conformance.roles.client.stage import WITHIN_S
from omnisession_conformance.roles.interop.steps.acts import FIRST_S, LAST_S

if TYPE_CHECKING:
    from omnisession_conformance.protocol.kinds.parts import Slice
    from omnisession_conformance.protocol.position import Position
    from omnisession_conformance.roles.client.testee.messages import Report
    from omnisession_conformance.roles.interop.context import Context
    from omnisession_conformance.roles.interop.member import Member
    from omnisession_conformance.roles.server.session import Session

RESTS = "HYB-011"


@dataclass(frozen=True, slots=True)
class AtRest:
    """What a session of the client holds at rest, and the server's side of it."""

    member: Member
    view: Session
    told: Position
    report: Report


async def come_to_rest(
    member: Member, requirement: str, *, within_s: float = WITHIN_S
) -> AtRest | None:
    """Wait until a session of the client is where the server says that it is, with nothing pending.

    Where it does not come there, that is observed under a requirement, or under the one on rest, and there
    is None. Prerequisite where the server does not say where it is.
    """
    ctx = member.ctx
    report = await member.live(requirement, within_s=within_s)
    if report is None or report.session_id is None:
        return None
    view = member.view(report.session_id)
    told = await view.fence()

    def rests(found: Report) -> bool:
        return found.session_id == view.id and found.head >= told.head and not found.pending

    found = await member.reported(rests, within_s=within_s)
    if found is not None:
        return AtRest(member, view, told, found)
    last = await member.report()
    if last.session_id == view.id and last.head >= told.head:
        _left_pending(ctx, last, told)
        return None
    ctx.absent(
        requirement,
        expected=f"a report of the session at epoch and seq {told.head}",
        waited_s=within_s,
        on=view.stream[-1:],
        why=f"the server has told the head, and the last report is at {last.head}",
    )
    return None


def _left_pending(ctx: Context, report: Report, told: Position) -> None:
    """Observe what is pending though it counts; what does not count yet is the server's to count."""
    for one in report.pending or ():
        number = one.get("client_seq")
        if type(number) is int and number > told.last_action_seq:
            raise Prerequisite(
                f"the server counts actions up to {told.last_action_seq}, and number {number} is pending"
            )
    if not ctx.judges(RESTS):
        raise Prerequisite("the client keeps actions pending that the server has counted")
    ids = ", ".join(as_text(one.get("action_id")) for one in report.pending or ())
    ctx.check(
        RESTS,
        good=False,
        expected="nothing is pending",
        seen=f"pending: {ids}",
        why=f"the position counts {told.last_action_seq} actions",
    )


def holds(rest: AtRest, requirement: str) -> bool:
    """Observe that a report is the fold of its session's stream up to its own position."""
    ctx, report, view = rest.member.ctx, rest.report, rest.view
    expected = {kind: view.slice(kind, upto=report.position) for kind in view.kinds}
    unlike = in_slices(expected, report.slices)
    why = f"a session of the client at rest, at {report.head}"
    if unlike:
        first = unlike[0]
        kind = first.where.split("/")[1]
        on = [r for r in view.stream if r.type.startswith(_prefix(kind))] or view.states(kind)
        good = ctx.check(
            requirement,
            good=False,
            expected=first.expected,
            seen=first.seen,
            pointer=first.where,
            on=on[-1:],
            why=why,
        )
    else:
        told = "what its stream folds to"
        good = ctx.check(requirement, good=True, expected=told, seen=told, why=why)
    if ctx.judges(RESTS):
        wrong = unlike_slices(report)
        expected_words = "nothing pending, and the view is the slices"
        ctx.check(RESTS, good=not wrong, expected=expected_words, seen=wrong or expected_words)
    return good


def _prefix(kind: str) -> str:
    return f"{BY_NAME[kind].prefix}."


OF_THE_SESSION = {"articles": ("current_article", "revisions")}
"""Members of slices that each session of a user has for itself."""
AGREE_WITHIN_S = 4.0
"""Who has a session, and who is in a room, may be told 2 s after it has changed."""


def shared(kind: str, slice_: Slice) -> Slice:
    """A slice without what each session has for itself."""
    return {name: v for name, v in slice_.items() if name not in OF_THE_SESSION.get(kind, ())}


async def agree(
    ctx: Context, requirement: str, one: Session, others: list[Session], why: str
) -> bool:
    """Observe that sessions of one user are shown the same, by what the server has told each."""
    unlike: list[tuple[str, Slice, Slice, Session]] = []

    async def look() -> bool | None:
        unlike.clear()
        told = {session.id: await session.fence() for session in (one, *others)}
        for other in others:
            for kind in one.kinds:
                mine, theirs = (shared(kind, s.slice(kind, upto=told[s.id])) for s in (one, other))
                if mine != theirs:
                    unlike.append((kind, mine, theirs, other))
        return None if unlike else True

    if await polled(look, first_s=FIRST_S, last_s=10 * LAST_S, within_s=AGREE_WITHIN_S):
        return ctx.check(requirement, good=True, expected="the same", seen="the same", why=why)
    kind, mine, theirs, other = unlike[0]
    name = next(n for n in {*mine, *theirs} if mine.get(n) != theirs.get(n))
    return ctx.check(
        requirement,
        good=False,
        expected=mine.get(name),
        seen=theirs.get(name),
        pointer=f"/data/{name}",
        on=other.stream[-1:],
        why=f"{why}: {kind}",
    )
