"""How often what happened in generated traffic, as a table; what could have happened and did not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.roles.server.generation import steps as s
from omnisession_conformance.roles.server.generation.offering import TYPES
from omnisession_conformance.roles.server.generation.words import ASKED, PLACES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from omnisession_conformance.roles.server.generation.machine import Tally
    from omnisession_conformance.roles.server.generation.offering import Offer

COLUMNS = 3
WIDTH = 33
CODES = (
    *(4000, 4001, 4002, 4003, 4010, 4030, 4031, 4040, 4041, 4090, 4091, 4092, 4101, 4130, 4220),
)
"""Codes that programs draw from a right server that has all kinds."""
ENDS = ("expire", "rest", "look", "burst", "hush")
"""Rules that stand at the end of few programs, so that not every other one is seen beside them."""
DISTURBANCES = ("break ", "restart ")
"""How the names of rules begin that come some times in a program, if at all."""
NEEDED = {
    4030: ("article.update", "chat.edit"),
    4040: ("article.update", "chat.edit", "url.update"),
    4090: ("article.update",),
    4130: ("chat.send", "url.create", "user.update"),
}
"""Codes that only some actions can get; any of them will do."""


def rules_of(offer: Offer) -> tuple[str, ...]:
    """All that may happen in programs for a target."""
    types = [type_ for type_ in TYPES if type_ in offer.actions or s.is_unlisted(type_)]
    copies = (f"{how} {number}" for how in ("copy", "changed copy") for number in (s.SAME, s.NEXT))
    return (
        *(*types, *copies, "copy ahead", "changed copy ahead", "bent action", "bend"),
        *(
            "open",
            "reopen",
            "close",
            "expire",
            "rest",
            "sync",
            "flight",
            "swap",
            "row",
            "look",
            "burst",
            "hush",
        ),
        *(f"resume {place}" for place in PLACES),
        *(f"ask {how}" for how in ASKED),
        *(f"break {how} of {side}" for how, side in offer.breaks),
        *(f"restart by {how}" for how in (s.STOP, s.KILL) if offer.restarts),
    )


def codes_of(offer: Offer) -> tuple[int, ...]:
    """The codes that programs can get from a target."""
    return tuple(
        code
        for code in CODES
        if code not in NEEDED or any(type_ in offer.actions for type_ in NEEDED[code])
    )


def never(tally: Tally, offer: Offer) -> tuple[tuple[str, ...], tuple[int, ...], int, int]:
    """Rules and codes that did not happen, and how many pairs did, of how many there are."""
    rules = rules_of(offer)
    often = _often(rules)
    pairs = [(one, other) for one in often for other in often]
    seen = sum(1 for pair in pairs if tally.pairs[pair])
    return (
        tuple(rule for rule in rules if not tally.rules[rule]),
        tuple(code for code in codes_of(offer) if not tally.codes[code]),
        seen,
        len(pairs),
    )


def _often(rules: Iterable[str]) -> list[str]:
    return [rule for rule in rules if rule not in ENDS and not rule.startswith(DISTURBANCES)]


def table_of(tally: Tally, offer: Offer) -> Iterator[str]:
    """What happened, in lines for people."""
    rules = rules_of(offer)
    yield f"Generated traffic: {tally.programs} programs, {tally.judged} judged steps"
    yield ""
    yield from _columns((rule, tally.rules[rule]) for rule in rules)
    yield ""
    yield "Outcomes by code (ack: acked or answered)"
    codes = sorted({*codes_of(offer), *(code for code in tally.codes if code > 0)})
    yield from _columns((str(code) if code else "ack", tally.codes[code]) for code in (0, *codes))
    yield ""
    lacking, codes_lacking, seen, possible = never(tally, offer)
    yield f"Pairs of one behind another: {seen} of {possible}"
    often = _often(rules)
    for rule in often:
        unseen = [other for other in often if not tally.pairs[rule, other]]
        if unseen:
            shown = ", ".join(unseen[:6]) + (
                f" and {len(unseen) - 6} more" if len(unseen) > 6 else ""
            )
            yield f"  behind {rule} never: {shown}"
    if lacking or codes_lacking:
        yield f"Never: {', '.join((*lacking, *map(str, codes_lacking)))}"
    yield ""


def _columns(cells: Iterable[tuple[str, int]]) -> Iterator[str]:
    texts = [f"{name:<{WIDTH - 7}}{count:>6}" for name, count in cells]
    for at in range(0, len(texts), COLUMNS):
        yield "  " + "  ".join(texts[at : at + COLUMNS])
