"""One row of the table of kills: the node that leads the journal of a cluster is killed under load."""

from __future__ import annotations

import pytest
from tests.durable.kills.fleet import Fleet
from tests.durable.kills.rows import ROWS, Row, run


@pytest.mark.dear
def test_its_leader_killed_a_cluster_has_lost_nothing() -> None:
    told = run(Row(3, Fleet.kill_leader, holes=True))
    assert told.acked >= 4 * 2 * 3


def test_each_row_has_a_name_of_its_own_and_says_what_happens() -> None:
    assert len({row.name for row in ROWS}) == len(ROWS) > 15
    assert all(row.what and len(row.what) <= 52 for row in ROWS)
