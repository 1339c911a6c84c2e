"""ACTION, CTRL: names of types, kinds and features that are near to one that is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.protocol.vocabulary.lookups import longer_names, other_names
from omnisession_conformance.protocol.vocabulary.words import NAMES, OF_TYPES
from omnisession_conformance.roles.server.steps.control import OPEN, PING, opened, unchanged
from omnisession_conformance.roles.server.steps.sending import NOOP

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context

ODD_TYPES = (
    "",
    "noop",
    "session",
    "session.",
    ".noop",
    "session_noop",
    "session-noop",
    "session:noop",
)


@case("ACTION-017")
async def near_types_are_unknown(ctx: Context) -> None:
    """Types that are near to a listed one, or words that a language knows, get a final 4002."""
    session = await ctx.open(ctx.user())
    names = (*ODD_TYPES, *OF_TYPES, *other_names(NOOP), *longer_names(NOOP))
    for name in (name for name in names if name not in ctx.declared.actions):
        answer = await session.outcome_of({**session.action_body(NOOP), "type": name})
        why = f"an action of the type {name!r}"
        good = ctx.refused("ACTION-017", answer, 4002, why=why)
        if good and answer is not None:
            told = answer.error.get("retryable")
            ctx.equal("ACTION-017", False, told, on=answer, why=f"retryable: {why}")
        elif answer is None:
            return


@case("CTRL-013")
async def near_requests_are_unknown(ctx: Context) -> None:
    """Types that are near to that of a request get 4002, or 4001 where none may be written so."""
    session = await ctx.open(ctx.user())
    before = await session.fence()
    names = (*other_names(PING), *longer_names(PING), *other_names("session.close"), *OF_TYPES)
    sent = [(n, await session.send(n, body={**session.request_body(n)})) for n in names]
    for name, pending in sent:
        codes = (4002,) if name in longer_names(PING) else (4002, 4001)
        why = f"a request of the type {name!r}"
        ctx.refused("CTRL-013", await pending.answer(), *codes, why=why)
    await unchanged(ctx, "CTRL-013", session, before, "requests of types that nobody knows")


@case("CTRL-003", "CTRL-006")
async def near_kinds_and_features_are_left_out(ctx: Context) -> None:
    """Names that are near to those of kinds and features, or known to a language, are none of them."""
    user, kind = ctx.user(), ctx.declared.cheapest_kind
    kinds = [n for k in ctx.declared.kinds for n in longer_names(k)]
    features = [n for f in ("events", "digests") for n in longer_names(f)]
    odd = [n for k in ctx.declared.kinds for n in other_names(k)]
    others = [n for f in ("events", "digests") for n in other_names(f)]
    served = {*ctx.declared.kinds, *ctx.declared.features}
    some = False
    for names, more, strict in (
        ([*kinds, *NAMES], [*features, *NAMES], True),
        (odd, others, False),
    ):
        session = ctx.session(user)
        data = session.open_data(
            kinds=[*(n for n in dict.fromkeys(names) if n not in served), kind],
            features=[n for n in dict.fromkeys(more) if n not in served],
        )
        answer = await (await session.send(OPEN, data)).answer()
        why = f"an open that asks for {kind} beside names that are like it"
        if not strict and answer is not None and answer.code == 4001:
            # No name may be written so.
            continue
        if not opened(ctx, "CTRL-003", answer, why) or answer is None:
            continue
        session.opened, some = answer, True
        seen = {name: answer.data.get(name) for name in ("kinds", "features")}
        ctx.equal("CTRL-003", {"kinds": [kind], "features": []}, seen, on=answer, why=why)
        for name in (*longer_names(kind), *NAMES[:3]):
            sync = await (await session.send("session.sync", {"kinds": [name]})).answer()
            ctx.refused("CTRL-006", sync, 4220, why=f"a sync of the kind {name!r}")
    ctx.require(some, "no session was opened")
