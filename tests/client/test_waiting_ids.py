"""A client that waits with local ids, which is one of the two right ways."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.client.acts import actions, numbers, pending, refused
from tests.client.scenes import keeping as scenes
from tests.client.scenes.stage import Scene

from omnisession_client_faults.places import in_force
from omnisession_client_faults.variants import VARIANTS

if TYPE_CHECKING:
    from collections.abc import Generator

    from tests.client.bench import Bench
    from tests.client.scenes.stage import Watched

LOCAL = "local:x1"


@pytest.fixture
def bench() -> Generator[Watched]:
    with in_force(VARIANTS["waits-with-local-ids"].replacements):
        yield scenes.begun(Scene())


def edits(bench: Bench, action_id: str) -> None:
    bench.dispatch(action_id, "chat.edit", message_id=LOCAL, content=action_id)


def test_what_waits_has_no_number_and_what_follows_overtakes_it(bench: Watched) -> None:
    bench.dispatch("x1")
    edits(bench, "x2")
    bench.dispatch("x3")
    assert pending(bench) == [("x1", 1), ("x2", None), ("x3", 2)]
    assert numbers(bench.effects) == [("x1", 1), ("x3", 2)]


def test_the_result_of_the_ack_is_put_in(bench: Watched) -> None:
    bench.dispatch("x1")
    edits(bench, "x2")
    bench.outcome("action.ack", "x1", 1, 9, status="applied", result={"message_id": "m-8"})
    last = actions(bench.effects)[-1].body
    assert (last["action_id"], last["client_seq"]) == ("x2", 2)
    assert last["data"] == {"message_id": "m-8", "content": "x2"}
    edits(bench, "x3")
    assert actions(bench.effects)[-1].body["data"]["message_id"] == "m-8"


def test_so_is_the_id_of_an_event_where_the_ack_is_lost(bench: Watched) -> None:
    bench.dispatch("x1")
    edits(bench, "x2")
    scenes.caused(bench, "x1", 3, las=1)
    assert actions(bench.effects)[-1].body["data"]["message_id"] == "m-3"


def test_what_waited_for_a_refused_create_is_refused_and_told(bench: Watched) -> None:
    bench.dispatch("x1")
    edits(bench, "x2")
    scenes.nacked(bench, "x1", 1, 4030)
    assert pending(bench) == []
    assert refused(bench)[1:] == [{"action_id": "x2", "reason": "local_id"}]


def test_it_waits_over_a_cut_and_in_a_new_session(bench: Watched) -> None:
    bench.dispatch("x1")
    edits(bench, "x2")
    scenes.back(bench, 2)
    assert pending(bench) == [("x1", 1), ("x2", None)]
    bench.rings("ping")
    bench.refuses(4041)
    scenes.opens(bench)
    assert pending(bench) == [("x1", 1), ("x2", None)]
    bench.outcome("action.ack", "x1", 1, 9, status="duplicate", result={"message_id": "m-8"})
    assert pending(bench) == [("x1", 1), ("x2", 2)]
