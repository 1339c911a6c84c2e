"""Draws schedules: equal seeds give equal ones."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from tests.simulation.doings import types_for
from tests.simulation.durable.schedule import OWNER, Client, Doing, Fault, Schedule

KINDS = (
    ("chat", "articles", "url", "user"),
    ("chat", "articles", "url"),
    ("chat", "articles"),
    ("articles",),
    ("url", "user", "chat"),
)
FEATURES = (("events",), ("events",), ("events", "digests"), ())
OFTEN = ("chat.send", "article.create", "article.update", "article.update", "url.create")
WHO = (OWNER, OWNER, 0, 1, 2)
USERS = ("u0", "u1", "u2")
FIRST_MS, LAST_MS = 600, 4_500
"""Between these faults begin."""


SHARE_OF_SHORT = 0.3
WINDOWS_MS = (2_000, 3_000)


def draw(seed: int, only: tuple[str, ...] = (), noise: int | None = None) -> Schedule:
    """Draw the schedule of a seed; with `only` these faults, and more of them."""
    chance = Random(seed)  # noqa: S311 no secret
    clients = [one for user in USERS for one in draw_clients(chance, user)]
    shares = {do: max(SHARES[do], 1) for do in only} or SHARES
    count = chance.randint(3, 6) if only else chance.randint(0, 5)
    faults = [draw_fault(chance, shares) for _ in range(count)]
    instances = chance.choice((1, 2, 2, 3, 3, 3))
    ordered = tuple(sorted(faults, key=lambda fault: fault.at_ms))
    drawn = chance.choice((0, 1, 1, 1, 1, 1, 1, 1, 4))
    return Schedule(seed, instances, tuple(clients), ordered, drawn if noise is None else noise)


def draw_clients(chance: Random, user: str) -> list[Client]:
    """Draw the sessions of a user: now and then more than it may have, all at once."""
    return [
        draw_client(chance, user, f"{user}.{number}")
        for number in range(chance.choice((1, 2, 2, 5)))
    ]


def draw_client(chance: Random, user: str, session: str) -> Client:
    """Draw a client; some actions have the same id in several sessions of a user."""
    kinds = chance.choice(KINDS)
    types = types_for(kinds)
    often = tuple(one for one in OFTEN if one in types)
    doings: list[Doing] = []
    for number in range(1, chance.randint(2, 6)):
        what = chance.choice(often if chance.random() < 0.5 else types)
        name, word = f"{session}-{number}", chance.randrange(10**9)
        if chance.random() < 0.12:
            name, what = f"{user}-both-{number}", "chat.send"
            word = int.from_bytes(name.encode()) + 10**9
        doings.append(Doing(name, what, chance.randrange(1_000), word))
    after_ms = chance.choice((0, 0, 1, chance.randint(0, 1_500)))
    closes, rogue = chance.random() < 0.1, chance.random() < 0.1 and bool(doings)
    permissions = () if user == USERS[-1] else ("post_edit_any",)
    features = chance.choice(FEATURES)
    doing = tuple(doings)
    drawn = Client(user, session, kinds, after_ms, doing, closes, rogue, features, permissions)
    if chance.random() < SHARE_OF_SHORT:
        return replace(drawn, window_ms=chance.choice(WINDOWS_MS), stays=chance.random() < 0.5)
    return drawn


def draw_fault(chance: Random, shares: dict[str, int]) -> Fault:
    """Draw a fault."""
    do = chance.choices(list(shares), list(shares.values()))[0]
    fault = Fault(
        chance.randint(FIRST_MS, LAST_MS), do, chance.choice(WHO), ms=chance.choice(LASTS[do])
    )
    ways = WAYS.get(do, ("",))
    counts = COUNTS.get(do, (1,))
    return Fault(
        fault.at_ms,
        do,
        fault.who,
        chance.choice(ways),
        fault.ms,
        chance.choice(counts),
    )


LASTS: dict[str, tuple[int, ...]] = {
    "freeze": (300, 650, 720, 900, 2_500),
    "suspend": (800, 2_500),
    "detour": (300, 800, 2_000),
    "kill": (100, 800),
    "cut": (50, 300, 650, 800, 2_500),
    "part": (800, 2_500, 2_500),
    "lag": (240, 400, 900, 2_500),
    "join": (0,),
    "leave": (100, 800),
    "election": (300, 900, 2_500),
    "refuse": (0,),
    "poison": (0,),
    "forge": (0,),
    "skew": (-3_600_000, -700, 700, 3_600_000),
    "claim": (0,),
    "rollback": (100,),
    "purge": (0, 600),
    "withhold": (1_600, 2_500),
}
"""By fault: for how long, or by how much."""
WAYS: dict[str, tuple[str, ...]] = {
    "cut": ("", "", "unnoticed"),
    "lag": ("", "", "for ever"),
    "join": ("", "", "other limits"),
    "purge": ("first", "all"),
    "forge": ("act", "act", "nil", "kinds", "write", "number", "say"),
    "poison": ("bytes", "type", "members", "place", "deep", "open", "end"),
}
COUNTS: dict[str, tuple[int, ...]] = {
    "refuse": (1, 1, 3),
    "poison": (1, 5),
    "forge": (1, 3),
    "rollback": (1, 4),
    "claim": (1, 1, 3),
}
SHARES = {
    "freeze": 14,
    "suspend": 1,
    "detour": 1,
    "kill": 14,
    "cut": 14,
    "part": 12,
    "lag": 12,
    "join": 8,
    "leave": 8,
    "election": 6,
    "refuse": 4,
    "poison": 4,
    "forge": 2,
    "skew": 4,
    "claim": 6,
    "rollback": 1,
    "purge": 1,
    "withhold": 0,
}
"""How often each is drawn; one of 0 only where it is asked for."""
