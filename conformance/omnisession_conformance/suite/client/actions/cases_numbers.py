"""Numbers and ids of actions: one row of numbers for each session, and an id that nobody has used."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.engine.stops import NotOffered
from omnisession_conformance.roles.client.actor import RECOVERIES
from omnisession_conformance.roles.client.puppet.effects import TYPES
from omnisession_conformance.roles.client.puppet.terms import Terms
from omnisession_conformance.roles.client.steps.acts import Acts, acting, id_of, number_of
from omnisession_conformance.roles.client.steps.again import again_within_s
from omnisession_conformance.roles.client.steps.deeds import kind_of, takes
from omnisession_conformance.roles.client.steps.elsewhere import act_elsewhere
from omnisession_conformance.roles.client.steps.missing import is_core
from omnisession_conformance.roles.client.steps.ways import all_well

if TYPE_CHECKING:
    from omnisession_conformance.roles.client.context import Context
    from omnisession_conformance.roles.client.gate.seen import Seen

NUMBERS, OTHERS, IDS = "HYB-001", "HYB-004", "HYB-013"
BEYOND_32_BITS = 2**32 + 5
MANY = 15
LONGEST_ID = 128
FORBIDDEN = 4030
ELSEWHERE = 7
"""The number of an action in another session of the same user."""


@case(NUMBERS, limit_ms=40_000)
async def numbers_count_up(ctx: Context) -> None:
    """Actions of a session count 1, 2, 3, whatever their types and subjects."""
    for features in ctx.ways:
        acts = await acting(ctx, features, types=len(TYPES))
        await _row(ctx, acts, 1, 2 * min(len(acts.maker.types), 4), "the session was opened at 0")


@case(NUMBERS, limit_ms=60_000)
async def numbers_go_on_after_a_cut(ctx: Context) -> None:
    """A lost connection begins no new row of numbers, be it after an action that was refused for good."""
    acts = await acting(ctx)
    puppet = acts.actor.puppet
    await _row(ctx, acts, 1, 2, "the session was opened at 0")
    await _lose_the_connection(ctx, acts)
    await _row(ctx, acts, 3, 2, "the connection was lost after the action with the number 2")
    puppet.instead("actions", partial(puppet.refuse_for_good, code=FORBIDDEN), times=1)
    await _row(ctx, acts, 5, 1, "four actions came before it")
    await _lose_the_connection(ctx, acts)
    why = "the one with the number 5 was refused for good, and then the connection was lost"
    await _row(ctx, acts, 6, 2, why)


@case(NUMBERS, limit_ms=40_000)
async def numbers_go_on_after_a_gap(ctx: Context) -> None:
    """A recovery that brings what an action has done begins no new row of numbers."""
    acts = await acting(ctx)
    actor = acts.actor
    await _row(ctx, acts, 1, 1, "the session was opened at 0")
    actor.puppet.instead("actions", actor.puppet.lose_effects_of, times=1)
    await _row(ctx, acts, 2, 1, "one action came before it")
    actor.step()
    back = await actor.stage.caught_up(actor.served)
    ctx.require(back is not None, "the client has not closed a gap (CLI-006)")
    await _row(ctx, acts, 3, 2, "what the one with the number 2 has done came by a recovery")


async def _lose_the_connection(ctx: Context, acts: Acts) -> None:
    """Cut the client off, and wait until it has come back."""
    actor = acts.actor
    # With all outcomes there, nothing is left to be sent again.
    await actor.fenced()
    mark = actor.mark()
    actor.gate.cut()
    back = await actor.says(*RECOVERIES, "session.open", since=mark, within_s=15)
    ctx.require(back is not None, "the client has not come back after a lost connection (CLI-016)")
    await actor.stage.caught_up(actor.served)


@case(NUMBERS, limit_ms=40_000)
async def numbers_begin_where_opened_says(ctx: Context) -> None:
    """The first number is the one behind `last_action_seq` of the answer that made the session."""
    for counted in (3, BEYOND_32_BITS):
        acts = await acting(ctx, terms=Terms(counted=counted))
        why = f"opened has last_action_seq {counted}"
        await _row(ctx, acts, counted + 1, 2, why)


@case(NUMBERS, limit_ms=40_000)
async def numbers_of_a_new_session(ctx: Context) -> None:
    """A new session has a row of numbers of its own."""
    acts = await acting(ctx)
    await _row(ctx, acts, 1, 2, "the session was opened at 0")
    await _in_a_new_session(acts)
    await _row(ctx, acts, 1, 2, "the second session was opened at 0")


@case(NUMBERS, limit_ms=40_000)
async def what_is_refused_here_has_no_number(ctx: Context) -> None:
    """An action that the client itself refuses, since its type is none of the session's, uses no number."""
    known = takes(ctx.declared.actions)
    lacks = next((type_ for type_ in known if kind_of(type_) is not None), None)
    others = [type_ for type_ in known if type_ != lacks]
    if lacks is None or not others:
        raise NotOffered("dispatch takes no two types, one of which a server may lack")
    actions = tuple(type_ for type_ in TYPES if type_ != lacks)
    acts = await acting(ctx, types=len(TYPES), terms=Terms(actions=actions))
    first = (await acts.acted(await acts.deed(others[0])))[1]
    await acts.done(first)
    if (await acts.act(await acts.deed(lacks))).refused is None:
        raise NotOffered("it leaves it to its server to refuse a type")
    following = (await acts.acted(await acts.deed(others[0])))[1]
    on, why = acts.actor.records([following]), f"between the two a {lacks} was refused here"
    wanted = (number_of(first) or 0) + 1
    ctx.equal(NUMBERS, wanted, number_of(following), on=on, pointer="/client_seq", why=why)


