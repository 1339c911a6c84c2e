"""Ids: new for each session, and written as tokens in every subject."""

from __future__ import annotations

import string
from itertools import takewhile
from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.protocol.json import member
from omnisession_conformance.protocol.subjects import MAX_SESSION_BYTES, BadTokenError, tok
from omnisession_conformance.roles.client.actor import OPEN, RECOVERIES
from omnisession_conformance.roles.client.stage import WITHIN_S
from omnisession_conformance.roles.client.steps.coming_back import comes_back_to_nothing
from omnisession_conformance.roles.client.steps.openings import first_open, place_of, session_of
from omnisession_conformance.roles.client.steps.subjects import (
    is_of_the_protocol,
    misnamed,
    odd_ids,
)

if TYPE_CHECKING:
    from omnisession_conformance.roles.client.actor import Actor
    from omnisession_conformance.roles.client.context import Context
    from omnisession_conformance.roles.client.gate.seen import Seen

NEW, TOKENS, VALID = "CLI-032", "CLI-033", "CLI-034"
LEAST_BYTES = 16
LEAST_BITS = 96
"""Of 122: some characters of a few ids are alike by chance."""
ALPHABETS = (
    (string.digits, 3.4),
    (f"{string.digits}abcdef-", 4),
    (f"{string.digits}ABCDEF-", 4),
    (f"{string.digits}{string.ascii_uppercase}-", 5.2),
    (f"{string.digits}{string.ascii_lowercase}-", 5.2),
)
ACTION = "session.noop"


@case(TOKENS, limit_ms=60_000)
async def odd_user_ids(ctx: Context) -> None:
    """Ids of users stand in subjects as tokens, whatever is in them."""
    for user_id in odd_ids(ctx.draws.user_id()):
        actor = await ctx.start(user_id=user_id)
        if not await _named_right(actor):
            return
        await actor.opened()
        await _acts(actor)
        await actor.fenced()
        await _named_right(actor)
        await actor.stop()


@case(VALID, TOKENS, limit_ms=40_000)
async def bodies_name_their_ids_raw(ctx: Context) -> None:
    """Bodies have ids as they are, and a member with null for what there is not, such as a credential."""
    user_id = odd_ids(ctx.draws.user_id())[0]
    actor = await ctx.start(ctx.kinds(len(ctx.declared.kinds)), (), user_id=user_id, token=None)
    # Whether its members are right is judged of every body.
    _has_raw_ids(ctx, actor, [await first_open(actor)])
    await actor.opened()
    await _acts(actor)
    actor.gate.cut()
    await actor.says(*RECOVERIES, OPEN, since=actor.mark(), within_s=WITHIN_S)
    _has_raw_ids(ctx, actor, [one for one in actor.gate.seen if is_of_the_protocol(one)])


def _has_raw_ids(ctx: Context, actor: Actor, said: list[Seen]) -> None:
    for requirement in (VALID, TOKENS):
        wrong = [one for one in said if member(one.body, "user_id") != actor.user_id]
        ctx.check(
            requirement,
            good=not wrong,
            expected=actor.user_id,
            seen=repr(member(wrong[0].body, "user_id")) if wrong else actor.user_id,
            on=actor.records(wrong[:1]),
            pointer="/user_id",
            why="bodies have ids raw: tokens stand in subjects alone",
        )


async def _named_right(actor: Actor) -> bool:
    asked = await actor.until(
        lambda: actor.gate.published(OPEN) or actor.gate.unreadable, within_s=WITHIN_S
    )
    if why := actor.gate.unreadable:
        good, seen = "subjects of tokens", f"what is no NATS: {why}"
        return actor.ctx.check(TOKENS, good=False, expected=good, seen=seen, why=_for(actor))
    wrong = misnamed(actor.gate.seen, actor.user_id)
    if not asked and not wrong:
        # Libraries refuse to write what is no subject.
        expected = f"{OPEN} on a subject with {tok(actor.user_id)}"
        return actor.ctx.absent(TOKENS, expected=expected, waited_s=WITHIN_S, why=_for(actor))
    return actor.ctx.equal(
        TOKENS,
        [],
        [one.subject for one in wrong],
        on=actor.records(wrong),
        why=f"{_for(actor)}: subjects without its token {tok(actor.user_id)}, or that of the session",
    )


