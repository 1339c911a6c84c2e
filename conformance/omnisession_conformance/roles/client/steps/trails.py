"""In which order a stream comes, which of it never does, and which twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

T = TypeVar("T")
LOST, TWICE = 0.1, 0.3
WINDOW = 6
"""So many places one may be late."""


def trail(said: Sequence[T], rng: Random) -> list[T]:
    """What comes of a stream: some is lost, some comes twice, and some late."""
    come = [place for place in range(len(said)) if rng.random() >= LOST]
    come += [place for place in range(len(said)) if rng.random() < TWICE]
    late = [(place + rng.uniform(0, WINDOW), place) for place in come]
    return [said[place] for _, place in sorted(late)]
