"""CTRL: opening a session, opening it again, and syncing it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.case import case
from omnisession_conformance.roles.server.steps.any_kind import CHANGES, one_kind
from omnisession_conformance.roles.server.steps.control import (
    PING,
    SYNC,
    UNKNOWN_FEATURE,
    UNKNOWN_KIND,
    answered,
    opened,
    silent,
    states_follow,
    unchanged,
)
from omnisession_conformance.roles.server.steps.sending import burst, noops

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from omnisession_conformance.environment.users import User
    from omnisession_conformance.protocol.position import Position
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.reply import Answer
    from omnisession_conformance.roles.server.session import Session
    from omnisession_conformance.roles.server.steps.any_kind import AnyKind

KEPT = ("kinds", "features", "timers")
"""What `session.opened` tells of the open that made the session."""
TURNS = 4


# -- open ------------------------------------------------------------------------------------------------


@case("CTRL-002", "CTRL-003", "STATE-003")
async def open_answers_then_states(ctx: Context) -> None:
    """A first open is answered with a position, and one state per kind follows it directly."""
    kinds = list(ctx.declared.kinds)
    session = ctx.session(ctx.user())
    answer = await session.open(kinds=[*kinds, UNKNOWN_KIND], features=[UNKNOWN_FEATURE])
    if not granted(ctx, answer, kinds, [], "an open of all kinds and of unknown names"):
        return
    start = answer.position
    ctx.check(
        "CTRL-002",
        start is not None and start.epoch >= 1 and start.seq == 0,
        expected="epoch of 1 or more and seq 0, the position before the first state",
        seen=start if start is not None else answer.data.get("position"),
        on=answer,
        pointer="/data/position",
    )
    if start is not None:
        await states_follow(ctx, "STATE-003", session, start, kinds, "open", "after a first open")
        first = session.stream[:1]
        seqs = [record.integer("seq") for record in first]
        ctx.equal(
            "CTRL-002", [start.seq + 1], seqs, on=(*first, answer), why="the first state's seq"
        )


def granted(
    ctx: Context, answer: Answer | None, kinds: Sequence[str], features: Sequence[str], why: str
) -> bool:
    """Observe that an open grants these kinds and features, in this order, and no others."""
    if not opened(ctx, "CTRL-003", answer, why) or answer is None:
        return False
    for name, wanted in (("kinds", kinds), ("features", features)):
        pointer = f"/data/{name}"
        seen = answer.data.get(name)
        ctx.equal(
            "CTRL-003", list(wanted), seen, on=answer, pointer=pointer, why=f"{name} of {why}"
        )
    return True


@case("CTRL-003")
async def opens_grant_what_is_asked(ctx: Context) -> None:
    """Each kind and feature alone, all of them reversed, and with unknown names: asked is granted."""
    user = ctx.user()
    for kinds, features, what in _wishes(ctx.declared.kinds, ctx.declared.features):
        session = ctx.session(user)
        data = session.open_data(kinds=kinds, features=features)
        answer = await (await session.send("session.open", data)).answer()
        known = [kind for kind in kinds if kind != UNKNOWN_KIND]
        served = [feature for feature in features if feature != UNKNOWN_FEATURE]
        granted(ctx, answer, known, served, f"an open with {what}")
        await session.close()


def _wishes(
    kinds: Sequence[str], features: Sequence[str]
) -> Iterator[tuple[list[str], list[str], str]]:
    """Yield what opens ask for, with words for it."""
    for kind in kinds:
        yield [kind], [], f"the kind {kind} alone"
    backwards = list(reversed(kinds))
    yield backwards, [], "all kinds in another order"
    yield [UNKNOWN_KIND, *backwards], [], "an unknown kind in front"
    for feature in features:
        yield [kinds[0]], [feature], f"the feature {feature} alone"
    yield [kinds[0]], list(features), "all features"
    yield [kinds[0]], list(reversed(features)), "all features in another order"
    yield [kinds[0]], [UNKNOWN_FEATURE, *features], "an unknown feature in front"


# -- open again ------------------------------------------------------------------------------------------


@case("CTRL-004")
async def open_again_changes_nothing(ctx: Context) -> None:
    """Opens of a live session, also with other wishes, show it again and leave it as it is."""
    user = ctx.user()
    every, features = list(ctx.declared.kinds), list(ctx.declared.features)
    small = await ctx.open(user, kinds=every[:1])
    large = await ctx.open(user, kinds=every, features=features, timers={"heartbeat_ms": 5_000})
    other: dict[str, Any] = {
        "timers": {"heartbeat_ms": 700, "resume_window_ms": 3_000, "gap_ms": 0}
    }
    for session in (small, large):
        await noops(session, 1)
        await _again(ctx, session, session.open_data(kinds=session.kinds), "the same kinds")
        wishes = session.open_data(kinds=[*reversed(every)], features=[*reversed(features)])
        await _again(ctx, session, {**wishes, **other}, "all kinds, all features and other timers")
        less = session.open_data(kinds=every[-1:])
        await _again(ctx, session, less, "one kind and no features")
        none = session.open_data(kinds=[UNKNOWN_KIND])
        await _again(ctx, session, none, "an unknown kind")


async def _again(ctx: Context, session: Session, data: dict[str, Any], what: str) -> None:
    why = f"an open of a live session with {what}"
    before = await session.fence()
    answer = await (await session.send("session.open", data)).answer()
    if not opened(ctx, "CTRL-004", answer, why) or answer is None or session.opened is None:
        return
    for name in KEPT:
        was, now = session.opened.data.get(name), answer.data.get(name)
        pointer = f"/data/{name}"
        ctx.equal("CTRL-004", was, now, on=(answer, session.opened), pointer=pointer, why=why)
    at = answer.position
    ctx.check(
        "CTRL-004",
        at is not None and at.epoch == before.epoch and at.seq >= before.seq,
        expected=f"the line of the session, which stood at {before}",
        seen=at if at is not None else answer.data.get("position"),
        on=answer,
        pointer="/data/position",
        why=why,
    )
    if at is not None:
        await states_follow(ctx, "CTRL-004", session, at, session.kinds, "open", why)


# -- sync ------------------------------------------------------------------------------------------------


@case("CTRL-005")
async def sync_publishes_the_kinds_asked(ctx: Context) -> None:
    """Syncs of each kind, of all and of none named bring a state of each, also when nothing changed."""
    session = await ctx.open(ctx.user(), kinds=ctx.declared.kinds)
    every = list(session.kinds)
    wishes: list[tuple[dict[str, Any], list[str]]] = [
        ({}, every),
        ({}, every),
        ({"kinds": []}, every),
        ({"kinds": every[::-1]}, every[::-1]),
        *(({"kinds": [kind]}, [kind]) for kind in every),
    ]
    for data, kinds in wishes:
        answer = await (await session.send(SYNC, data)).answer()
        await _synced(ctx, session, answer, kinds, f"session.sync {data}")


async def _synced(
    ctx: Context, session: Session, answer: Answer | None, kinds: list[str], why: str
) -> None:
    if not answered(ctx, "CTRL-005", answer, "session.syncing", why) or answer is None:
        return
    seen = answer.data.get("kinds")
    ctx.equal("CTRL-005", kinds, seen, on=answer, pointer="/data/kinds", why=why)
    at = answer.position_or_stop("session.syncing")
    await states_follow(ctx, "CTRL-005", session, at, kinds, "sync", why)


@case("CTRL-005", needs=CHANGES)
async def sync_in_traffic(ctx: Context) -> None:
    """While another session of the user acts, nothing comes between a sync's answer and its states."""
    user, kind = ctx.user(), one_kind(ctx)
    acting = await ctx.open(user, timers={"gap_ms": 0})
    await kind.begins(ctx, acting)
    watching = [
        await ctx.open(user, kinds=ctx.declared.kinds, features=["events"]),
        await ctx.open(user, kinds=ctx.declared.kinds, timers={"coalesce_ms": 0}),
        # A state that is held back must not come between an answer and its states either.
        await ctx.open(user, kinds=ctx.declared.kinds, timers={"coalesce_ms": 1_000}),
    ]
    for _ in range(TURNS):
        sent = await _changes(ctx, acting, kind)
        syncs = [(session, await session.send(SYNC)) for session in watching]
        for action in (*sent, *await _changes(ctx, acting, kind)):
            await action.must()
        for session, sync in syncs:
            answer = await sync.answer()
            kinds = list(session.kinds)
            await _synced(ctx, session, answer, kinds, "session.sync with another session at work")