def _for(actor: Actor) -> str:
    return f"the user is {actor.user_id!r}"


async def _acts(actor: Actor) -> None:
    """Let it do something, where it does anything: that goes to a subject with its id as well."""
    if ACTION not in actor.ctx.declared.actions:
        return
    mark = actor.mark()
    if (await actor.dispatch(ACTION, {})).refused is None:
        await actor.says(ACTION, since=mark, within_s=WITHIN_S)


@case(NEW, limit_ms=30_000)
async def each_session_has_its_id(ctx: Context) -> None:
    """Sessions have ids of their own: side by side, of one user, and one after the other."""
    first = await ctx.start()
    ids = [session_of(await first_open(first))]
    _fits(first, ids[0])
    if (await ctx.keeper.client()).hello.side_by_side:
        beside = await ctx.start(beside=first)
        ids.append(session_of(await first_open(beside)))
        await beside.stop()
    await first.stop()
    after = await ctx.start(beside=first)
    ids.append(session_of(await first_open(after)))
    if not _differ(ctx, ids):
        return
    # One more, since its server has forgotten this one.
    await after.opened()
    asked = await comes_back_to_nothing(after, over=False)
    if asked is not None:
        within_s = after.patience_s("retry_max_ms")
        again = await after.says(OPEN, since=place_of(after, asked) + 1, within_s=within_s)
        ids += [] if again is None else [session_of(again)]
        if not _differ(ctx, ids):
            return
    _are_drawn(ctx, ids)


@case(NEW, alone=True, limit_ms=60_000)
async def ids_of_another_process(ctx: Context) -> None:
    """A process makes other ids than the one before: they are drawn, and no row that begins anew."""
    ids: list[str] = []
    for _ in range(2):
        await ctx.keeper.renew()
        actor = await ctx.start()
        ids.append(session_of(await first_open(actor)))
        await actor.stop()
    twice = len(ids) - len(set(ids))
    why = "the same first ids of two processes of the client"
    ctx.equal(NEW, 0, twice, why=why)


def _are_drawn(ctx: Context, ids: list[str]) -> None:
    """Observe that what differs between some ids has room for the random bits that each must have."""
    first = _alike(ids)
    last = _alike([one[first:][::-1] for one in ids])
    varying = [one[first : len(one) - last] for one in ids]
    size = min(len(one) for one in varying)
    bits = round(size * _bits_of("".join(varying)))
    ctx.check(
        NEW,
        good=bits >= LEAST_BITS,
        expected=f"ids that differ in {LEAST_BITS} bits or more",
        seen=f"in {size} characters, of {bits} bits at most: {', '.join(ids)}",
        why=f"{len(ids)} ids, without what all of them begin or end with",
    )


def _alike(texts: list[str]) -> int:
    """How many characters some texts begin with that are the same in all."""
    places = takewhile(lambda some: len(set(some)) == 1, zip(*texts, strict=False))
    return sum(1 for _ in places)


def _bits_of(text: str) -> float:
    """How many bits a character has at most, where it is drawn from such as these."""
    for alphabet, bits in ALPHABETS:
        if set(text) <= set(alphabet):
            return bits
    return 6.6 if text.isascii() else 20


def _differ(ctx: Context, ids: list[str]) -> bool:
    twice = sorted({one for one in ids if ids.count(one) > 1})
    return ctx.equal(NEW, [], twice, why=f"ids that {len(ids)} sessions have in common")


def _fits(actor: Actor, session_id: str) -> None:
    size = len(session_id.encode(errors="surrogatepass"))
    try:
        token = len(tok(session_id))
    except BadTokenError:
        token = MAX_SESSION_BYTES + 1
    actor.ctx.check(
        NEW,
        good=size >= LEAST_BYTES and token <= MAX_SESSION_BYTES,
        expected=f"an id of at least {LEAST_BYTES} bytes, and a token of at most {MAX_SESSION_BYTES}",
        seen=f"{session_id!r}, {size} bytes",
        on=actor.records(actor.said(OPEN)[:1]),
    )