async def _in_a_new_session(acts: Acts) -> None:
    """Have the session end, so that the client opens another one.

    The server knows that it is over: one that is forgotten may be made again under its old id.
    """
    actor = acts.actor
    await actor.fenced()
    actor.puppet.expire(actor.served)
    actor.gate.cut()
    await actor.opened(within_s=15)


async def _row(ctx: Context, acts: Acts, first: int, length: int, why: str) -> list[Seen]:
    said: list[Seen] = []
    for number in range(first, first + length):
        _, one = await acts.acted()
        said.append(one)
        on = acts.actor.records([one])
        if not ctx.equal(NUMBERS, number, number_of(one), on=on, pointer="/client_seq", why=why):
            return said
        if not await acts.done(one):
            ctx.require(False, "the client has sent an action that its server does not count")
    return said


@case(OTHERS, limit_ms=40_000)
async def cause_in_another_session(ctx: Context) -> None:
    """The number in a cause counts in the session that it names, and in no other."""
    for features in ctx.ways:
        acts = await acting(ctx, features)
        act_elsewhere(acts, ELSEWHERE)
        told = f"an event was caused by number {ELSEWHERE} of another session"
        if not await acts.actor.holds(OTHERS, why=told):
            continue
        _, said = await acts.acted()
        on = acts.actor.records([said])
        ctx.equal(OTHERS, 1, number_of(said), on=on, pointer="/client_seq", why=told)


@case(OTHERS, limit_ms=60_000)
async def cause_elsewhere_ends_no_action(ctx: Context) -> None:
    """An action that waits for its outcome is not done because another session's number is as high."""
    for replayed in (False, True) if is_core(ctx) else (False,):
        if all_well(ctx):
            await _ends_nothing(ctx, replayed=replayed)


async def _ends_nothing(ctx: Context, *, replayed: bool) -> None:
    acts = await acting(ctx, timers={"outcome_ms": 150})
    actor = acts.actor
    actor.puppet.instead("actions", actor.puppet.swallow, times=1)
    act, first = await acts.acted()
    act_elsewhere(acts, number_of(first) or 1, deliver=not replayed)
    if replayed:
        # It shows the gap, and a replay brings the event.
        actor.step()
    mark = actor.mark()
    within_s = again_within_s(acts)
    await actor.until(
        lambda: len(acts.copies(act)) > 1 or acts.opens_since(mark), within_s=within_s
    )
    why = "an event was caused by the same number of another session, and no outcome has come"
    if len(acts.copies(act)) > 1 or await acts.is_given_up(first):
        ctx.check(OTHERS, good=True, expected="a copy", seen="a copy", why=why)
        return
    ctx.absent(
        OTHERS,
        expected="the same action once more, or given_up",
        waited_s=within_s,
        on=actor.records([first]),
        why=why,
    )


@case(IDS, limit_ms=60_000)
async def ids_are_new(ctx: Context) -> None:
    """Each action has an id that no other of the process has, in whatever session."""
    ids: list[str] = []
    for _ in range(2):
        acts = await acting(ctx)
        # Nor has one that of an action that was refused for good.
        refuse = partial(acts.actor.puppet.refuse_for_good, code=FORBIDDEN)
        acts.actor.puppet.instead("actions", refuse, times=1)
        if not await _are_new(ctx, acts, ids, MANY):
            return
        await _in_a_new_session(acts)
        if not await _are_new(ctx, acts, ids, 2):
            return


@case(IDS, limit_ms=40_000)
async def id_of_the_same_once_more(ctx: Context) -> None:
    """What the user does a second time, word for word, is another action, with an id of its own."""
    acts = await acting(ctx, types=1)
    deed = await acts.deed()
    _, first = await acts.acted(deed)
    await acts.done(first)
    await acts.actor.fenced()
    act = await acts.act(deed)
    ctx.require(act.refused is None, f"the client takes no second {deed.type}: {act.refused}")
    # A copy of the first has its number.
    second = await acts.actor.stage.bell.until(
        lambda: next((o for o in acts.like(act) if number_of(o) != number_of(first)), None),
        within_s=10,
    )
    ctx.require(second is not None, "the client has taken the second one, and does not send it")
    if second is not None:
        _is_new(ctx, acts, [id_of(first)], second)


async def _are_new(ctx: Context, acts: Acts, ids: list[str], number: int) -> bool:
    for _ in range(number):
        _, said = await acts.acted()
        if not _is_new(ctx, acts, ids, said):
            return False
        ids.append(id_of(said))
        await acts.done(said)
    return True


def _is_new(ctx: Context, acts: Acts, ids: list[str], said: Seen) -> bool:
    found = id_of(said)
    return ctx.check(
        IDS,
        good=found not in ids and 0 < len(found) <= LONGEST_ID,
        expected="an id that no action before it had",
        seen=found,
        on=acts.actor.records([said]),
        pointer="/action_id",
        why=f"{len(ids)} actions came before it",
    )
