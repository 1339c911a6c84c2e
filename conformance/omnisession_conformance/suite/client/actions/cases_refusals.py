"""What a client refuses by itself: for few reasons, and the user is told."""

from __future__ import annotations

import contextlib
import secrets
from functools import partial
from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.engine.stops import NotOffered
from omnisession_conformance.protocol.limits import DEFAULT_LIMITS, OF_TEXTS
from omnisession_conformance.roles.client.errors import DeclinedError
from omnisession_conformance.roles.client.puppet.effects import TYPES
from omnisession_conformance.roles.client.puppet.terms import Terms
from omnisession_conformance.roles.client.steps.acts import NOT_NOW, Act, Acts, acting
from omnisession_conformance.roles.client.steps.again import goes_on
from omnisession_conformance.roles.client.steps.deeds import FORMS, Deed, Maker, kind_of, takes

if TYPE_CHECKING:
    from omnisession_conformance.roles.client.context import Context
    from omnisession_conformance.roles.client.gate.seen import Seen

TOLD, HERE, VALID = "HYB-015", "HYB-016", "CLI-034"
REASONS = frozenset(
    {
        *("too_large", "invalid", "unknown_type", "local_id", "closed"),
        *("full", "not_live", "busy", "given_up"),
    }
)
TRIES, IDLE_S = 4, 0.1
NO_ASCII = "-Zoë-日本-😀"
UNKNOWN_TYPE, FORBIDDEN = 4002, 4030
TELLS_WITHIN_MS = 2_000
TEXTS, BLANK = ("title", "content"), ("", " ")
LEAST_ACTION, LONGER, WIDE = 8_192, 10_000, 100_000


@case(HERE, slow=True, limit_ms=60_000)
async def live_and_idle_takes_actions(ctx: Context) -> None:
    """A client that is live and has nothing to wait for takes actions, and refuses none of them."""
    for features in ctx.ways:
        acts = await acting(ctx, features, types=1)
        busy: list[str] = []
        for _ in range(TRIES):
            deed = (await acts.deed()).with_more(NO_ASCII)
            await _is_idle(acts)
            act = await acts.dispatch(deed)
            if act.refused in NOT_NOW and not acts.keeps_pending:
                # What comes on inboxes it may not have handled yet.
                busy.append(act.refused)
                act = await acts.act(deed, within_s=3)
            await _is_taken(ctx, acts, act)
        if not _is_seldom_busy(ctx, busy):
            return
        report = await acts.actor.stage.reported_of("refused", lambda _: True)
        told = {one["reason"] for one in (report.refused if report else ()) if "reason" in one}
        ctx.equal(HERE, [], sorted(told - REASONS), why="reasons told that the page does not list")
        puppet = acts.actor.puppet
        puppet.instead("actions", partial(puppet.refuse_for_good, code=FORBIDDEN), times=1)
        await _is_taken(ctx, acts, await acts.act())
        # Who has many under way takes the next one before it hears of the nack.
        await _is_idle(acts)
        await _is_taken(ctx, acts, await acts.act(within_s=3), "the one before had a final nack")


async def _is_idle(acts: Acts) -> None:
    """Wait until the client has heard all that there is, and somewhat longer."""
    actor = acts.actor
    await actor.fenced()
    mark = actor.mark()
    await actor.until(lambda: actor.mark() > mark, within_s=IDLE_S)
    await actor.fenced()


def _is_seldom_busy(ctx: Context, busy: list[str]) -> bool:
    good = len(busy) <= 1
    if not good and ctx.is_first:
        ctx.unsure(HERE, "it was busy again and again, and is looked at with nothing beside it")
        return False
    return ctx.check(
        HERE,
        good=good,
        expected=f"{TRIES} actions are taken at once",
        seen=f"at first {len(busy)} of them are refused: {', '.join(busy)}",
        why="the session is live, and no action waits for its outcome",
    )


async def _is_taken(ctx: Context, acts: Acts, act: Act, why: str = "") -> None:
    """Observe that a right action is taken, and wait until it counts."""
    ctx.check(
        HERE,
        good=act.refused is None,
        expected="it is taken: the session is live, and no action waits for its outcome",
        seen="it is taken" if act.refused is None else f"refused: {act.refused}",
        why=why or f"a right {act.deed.type} of few bytes",
    )
    if act.refused is None:
        said = await acts.said(act, within_s=10)
        ctx.require(said is not None, f"it has taken a {act.deed.type}, and sends nothing")
        if said is not None:
            await acts.done(said)


@case(HERE, limit_ms=60_000)
async def each_type_is_taken(ctx: Context) -> None:
    """An action of each type that dispatch and server take is taken."""
    acts = await acting(ctx, types=len(TYPES))
    for _ in acts.maker.types:
        await _is_taken(ctx, acts, await acts.act())


@case(HERE, limit_ms=60_000)
async def what_changes_or_names_nothing_is_taken(ctx: Context) -> None:
    """Whether an action changes anything, and whether what it names is there, is for its server to say."""
    acts = await acting(ctx, types=len(TYPES))
    deeds = [found for type_ in acts.maker.types for found in _idle(await acts.deed(type_))]
    for deed in deeds:
        with contextlib.suppress(
            DeclinedError
        ):  # what its program cannot even say, it has not refused
            await _is_taken(
                ctx, acts, await acts.act(deed), f"a {deed.type} with {dict(deed.data)}"
            )
    if not deeds:
        raise NotOffered("dispatch takes no action that may change nothing")


