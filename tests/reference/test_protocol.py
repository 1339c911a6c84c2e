from __future__ import annotations

import pytest

from omnisession_reference.errors import Refusal
from omnisession_reference.protocol import DEFAULT_TIMERS, Versions, grant, windows_up_to


@pytest.mark.parametrize(
    "offers", [["1.0"], ["9.0", "1.0"], ["1.7"], ["1.7", "1.0"], ["1." + "9" * 5_000]]
)
def test_a_major_that_is_offered_with_a_higher_minor_will_do(offers: list[str]) -> None:
    assert Versions().negotiate(offers) == "1.0"


@pytest.mark.parametrize("offers", [[], ["9.0"], ["0.9"], ["10.0"]])
def test_no_version_in_common_is_refused_with_the_list(offers: list[str]) -> None:
    with pytest.raises(Refusal) as refused:
        Versions().negotiate(offers)
    assert (refused.value.code, refused.value.details) == (4003, {"supported": ["1.0"]})


def test_bodies_of_another_major_are_refused() -> None:
    for fine in ("1.0", "1.9", None, 7, "x", "1.00", "2.x"):  # what has no form is the schema's
        Versions().accept(fine)
    for other in ("2.0", "0.1"):
        with pytest.raises(Refusal):
            Versions().accept(other)


def test_timers_are_clamped_and_never_refused() -> None:
    assert grant({}) == DEFAULT_TIMERS
    low = grant({"heartbeat_ms": -5, "resume_window_ms": 0, "coalesce_ms": -1, "gap_ms": 0})
    assert low.as_json() == {
        "heartbeat_ms": 200,
        "resume_window_ms": 1_000,
        "coalesce_ms": 0,
        "gap_ms": 0,
    }
    high = {"heartbeat_ms": 10**9, "resume_window_ms": 10**9, "coalesce_ms": 999, "gap_ms": 999}
    assert grant(high) == DEFAULT_TIMERS
    assert grant({"resume_window_ms": 1_000}).resume_window_ms == 30_000


@pytest.mark.parametrize(
    ("longest", "heartbeat"), [(1_000, 500), (8_001, 4_000), (120_000, 15_000)]
)
def test_heartbeats_fit_into_the_longest_window(longest: int, heartbeat: int) -> None:
    timers = windows_up_to(longest)
    assert (timers.resume_window_ms, timers.heartbeat_ms) == (longest, heartbeat)
