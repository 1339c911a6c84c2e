"""The reference client plays the traces of `schemas/vectors/`."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

import pytest
from tests.client.vectors.core import ReferenceCore
from tests.client.vectors.player import lines_of, play

from omnisession_conformance.protocol.schemas import schemas_folder

if TYPE_CHECKING:
    from pathlib import Path

MODES = ("pure", "hybrid", "optimistic")
"""Each plays what is for those before it."""
FILES = sorted((schemas_folder() / "vectors" / "traces").glob("*.jsonl"))


@pytest.mark.parametrize("random", [0, 1])
@pytest.mark.parametrize("path", FILES, ids=attrgetter("stem"))
def test_trace(path: Path, random: int) -> None:
    header, inputs = lines_of(path)
    for mode in MODES[MODES.index(header["mode"]) :]:
        play(ReferenceCore({**header, "mode": mode}, random), header, inputs, random)