async def _changes(ctx: Context, session: Session, kind: AnyKind) -> list[Any]:
    return await burst(session, [kind.new(ctx).body(session) for _ in range(3)])


# -- no kind ---------------------------------------------------------------------------------------------


@case("CTRL-006")
async def no_kind_is_refused(ctx: Context) -> None:
    """Opens without a served kind make no session; syncs of a kind that is not open do nothing."""
    user = ctx.user()
    session = await ctx.open(user)
    for kinds in ([UNKNOWN_KIND], []):
        await _not_opened(ctx, user, session, kinds)
    unopened = [kind for kind in ctx.declared.kinds if kind not in session.kinds]
    for kinds in ([UNKNOWN_KIND], [*session.kinds, UNKNOWN_KIND], *([kind] for kind in unopened)):
        before: Position = await session.fence()
        answer = await (await session.send(SYNC, {"kinds": kinds})).answer()
        why = f"session.sync of {kinds} in a session of {list(session.kinds)}"
        ctx.refused("CTRL-006", answer, 4220, why=why)
        await unchanged(ctx, "CTRL-006", session, before, why)


async def _not_opened(ctx: Context, user: User, other: Session, kinds: list[str]) -> None:
    fresh = ctx.session(user)
    why = f"session.open with the kinds {kinds}"
    answer = await (await fresh.send("session.open", fresh.open_data(kinds=kinds))).answer()
    ctx.refused("CTRL-006", answer, 4220, why=why)
    ping = await (await fresh.send(PING)).answer()
    ctx.refused("CTRL-006", ping, 4041, why=f"session.ping after a {why}")
    await other.fence()
    silent(ctx, "CTRL-006", fresh, f"after a {why}")
