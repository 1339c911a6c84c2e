"""What has to stay as it was over takeovers: a refusal that is final, and a session that is over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from omnisession_conformance.roles.server.steps.any_kind import (
    CREATE,
    alter,
    change,
    each_kind,
    one_kind,
    open_any,
)
from omnisession_conformance.roles.server.steps.any_kind.articles import ANY_ARTICLES
from omnisession_conformance.roles.server.steps.timers import MS
from omnisession_conformance.suite.server.durable.again import until_answered, until_final
from omnisession_conformance.suite.server.durable.alive import (
    LONG,
    stop_where_expired,
    window_ms,
)

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.reply import Answer
    from omnisession_conformance.roles.server.session import Session
    from omnisession_conformance.roles.server.steps.any_kind import AnyKind
    from omnisession_conformance.roles.server.steps.sending import Body

REFUSED, CLOSED = "DUR-006", "DUR-008"
OVER, UNKNOWN = 4101, 4041


@dataclass(frozen=True, slots=True)
class Before:
    """A session with the body of an action that it was refused, and one that was closed."""

    acting: Session
    body: Body
    nack: Answer
    closed: Session
    closed_ns: int
    """When it was closed at the earliest, on the tap's clock."""

    @classmethod
    async def make(cls, ctx: Context) -> Before:
        """Have an action refused for good, and change what it was refused for; close a session."""
        user, kind = ctx.user(), _kind(ctx)
        acting, closed = [await open_any(ctx, user, kind, timers=LONG) for _ in range(2)]
        done = await change(ctx, acting, kind)
        revised = kind is ANY_ARTICLES
        deed = kind.again(ctx, done.id if revised else ctx.draws.slug())
        # It expects what the next change makes true: whoever judges it anew finds nothing wrong.
        body = deed.body(acting, expect={"revision": 2} if revised else None)
        nack = await acting.needed_outcome_of(body)
        ctx.require(
            nack.type == "action.nack" and nack.error.get("retryable") is False,
            f"an action that cannot be done was not refused for good: {nack}",
        )
        if revised:
            await alter(ctx, acting, done)
        closed_ns = ctx.log.records[-1].t_ns
        await closed.close()
        closed.leave_open = True
        return cls(acting, body, nack, closed, closed_ns)

    @property
    def sessions(self) -> list[Session]:
        """Those that are live."""
        return [self.acting]

    async def judge(self, ctx: Context) -> None:
        """Observe that both are as they were."""
        answer = await until_final(self.acting, self.body)
        why = "the copy of an action that was refused for good, once what it expected had come true"
        if answer is None:
            ctx.absent(REFUSED, expected="the same refusal", why=why)
        else:
            stop_where_expired(self.acting, answer)
            ctx.equal(REFUSED, self.nack.code, answer.code, on=(answer, self.nack), why=why)
        answer = await until_answered(self.closed, "session.ping")
        codes = self.owed(answer.record.t_ns)
        ctx.refused(CLOSED, answer, *codes, why="session.ping of a session that was closed")

    def owed(self, at_ns: int) -> tuple[int, ...]:
        """What the session that was closed is refused with: once its window is over it may be forgotten."""
        passed_ms = (at_ns - self.closed_ns) // MS
        return (OVER,) if passed_ms < window_ms(self.closed) else (OVER, UNKNOWN)


def _kind(ctx: Context) -> AnyKind:
    """Articles where they can be made and changed, as they have revisions; else another kind."""
    revised = "action:article.update" in ctx.declared.offers()
    return (
        ANY_ARTICLES
        if revised and ANY_ARTICLES in each_kind(ctx, CREATE)
        else one_kind(ctx, CREATE)
    )
