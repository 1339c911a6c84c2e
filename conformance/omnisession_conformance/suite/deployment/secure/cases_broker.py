"""What a broker does by itself: who receives a message, what streams take, what another account sees."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.engine.stops import Prerequisite
from omnisession_conformance.roles.deployment.attempt import LIMIT_MS, OWN, Verb
from omnisession_conformance.roles.deployment.attempts import FROM_ELSEWHERE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from omnisession_conformance.roles.deployment.context import Context
    from omnisession_conformance.traffic.record import Record

HEARD_BY_NOBODY = (f"{OWN}.state", f"{OWN}.events", "{i}.{w}.t")
"""Where only a client of the user may listen, and none does: the session is one of the run."""
WRITTEN_BY_CLIENTS = (f"{OWN}.control", "user.actions.{u}")
ACKS_WITHIN_S = 2
"""So long a stream may take behind the last request."""


@case("SECU-012")
async def nobody_listens_in(ctx: Context) -> None:
    """The broker names everybody who would receive a state, an event and an answer of a user."""
    trusted = ctx.identities.trusted
    for names in ctx.pairs():
        for subject in map(names, HEARD_BY_NOBODY):
            told = await ctx.receivers(subject)
            others = [str(one.get("name") or "one without a name") for one in told]
            found = [name for name in others if name not in trusted]
            ctx.check(
                "SECU-012",
                not found,
                expected=f"nobody but the kit receives {subject}",
                seen=", ".join(found) or "nobody else",
                why="Name the connections that may, as those of a bridge, in identities.trusted."
                if found
                else "",
            )


@case("SECU-013", limit_ms=LIMIT_MS)
async def no_stream_answers_requests(ctx: Context) -> None:
    """A client asks on what it may publish on, the kit answers, and no stream does."""
    asked: dict[str, list[str]] = {}
    for names in ctx.pairs():
        for subject in map(names, WRITTEN_BY_CLIENTS):
            asked[subject] = await ctx.asked(names, subject)
    await ctx.settle()
    every = [reply for replies in asked.values() for reply in replies]
    # A stream with replicas acknowledges when most of them have stored it, and no marker goes that way.
    await ctx.log.wait(every, lambda: _acks(ctx, every) or None, timeout_s=ACKS_WITHIN_S)
    for subject, replies in asked.items():
        acks = _acks(ctx, replies)
        seen = "; ".join(f"stream {(record.body or {})['stream']!r}" for record in acks[:1])
        ctx.check(
            "SECU-013",
            not acks,
            expected=f"no stream acknowledges what is sent on {subject}",
            seen=seen or "none did",
            on=acks[:1],
        )


def _acks(ctx: Context, replies: Iterable[str]) -> list[Record]:
    heard = [record for reply in replies for record in ctx.log.on(reply)]
    return [record for record in heard if "stream" in (record.body or {})]


@case("SECU-014", needs=("tenants", "identity:tenant"), limit_ms=LIMIT_MS)
async def another_tenant_sees_nothing(ctx: Context) -> None:
    """A client of another account, with the same names, neither hears nor is heard."""
    tenant = ctx.identities.tenant
    if tenant is None:
        raise Prerequisite("there is no identity of another tenant")
    names = ctx.names(tenant, ctx.clients[0])
    for attempt in FROM_ELSEWHERE:
        one = attempt.named(names.texts)
        through = await ctx.gets_across(names, one)
        where = f"heard {one.heard}" if one.verb is Verb.HEAR else f"was heard on {one.subject}"
        ctx.check(
            "SECU-014",
            not through,
            expected="nothing gets through",
            seen=f"a client of the other tenant {where}" if through else "nothing got through",
        )
