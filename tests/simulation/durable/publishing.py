"""A game in which articles are published and changed all the time, so that there are hints to be said."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tests.simulation.durable.schedule import Doing
from tests.simulation.durable.world import World

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.simulation.durable.schedule import Client, Schedule

UPDATES = 6


class Publishes(World):
    """Who sees articles publishes one, and changes it again and again."""

    def __init__(self, schedule: Schedule, parts: Sequence[type] = ()) -> None:
        clients = tuple(
            replace(one, doings=_published(one)) if "articles" in one.kinds else one
            for one in schedule.clients
        )
        super().__init__(replace(schedule, clients=clients), parts)


def _published(client: Client) -> tuple[Doing, ...]:
    types = ("article.create", "article.publish", *("article.update",) * UPDATES)
    # Of what is shown the first is chosen, and no revision is expected.
    return tuple(
        Doing(f"{client.session}-{number}", type_, 1, hash_of(client.session, number))
        for number, type_ in enumerate(types, 1)
    )


def hash_of(session: str, number: int) -> int:
    """The number of a word that no other action has."""
    return int.from_bytes(f"{session}-{number}".encode()) + 2 * 10**9
