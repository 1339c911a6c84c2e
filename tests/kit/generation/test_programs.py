"""Programs: drawn by a seed, written to files and read again, told in words."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from tests.kit.generation.making import EVERYTHING

from omnisession_conformance.environment.draws import Chance
from omnisession_conformance.errors import UsageError
from omnisession_conformance.roles.server.generation import steps as s
from omnisession_conformance.roles.server.generation.codec import dump, load
from omnisession_conformance.roles.server.generation.draw import TYPES, Drawer, Offer
from omnisession_conformance.roles.server.generation.run import saved
from omnisession_conformance.roles.server.generation.words import program_in_words


def drawn(seed: int, offer: Offer = EVERYTHING, *, expiring: bool = False) -> s.Program:
    return Drawer(Chance(seed), offer).program(60, expiring=expiring)


@pytest.mark.parametrize("seed", range(8))
def test_a_program_comes_out_of_its_file_as_it_went_in(seed: int) -> None:
    program = drawn(seed, expiring=seed % 2 == 0)
    assert load(dump(program), "it").program == program
    assert len(list(program_in_words(program))) == len(program.steps) + 1


def test_the_same_seed_draws_the_same() -> None:
    assert drawn(3) == drawn(3)
    assert drawn(3) != drawn(4)


def test_all_that_a_target_offers_is_drawn() -> None:
    rules = Counter(
        s.rule_of(part)
        for seed in range(30)
        for step in drawn(seed).steps
        for part in s.parts(step)
    )
    assert set(TYPES) <= set(rules)
    assert min(rules.values()) > 0
    assert {"copy same", "copy next", "changed copy same", "flight", "swap", "close"} <= set(rules)


def test_nothing_is_drawn_that_a_target_does_not_offer() -> None:
    offer = Offer(("url",), (), frozenset({"session.noop", "url.create"}), mints=False)
    for seed in range(10):
        for step in drawn(seed, offer).steps:
            for part in s.parts(step):
                if isinstance(part, s.Act):
                    assert part.type in {"session.noop", "url.create", "x-none.do_thing"}
                if isinstance(part, s.Open | s.Reopen):
                    assert (part.kinds, part.features, part.power) == (("url",), (), False)


def test_what_is_saved_can_be_read() -> None:
    for program in saved():
        assert program.steps


FILE: dict[str, Any] = {
    "program": 1,
    "users": ["author"],
    "steps": [{"do": "open", "name": "s1", "user": 0, "kinds": ["url"]}],
}
OPEN: dict[str, Any] = FILE["steps"][0]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "it is no JSON"),
        ("[]", "it is no saved program"),
        ({**FILE, "program": 2}, "it is a program of format 2, and this kit reads 1."),
        ({**FILE, "users": ["king"]}, "it: 'users' is a list of roles, author, reader, editor."),
        ({**FILE, "steps": 1}, "'steps' is a list"),
        ({**FILE, "steps": [1]}, "step 1 is no object."),
        ({**FILE, "steps": [{"do": "fly"}]}, "step 1 does 'fly', and a step does one of open,"),
        ({**FILE, "steps": [{"do": "open"}]}, "step 1 (open) has no 'name'."),
        (
            {**FILE, "steps": [{**OPEN, "x": 1}]},
            "step 1 (open) has a member 'x' that there is not.",
        ),
        ({**FILE, "steps": [{**OPEN, "user": "0"}]}, "'user' is the number of a user."),
        ({**FILE, "steps": [{**OPEN, "user": 1}]}, "s1 is opened by user 1, and there is none."),
        ({**FILE, "steps": [{**OPEN, "kinds": [1]}]}, "'kinds' is a list of texts."),
        ({**FILE, "steps": [{**OPEN, "power": 1}]}, "'power' is true or false."),
        ({**FILE, "steps": [{**OPEN, "timers": {"x": "1"}}]}, "'timers' is an object of integers."),
        (
            {**FILE, "steps": [{"do": "resume", "session": "s1", "where": "x"}]},
            "step 1 (resume): 'where' is one of 'head', 'start', 'middle', 'ahead', 'epoch'.",
        ),
        ({**FILE, "steps": [{"do": "flight", "acts": [OPEN]}]}, "is made of actions only."),
    ],
)
def test_a_bad_file_is_refused_in_a_sentence(text: Any, told: str) -> None:
    written = text if isinstance(text, str) else json.dumps(text)
    with pytest.raises(UsageError) as error:
        load(written, "it")
    assert told in str(error.value)
    assert "\n" not in str(error.value)
