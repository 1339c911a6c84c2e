"""Whatever is lost, repeated, delayed or cut: at rest the client holds what the server holds."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.client.world import DELAY, DELIVER, KINDS, LOSE, REPEAT, Others, World

from omnisession_client import answers, outbox, pushes, recovery, stream
from omnisession_client.values import Place, State

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

    from omnisession_client.effects import Step

FATES = st.sampled_from([DELIVER, DELIVER, LOSE, REPEAT, DELAY])
MOVES = st.one_of(
    st.tuples(st.just("change"), st.integers(0, 40)),
    st.tuples(st.just("change"), st.integers(0, 40)),
    st.tuples(st.just("fates"), st.lists(FATES, max_size=8)),
    st.tuples(st.just("unheard"), st.lists(st.sampled_from([DELIVER, LOSE]), max_size=4)),
    st.tuples(st.just("select"), st.none()),
    st.tuples(st.just("send"), st.none()),
    st.tuples(st.just("time"), st.sampled_from([250, 1_000, 16_000])),
    st.tuples(st.just("cut"), st.none()),
    st.tuples(st.just("join"), st.none()),
    st.tuples(st.just("sleep"), st.none()),
)
OPENED = st.lists(st.sampled_from(KINDS), min_size=1, unique=True)
FEATURES = st.sampled_from([(), ("events",), ("events", "digests"), ("digests",)])


def play(world: World, others: Others, moves: Sequence[tuple[str, Any]]) -> None:
    for number, (move, what) in enumerate(moves):
        match move, what:
            case "change", int():
                others.step(what)
            case "fates", _:
                world.way.fates.extend(what)
            case "unheard", _:
                world.asking.fates.extend(what)
            case "time", int():
                world.pass_time(what)
            case "cut", _:
                world.cut()
            case "join", _:
                world.join()
            case "sleep", _:  # longer than its session lives
                world.cut()
                world.pass_time(123_000)
            case "select", _:
                article_id = others.last_article()
                world.dispatch(f"select-{number}", "article.select", article_id=article_id)
            case _:
                world.dispatch(f"send-{number}", "chat.send", content=f"send-{number}")


def assert_at_rest(world: World) -> None:
    """The client holds what the server does, at the server's place, and nothing is on its way."""
    state = world.state
    assert state.phase == "live"
    assert state.under_way is None
    assert (state.held, state.recovery.goal) == ((), None)
    head = world.server.ping("ann", state.session_id)
    assert state.place == Place(head["epoch"], head["seq"])
    assert state.counted == head["last_action_seq"]
    for kind in state.config.kinds:
        assert state.slices[kind] == world.server.slice("ann", state.session_id, kind)


def assert_told(world: World, others: Others) -> None:
    """Every message was sent once, or the user was told that nobody knows."""
    shown = others.messages()
    told = {one.action_id for one in world.state.refused}
    for taken in world.taken:
        if taken.refused is None and taken.action_id.startswith("send-"):
            times = shown.count(taken.action_id)
            assert times == 1 or (times == 0 and taken.action_id in told)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**16), OPENED, FEATURES, st.lists(MOVES, max_size=25))
def test_at_rest_the_slices_are_the_servers(
    seed: int, kinds: list[str], features: tuple[str, ...], moves: list[tuple[str, Any]]
) -> None:
    world = World(seed, kinds, features)
    others = Others(world)
    play(world, others, moves)
    world.rest()
    assert_at_rest(world)
    assert_told(world, others)


def drawn(seed: int) -> list[tuple[str, Any]]:
    """Moves that change, lose, repeat, cut and send, as a seed has them."""
    chance = random.Random(seed)  # noqa: S311 no secret
    found: list[tuple[str, Any]] = []
    for _ in range(12):
        found.append(("fates", chance.choices([DELIVER, LOSE, REPEAT, DELAY], k=3)))
        found.append(("change", chance.randrange(40)))
        found.append((chance.choice(["send", "select", "cut", "join", "unheard"]), [LOSE]))
        found.append(("time", chance.choice([250, 4_000])))
    return [*found, ("join", None), ("change", 0), ("fates", [LOSE]), ("change", 7)]


def comes_to_rest(seed: int) -> bool:
    world = World(seed, KINDS, ["events"])
    others = Others(world)
    try:
        play(world, others, drawn(seed))
        world.rest()
        assert_at_rest(world)
        assert_told(world, others)
    except (AssertionError, KeyError):
        return False
    return True


def nothing(state: State, *_: object) -> Step:
    """A step that is left out."""
    return state, ()


def always(*_: object) -> bool:
    return True


def never(*_: object) -> bool:
    return False


def the_same(state: State, _: object) -> State:
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


@pytest.mark.parametrize(("module", "name", "wrong"), FAULTS)
def test_a_wrong_client_is_seen(
    monkeypatch: pytest.MonkeyPatch, module: ModuleType, name: str, wrong: Any
) -> None:
    assert comes_to_rest(1)
    monkeypatch.setattr(module, name, wrong)
    assert not all(comes_to_rest(seed) for seed in range(1, 12))
