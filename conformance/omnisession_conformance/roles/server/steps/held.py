"""Actions that are sent ahead of the count: what came of them, and what to hold that will find nothing."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.stops import NotOffered
from omnisession_conformance.protocol.json import as_int
from omnisession_conformance.roles.server.reply import Answer
from omnisession_conformance.roles.server.steps.outcomes import counted
from omnisession_conformance.roles.server.steps.sending import AHEAD, outcomes_of
from omnisession_conformance.roles.server.steps.timers import BEATS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.pending import PendingAction
    from omnisession_conformance.roles.server.session import Session
    from omnisession_conformance.traffic.record import Record

HOLD = {"gap_ms": 250}
"""The longest that a server may be asked to hold an action that is ahead of the count."""
LATE_MS = 500
"""How much longer than `gap_ms` an action may be held on a busy machine, by the server's own clock."""
Entry = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Held:
    """A copy of an action on its way, which may be held."""

    body: Mapping[str, Any]
    pending: PendingAction
    sent: tuple[Record, ...]

    @property
    def action_id(self) -> Any:
        """The id of the action."""
        return self.body.get("action_id")


async def hold(session: Session, body: Mapping[str, Any], *, subject: str | None = None) -> Held:
    """Publish an action, ahead of the count or not, without waiting for its outcome."""
    pending = await session.send_action(body, subject=subject)
    return Held(body, pending, tuple(session.log.records[-1:]))


def is_early(answer: Answer) -> bool:
    """Whether an action was refused for a number before it, and was so while that was awaited."""
    number = as_int(answer.data.get("client_seq"))
    return answer.code == AHEAD and number > as_int(counted(answer)) + 1


async def told_everywhere(ctx: Context, session: Session, held: Sequence[Held]) -> list[Answer]:
    """Observe one outcome of each copy on `.control` (ACTION-001), and one on its inbox (ACTION-002).

    Which of several copies an outcome on `.control` is of is not told; the inbox tells it.
    """
    answers = [await one.pending.must() for one in held]
    told = [await _on_inbox(ctx, session, one) for one in held]
    for one, answer, record in zip(held, answers, told, strict=True):
        copies = sum(other.action_id == one.action_id for other in held)
        outcomes = outcomes_of(session, one.action_id)
        why = f"client_seq {one.body.get('client_seq')}, beside others that came ahead of the count"
        ctx.check(
            "ACTION-001",
            len(outcomes) == copies,
            expected=f"{copies} outcomes on .control, one for each copy",
            seen=len(outcomes),
            on=(*one.sent, *outcomes),
            why=why,
        )
        expected = "the outcome on the reply subject of the copy as well"
        if record is None:
            ctx.absent("ACTION-002", expected=expected, on=(answer, *one.sent), why=why)
        else:
            ctx.check("ACTION-002", good=True, expected=expected, seen="it came")
    return [Answer(r) if r is not None else a for r, a in zip(told, answers, strict=True)]


async def _on_inbox(ctx: Context, session: Session, one: Held) -> Record | None:
    def find() -> Record | None:
        return next(iter(session.log.on(one.pending.inbox)), None)

    return await session.log.wait((one.pending.inbox,), find, timeout_s=ctx.answer_s)


def in_time(ctx: Context, session: Session, since: Any, answers: list[Answer]) -> None:
    """Observe by the server's own clock how long actions were held, if it was on time by its heartbeats."""
    gap_ms = session.timers.get("gap_ms", 0)
    times = sorted(r.integer("timestamp") or 0 for r in session.pushes)
    for answer in answers:
        told = answer.record.integer("timestamp")
        if not isinstance(since, int) or told is None:
            continue
        pauses = [b - a for a, b in pairwise(times) if since < b < told]
        late = told - since > gap_ms + LATE_MS
        on_time = max(pauses, default=0) <= 2 * BEATS["heartbeat_ms"]
        ctx.in_time(on_time or not late, "the server itself stood still")
        ctx.check(
            "ACTION-012",
            not late,
            expected=f"{AHEAD} at the latest {gap_ms} ms after the action, {gap_ms + LATE_MS} with delays",
            seen=f"{told - since} ms later, by the server's own clock",
            on=answer,
        )


async def doomed(ctx: Context, timers: Mapping[str, int]) -> tuple[Session, tuple[Entry, Entry]]:
    """A session that made something, with an action that takes it away and one that changes it.

    Raises NotOffered where the target takes no such actions of any kind.
    """
    made: tuple[tuple[str, str, str, str, Entry, Entry], ...] = (
        ("url", "url.create", "url.delete", "url.update", {"target_url": _address(ctx)}, {}),
        ("chat", "chat.send", "chat.delete", "chat.edit", {"content": ctx.draws.text("said")}, {}),
        ("articles", "article.create", "article.delete", "article.update", {}, {}),
    )
    ids = {"url": "url_id", "chat": "message_id", "articles": "article_id"}
    changes: dict[str, Entry] = {
        "url": {"changes": {"target_url": _address(ctx)}},
        "chat": {"content": ctx.draws.text("edited")},
        "articles": {"changes": {"title": ctx.draws.text("changed")}},
    }
    for kind, create, delete, change, data, _ in made:
        if kind in ctx.declared.kinds and {create, delete, change} <= ctx.declared.actions:
            session = await ctx.open(ctx.user(), kinds=[kind], timers=timers)
            ack = await session.apply(create, data or {"title": ctx.draws.text("title")})
            named = {ids[kind]: ack.result.get(ids[kind])}
            session.created[kind].clear()
            return session, (
                session.action_body(delete, named, client_seq=0),
                session.action_body(change, {**named, **changes[kind]}, client_seq=0),
            )
    raise NotOffered("the target takes no actions that make, change and remove the same thing")


def _address(ctx: Context) -> str:
    return f"https://example.org/{ctx.draws.slug()}"
