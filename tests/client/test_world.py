"""Whatever is lost, repeated, delayed or cut: at rest the client holds what the server holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.client.moves import assert_at_rest, assert_told, comes_to_rest, play
from tests.client.world import DELAY, DELIVER, KINDS, LOSE, REPEAT, Others, World

from omnisession_client import answers, outbox, pushes, recovery, stream
from omnisession_client.pending import carrying, sending, settling
from omnisession_reference.protocol import LIMITS

if TYPE_CHECKING:
    from types import ModuleType

    from omnisession_client.effects import Step
    from omnisession_client.values import Mode, State

FATES = st.sampled_from([DELIVER, DELIVER, LOSE, REPEAT, DELAY])
MOVES = st.one_of(
    st.tuples(st.just("change"), st.integers(0, 40)),
    st.tuples(st.just("change"), st.integers(0, 40)),
    st.tuples(st.just("fates"), st.lists(FATES, max_size=8)),
    st.tuples(st.just("unheard"), st.lists(st.sampled_from([DELIVER, LOSE]), max_size=4)),
    st.tuples(st.just("select"), st.none()),
    st.tuples(st.just("send"), st.none()),
    st.tuples(st.just("own"), st.integers(0, 40)),
    st.tuples(st.just("time"), st.sampled_from([250, 1_000, 16_000])),
    st.tuples(st.just("cut"), st.none()),
    st.tuples(st.just("join"), st.none()),
    st.tuples(st.just("sleep"), st.none()),
)
OPENED = st.lists(st.sampled_from(KINDS), min_size=1, unique=True)
MODES = st.sampled_from(["pure", "hybrid", "optimistic"])
FEATURES = st.sampled_from([(), ("events",), ("events", "digests"), ("digests",)])


LIVES = st.tuples(st.integers(0, 2**16), OPENED, FEATURES, MODES)


def lives(life: tuple[int, list[str], tuple[str, ...], Mode], moves: list[tuple[str, Any]]) -> None:
    world = World(*life)
    others = Others(world)
    play(world, others, moves)
    world.rest()
    assert_at_rest(world)
    assert_told(world, others)


@settings(max_examples=30, deadline=None)
@given(LIVES, st.lists(MOVES, max_size=25))
def test_at_rest_the_slices_are_the_servers(
    life: tuple[int, list[str], tuple[str, ...], Mode], moves: list[tuple[str, Any]]
) -> None:
    lives(life, moves)


@pytest.mark.dear
@settings(max_examples=100, deadline=None)
@given(LIVES, st.lists(MOVES, max_size=25))
def test_at_rest_after_more_lives_the_slices_are_the_servers(
    life: tuple[int, list[str], tuple[str, ...], Mode], moves: list[tuple[str, Any]]
) -> None:
    lives(life, moves)


AWAY = st.tuples(st.just("away"), st.sampled_from([1_000, 119_000, 200_000, 249_500, 260_000]))
LONG = st.one_of(
    AWAY,
    st.tuples(st.just("unheard"), st.lists(st.sampled_from([DELIVER, LOSE]), max_size=4)),
    st.tuples(st.just("fates"), st.lists(FATES, max_size=4)),
    st.tuples(st.just("send"), st.none()),
    st.tuples(st.just("own"), st.integers(0, 40)),
    st.tuples(st.just("time"), st.sampled_from([250, 16_000])),
)


def lives_among_the_forgetful(seed: int, moves: list[tuple[str, Any]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(LIMITS, "outcomes_ms", 130_000)
        world = World(seed, KINDS, ("events",), "optimistic")
        others = Others(world)
        play(world, others, moves)
        world.rest()
        assert_at_rest(world)
        assert_told(world, others)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**16), st.lists(LONG, max_size=15))
def test_where_the_server_forgets_nothing_is_done_twice(
    seed: int, moves: list[tuple[str, Any]]
) -> None:
    lives_among_the_forgetful(seed, moves)


@pytest.mark.dear
@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**16), st.lists(LONG, max_size=15))
def test_in_more_lives_among_the_forgetful_nothing_is_done_twice(
    seed: int, moves: list[tuple[str, Any]]
) -> None:
    lives_among_the_forgetful(seed, moves)


def test_what_takes_all_along_does_something_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    moves: list[tuple[str, Any]] = [("fates", [LOSE] * 3), ("send", None), ("away", 260_000)]
    lives_among_the_forgetful(1, moves)
    monkeypatch.setattr(carrying, "opened", unchanged)
    with pytest.raises(AssertionError):
        lives_among_the_forgetful(1, moves)


def nothing(state: State, *_: object) -> Step:
    """A step that is left out."""
    return state, ()


def always(*_: object) -> bool:
    return True


def never(*_: object) -> bool:
    return False


def the_same(state: State, _: object) -> State:
    return state


def unchanged(state: State) -> State:
    return state


FAULTS = [
    pytest.param(stream, "connects", always, id="applies what is behind a gap"),
    pytest.param(stream, "is_old", never, id="takes what it has for a gap"),
    pytest.param(stream, "counted", the_same, id="counts nothing"),
    pytest.param(pushes, "heartbeat", nothing, id="hears no heartbeat"),
    pytest.param(recovery, "connected", nothing, id="stays away"),
    pytest.param(recovery, "rang", nothing, id="hangs unanswered"),
    pytest.param(answers, "replayed", nothing, id="ignores replays"),
    pytest.param(outbox, "live", nothing, id="forgets what was under way"),
]


KEEPING = [
    pytest.param(sending, "live", nothing, id="sends nothing that waits"),
    pytest.param(sending, "rang", nothing, id="waits for ever"),
    pytest.param(settling, "settled", nothing, id="keeps what is done"),
    pytest.param(carrying, "began", unchanged, id="takes old numbers along"),
]


@pytest.mark.parametrize(("module", "name", "wrong"), KEEPING)
def test_a_wrong_client_that_keeps_its_actions_is_seen(
    monkeypatch: pytest.MonkeyPatch, module: ModuleType, name: str, wrong: Any
) -> None:
    assert comes_to_rest(1, "optimistic")
    monkeypatch.setattr(module, name, wrong)
    assert not all(comes_to_rest(seed, "optimistic") for seed in range(1, 12))


@pytest.mark.parametrize(("module", "name", "wrong"), FAULTS)
def test_a_wrong_client_is_seen(
    monkeypatch: pytest.MonkeyPatch, module: ModuleType, name: str, wrong: Any
) -> None:
    assert comes_to_rest(1)
    monkeypatch.setattr(module, name, wrong)
    assert not all(comes_to_rest(seed) for seed in range(1, 12))
