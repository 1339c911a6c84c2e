"""What was made and is shown: once in each session that may see it, however often it was sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.protocol.json import as_list

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from omnisession_conformance.roles.interop.context import Context
    from omnisession_conformance.roles.interop.steps.acts import Act
    from omnisession_conformance.roles.server.session import Session

MAKES: Mapping[str, tuple[str, str, str, str, bool]] = {
    "chat.send": ("CHAT-001", "chat", "messages", "content", True),
    "article.create": ("ART-001", "articles", "articles", "title", False),
    "url.create": ("URL-001", "url", "urls", "target_url", False),
}
"""By type of action: its requirement, the list that shows what it makes, the member that tells it, and
whether all users see it."""
SAME_AGAIN, NO_EFFECT = "HYB-007", "ACTION-005"


def exactly_once(ctx: Context, witnesses: Sequence[Session], acts: Sequence[Act]) -> None:
    """Observe of everything that was made and acked that it is there once; call it at rest.

    Where it is there more often, the client has sent it under several ids, or the server has done one
    copy too many.
    """
    for act in acts:
        made = MAKES.get(act.deed.type)
        if made is None or not act.acked:
            continue
        requirement, kind, list_, member, for_all = made
        _one_id(ctx, act)
        for witness in witnesses:
            mine = act.user_id == witness.user.id
            if kind in witness.kinds and (mine or for_all):
                entries = as_list(witness.slice(kind)[list_])
                text = act.deed.data[member]
                _observe(ctx, act, requirement, _times(entries, member, text), witness)


def _times(entries: Sequence[Any], member: str, text: object) -> int:
    return sum(entry.get(member) == text for entry in entries)


def _observe(ctx: Context, act: Act, requirement: str, times: int, witness: Session) -> None:
    several = len(act.copies) > 1 and times > 1
    if several and len(act.ids) > 1:
        return  # the client's own, which is observed
    name = NO_EFFECT if several and ctx.judges(NO_EFFECT) else requirement
    if not ctx.judges(name):
        return
    shown = "shown once"
    ctx.check(
        name,
        times == 1,
        expected=shown,
        seen=shown if times == 1 else f"shown {times} times",
        on=[act.outcome, *witness.stream[-1:]] if act.outcome is not None else None,
        why=f"what an acked {act.deed.type} has made, of which {len(act.copies) or 1} copies were sent",
    )


def _one_id(ctx: Context, act: Act) -> None:
    if act.member is None or not ctx.judges(SAME_AGAIN):
        return
    ids = act.ids
    ctx.check(
        SAME_AGAIN,
        len(ids) <= 1,
        expected="one id, however often it is sent",
        seen="one id, however often it is sent" if len(ids) <= 1 else f"ids {', '.join(ids)}",
        why=f"a {act.deed.type} that was dispatched once",
    )
