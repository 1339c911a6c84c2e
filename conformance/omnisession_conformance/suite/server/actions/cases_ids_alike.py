"""ACTION: ids that people or programs take for one, and ids of every form that a client may give."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.protocol.vocabulary.near import around, numbers
from omnisession_conformance.protocol.vocabulary.words import FEW, WORDS
from omnisession_conformance.roles.server.steps.sending import (
    AT_A_TIME,
    NOOP,
    copies,
    noops,
    numbered,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session
    from omnisession_conformance.roles.server.steps.sending import Body

STEM = 40
"""Characters of the stem of ids that are near to each other."""
ODD = (
    *("0", "z", "-", " ", "é", "\U0001f600", "\x7f", "\0"),
    *("urn:x-act:7", "a/b/../c?d=e&f#g", "a@b.example", "0x1F", "1e3", "[1]", '{"a":1}', "<a>"),
    *('say "x"', "back\\slash", "\u202eabc", "\u2028", "\ufffe", "\r\n", "$ref", "a,b;c", "%s%n"),
)
"""Ids of one character, and of characters that no UUID has."""


@case("ACTION-027")
async def near_ids_are_other_actions(ctx: Context) -> None:
    """Ids that only case, spaces, forms or signs tell apart are of different actions, each known again."""
    session = await ctx.open(ctx.user())
    stem = session.new_action_id()[:STEM]
    await _each_is_its_own(ctx, session, {**around(stem), **numbers(ctx.draws.digits())})


@case("ACTION-027")
async def ids_of_any_form_are_taken(ctx: Context) -> None:
    """Ids of one character, of signs, and words that mean something to a language are ids as any other."""
    session = await ctx.open(ctx.user())
    forms = dict.fromkeys((*ODD, *WORDS), "what it is")
    await _each_is_its_own(ctx, session, forms, again=(*ODD[:8], *FEW))


async def _each_is_its_own(
    ctx: Context, session: Session, ids: Mapping[str, str], again: Collection[str] | None = None
) -> None:
    """Observe that actions under some ids are applied, each once, and known by their ids again."""
    await noops(session, 1)
    bodies = [session.action_body(NOOP, action_id=id_, client_seq=0) for id_ in ids]
    answers = await numbered(session, bodies)
    known: list[Body] = []
    for body, answer, (id_, what) in zip(bodies, answers, ids.items(), strict=True):
        why = f"an action_id that differs from others in {what}: {id_!r}"
        if ctx.acked("ACTION-027", answer, status="applied", why=why):
            known += [body] if again is None or id_ in again else []
        elif answer is None:
            return
    for at in range(0, len(known), AT_A_TIME):
        some = known[at : at + AT_A_TIME]
        for body, answer in zip(some, await copies(session, some), strict=True):
            why = f"a copy of the action {body['action_id']!r}"
            ctx.acked("ACTION-027", answer, status="duplicate", why=why)
