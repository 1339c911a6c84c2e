"""The ways in which a case plays, one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.protocol.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omnisession_conformance.roles.client.context import Context


def all_well(ctx: Context) -> bool:
    """Whether nothing was wrong so far; after that a case would only wait for more of the same."""
    return all(one.outcome is Outcome.OK for one in ctx.observations)


def each_way(ctx: Context) -> Iterator[tuple[str, ...]]:
    """The features of one session after the other, as long as nothing is wrong."""
    for features in ctx.ways:
        if not all_well(ctx):
            return
        yield features
