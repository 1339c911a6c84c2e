"""Texts that programs trip over, drawn by hypothesis: what it knows of text took years.

Loaded only where a run goes deep: the library takes as long to import as a quick run takes to play.
"""

from __future__ import annotations

import random
import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def hard_texts(seed: int, home: Path, count: int = 400) -> tuple[str, ...]:
    """So many texts of a seed, the short and the odd ones among them.

    What the library keeps for itself it keeps in `home`.
    """
    from hypothesis import HealthCheck, Phase, given, settings  # noqa: PLC0415
    from hypothesis import seed as seeded  # noqa: PLC0415
    from hypothesis import strategies as st  # noqa: PLC0415
    from hypothesis.configuration import set_hypothesis_home_dir  # noqa: PLC0415

    set_hypothesis_home_dir(home)
    found: dict[str, None] = {}

    @seeded(seed)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=(Phase.generate,),
        suppress_health_check=(HealthCheck.too_slow, HealthCheck.data_too_large),
    )
    @given(st.text(max_size=40))
    def keep(text: str) -> None:
        found[text] = None

    # It seeds the module `random`, which is somebody else's as well.
    state = random.getstate()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            keep()
    finally:
        random.setstate(state)
    return tuple(found)
