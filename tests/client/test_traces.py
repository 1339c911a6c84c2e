"""The slices of the reference client become what the traces beside the schemas say."""

from __future__ import annotations

import copy
from operator import attrgetter

import pytest
from tests.client.bench import Bench
from tests.traces import Trace, traces


@pytest.mark.parametrize("trace", traces("client"), ids=attrgetter("name"))
def test_trace(trace: Trace) -> None:
    untouched = copy.deepcopy(trace)
    bench = Bench(trace.kind)
    bench.begin()
    bench.ready()
    bench.opens(limits=trace.limits)
    bench.hears("state", bench.shown(1, **trace.slice))
    held = [bench.state.slices[trace.kind]]
    assert held == [trace.slice]
    for seq, step in enumerate(trace.steps):
        for again in (0, 1):
            place = 2 * seq + 2 + again
            if step.type == "session.state":
                data = {"reason": "change", "data": step.data}
                bench.hears("state", bench.shown(place) | data)
            else:
                bench.hears("events", bench.event(place, step.type, **step.data))
            assert bench.state.slices[trace.kind] == step.slice, step.shows
        held.append(bench.state.slices[trace.kind])
    assert bench.place == (1, 2 * len(trace.steps) + 1)
    assert held == [trace.slice, *(step.slice for step in trace.steps)], "what was held stays"
    assert trace == untouched, "messages are left as they were"
