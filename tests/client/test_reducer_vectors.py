"""The slices of the reference client become what the vectors beside the schemas say."""

from __future__ import annotations

import copy
from operator import attrgetter

import pytest
from tests.client.bench import Bench
from tests.reducers import Vector, vectors

from omnisession_client_faults.faults import FAULTS
from omnisession_client_faults.places import in_force

WRONG = {
    "articles/a-limit-of-one": "cuts-one-too-late",
    "articles/ids-by-code-point": "sorts-by-utf-16",
    "articles/selections": "forgets-article.selected",
    "chat/who-types": "forgets-chat.typing-changed",
    "url/changes-and-deletions": "forgets-url.updated",
    "user/permissions-are-replaced-whole": "adds-permissions",
}
"""By vector a wrong core that it shows."""


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


@pytest.mark.parametrize(("name", "fault"), WRONG.items(), ids=WRONG)
def test_a_wrong_core_is_unlike_its_vector(name: str, fault: str) -> None:
    (vector,) = (one for one in vectors("client") if one.name == name)
    with in_force(FAULTS[fault].replacements), pytest.raises(AssertionError):
        test_vector(vector)
