"""What a finding looks like, where it comes from, and that a whole run is counted."""

from __future__ import annotations

import pytest
from tests.simulation import wrong
from tests.simulation.findings import RULES, Finding
from tests.simulation.generate import draw
from tests.simulation.ledger import Ledger
from tests.simulation.world import play

from omnisession_reference.store import MemoryStore


def test_a_finding_says_what_was_broken_when_and_by_whom() -> None:
    finding = Finding("once", 1_234, "server", "chat.send w1w was done 2 times")
    assert str(finding) == (
        "[once, ACTION-005] an action is done once at most in a store\n"
        "  at 1234 ms, server: chat.send w1w was done 2 times"
    )
    assert all(sentence for _, sentence in RULES.values())


def test_a_ledger_counts_what_comes_into_a_store_and_not_what_stays_there() -> None:
    ledger = Ledger(MemoryStore())
    store, message = ledger.store, {"id": "m", "content": "hello w1w"}
    store.put_message(message)
    store.put_message({**message, "edited_at": 5})
    assert ledger.counts == {"w1w": 1}
    store.put_message({**message, "content": "better w2w"})
    store.put_message(message)
    store.put_message({"id": "n", "content": "w1w"})
    assert ledger.counts == {"w1w": 3, "w2w": 1}
    assert len(list(store.messages())) == 2


def test_what_the_server_core_would_swallow_is_found_all_the_same() -> None:
    with wrong.put("server", "one-seq-for-all") as parts:
        finding = next(
            played.finding
            for played in (play(draw(seed), parts) for seed in range(20) if not draw(seed).server)
            if played.finding is not None
        )
    assert finding.rule == "seq"


def test_a_fault_leaves_when_it_was_seen() -> None:
    with pytest.raises(KeyError), wrong.put("server", "there-is-none"):
        pass
    with wrong.put("client", "numbers-from-zero"):
        assert any(play(draw(seed)).finding for seed in range(3))
    assert not any(play(draw(seed)).finding for seed in range(3))
