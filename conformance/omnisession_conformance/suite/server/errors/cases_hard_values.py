"""ERR, ENV: values inside of data that are hard to read, to keep and to write again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import Phase, case
from omnisession_conformance.roles.server.steps import articles, chat, urls
from omnisession_conformance.roles.server.steps.control import answered, states_follow
from omnisession_conformance.roles.server.steps.hard_values import (
    ALLOWED,
    HALVES,
    HOLE,
    SOMEWHERE,
    TOO_LARGE,
    Own,
    Place,
    filled,
    number_places,
    odd_headers,
    text_places,
)
from omnisession_conformance.roles.server.steps.outcomes import counted
from omnisession_conformance.roles.server.steps.sending import NO_GAP, NOOP
from omnisession_conformance.roles.server.steps.users import restore_user, user_in

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.reply import Answer
    from omnisession_conformance.roles.server.session import Session

OWN_FAULTS = (5000, 5030, 5040)
ONCE_MORE = 2
"""How often a message is sent again that the server says it failed with: its own faults pass."""


# -- what a sender may not write ---------------------------------------------------------------------------


@case("ERR-008", "ERR-005", phase=Phase.HOSTILE)
async def hard_values_are_no_fault_of_the_server(ctx: Context) -> None:
    """Strings and numbers that cannot be kept are taken or refused wherever an action has them."""
    user = ctx.user()
    session = await ctx.open(user, kinds=ctx.declared.kinds, features=[], timers=NO_GAP)
    before = await user_in(session) if "user" in session.kinds else {}
    own = await _made(ctx, session)
    chance = ctx.chance
    tried = [(place, chance.choice(HALVES)) for place in text_places(ctx, own)]
    tried += [
        (place, number)
        for place in number_places(own)
        if place.type in ctx.declared.actions
        for number in TOO_LARGE
    ]
    number = session.next_seq
    for place, value in tried:
        answer = await _judged(ctx, session, place, value, number)
        counts = counted(answer)
        number = counts + 1 if isinstance(counts, int) else number
    session.next_seq = number
    await _still_told(ctx, session)
    if before:
        await restore_user(session, before)


async def _made(ctx: Context, session: Session) -> Own:
    """What the case may change: an article and a url of its own, and a message if it can take that away."""
    may = ctx.declared.actions
    article_id = url_id = message_id = None
    if {articles.CREATE, "article.delete"} <= may:
        article_id = await articles.create_article(session)
    if {"url.create", "url.delete"} <= may:
        url_id = await urls.create_url(ctx, session)
    if {"chat.send", "chat.delete"} <= may:
        message_id = await chat.say(session, chat.text(ctx))
    return Own(article_id, url_id, message_id)


async def _judged(
    ctx: Context, session: Session, place: Place, value: str, number: int
) -> Answer | None:
    """Observe that an action with a value is answered, and not by a fault of the server."""
    body = filled(session, place, value, number)
    subject = place.subject or session.actions_subject
    answer = None
    for _ in range(1 + ONCE_MORE):
        answer = await session.outcome_of(body, subject=subject)
        if answer is None or answer.code not in OWN_FAULTS:
            break
    why = f"{place.type} with {value} as {place.what}"
    expected = "an outcome or a refusal that names what is wrong with it"
    if answer is None:
        ctx.absent("ERR-005", expected=expected, why=why)
        return None
    good = answer.code not in OWN_FAULTS
    ctx.check("ERR-008", good, expected=expected, seen=str(answer), on=answer, why=why)
    return answer


async def _still_told(ctx: Context, session: Session) -> None:
    """Observe that session and user are served as before, with a state of each kind."""
    fresh = ctx.session(session.user)
    for one, type_, answer_type, data in (
        (session, "session.sync", "session.syncing", {"kinds": list(session.kinds)}),
        (fresh, "session.open", "session.opened", fresh.open_data(kinds=session.kinds)),
    ):
        why = f"{type_} after hard values"
        answer = await (await one.send(type_, data)).answer()
        if not answered(ctx, "ERR-005", answer, answer_type, why) or answer is None:
            return
        one.opened = one.opened or answer
        start, reason = answer.position_or_stop(answer_type), type_.partition(".")[2]
        if not await states_follow(ctx, "ERR-005", one, start, session.kinds, reason, why):
            return
    answer = await session.outcome_of(session.action_body(NOOP))
    ctx.acked("ERR-005", answer, why="an action after hard values")


@case("ERR-005", phase=Phase.HOSTILE)
async def odd_headers_change_nothing(ctx: Context) -> None:
    """Actions and requests with headers that mean nothing, or are no trace, are answered as without."""
    session = await ctx.open(ctx.user(), timers=NO_GAP)
    for headers in odd_headers():
        shown = ", ".join(f"{name}: {value:.40}" for name, value in headers.items())
        body = session.action_body(NOOP)
        answer = await session.outcome_of(body, headers=headers)
        if not ctx.acked("ERR-005", answer, status="applied", why=f"an action with {shown}"):
            session.next_seq = counted(await session.ask("session.ping")) + 1
    answer = await (await session.send("session.ping")).answer()
    answered(ctx, "ERR-005", answer, "session.pong", "a ping after odd headers")


# -- what a sender may write -------------------------------------------------------------------------------


@case("ENV-007", "ACTION-009")
async def numbers_in_unknown_members_are_numbers(ctx: Context) -> None:
    """A member that is not known may be any number; with another number it is another action."""
    session = await ctx.open(ctx.user(), timers=NO_GAP)
    for at, (value, other) in enumerate(ALLOWED):
        place = SOMEWHERE[at % len(SOMEWHERE)]
        id_, number = session.new_action_id(), session.next_seq
        first, again = (
            filled(session, place, text, number, action_id=id_) for text in (value, other)
        )
        why = f"an action with {value} as {place.what}"
        ack = await session.outcome_of(first)
        if not ctx.acked("ENV-007", ack, status="applied", why=why):
            continue
        session.next_seq += 1
        ack = await session.outcome_of(first)
        ctx.acked("ENV-007", ack, status="duplicate", why=f"a copy of {why}")
        answer = await session.outcome_of(again)
        ctx.refused("ACTION-009", answer, 4092, why=f"its copy with {other} in place of {value}")
    for value, _ in ALLOWED:
        body = json.dumps(session.request_body("session.ping", {"x_unknown": [HOLE]}))
        raw = body.replace(json.dumps(HOLE), value).encode()
        answer = await (await session.send("session.ping", body=raw)).answer()
        why = f"a ping with {value} in a member that is not known"
        answered(ctx, "ENV-007", answer, "session.pong", why)
