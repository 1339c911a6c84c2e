"""What all cases of long lists go by: how they are filled, and what they may have lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.context import same
from omnisession_conformance.engine.stops import NotOffered, Prerequisite
from omnisession_conformance.protocol.kinds.tables import LISTS
from omnisession_conformance.roles.server.steps.lists import OF_ONE, was_full
from omnisession_conformance.roles.server.steps.sending import Posted, settle

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.reply import Answer
    from omnisession_conformance.roles.server.session import Session

MOST = 250
"""Of longer lists so many entries are made and must be there; they are not filled up."""
FEW = 60
"""Lists of what costs a session or an article each are filled where they are not longer."""
CUT = "STATE-012"
FULL = "LIMIT-008"
AT_A_TIME = 10
Sent = tuple[str, dict[str, Any]]
Entry = dict[str, Any]


def cut_or_stop(ctx: Context, name: str) -> None:
    """Stop where so many entries may be shown that a case does not make one which is cut off.

    At the end of a case: what it saw wrong counts, and that a list which was not full was right does not.
    """
    limit = ctx.declared.limit(name)
    if limit > MOST:
        raise NotOffered(f"a limit of {limit} {name} is not reached, so none is cut off")


async def fill(
    ctx: Context,
    session: Session,
    actions: Sequence[Sent],
    kind: str,
    name: str,
    *,
    before: int = 0,
) -> list[Answer]:
    """Have actions acked that fill a list, a few at a time, and return the acks; else Prerequisite.

    Observes that none is refused because the list is full; of a list that does not become full nothing is
    observed. `before` is how many entries the case has made already.
    """
    acks: list[Answer] = []
    for at in range(0, len(actions), AT_A_TIME):
        part = actions[at : at + AT_A_TIME]
        acks += await settle(session, [Posted(session.action_body(*action)) for action in part])
    limit = LISTS[kind][name].bound(ctx.declared.limits) or len(actions)
    for made, ack in enumerate(acks, before):
        if not ack.acked:
            is_full = made >= limit or was_full(session, kind, name)
            if is_full and _is_final(ack):
                sent = actions[made - before]
                if name in OF_ONE or await _others_are_refused(ctx, sent, kind):
                    _taken(ctx, ack, name, made, limit)
            raise Prerequisite(f"an action that was to fill a list was refused: {ack}")
    if before + len(acks) > limit:
        made = max(before, limit)
        _taken(ctx, acks[made - before], name, made, limit)
    return acks


def _is_final(answer: Answer) -> bool:
    return not answer.acked and answer.error.get("retryable") is False


async def _others_are_refused(ctx: Context, sent: Sent, kind: str) -> bool:
    """Whether another user who is shown the same full list is refused as well.

    Where it is not, a server may have a rule for how much one user makes.
    """
    other = await ctx.open(ctx.user("editor" if kind == "articles" else "author"), kinds=[kind])
    (answer,) = await settle(other, [Posted(other.action_body(*sent))])
    return _is_final(answer)


def _taken(ctx: Context, answer: Answer, name: str, made: int, limit: int) -> None:
    why = f"after {made} others that make an entry of {name}, whose limit is {limit}"
    ctx.acked(FULL, answer, why=why)


def may_show(
    before: Sequence[str], now: Collection[str], limit: int, gone: Collection[str] = ()
) -> list[str]:
    """Which of the entries that a list showed before it must still show, whatever others did.

    `now` is what it shows: what is new there stands in front, as others may write into the same list
    meanwhile, and push its last ones out. `gone` are those that were taken away.
    """
    strangers = len([id_ for id_ in now if id_ not in before])
    return [id_ for id_ in before if id_ not in gone][: max(0, limit - strangers)]


def unlike(
    ctx: Context, requirement: str, wanted: Sequence[Any], seen: Sequence[Any], **how: Any
) -> bool:
    """Observe that lists are equal; of two that are not only what differs first is shown."""
    pairs = zip(wanted, seen, strict=False)
    at = next((i for i, (a, b) in enumerate(pairs) if not same(a, b)), min(len(wanted), len(seen)))
    if at == len(wanted) == len(seen):
        return ctx.equal(requirement, "no difference", "no difference", **how)
    parts = [part[at] if at < len(part) else "(the end)" for part in (wanted, seen)]
    how["why"] = f"entry {at + 1} of those that are compared, {how.get('why', '')}"
    return ctx.equal(requirement, parts[0], parts[1], **how)
