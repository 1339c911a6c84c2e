"""Bytes that are no answer, where a client waits for one."""

from __future__ import annotations

from itertools import cycle
from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.case import Phase, case
from omnisession_conformance.roles.client.actor import OPEN, PING, RECOVERIES, RESUME, SYNC
from omnisession_conformance.roles.client.puppet.bodies import envelope, told
from omnisession_conformance.roles.client.puppet.terms import LEAST_HEARTBEAT_MS, Terms
from omnisession_conformance.roles.client.steps.garbage import NO_BODIES, encoded
from omnisession_conformance.roles.client.steps.going_on import GOES_ON, acts_by_now, goes_on

if TYPE_CHECKING:
    from collections.abc import Callable

    from omnisession_conformance.roles.client.actor import Actor
    from omnisession_conformance.roles.client.context import Context
    from omnisession_conformance.roles.client.puppet.asked import Asked
    from omnisession_conformance.roles.client.puppet.puppet import Puppet

ANSWER_MS = 300
TIMES, TIMES_WITHOUT_TIMERS = 6, 2
WITHIN_S, WITHOUT_TIMERS_S = 15.0, 60.0
"""How long the next request may take: a client that takes no timers waits for seconds before each."""
NO_MESSAGES: tuple[Any, ...] = ([7], [None, "x"], [[], {}], {"0": 7})
"""Instead of the messages of a replay."""
WRONG_DATA: tuple[Any, ...] = (
    7,
    None,
    [],
    "x",
    {},
    {"error": 7},
    {"error": {}},
    {"position": [], "messages": {}},
)


@case(GOES_ON, phase=Phase.HOSTILE, limit_ms=120_000)
async def no_answers_to_open(ctx: Context) -> None:
    """A client goes on when what answers its open is no answer."""
    actor = await ctx.start(
        timers={"answer_ms": ANSWER_MS},
        before=lambda _, puppet: puppet.instead(
            OPEN, _answering(ctx, puppet), times=TIMES_WITHOUT_TIMERS
        ),
    )
    why = "bytes that are no answer have come to its session.open"
    if not await actor.until_or_failed(
        lambda: len(actor.said(OPEN)) > TIMES_WITHOUT_TIMERS, within_s=_within_s(actor)
    ):
        expected = "session.open once more"
        ctx.absent(GOES_ON, expected=expected, waited_s=_within_s(actor), why=why)
        return
    ctx.require(
        await actor.until(lambda: actor.puppet.session, within_s=5),
        "what the client asks for is no session that it can have",
    )
    await goes_on(ctx, actor, why)


@case(GOES_ON, phase=Phase.HOSTILE, limit_ms=120_000)
async def no_answers_to_recoveries(ctx: Context) -> None:
    """A client goes on when what answers its recovery is no answer."""
    actor = await ctx.live(timers={"answer_ms": ANSWER_MS})
    acts = await acts_by_now(ctx, actor)
    times, mark = TIMES if actor.takes_timers else TIMES_WITHOUT_TIMERS, actor.mark()
    for type_ in RECOVERIES:
        actor.puppet.instead(type_, _answering(ctx, actor.puppet), times=times)
    actor.step(deliver=False)
    actor.step()
    # It may take such an answer for the end of its session, and open another one.
    await actor.until_or_failed(
        lambda: len(actor.said(*RECOVERIES, since=mark)) > times or actor.said(OPEN, since=mark),
        within_s=_within_s(actor),
    )
    for type_ in RECOVERIES:
        actor.puppet.truthful_again(type_)
    await goes_on(ctx, actor, "bytes that are no answer have come to its recoveries", acts=acts)


@case(GOES_ON, needs=("core",), phase=Phase.HOSTILE, limit_ms=120_000)
async def no_bodies_in_a_replay(ctx: Context) -> None:
    """A client goes on when the messages of a replay are no bodies."""
    actor = await ctx.live(timers={"answer_ms": ANSWER_MS})
    puppet, left = actor.puppet, list(NO_MESSAGES)

    def replay(asked: Asked) -> None:
        position = told(actor.served.position)
        data = {"mode": "replay", "position": position, "messages": left.pop()}
        body = envelope("session.resumed", puppet.user_id, asked.session_id, 1)
        puppet.raw(asked.reply, encoded({**body, "data": data}))

    for number in range(len(NO_MESSAGES), 0, -1):
        mark = actor.mark()
        puppet.instead(RESUME, replay, times=1)
        actor.step(deliver=False)
        actor.step()
        # Whether it asks for states or a replay is its own affair.
        await actor.until_or_failed(
            lambda mark=mark, number=number: (
                len(left) < number or actor.said(SYNC, OPEN, since=mark)
            ),
            within_s=_within_s(actor),
        )
        puppet.truthful_again(RESUME)
        if len(left) == number:
            left.pop()
        if not await goes_on(ctx, actor, "the messages of a replay were no bodies"):
            return


@case(GOES_ON, phase=Phase.HOSTILE, limit_ms=120_000)
async def no_answers_to_pings(ctx: Context) -> None:
    """A client goes on when what answers its ping is no answer."""
    terms = Terms(heartbeat_ms=LEAST_HEARTBEAT_MS)
    actor = await ctx.live(timers={"answer_ms": ANSWER_MS}, terms=terms)
    actor.puppet.instead(PING, _answering(ctx, actor.puppet), times=TIMES)
    # How often it pings is its own affair.
    mark = actor.mark()
    await actor.until_or_failed(lambda: len(actor.said(PING, since=mark)) >= TIMES, within_s=5)
    actor.puppet.truthful_again(PING)
    await goes_on(ctx, actor, "bytes that are no answer have come to its pings, and then answers")


def _within_s(actor: Actor) -> float:
    return WITHIN_S if actor.takes_timers else WITHOUT_TIMERS_S


def _answering(ctx: Context, puppet: Puppet) -> Callable[[Asked], None]:
    """A rule: each time other bytes in place of the answer."""
    rng = ctx.draws.rng("answers", ctx.case.name)
    wrong: list[Any] = [*NO_BODIES, *WRONG_DATA]
    rng.shuffle(wrong)
    next_ones = cycle(wrong)

    def answer(asked: Asked) -> None:
        found = next(next_ones)
        if not isinstance(found, bytes):
            # An error to an open may end a client for good, whatever it says.
            type_ = "session.opened" if asked.type == OPEN else "error"
            body = envelope(type_, puppet.user_id, asked.session_id, 1)
            found = encoded({**body, "data": found})
        puppet.raw(asked.reply, found)

    return answer
