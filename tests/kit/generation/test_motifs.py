"""Motifs: what they are made of builds on what the program has, and comes to what they are about."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from tests.kit.generation.making import EVERYTHING, ROLES, holding, motif, parts

from omnisession_conformance.environment.draws import Chance
from omnisession_conformance.roles.server.generation import draw, motifs, motifs_slow
from omnisession_conformance.roles.server.generation import steps as s
from omnisession_conformance.roles.server.generation.codec import dump, load
from omnisession_conformance.roles.server.generation.deeds import DEEDS
from omnisession_conformance.roles.server.generation.draw import FEW_MOTIFS, MANY_MOTIFS, Drawer
from omnisession_conformance.roles.server.generation.near_ids import (
    LONGER,
    LONGEST,
    OF_LENGTHS,
    WORD,
)
from omnisession_conformance.roles.server.generation.offering import Offer
from omnisession_conformance.roles.server.generation.words import program_in_words

if TYPE_CHECKING:
    from tests.kit.generation.making import Make

MAKES = [make for make, _, _ in motifs.MOTIFS]


@pytest.mark.parametrize("make", MAKES, ids=lambda make: make.__name__)
def test_a_motif_builds_on_what_is_there(make: Make) -> None:
    for seed in range(20):
        steps = motif(make, seed)
        assert steps
        there = {f"s{number}" for number in range(1, 9)}
        for step in parts(steps):
            if isinstance(step, s.Open | s.Act):
                assert step.name not in there, "each label is given once"
                there.add(step.name)
            if isinstance(step, s.Act):
                assert {step.session, *filter(None, (step.on, step.id_of))} <= there
            if isinstance(step, s.Copy):
                assert {step.session, step.of} <= there
        program = s.Program(ROLES, tuple(steps))
        assert load(dump(program), "it").program == program
        assert len(list(program_in_words(program))) == len(steps) + 1


def test_what_is_copied_was_undone_or_is_undone_then() -> None:
    for seed in range(30):
        steps = parts(motif(motifs.copied, seed))
        (at,) = [n for n, step in enumerate(steps) if isinstance(step, s.Copy)]
        copy = steps[at]
        assert isinstance(copy, s.Copy)
        first = next(
            n for n, one in enumerate(steps) if isinstance(one, s.Act) and one.name == copy.of
        )
        undone = [n for n, one in enumerate(steps) if isinstance(one, s.Act) and n > first]
        assert undone
        assert isinstance(steps[max(at, *undone) + 1], s.Look), "then it is looked at"


def test_what_is_refused_is_so_in_every_way() -> None:
    acts = [
        act for seed in range(150) for act in motif(motifs.refused, seed) if isinstance(act, s.Act)
    ]
    assert {act.number for act in acts} == {s.NEXT, s.USED}
    assert {act.expect for act in acts} == {"", s.WRONG, s.SOON}
    assert any(act.id_of for act in acts)
    assert any(
        isinstance(before, s.Close) and isinstance(step, s.Act) and step.session == before.session
        for seed in range(150)
        for before, step in pairwise(motif(motifs.refused, seed))
    ), "a session that is over acts"
    assert any(spec.startswith("bad") for act in acts for _, spec in act.give)


def test_what_a_target_does_not_take_is_in_no_motif() -> None:
    offer = Offer(("chat",), ("events",), frozenset({"session.noop", "chat.send", "chat.edit"}))
    for seed in range(10):
        program = Drawer(Chance(seed), offer, motifs=MANY_MOTIFS).program(60)
        types = {step.type for step in parts(list(program.steps)) if isinstance(step, s.Act)}
        assert types <= {*offer.actions, *(t for t in types if s.is_unlisted(t))}


def test_ids_are_as_long_as_they_may_be_and_longer() -> None:
    acts = [act for seed in range(60) for act in motif(motifs.ids, seed) if isinstance(act, s.Act)]
    assert {act.form.partition(" ")[0] for act in acts} == {"", LONGEST, LONGER, WORD}
    assert {act.near for act in acts} == {"", *OF_LENGTHS}


def test_a_list_is_filled_and_changed_where_it_is_full() -> None:
    types = Counter[str]()
    for seed in range(60):
        steps = motif(motifs.full, seed)
        acts = [step for step in steps if isinstance(step, s.Act)]
        filled = Counter(act.type for act in acts).most_common(1)[0]
        assert filled[1] >= {"article.update": 9}.get(filled[0], 19)
        first_look = next(n for n, step in enumerate(steps) if isinstance(step, s.Look))
        types.update(step.type for step in steps[first_look:] if isinstance(step, s.Act))
        assert isinstance(steps[-3], s.Open), "later somebody comes and is shown it"
    assert types.keys() >= {"chat.edit", "chat.delete", "chat.send", "url.update", "url.delete"}


def test_long_lists_are_not_filled() -> None:
    drawn = [Drawer(Chance(n), EVERYTHING, motifs=MANY_MOTIFS).program(60) for n in range(20)]
    assert not any(
        Counter(step.type for step in parts(list(one.steps)) if isinstance(step, s.Act))[
            "chat.send"
        ]
        > 18
        for one in drawn
    )


def test_every_deed_is_drawn() -> None:
    hand, drawn = holding(1), Counter[str]()
    for _ in range(400):
        found = motifs.deed(hand, hand.sketch.live()[0])
        assert found is not None
        drawn[found.do.type] += 1
        assert found.do.type.partition(".")[0] == found.undo.type.partition(".")[0]
    assert len(drawn) >= len({needs[-1] for _, needs in DEEDS})


def test_programs_of_every_run_have_few_motifs(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[object] = []

    def noted(*told: Any, **how: Any) -> Any:
        drawn.append(told)
        return motifs.motif(*told, **how)

    monkeypatch.setattr(draw, "motif", noted)

    def begun(share: float) -> int:
        drawn.clear()
        for seed in range(40):
            Drawer(Chance(seed), EVERYTHING, motifs=share).program(60)
        return len(drawn)

    assert begun(0.0) == 0
    few, many = begun(FEW_MOTIFS), begun(MANY_MOTIFS)
    assert few > 0
    assert many > 3 * few


def test_what_takes_its_time_is_in_no_program_of_every_run() -> None:
    def rules(share: float) -> set[str]:
        programs = (Drawer(Chance(n), EVERYTHING, motifs=share).program(60) for n in range(60))
        return {s.rule_of(step) for program in programs for step in program.steps}

    assert not {"burst", "hush"} & rules(FEW_MOTIFS)
    assert {"burst", "hush", "rest"} <= rules(MANY_MOTIFS)


def test_who_comes_back_had_no_session_left() -> None:
    for seed in range(20):
        hand = holding(seed)
        steps = list(motifs_slow.comes_back(hand))
        opened = next(step for step in steps if isinstance(step, s.Open))
        closed = {step.session for step in steps if isinstance(step, s.Close)}
        left = {one.name for one in hand.sketch.live() if one.user == opened.user}
        assert left == {opened.name}
        assert all(hand.sketch.user_of(name) == opened.user for name in closed)
