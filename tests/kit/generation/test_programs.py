"""Programs: drawn by a seed, written to files and read again, told in words."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from tests.kit.generation.making import EVERYTHING, FAILING

from omnisession_conformance.environment.draws import Chance
from omnisession_conformance.errors import UsageError
from omnisession_conformance.protocol.vocabulary.near import PLAIN
from omnisession_conformance.roles.server.generation import steps as s
from omnisession_conformance.roles.server.generation.codec import dump, load
from omnisession_conformance.roles.server.generation.draw import Drawer
from omnisession_conformance.roles.server.generation.near_ids import (
    FORMS,
    NEAR,
    NEAR_CODES,
    formed_id,
    near_codes,
    near_id,
)
from omnisession_conformance.roles.server.generation.offering import TYPES, Offer
from omnisession_conformance.roles.server.generation.run import saved
from omnisession_conformance.roles.server.generation.words import program_in_words


def drawn(seed: int, offer: Offer = EVERYTHING, *, expiring: bool = False) -> s.Program:
    return Drawer(Chance(seed), offer).program(60, expiring=expiring)


@pytest.mark.parametrize("seed", range(8))
def test_a_program_comes_out_of_its_file_as_it_went_in(seed: int) -> None:
    program = drawn(seed, expiring=seed % 2 == 0)
    assert load(dump(program), "it").program == program
    assert len(list(program_in_words(program))) == len(program.steps) + 1


def outages(seed: int) -> s.Program:
    return Drawer(Chance(seed), FAILING).program(60, disturbed=True)


@pytest.mark.parametrize("seed", range(4))
def test_a_program_with_outages_comes_out_of_its_file_as_it_went_in(seed: int) -> None:
    program = outages(seed)
    assert s.is_disturbed(program)
    assert load(dump(program), "it").program == program
    assert len(list(program_in_words(program))) == len(program.steps) + 1


def test_connections_fail_in_all_ways_and_the_server_ends_in_both() -> None:
    rules = {s.rule_of(step) for seed in range(60) for step in outages(seed).steps}
    assert {f"break {how} of {side}" for how, side in FAILING.breaks} <= rules
    assert {"restart by stop", "restart by kill"} <= rules


def test_nothing_fails_where_the_kit_cannot_make_it() -> None:
    program = Drawer(Chance(1), EVERYTHING).program(40, disturbed=True)
    assert not s.is_disturbed(program)


def test_what_is_behind_a_restart_builds_on_nothing_before_it() -> None:
    for seed in range(20):
        made: set[str] = set()
        gone: set[str] = set()
        for step in outages(seed).steps:
            acts = [part for part in s.parts(step) if isinstance(part, s.Act)]
            assert not gone & {act.on for act in acts}
            made |= {act.name for act in acts}
            if isinstance(step, s.Restart):
                gone = set(made)


def test_an_id_that_is_near_is_another_one_and_has_room() -> None:
    for stem in ("act-01", "a" * 128, "7"):
        for what in NEAR:
            near = near_id(stem, what)
            assert near is None or (near != stem and len(near) <= 128)
    assert near_id("act-01", "case") == "ACT-01"


def test_an_id_of_a_form_has_its_length_in_characters() -> None:
    lengths = {"longest": 128, "longer": 129, "shortest": 1}
    for form in FORMS:
        id_, how = formed_id("act-01", form), form.partition(" ")[0]
        assert len(id_) == lengths.get(how, len(id_))
        assert ("act-01" in id_) is (how in ("longest", "longer"))
    assert len(formed_id("a", "longest 3").encode()) == 1 + 127 * 4
    assert formed_id("a", "word 1") == "constructor"


def test_codes_that_are_near_are_other_codes_that_every_server_takes() -> None:
    for code in ("abc", "7", "a1u-vxx", "x" * 60):
        near = near_codes(code)
        assert len(near) == NEAR_CODES
        assert code not in near
        assert all(1 <= len(one) <= 64 and set(one) <= PLAIN for one in near)


def test_what_no_server_lists_is_counted_as_one() -> None:
    assert {
        s.rule_of(s.Act("x1", "s1", type_)) for type_ in ("then", "Chat.Send", "x-none.do")
    } == {"x-none.do_thing"}
    assert not s.is_unlisted("chat.send")


def test_a_row_is_told_in_words() -> None:
    acts = tuple(s.Act(f"x{n}", "s1", "session.noop") for n in (1, 2, 3))
    (_, told) = program_in_words(s.Program(("author",), (s.Row(acts, (2, 0, 1)),)))
    assert told == (
        "1. under numbers in a row, sent in the order 3, 1, 2: s1 sends x3: session.noop; "
        "s1 sends x1: session.noop; s1 sends x2: session.noop"
    )


NOTHING_ON = "takes everything and brings nothing on, until it is cut"
FIRST, SECOND = "s1 sends x1: session.noop", "s2 sends x2: session.noop"


def test_an_outage_is_told_in_words() -> None:
    acts = (s.Act("x1", "s1", "session.noop"), s.Act("x2", "s2", "session.noop"))
    program = s.Program(
        ("author",),
        (s.Break("half-open", acts, 1), s.Break("cut", side="clients"), s.Restart("kill", acts)),
    )
    assert list(program_in_words(program))[1:] == [
        f"1. the server's connection {NOTHING_ON} behind: {FIRST}; then: {SECOND}",
        "2. the clients' connection is cut",
        f"3. the server is killed and started again behind: {FIRST}; {SECOND}",
    ]


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
                    taken = {"session.noop", "url.create"}
                    assert part.type in taken or s.is_unlisted(part.type)
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
        (
            {**FILE, "steps": [{"do": "break", "how": "burn"}]},
            "'how' is one of 'cut', 'half-open', 'hold', 'delay', 'doubled', 'outage', 'node'.",
        ),
        (
            {**FILE, "steps": [{"do": "break", "how": "cut", "side": "broker"}]},
            "step 1 (break): 'side' is one of 'server', 'clients'.",
        ),
        ({**FILE, "steps": [{"do": "break", "how": "cut", "before": "1"}]}, "a number of actions."),
        ({**FILE, "steps": [{"do": "restart"}]}, "step 1 (restart) has no 'how'."),
        (
            {**FILE, "steps": [{"do": "row", "acts": [], "order": [1, 1]}]},
            "'order' is a list of places from 0 on, each once at most.",
        ),
    ],
)
def test_a_bad_file_is_refused_in_a_sentence(text: Any, told: str) -> None:
    written = text if isinstance(text, str) else json.dumps(text)
    with pytest.raises(UsageError) as error:
        load(written, "it")
    assert told in str(error.value)
    assert "\n" not in str(error.value)