def _idle(deed: Deed) -> list[Deed]:
    """The same so that it changes nothing, and so that it names nothing that there is."""
    data, found = deed.data, list[Deed]()
    if "changes" in data:
        found.append(Deed(deed.type, {**data, "changes": {}}))
    for name in TEXTS:
        if name in data:
            found += [Deed(deed.type, {**data, name: text}) for text in BLANK]
    if deed.type == "article.select":
        found.append(Deed(deed.type, {"article_id": None}))
    elif deed.form.about is not None:
        named = next(name for name in data if name.endswith("_id"))
        found.append(Deed(deed.type, {**data, named: "what-nobody-has"}))
    return found


@case(HERE, limit_ms=40_000)
async def terms_of_another_session(ctx: Context) -> None:
    """What another session of the program was granted, by its own server, says nothing of this one."""
    if (await ctx.keeper.client()).hello.room < len(("this one", "another")):
        raise NotOffered("it runs one session at a time")
    wide = {**DEFAULT_LIMITS, **dict.fromkeys(OF_TEXTS, WIDE)}
    acts = await acting(ctx, types=1, terms=Terms(limits=wide))
    narrow = Terms(actions=("session.noop",), limits={**DEFAULT_LIMITS, "action": LEAST_ACTION})
    await ctx.live(acts.actor.served.kinds, terms=narrow)
    deed = await acts.deed()
    long = deed.longer(LONGER) if deed.form.text else deed
    why = "another session has narrower terms, of a server of its own"
    await _is_taken(ctx, acts, await acts.act(long), why)


@case(HERE, limit_ms=40_000)
async def kinds_that_are_not_open_are_acted_on(ctx: Context) -> None:
    """An action is taken whatever kinds its session has: they say what is shown, not what may be done."""
    actor = await ctx.live()
    known = takes(ctx.declared.actions)
    others = [type_ for type_ in known if kind_of(type_) not in (None, *actor.served.kinds)]
    free = [type_ for type_ in others if FORMS[type_].about is None]
    if not free:
        raise NotOffered("dispatch takes actions of one kind alone")
    acts = Acts(actor, Maker(tuple(free), lambda: secrets.token_hex(6)))
    for type_ in free:
        await _is_taken(ctx, acts, await acts.act(await acts.deed(type_)))


@case(VALID, TOLD, HERE, needs=("actions",), limit_ms=30_000)
async def invalid_action_is_refused(ctx: Context) -> None:
    """An action that would break its schema is refused here: it is told, not sent, and has no number."""
    acts = await acting(ctx, types=1)
    _, first = await acts.acted()
    await acts.done(first)
    deed = (await acts.deed()).invalid()
    if deed is None:
        raise NotOffered("no action that dispatch takes has a member that can be wrong")
    why = f"the data of this {deed.type} breaks its schema"
    if not await _is_refused_or_right(ctx, acts, deed, why):
        return
    await goes_on(ctx, acts, first, f"{why}, and nothing of it was sent", VALID, HERE)


async def _is_refused_or_right(ctx: Context, acts: Acts, deed: Deed, why: str) -> bool:
    """Whether nothing of it is sent; observes that it is told."""
    actor, mark = acts.actor, acts.actor.mark()
    try:
        act = await acts.act(deed)
    except DeclinedError as declined:
        # Data that its types cannot hold never came to the client.
        ctx.check(TOLD, good=True, expected="it is refused", seen=str(declined), why=why)
        ctx.check(HERE, good=True, expected="invalid", seen=str(declined), why=why)
        return True
    await actor.fenced()
    # It may have been made right; whether it is valid is judged of every body.
    ctx.require(not actor.said(deed.type, since=mark), "the client sends it, in whatever words")
    expected = "the answer to dispatch says refused: invalid"
    seen = "nothing is told" if act.refused is None else f"refused: {act.refused}"
    if not ctx.check(TOLD, good=act.refused is not None, expected=expected, seen=seen, why=why):
        return False
    return ctx.check(HERE, good=act.refused == "invalid", expected=expected, seen=seen, why=why)


@case(TOLD, HERE, limit_ms=30_000)
async def type_that_the_server_lacks(ctx: Context) -> None:
    """An action of a type that `opened.actions` lacks is refused here or there, and told in either case."""
    known = [type_ for type_ in takes(ctx.declared.actions) if kind_of(type_) is not None]
    if not known:
        raise NotOffered("dispatch takes no action that a server may lack")
    lacks = known[0]
    actions = tuple(type_ for type_ in TYPES if type_ != lacks)
    acts = await acting(ctx, terms=Terms(actions=actions))
    puppet = acts.actor.puppet
    puppet.instead("actions", partial(puppet.refuse_for_good, code=UNKNOWN_TYPE), times=1)
    act = await acts.act(await acts.deed(lacks))
    why = f"opened.actions lacks {lacks}"
    if act.refused is not None:
        seen = f"refused: {act.refused}"
        ctx.check(TOLD, good=True, expected="it is told", seen=seen, why=why)
        good = act.refused == "unknown_type"
        ctx.check(HERE, good=good, expected="refused: unknown_type", seen=seen, why=why)
        return
    said: Seen | None = await acts.said(act, within_s=10)
    on = acts.actor.records([] if said is None else [said])
    told = None if said is None else await acts.told(said, within_s=ctx.within(TELLS_WITHIN_MS))
    if told is None:
        expected = f"the user is told: refused: unknown_type, or the code {UNKNOWN_TYPE}"
        ctx.absent(TOLD, expected=expected, waited_s=TELLS_WITHIN_MS / 1_000, on=on, why=why)
        return
    for one in (TOLD, HERE):
        ctx.check(one, good=True, expected="it is told", seen=told, on=on, why=why)
