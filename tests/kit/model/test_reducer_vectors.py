"""The fold comes to the slices that the vectors beside the schemas say."""

from __future__ import annotations

import copy
from itertools import count
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import pytest
from tests.reducers import Vector, vectors

from omnisession_conformance.protocol.model.fold import Folder
from omnisession_conformance.protocol.model.order import first_misplacement

if TYPE_CHECKING:
    from collections.abc import Iterator

ALL = pytest.mark.parametrize("vector", vectors("client"), ids=attrgetter("name"))


def message(seq: Iterator[int], type_: str, data: dict[str, Any]) -> dict[str, Any]:
    return {"type": type_, "epoch": 1, "seq": next(seq), "last_action_seq": 0, "data": data}


@ALL
def test_vector(vector: Vector) -> None:
    untouched = copy.deepcopy(vector)
    folder, seq = Folder(vector.limits), count(1)
    folder.take(message(seq, "session.state", vector.slice))
    held = [folder.slices[vector.kind]]
    for step in vector.steps:
        folder.take(message(seq, step.type, step.data))
        held.append(folder.slices[vector.kind])
        assert held[-1] == step.slice, step.shows
        folder.take(message(seq, step.type, step.data))
        assert folder.slices[vector.kind] == step.slice, f"{step.shows} twice is once"
    assert held == [vector.slice, *(step.slice for step in vector.steps)], "what was held stays"
    assert vector == untouched, "messages are left as they were"


def test_the_order_of_what_vectors_hold_is_right() -> None:
    for vector in vectors("client"):
        for slice_ in (vector.slice, *(step.slice for step in vector.steps)):
            assert first_misplacement(vector.kind, slice_) is None, vector.name
