"""The fold comes to the slices that the traces beside the schemas say."""

from __future__ import annotations

import copy
from itertools import count
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import pytest
from tests.traces import Trace, traces

from omnisession_conformance.protocol.model.fold import Folder
from omnisession_conformance.protocol.model.order import first_misplacement

if TYPE_CHECKING:
    from collections.abc import Iterator

ALL = pytest.mark.parametrize("trace", traces("client"), ids=attrgetter("name"))


def message(seq: Iterator[int], type_: str, data: dict[str, Any]) -> dict[str, Any]:
    return {"type": type_, "epoch": 1, "seq": next(seq), "last_action_seq": 0, "data": data}


@ALL
def test_trace(trace: Trace) -> None:
    untouched = copy.deepcopy(trace)
    folder, seq = Folder(trace.limits), count(1)
    folder.take(message(seq, "session.state", trace.slice))
    held = [folder.slices[trace.kind]]
    for step in trace.steps:
        folder.take(message(seq, step.type, step.data))
        held.append(folder.slices[trace.kind])
        assert held[-1] == step.slice, step.shows
        folder.take(message(seq, step.type, step.data))
        assert folder.slices[trace.kind] == step.slice, f"{step.shows} twice is once"
    assert held == [trace.slice, *(step.slice for step in trace.steps)], "what was held stays"
    assert trace == untouched, "messages are left as they were"


@ALL
def test_the_order_of_what_traces_hold_is_right(trace: Trace) -> None:
    for slice_ in (trace.slice, *(step.slice for step in trace.steps)):
        assert first_misplacement(trace.kind, slice_) is None
