"""What has no final outcome is sent again, or given up and told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from omnisession_conformance.roles.client.steps.acts import NOT_NOW, number_of, session_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from omnisession_conformance.protocol.json import Object
    from omnisession_conformance.roles.client.context import Context
    from omnisession_conformance.roles.client.gate.seen import Seen
    from omnisession_conformance.roles.client.puppet.asked import Asked
    from omnisession_conformance.roles.client.steps.acts import Act, Acts

AGAIN = "HYB-007"
OF_NUMBERS = ("HYB-006", "HYB-010", "HYB-012", "CLI-034")
"""Which say that the next action has the next number; others say that it gets through."""
AGAIN_WITHIN_S, WITHOUT_TIMERS_S = 6.0, 20.0
"""Without timers of the kit an outcome is waited for 2 s, and the wait after that is 10 s at most."""
NEW_SESSION_S = 15.0
NO_LIE = (*NOT_NOW, "closed")
"""Who takes nothing more after what went before, and says so, is stuck because of it."""
UNKNOWN_CODE, UNKNOWN_NAME = 5999, "NOT_OF_TODAY"
REFUSED_CODE = 4999


def unknown(code: int = UNKNOWN_CODE, *, retryable: bool = True, **more: int) -> Object:
    """An error that a server of a later MINOR may tell."""
    return {
        "code": code,
        "name": UNKNOWN_NAME,
        "message": "The kit says so.",
        "retryable": retryable,
        **more,
    }


@dataclass(slots=True)
class Nacks:
    """A rule that refuses an action; `at_s` are the times at which it did."""

    acts: Acts
    refusal: Mapping[str, object]
    at_s: list[float]

    def __call__(self, asked: Asked) -> None:
        """Refuse this."""
        # Taken before it is said: a client can only know of it later.
        self.at_s.append(self.acts.actor.now_s)
        self.acts.actor.puppet.nack(asked, self.refusal)


def again_within_s(acts: Acts) -> float:
    """How long a copy may take."""
    return AGAIN_WITHIN_S if acts.actor.takes_timers else WITHOUT_TIMERS_S


async def same_again(
    ctx: Context,
    acts: Acts,
    act: Act,
    number: int,
    why: str,
    *requirements: str,
    is_free: bool = False,
) -> Seen | None:
    """Observe that the n-th copy of an action comes, with the bytes of the first in one session.

    None where the client gave it up instead, and is in a new session, which is as right, or where neither
    has come, which breaks the requirements. No new session is needed where its number `is_free`, since
    each copy was refused for now: the next action may have it.
    """
    actor = acts.actor
    first, judged = acts.copies(act)[0], requirements or (AGAIN,)
    copy = await _copy_or_end(acts, act, number, first)
    if copy is not None:
        on = actor.records([first, copy])
        for one in judged:
            same = one != AGAIN or (copy.payload, copy.subject) == (first.payload, first.subject)
            ctx.check(
                one,
                good=same,
                expected=_shown(first),
                seen=_shown(copy),
                on=on,
                why=f"{why}: the copy has the bytes of the first",
            )
        return copy
    if await acts.is_given_up(first):
        # The number may be taken, so that it cannot be given to another action.
        opens = not is_free and await actor.until(
            lambda: acts.opens_since(act.since), within_s=NEW_SESSION_S
        )
        for one in judged:
            ctx.check(
                one,
                good=opens or is_free,
                expected="a copy, or given_up" + " and then a new session" * (not is_free),
                seen="given_up, and " + ("a" if opens else "no") + " new session",
                on=actor.records([first]),
                why=why,
            )
        return None
    for one in judged:
        ctx.absent(
            one,
            expected="the same action once more, or given_up in what the user is told",
            waited_s=again_within_s(acts),
            on=actor.records([first]),
            why=why,
        )
    return None


async def _copy_or_end(acts: Acts, act: Act, number: int, first: Seen) -> Seen | None:
    def find() -> Seen | bool | None:
        copies = [one for one in acts.copies(act) if session_of(one) == session_of(first)]
        if len(copies) >= number:
            return copies[number - 1]
        # It has gone on in another session: no copy comes in this one any more.
        return True if acts.opens_since(act.since) else None

    found = await acts.actor.stage.bell.until(find, within_s=again_within_s(acts))
    return found if found is not None and not isinstance(found, bool) else None


async def goes_on(
    ctx: Context, acts: Acts, before: Seen, why: str, *requirements: str
) -> Seen | None:
    """Observe that the next action is taken, with the next number, and done: whatever went before."""
    actor = acts.actor
    wanted = (number_of(before) or 0) + 1
    act = await acts.act()
    ctx.require(
        act.refused is None or act.refused in NO_LIE,
        f"the client takes no {act.deed.type} here: it says {act.refused} (HYB-016)",
    )
    said = None if act.refused else await acts.said(act, within_s=10)
    if said is None:
        seen = f"it is refused: {act.refused}" if act.refused else "nothing is sent"
        for one in requirements:
            ctx.check(
                one,
                good=False,
                expected="the next action is sent",
                seen=seen,
                on=actor.records([before]),
                why=why,
            )
        return None
    if session_of(said) != session_of(before):
        wanted = 1
    done, number = await acts.done(said), number_of(said)
    for one in requirements:
        numbered = one not in OF_NUMBERS or number == wanted
        ctx.check(
            one,
            good=numbered and done,
            expected=f"the next action has the number {wanted}, and is done",
            seen=f"it has the number {number}" + ("" if done else ", and is not done"),
            on=actor.records([said, before]),
            pointer="/client_seq",
            why=f"{why}; this is the next action",
        )
    return said


def _shown(one: Seen) -> str:
    return one.payload.decode("utf-8", "backslashreplace")
