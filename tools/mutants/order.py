"""In which order mutants are run. Pure."""

from __future__ import annotations

import random
from collections import defaultdict
from math import sqrt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mutants.mutant import Mutant


def ordered(mutants: Iterable[Mutant], seed: int) -> Sequence[Mutant]:
    """Return all mutants as a seed draws them.

    An operator with four times the places is drawn twice as often, so that names, which are many and
    easily seen, leave room for numbers and conditions.
    """
    draw = random.Random(seed)  # noqa: S311 nothing is kept secret
    groups: defaultdict[str, list[Mutant]] = defaultdict(list)
    for mutant in sorted(mutants, key=lambda m: m.id):
        groups[mutant.operator].append(mutant)
    for group in groups.values():
        draw.shuffle(group)
    weights = {name: sqrt(len(group)) for name, group in sorted(groups.items())}
    drawn: list[Mutant] = []
    while weights:
        name = draw.choices(list(weights), list(weights.values()))[0]
        drawn.append(groups[name].pop())
        if not groups[name]:
            del weights[name]
    return drawn
