"""What cases for clients are made of, without a client: vectors, fillers, trails, rows of waits."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.kit.clients.puppetbench import CHECKER, Bench

from omnisession_conformance.environment.draws import Chance
from omnisession_conformance.protocol.kinds.tables import BY_NAME, LISTS, NAMES
from omnisession_conformance.protocol.limits import DEFAULT_LIMITS, FLOORS, OF_KINDS
from omnisession_conformance.protocol.model.slices import empty_slice
from omnisession_conformance.roles.client.puppet.terms import Terms
from omnisession_conformance.roles.client.steps.fillers import filled
from omnisession_conformance.roles.client.steps.reducers import (
    STATE,
    Told,
    emptied,
    events_of,
    vectors_of,
)
from omnisession_conformance.roles.client.steps.rows import waits_s
from omnisession_conformance.roles.client.steps.trails import WINDOW, drawn, trail

if TYPE_CHECKING:
    from collections.abc import Mapping

LOWEST = dict.fromkeys(DEFAULT_LIMITS, 1)
BOUNDED = [
    (kind, list_)
    for kind in NAMES
    for list_ in LISTS[kind].values()
    if list_.limit in OF_KINDS and list_.limit != "revisions"
]


@pytest.mark.parametrize("kind", NAMES)
def test_every_event_of_a_kind_is_in_its_traces(kind: str) -> None:
    assert {told.type for told in events_of(kind)} == {event.type for event in BY_NAME[kind].events}
    for vector in vectors_of(kind):
        assert vector.slice["type"] == vector.kind == kind
        assert all(told.data["type"] == kind for told in vector.steps if told.type == STATE)


@pytest.mark.parametrize("kind", NAMES)
def test_a_server_may_say_what_is_in_a_trace(kind: str) -> None:
    for vector in vectors_of(kind):
        assert all(vector.limits[name] >= least for name, least in FLOORS.items())
        # The bench sees that all of it is valid.
        bench = Bench(Terms(limits=vector.limits))
        session = bench.open(kinds=[kind], features=["events"])
        bench.puppet.state(session, kind, vector.slice)
        for told in vector.steps:
            if told.type == STATE:
                bench.puppet.state(session, kind, told.data)
            else:
                bench.puppet.event(session, told.type, told.data)
        assert len(bench.said.take()) == 1 + len(vector.steps)


@pytest.mark.parametrize(("kind", "list_"), BOUNDED)
def test_fillers_leave_as_much_room_as_was_wanted(kind: str, list_: Any) -> None:
    before = empty_slice(kind)
    after, limits = filled(kind, copy.deepcopy(before), LOWEST)
    assert len(after[list_.name]) == limits[list_.limit] - 1 == FLOORS[list_.limit] - 1
    state = {"type": STATE, "v": "1.0", "user_id": "u", "session_id": "s" * 16, "timestamp": 1}
    place = {"epoch": 1, "seq": 1, "last_action_seq": 0, "reason": "change", "data": after}
    definition = "state.schema.json"
    assert CHECKER.explain(definition, {**state, **place}) == []
    if list_.key is not None:
        assert after[list_.name] == sorted(after[list_.name], key=list_.key)


def test_fillers_fill_revisions_where_an_article_is_selected() -> None:
    bare, limits = filled("articles", empty_slice("articles"), LOWEST)
    assert bare["revisions"] == []
    full, _ = filled(
        "articles", {**empty_slice("articles"), "current_article": {"id": "a"}}, LOWEST
    )
    assert len(full["revisions"]) == limits["revisions"] - 1
    assert {one["article_id"] for one in full["revisions"]} == {"a"}


def test_limits_that_can_be_told_need_no_fillers() -> None:
    slice_ = empty_slice("chat")
    assert filled("chat", slice_, DEFAULT_LIMITS) == (slice_, dict(DEFAULT_LIMITS))


@given(st.integers(0, 60), st.integers(0, 10_000))
def test_a_trail_is_a_part_of_what_was_said_some_twice_and_none_very_late(
    length: int, seed: int
) -> None:
    said = list(range(length))
    come = trail(said, Chance(str(seed)))
    assert come == trail(said, Chance(str(seed)))
    assert set(come) <= set(said)
    assert all(come.count(place) <= 2 for place in said)
    for at, place in enumerate(come):
        assert all(later > place - WINDOW for later in come[at:])


def test_trails_lose_double_and_disturb() -> None:
    trails = [trail(list(range(40)), Chance(str(seed))) for seed in range(20)]
    assert all(len(set(come)) < len(come) for come in trails)
    assert all(come != sorted(come) for come in trails)
    assert any(len(set(come)) < 40 for come in trails)


@dataclass
class Asked:
    reply: str
    at_s: float


def test_waits_begin_when_an_answer_has_passed_or_with_what_was_asked() -> None:
    asked = [Asked("a", 1.0), Asked("", 2.0), Asked("c", 4.0)]
    actor: Any = SimpleNamespace(gate=SimpleNamespace(answered={"a": 1.5, "c": 9.0}))
    assert waits_s(actor, asked) == [0.5, 2.0]  # pyright: ignore[reportArgumentType]


def test_a_stream_goes_on_with_what_shows_whether_the_last_came_again() -> None:
    bench = Bench()
    session = bench.open(kinds=["chat"], features=["events"])
    by_type = {told.type: told for told in events_of("chat")}
    joined = by_type["chat.participant_joined"]
    gone = Told("", "chat.participant_left", {"user_id": joined.data["user"]["id"]})
    bench.puppet.event(session, joined.type, joined.data)
    pool = [joined, gone]
    assert all(
        drawn(Chance(str(seed)), pool, session, joined, lambda _: True) is gone for seed in range(3)
    )
    assert drawn(Chance("0"), [joined], session, None, lambda _: True) is joined


def test_nothing_is_drawn_that_leads_to_what_no_state_can_say() -> None:
    bench = Bench()
    session = bench.open(kinds=["chat"], features=["events"])
    joined = next(one for one in events_of("chat") if one.type == "chat.participant_joined")
    gone = Told("", "chat.participant_left", {"user_id": joined.data["user"]["id"]})

    def is_without(slice_: Mapping[str, Any]) -> bool:
        return joined.data["user"]["id"] not in [one["id"] for one in slice_["participants"]]

    pool = [joined, gone]
    assert all(drawn(Chance(str(n)), pool, session, None, is_without) is gone for n in range(8))


@pytest.mark.parametrize(("kind", "member"), [("articles", "published_at"), ("chat", "edited_at")])
def test_what_an_entry_has_once_is_taken_away_again(kind: str, member: str) -> None:
    bare = [found for told in events_of(kind) if (found := emptied(told)) is not None]
    assert bare
    assert all(one.data[next(iter(one.data))][member] is None for one in bare)
