"""Users with ids that are near to one another, and what a program says of them."""

from __future__ import annotations

import pytest
from tests.kit.generation.making import EVERYTHING

from omnisession_conformance.environment.draws import Chance, Draws
from omnisession_conformance.errors import UsageError
from omnisession_conformance.protocol.subjects import MAX_USER_BYTES, tok
from omnisession_conformance.roles.server.generation import steps as s
from omnisession_conformance.roles.server.generation.codec import dump, load
from omnisession_conformance.roles.server.generation.draw import MANY_MOTIFS, Drawer
from omnisession_conformance.roles.server.generation.near_users import NUMBERS, WAYS, near_users
from omnisession_conformance.roles.server.generation.words import in_words, users_in_words


@pytest.mark.parametrize("way", WAYS)
def test_each_user_is_one_of_its_own_and_has_a_token(way: str) -> None:
    for seed in range(5):
        found = near_users(Draws(seed), way, 4)
        assert len({*found}) == len(found) == 4
        assert all(0 < len(tok(id_)) <= MAX_USER_BYTES for id_ in found)
        assert found != near_users(Draws(seed + 100), way, 4), "another run has other users"
    if way == NUMBERS:
        assert all(id_.isdecimal() for id_ in near_users(Draws(1), way, 4))


PROGRAM = s.Program(
    ("author", "reader"),
    (
        s.Open("s1", 0, ("chat",)),
        s.Open("s2", 1, ("chat",), alike=True),
        s.Open("s3", 1, ("chat",), same="s1"),
    ),
    "overlapping 1",
)


def test_what_users_are_near_in_is_told_and_kept() -> None:
    assert load(dump(PROGRAM), "it").program == PROGRAM
    assert '"ids"' not in dump(s.Program(("author",), PROGRAM.steps[:1])), "as files always were"
    assert users_in_words(PROGRAM) == (
        "users: Ann (author), Bob (reader); their ids are near to one another: overlapping 1"
    )
    assert in_words(PROGRAM.steps[1]) == "Bob opens s2 with chat, with rights that look like others"
    assert in_words(PROGRAM.steps[2]) == "Bob opens s3 with chat, under the id of s1"
    with pytest.raises(UsageError, match="'ids' is one of 'numbers', 'overlapping 0'"):
        load(dump(PROGRAM).replace("overlapping 1", "odd"), "it")


def test_near_users_and_tokens_are_drawn() -> None:
    programs = [Drawer(Chance(n), EVERYTHING, motifs=MANY_MOTIFS).program(40) for n in range(120)]
    assert {program.ids for program in programs} > {"", NUMBERS}
    opens = [step for one in programs for step in one.steps if isinstance(step, s.Open)]
    assert any(step.alike for step in opens)
    assert any(step.same for step in opens)
