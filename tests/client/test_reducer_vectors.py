"""The slices of the reference client become what the vectors beside the schemas say."""

from __future__ import annotations

import copy
from operator import attrgetter

import pytest
from tests.client.bench import Bench
from tests.reducers import Vector, vectors


@pytest.mark.parametrize("vector", vectors("client"), ids=attrgetter("name"))
def test_vector(vector: Vector) -> None:
    untouched = copy.deepcopy(vector)
    bench = Bench(vector.kind)
    bench.begin()
    bench.ready()
    bench.opens(limits=vector.limits)
    bench.hears("state", bench.shown(1, **vector.slice))
    held = [bench.state.slices[vector.kind]]
    assert held == [vector.slice]
    for seq, step in enumerate(vector.steps):
        for again in (0, 1):
            place = 2 * seq + 2 + again
            if step.type == "session.state":
                data = {"reason": "change", "data": step.data}
                bench.hears("state", bench.shown(place) | data)
            else:
                bench.hears("events", bench.event(place, step.type, **step.data))
            assert bench.state.slices[vector.kind] == step.slice, step.shows
        held.append(bench.state.slices[vector.kind])
    assert bench.place == (1, 2 * len(vector.steps) + 1)
    assert held == [vector.slice, *(step.slice for step in vector.steps)], "what was held stays"
    assert vector == untouched, "messages are left as they were"
