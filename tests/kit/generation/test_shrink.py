"""A program that shows something becomes as short as it can."""

from __future__ import annotations

import asyncio

from omnisession_conformance.roles.server.generation import steps as s
from omnisession_conformance.roles.server.generation.shrink import shrink


def opens(count: int) -> tuple[s.Step, ...]:
    return tuple(s.Open(f"s{n}", 0, ("chat", "url"), ("events",)) for n in range(count))


def shrunk(program: s.Program, names: set[str], most: int = 1_000) -> tuple[s.Program, int]:
    plays = 0

    async def shows(candidate: s.Program) -> bool:
        nonlocal plays
        plays += 1
        parts = [part for step in candidate.steps for part in s.parts(step)]
        return names <= {p.name for p in parts if isinstance(p, s.Open | s.Act)}

    return asyncio.run(shrink(program, shows, until=lambda: plays >= most)), plays


def test_only_what_is_needed_stays() -> None:
    program = s.Program(("author",), opens(40))
    least, plays = shrunk(program, {"s3", "s31"})
    assert [step.name for step in least.steps if isinstance(step, s.Open)] == ["s3", "s31"]
    assert plays < 60


def test_what_stays_becomes_simpler() -> None:
    act = s.Act("a1", "s1", "article.create", give=(("title", "odd 1"), ("tags", "plain 2")))
    flight = s.Flight((act, s.Act("x2", "s2", "session.noop")))
    least, _ = shrunk(s.Program(("author",), (*opens(3), flight)), {"a1", "s1"})
    assert least.steps == (
        s.Open("s1", 0, ("url",)),
        s.Act("a1", "s1", "article.create"),
    )


def test_what_was_in_flight_becomes_simpler_too() -> None:
    give = (("title", "odd 1"), ("tags", "plain 2"))
    acts = tuple(s.Act(f"a{n}", "s1", "article.create", give=give) for n in (1, 2))
    program = s.Program(("author",), (*opens(3), s.Flight(acts)))
    least, _ = shrunk(program, {"a1", "a2", "s1"})
    assert least.steps == (
        s.Open("s1", 0, ("url",)),
        *(s.Act(f"a{n}", "s1", "article.create") for n in (1, 2)),
    )


def test_what_fails_in_an_outage_needs_few_of_its_actions() -> None:
    acts = tuple(s.Act(f"x{n}", f"s{n}", "session.noop") for n in range(4))
    program = s.Program(("author",), (*opens(4), s.Break("cut", acts, 2)))
    least, _ = shrunk(program, {"x2"})
    assert least.steps == (s.Break("cut", acts[2:3], 2),)


def test_it_ends_when_its_time_is_over() -> None:
    program = s.Program(("author",), opens(40))
    least, plays = shrunk(program, {"s3"}, most=2)
    assert plays == 2
    assert len(least.steps) < 40
