"""What happens to a client and a server, move by move, and what holds when all of it is over."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from tests.client.world import DELAY, DELIVER, KINDS, LOSE, REPEAT, Others, World

from omnisession_client.values import Place
from omnisession_client.view import view

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omnisession_client.values import Mode


def play(world: World, others: Others, moves: Sequence[tuple[str, Any]]) -> None:
    for number, (move, what) in enumerate(moves):
        match move, what:
            case "change", int():
                others.step(what)
            case "fates", _:
                world.way.fates.extend(what)
            case "unheard", _:
                world.asking.fates.extend(what)
            case "own", int():
                own(world, others, f"own-{number}", what)
            case "select", _:
                article_id = others.last_article()
                world.dispatch(f"select-{number}", "article.select", article_id=article_id)
            case "send", _:
                world.dispatch(f"send-{number}", "chat.send", content=f"send-{number}")
            case _:
                passes(world, move, what)


def passes(world: World, move: str, what: Any) -> None:
    """Let time pass, with a connection or without."""
    match move, what:
        case "time", int():
            world.pass_time(what)
        case "away", int():
            world.cut()
            world.pass_time(what)
            world.join()
        case "sleep", _:  # longer than its session lives
            world.cut()
            world.pass_time(123_000)
        case "cut", _:
            world.cut()
        case _:
            world.join()


def own(world: World, others: Others, action_id: str, what: int) -> None:
    """Do one of many things, some of which the server refuses."""
    article_id = others.last_article() or "a-none"
    doings: tuple[tuple[str, dict[str, Any]], ...] = (
        ("article.create", {"title": action_id}),
        ("article.update", {"article_id": article_id, "changes": {"title": action_id}}),
        ("article.delete", {"article_id": article_id}),
        ("article.select", {"article_id": None}),
        ("chat.edit", {"message_id": "m-none", "content": action_id}),
        ("chat.typing", {"active": what % 2 == 0}),
        ("url.create", {"target_url": f"https://example.org/{action_id}"}),
        ("url.create", {"target_url": "https://example.org/", "short_code": "taken"}),
        ("user.update", {"changes": {"username": action_id}}),
        ("chat.edit", {"message_id": f"local:{action_id}", "content": "never sent"}),
    )
    type_, data = doings[what % len(doings)]
    world.dispatch(action_id, type_, **data)


def assert_at_rest(world: World) -> None:
    """The client holds what the server does, at the server's place, and nothing is on its way."""
    state = world.state
    assert state.phase == "live"
    assert (state.under_way, state.pending, state.ahead) == (None, (), ())
    assert view(state) == state.slices
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


def drawn_of_many(seed: int) -> list[tuple[str, Any]]:
    """Moves with many actions at a time, some of which get lost, and over the end of a session."""
    chance = random.Random(seed)  # noqa: S311 no secret
    found: list[tuple[str, Any]] = []
    for _ in range(8):
        found.append((chance.choice(["cut", "join", "change"]), chance.randrange(40)))
        found.append(("unheard", chance.choices([DELIVER, LOSE], k=2)))
        found += [("send", None), ("own", chance.randrange(40)), ("send", None)]
        found.append(("fates", chance.choices([DELIVER, LOSE, DELAY], k=3)))
        found.append(("time", chance.choice([250, 4_000])))
        found.append(("away", chance.choice([1_000, 1_000, 123_000])))
    return [*found, ("join", None), ("time", 4_000), ("unheard", [LOSE]), ("send", None)]


def comes_to_rest(seed: int, mode: Mode = "pure") -> bool:
    world = World(seed, KINDS, ["events"], mode)
    others = Others(world)
    try:
        play(world, others, drawn(seed) if mode == "pure" else drawn_of_many(seed))
        world.rest()
        assert_at_rest(world)
        assert_told(world, others)
    except (AssertionError, KeyError):
        return False
    return True
