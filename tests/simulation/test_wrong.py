"""A simulation that is blind finds nothing: cores with a broken rule are seen within so many schedules.

A fault that a client mends by itself before the world is at rest is not seen: the page on simulation has
what these are, and why.
"""

from __future__ import annotations

from typing import NamedTuple

import pytest
from tests.simulation import wrong


class Row(NamedTuple):
    """A wrong core, what of it is seen, and within how many schedules."""

    side: str
    fault: str
    rules: tuple[str, ...]
    within: int


QUICK = (
    Row("client", "drops-at-the-ack", ("settled",), 20),
    Row("client", "applies-behind-a-gap", ("fold",), 20),
    Row("client", "forgets-what-is-done-offline", ("dropped",), 20),
    Row("server", "memory-per-session", ("once",), 20),
    Row("server", "same-epoch-after-restart", ("seq",), 20),
)
"""Looked at by every `make test`; the others by `make test-all`."""
DEAR = (
    Row("client", "numbers-from-one", ("same-bytes", "numbers"), 20),
    Row("client", "leaves-a-number-out", ("numbers",), 20),
    Row("client", "counts-the-cause-of-others", ("settled", "rest"), 20),
    Row("client", "writes-copies-anew", ("same-bytes",), 20),
    Row("client", "never-repeats-the-silent", ("rest",), 20),
    Row("client", "forgets-actions-over-a-cut", ("settled",), 20),
    Row("client", "tells-no-nack", ("told",), 20),
    Row("client", "takes-duplicate-for-a-nack", ("told",), 20),
    Row("client", "writes-no-session-id", ("client-valid",), 20),
    Row("client", "goes-back-by-old-states", ("fold", "position"), 40),
    Row("client", "bears-a-gap-of-one", ("fold",), 20),
    Row("client", "merges-states", ("fold",), 20),
    Row("client", "forgets-heads", ("rest",), 40),
    Row("client", "asks-at-each-gap", ("one-recovery",), 40),
    Row("client", "comes-back-at-once", ("no-recovery-in-a-stop",), 40),
    Row("client", "renews-once", ("client-closed",), 40),
    Row("client", "keeps-what-was-refused", ("refused-is-over",), 40),
    Row("client", "shows-no-creates", ("view",), 20),
    Row("client", "shows-no-more-what-was-acked", ("view",), 40),
    Row("client", "keeps-local-entries", ("view", "view-at-rest"), 20),
    Row("client", "takes-its-numbers-along", ("same-bytes", "numbers"), 40),
    Row("client", "takes-nothing-along", ("settled",), 20),
    Row("client", "never-pings", ("rest",), 40),
    Row("server", "one-seq-for-all", ("seq",), 20),
    Row("server", "ack-ahead", ("position-told",), 20),
    Row("server", "heartbeat-ahead", ("position-told",), 20),
    Row("server", "effects-after-ack", ("counted-last",), 20),
    Row("server", "counts-actions-of-other-sessions", ("counted-last", "rest"), 40),
    Row("server", "own-changes-untold", ("slices", "server-fold"), 20),
    Row("server", "events-told-twice", ("event-once",), 20),
    Row("server", "stale-state", ("fold", "rest", "server-fold"), 20),
    Row("server", "second-change-lost", ("slices",), 60),
    Row("server", "always-current", ("resume-mode",), 40),
    Row("server", "replay-short-of-head", ("replay", "resume-mode"), 40),
    Row("server", "connection-begins-streams-anew", ("seq",), 40),
)
RARE = (
    Row("client", "takes-all-along-however-late", ("once-carried", "once"), 1_000),
    Row("server", "copy-of-refused-acked", ("outcome-stays",), 1_000),
    Row("server", "forgets-with-the-last-session", ("once",), 1_000),
)
"""These take what comes together seldom; `make slow` waits for it."""


def assert_caught(row: Row) -> None:
    caught = wrong.caught(row.side, row.fault, row.within)
    assert caught is not None, f"{row.within} schedules show nothing of {row.fault}"
    assert caught[1].rule in row.rules


@pytest.mark.parametrize("row", QUICK, ids=lambda row: row.fault)
def test_a_wrong_core_is_seen(row: Row) -> None:
    assert_caught(row)


@pytest.mark.dear
@pytest.mark.parametrize("row", DEAR, ids=lambda row: row.fault)
def test_more_wrong_cores_are_seen(row: Row) -> None:
    assert_caught(row)


@pytest.mark.slow
@pytest.mark.parametrize("row", RARE, ids=lambda row: row.fault)
def test_what_comes_together_seldom_is_seen(row: Row) -> None:
    assert_caught(row)
