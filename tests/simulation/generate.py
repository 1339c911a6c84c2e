"""Draws schedules: equal seeds give equal ones."""

from __future__ import annotations

from random import Random

from tests.simulation.doings import types_for
from tests.simulation.schedule import Actor, Schedule, Step
from tests.simulation.terms import AWAY_MS, TIMERS

KINDS = ("articles", "chat", "url", "user")
MODES = ("optimistic", "optimistic", "hybrid", "pure")
SERVERS = (
    "new-epoch-with-a-new-connection",
    "snapshot-only",
    "buffer-of-one",
    "unknown-events",
    "extra-heartbeats",
    "states-beside-events",
    "gaps-refused-at-once",
    "holds-one-action",
    "replies-before-pushes",
    "no-events",
)
"""Right servers that are unusual: each schedule has the usual one, or one of these."""
LANES = {"up": ("session", "user", ""), "down": ("session", "_INBOX", "")}


def draw(seed: int) -> Schedule:
    """Draw the schedule of a seed."""
    chance = Random(seed)  # noqa: S311 no secret
    users = chance.choice((("ann", "ann", "bob"), ("ann", "bob"), ("ann", "ann")))
    actors = tuple(draw_actor(chance, user) for user in users)
    steps = [draw_step(chance, actors) for _ in range(chance.randint(6, 24))]
    if chance.random() < 0.08:
        steps += _away(chance, actors)
    server = chance.choice(SERVERS) if chance.random() < 0.4 else ""
    return Schedule(seed, actors, tuple(steps), chance.random() < 0.15, server)


def draw_actor(chance: Random, user: str) -> Actor:
    """Draw a client."""
    kinds = KINDS
    if chance.random() < 0.4:
        kinds = tuple(sorted(chance.sample(KINDS, chance.randint(1, 3))))
    features = tuple(name for name in ("events", "digests") if chance.random() < 0.7)
    return Actor(user, chance.choice(MODES), kinds, features)


def draw_step(chance: Random, actors: tuple[Actor, ...]) -> Step:
    """Draw a step: half of them are what users do."""
    after_ms = chance.choice((0, 1, 5, 20, 60, 200, 800, 3_000))
    who = chance.randrange(len(actors))
    do = chance.choices(list(SHARES), list(SHARES.values()))[0]
    return _DRAWN[do](chance, after_ms, who, actors[who])


def _act(chance: Random, after_ms: int, who: int, actor: Actor) -> Step:
    what = chance.choice(types_for(actor.kinds))
    return Step(after_ms, "act", who, what, pick=chance.randrange(100))


def _cut_server(chance: Random, after_ms: int, _who: int, _actor: Actor) -> Step:
    return Step(after_ms, "cut_server", ms=chance.choice((1, 300, 3_000, 12_000)))


def _restart(chance: Random, after_ms: int, _who: int, _actor: Actor) -> Step:
    what, way = chance.choice(("store", "store", "nothing")), chance.choice(("planned", ""))
    return Step(after_ms, "restart", what=what, way=way, ms=chance.choice((1, 400, 5_000)))


def _leave(chance: Random, after_ms: int, who: int, _actor: Actor) -> Step:
    what = chance.choice(("leave", "end"))
    return Step(after_ms, "leave", who, what, ms=chance.choice((2_000, 25_000)))


def _wait(chance: Random, _after_ms: int, _who: int, _actor: Actor) -> Step:
    return Step(chance.choice((1_000, 10_000)), "wait")


def _away(chance: Random, actors: tuple[Actor, ...]) -> list[Step]:
    """Everybody is away, until sessions are over or until the server has forgotten what was done."""
    acts = [_act(chance, 5, who, actor) for who, actor in enumerate(actors)]
    away_ms = chance.choice((TIMERS.resume_window_ms + 4_000, AWAY_MS + 10_000))
    cuts = [Step(1, "cut", who, ms=away_ms, count=1) for who in range(len(actors))]
    return [*acts, *cuts, Step(away_ms, "wait")]


def _spoil(chance: Random, after_ms: int, who: int, _actor: Actor) -> Step:
    do = chance.choice(("lose", "lose", "repeat", "delay"))
    way = chance.choice(("up", "down"))
    return Step(
        after_ms,
        do,
        who,
        way=way,
        lane=chance.choice(LANES[way]),
        ms=chance.choice((0, 30, 700, 5_000)) if do != "lose" else 0,
        count=chance.choice((1, 1, 2, 5)),
    )


def _cut(chance: Random, after_ms: int, who: int, _actor: Actor) -> Step:
    ms = chance.choice((1, 50, 1_000, 1_000, 6_000, 24_000, 60_000))
    return Step(
        after_ms,
        "cut",
        who,
        way=chance.choice(("", "", "up", "down")),
        ms=ms,
        count=chance.choice((0, 1)),
        pick=chance.choice((0, 0, 40, 2_000, 100_000)),
    )


_DRAWN = {
    "act": _act,
    "spoil": _spoil,
    "cut": _cut,
    "cut_server": _cut_server,
    "restart": _restart,
    "leave": _leave,
    "wait": _wait,
}
SHARES = {"act": 60, "spoil": 20, "cut": 10, "cut_server": 2, "restart": 4, "leave": 2, "wait": 2}
"""How often each is drawn."""
