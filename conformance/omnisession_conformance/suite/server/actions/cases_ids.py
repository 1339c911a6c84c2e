"""ACTION: how long the id of an action may be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.protocol.limits import LONGEST_ACTION_ID
from omnisession_conformance.roles.server.steps.outcomes import as_next
from omnisession_conformance.roles.server.steps.sending import (
    CHAT_SUBJECT,
    EDIT_SUBJECT,
    NO_GAP,
    NOOP,
    Body,
    Posted,
    chat_body,
    edit_body,
    error_only,
    inbox_answer,
    settle,
    untold,
)

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session

LETTERS = ("a", "\u00e9", "\uff21", "\U0001f600")
"""Characters of one to four bytes; the last one has two units in UTF-16."""
DRAWN = 40
"""Characters that make an id a fresh one."""
FAR_TOO_LONG = 1_700
"""Characters of an id that is refused with a body that no limit refuses."""


def longest(session: Session, letter: str, length: int = LONGEST_ACTION_ID) -> str:
    """A fresh id of so many characters, most of them the same one."""
    return session.new_action_id()[:DRAWN].ljust(length, letter)


def _alike(id_: str) -> list[tuple[str, str]]:
    """Ids that differ from one in a character; each with a few words about it."""
    middle = len(id_) // 2
    first, last = "B" if id_[0] == "A" else "A", "A" if id_[-1] == "a" else "b"
    return [
        ("the last character", f"{id_[:-1]}{last}"),
        ("the first character", f"{first}{id_[1:]}"),
        ("the character in the middle", f"{id_[:middle]}b{id_[middle + 1 :]}"),
        ("the last character, which it lacks", id_[:-1]),
    ]


@case("ACTION-027")
async def longest_ids_are_taken(ctx: Context) -> None:
    """Ids of 128 characters are taken, are copies of themselves, and of no id that differs in one."""
    user = ctx.user()
    session, later = await ctx.open(user), await ctx.open(user)
    for letter in LETTERS:
        id_ = longest(session, letter)
        size = f"{len(id_)} characters in {len(id_.encode())} bytes"
        alike = _alike(id_)
        posted = [
            Posted(session.action_body(NOOP, action_id=it)) for it in (id_, *dict(alike).values())
        ]
        answers = await settle(session, posted)
        whys = [f"an action_id of {size}", *(f"one that differs in {what}" for what, _ in alike)]
        for why, answer in zip(whys, answers, strict=True):
            ctx.acked("ACTION-027", answer, status="applied", why=why)
        for sent, answer, why in zip(posted, answers, whys, strict=True):
            again = await session.outcome_of(sent.body)
            ctx.acked("ACTION-027", again, status="duplicate", why=f"a copy of {why}")
            told = again.data.get("action_id") if again else None
            ctx.equal("ACTION-027", sent.body["action_id"], told, on=again or answer, why=why)
        elsewhere = await as_next(later, dict(posted[0].body))
        why = f"a copy of {whys[0]} in another session"
        ctx.acked("ACTION-027", elsewhere, status="duplicate", why=why)


@case("ACTION-027")
async def longer_ids_are_refused(ctx: Context) -> None:
    """An id of 129 characters gets 4001 on the inbox only, and takes neither number nor another id."""
    session = await ctx.open(ctx.user(), timers=NO_GAP)
    cut: list[str] = []
    for letter in LETTERS:
        for length in (LONGEST_ACTION_ID + 1, FAR_TOO_LONG):
            id_ = longest(session, letter, length)
            cut.append(id_[:LONGEST_ACTION_ID])
            how: Body = {"action_id": id_, "client_seq": 1}
            for subject, body in (
                (session.actions_subject, session.action_body(NOOP, **how)),
                (EDIT_SUBJECT, edit_body(session, "none", **how)),
                (CHAT_SUBJECT, chat_body(session, "", **how)),
            ):
                why = f"an action_id of {length} characters, on {subject}"
                answer = await inbox_answer(session, body, subject=subject)
                error_only(ctx, "ACTION-027", answer, 4001, why=why)
            await session.fence()
            untold(ctx, "ACTION-027", id_, session, why=f"an action_id of {length} characters")
    for id_ in cut:
        answer = await session.outcome_of(session.action_body(NOOP, action_id=id_))
        ctx.acked(
            "ACTION-027", answer, status="applied", why="what a longer id, refused, begins with"
        )
