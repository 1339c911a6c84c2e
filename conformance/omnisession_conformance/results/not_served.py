"""Why a requirement was not judged whose checks are all about things that the target does not have."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

BEGINNINGS = (
    "the target does not list ",
    "the target does not list the action ",
    "the target does not declare the profile ",
)
"""How the reasons of single checks begin; the first tells of actions with the profiles that they are of."""


def in_one(reasons: Iterable[str]) -> str:
    """One reason instead of several: what of it a target would need to have at least one."""
    found: dict[str, list[str]] = {}
    for reason in dict.fromkeys(reasons):
        begins = max((b for b in BEGINNINGS if reason.startswith(b)), key=len, default="")
        ends = reason.removeprefix(begins)
        known = found.setdefault(begins, [])
        # What was said of several kinds at once says what is said of each of them.
        known += [part for part in (ends.split(" or ") if begins else [ends]) if part not in known]
    abilities = found.get(BEGINNINGS[0])
    if abilities:
        return BEGINNINGS[0] + _any_of(abilities)
    return "; ".join(begins + _any_of(ends) for begins, ends in found.items())


def _any_of(words: list[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} or {last}" if most else last
