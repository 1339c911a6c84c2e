"""Wrong rules: instances of which one rule is broken on purpose, each by a few lines in one place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.simulation.durable.draw import draw
from tests.simulation.durable.world import World

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.simulation.findings import Finding


class OldNames(World):
    """Not an instance but its supervisor is wrong: what is started again has an old name."""

    def name(self) -> str:
        dead = [node.name for node in self.nodes if not node.is_alive]
        return dead[0] if dead else super().name()


def caught(
    parts: Sequence[type],
    most: int,
    *,
    only: tuple[str, ...] = (),
    noise: int | None = None,
    first: int = 0,
    world: type[World] = World,
) -> tuple[int, Finding] | None:
    """How many schedules it took to see a wrong rule, and what was found; None where `most` did not."""
    for number in range(most):
        finding = fails(parts, first + number, only=only, noise=noise, world=world)
        if finding is not None:
            return number + 1, finding
    return None


def fails(
    parts: Sequence[type],
    seed: int,
    *,
    only: tuple[str, ...] = (),
    noise: int | None = None,
    world: type[World] = World,
) -> Finding | None:
    """What the schedule of a seed shows of a wrong rule."""
    return world(draw(seed, only, noise), parts).play().finding
