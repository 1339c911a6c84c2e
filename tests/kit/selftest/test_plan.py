"""Which trials are made: pure, and the same for the same seed."""

from __future__ import annotations

from typing import Any

import pytest
from tests.kit.selftest.made import REGISTRY, faults, nulls, variants

from omnisession_conformance.engine.plan import Selection
from omnisession_conformance.errors import NothingToRunError, UsageError
from omnisession_conformance.selftest.listing import Listing
from omnisession_conformance.selftest.plan import (
    DRAWN,
    GENERATED,
    SAMPLED,
    SHARDS,
    Parts,
    Suite,
    Wish,
    choose,
    demanded,
    make_trials,
    sample,
    shard,
)
from omnisession_conformance.selftest.trial import Kind, Scope, Trial
from omnisession_conformance.suite import catalogue

CASES = tuple(f"case-{n}" for n in range(50))
SUITE = Suite(CASES, frozenset({"ENV-001"}))
MANY = tuple(f"fault-{n}" for n in range(40))
LISTING = Listing(faults(*MANY), variants("slow", "odd"), nulls("silent"))


def test_everything_is_tried_without_names() -> None:
    assert choose(LISTING, REGISTRY, Wish()) == LISTING


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("fault-3", (1, 0, 0)),
        ("CTRL-007", (40, 0, 0)),
        ("CTRL", (40, 0, 0)),
        ("odd", (0, 1, 0)),
        ("silent", (0, 0, 1)),
    ],
)
def test_names_choose(name: str, found: tuple[int, int, int]) -> None:
    chosen = choose(LISTING, REGISTRY, Wish(only=(name,)))
    assert (len(chosen.faults), len(chosen.variants), len(chosen.nulls)) == found


def test_parts_choose() -> None:
    chosen = choose(LISTING, REGISTRY, Wish(Parts(faults=False, variants=True, nulls=False)))
    assert chosen == Listing(variants=LISTING.variants)


def test_an_unknown_name_is_told_with_the_closest() -> None:
    with pytest.raises(UsageError, match=r"'fault-33x'.*Did you mean fault-33"):
        choose(LISTING, REGISTRY, Wish(only=("fault-33x",)))
    with pytest.raises(UsageError, match="Did you mean CTRL-00"):
        choose(LISTING, REGISTRY, Wish(only=("ctrl-007",)))


def test_nothing_to_try() -> None:
    with pytest.raises(NothingToRunError):
        choose(Listing(), REGISTRY, Wish(Parts(faults=False)))


def test_a_must_without_a_fault_is_something_to_tell() -> None:
    assert choose(Listing(), REGISTRY, Wish(only=("CTRL-007",))) == Listing()


def test_every_must_of_a_server_is_to_have_a_fault() -> None:
    ids = demanded(REGISTRY, Wish())
    assert "CTRL-007" in ids
    assert "DISC-001" not in ids, "a SHOULD"
    assert "CTRL-020" not in ids, "nothing can observe it"
    assert demanded(REGISTRY, Wish(only=("CTRL-007", "odd"))) == ("CTRL-007",)
    assert demanded(REGISTRY, Wish(Parts(faults=False))) == ()
    assert all(i.startswith("RESUME-") for i in demanded(REGISTRY, Wish(only=("RESUME",))))


def test_a_sample_depends_on_the_seed_alone() -> None:
    assert sample(MANY, 1) == sample(reversed(MANY), 1)
    assert len(sample(MANY, 1)) == SAMPLED
    assert sample(MANY, 1) != sample(MANY, 2)
    assert sample(MANY[:3], 1) == frozenset(MANY[:3])


@pytest.mark.parametrize("name", ["slow", "odd", "json-spaced"])
def test_consecutive_seeds_show_a_variant_every_case(name: str) -> None:
    met = [case for seed in range(7, 7 + SHARDS) for case in SUITE.part(shard(name, seed))]
    assert sorted(met) == sorted(CASES)


def test_trials_of_a_whole_self_test() -> None:
    trials = make_trials(LISTING, SUITE, Wish())
    assert (trials[0].kind, trials[0].scope) == (Kind.CONTROL, Scope.WHOLE)
    narrow = [t for t in trials if t.scope is Scope.REQUIREMENT]
    assert [t.name for t in narrow] == list(MANY)
    assert all(t.selection.only == ("CTRL-007",) for t in narrow)
    assert narrow[0].env == {"OMNISESSION_FAULT": "fault-0"}
    wide = [t for t in trials if t.kind is Kind.FAULT and t.scope is Scope.WHOLE]
    assert {t.name for t in wide} == sample(MANY, 0)
    assert not any(t.selection.filtered for t in wide)
    parts = [t for t in trials if t.kind is Kind.VARIANT]
    assert all(t.scope is Scope.SHARD and t.part.endswith(f"/{SHARDS}") for t in parts)
    assert parts[0].env == {"OMNISESSION_VARIANT": "slow"}
    assert trials[1].command == ("null", "silent"), "while others run, since it takes long"
    assert len({t.key for t in trials}) == len(trials)


def test_what_only_a_sweep_judges_is_tried_on_some_cases() -> None:
    chosen = Listing(faults("late", requirement="ENV-001"))
    found = make_trials(chosen, SUITE, Wish(only=("late",)))[1]
    assert found.selection == Selection(only=("ENV-001",), cases=SUITE.part(0))
    swept = Suite.of(catalogue()).swept
    assert "ENV-001" in swept
    assert "CTRL-007" not in swept


def test_nothing_is_left_to_samples_where_all_is_wanted() -> None:
    trials = make_trials(LISTING, SUITE, Wish(whole=True))
    wide = [t.name for t in trials if t.kind is Kind.FAULT and t.scope is Scope.WHOLE]
    assert wide == list(MANY)
    assert all(t.scope is Scope.WHOLE for t in trials if t.kind is Kind.VARIANT)


def test_what_is_named_is_tried_without_more() -> None:
    wish = Wish(only=("fault-3", "odd"))
    trials = make_trials(choose(LISTING, REGISTRY, wish), SUITE, wish)
    assert [(t.name, t.scope) for t in trials] == [
        ("control", Scope.WHOLE),
        ("fault-3", Scope.REQUIREMENT),
        ("odd", Scope.WHOLE),
    ]
    wish = Wish(only=("fault-3",))
    first = make_trials(choose(LISTING, REGISTRY, wish), SUITE, wish)[0]
    assert (first.kind, first.selection.only) == (Kind.CONTROL, ("CTRL-007",))
    wish = Wish(only=("silent",))
    assert [t.kind for t in make_trials(choose(LISTING, REGISTRY, wish), SUITE, wish)] == [
        Kind.NULL
    ]


# -- on top of a variant -----------------------------------------------------------------------------------


def on(name: str = "odd", **how: Any) -> tuple[Trial, ...]:
    wish = Wish(on=name, **how)
    return make_trials(choose(LISTING, REGISTRY, wish), SUITE, wish)


def test_some_faults_are_tried_on_a_variant_by_what_they_break() -> None:
    trials = on()
    assert {t.env["OMNISESSION_VARIANT"] for t in trials} == {"odd"}
    assert [t.kind for t in trials] == [Kind.CONTROL, *[Kind.FAULT] * DRAWN]
    tried = {t.name for t in trials}
    assert tried == {t.name for t in on()}
    assert tried != {t.name for t in on(seed=1)}
    assert all(t.env["OMNISESSION_FAULT"] == t.name for t in trials[1:])
    assert {t.scope for t in trials[1:]} == {Scope.REQUIREMENT}


def test_all_faults_are_tried_on_a_variant_that_is_tried_whole() -> None:
    trials = on(whole=True)
    assert {t.name for t in trials} == {"control", *MANY}
    assert {t.scope for t in trials[1:]} == {Scope.REQUIREMENT}


def test_what_is_tried_on_a_variant_proves_a_part() -> None:
    assert [t.name for t in on(only=("fault-3",))[1:]] == ["fault-3"]
    assert Wish(on="odd", whole=True).filtered
    assert demanded(REGISTRY, Wish(on="odd")) == ()


def test_faults_are_tried_on_a_variant_that_there_is() -> None:
    with pytest.raises(UsageError, match=r"no variant 'slov' to try faults on. Did you mean slow"):
        on("slov")
    with pytest.raises(NothingToRunError):
        on(only=("silent",))


# -- by generated traffic ----------------------------------------------------------------------------------

ABOUT_IT = Listing(
    (*faults(*MANY, requirement="STATE-002"), *faults("elsewhere")), variants("slow", "odd")
)


def generated(**how: Any) -> tuple[Trial, ...]:
    wish = Wish(programs=60, **how)
    return make_trials(choose(ABOUT_IT, REGISTRY, wish), SUITE, wish)


def test_some_faults_of_what_it_is_about_are_tried_by_generated_traffic() -> None:
    trials = generated()
    assert [t.kind for t in trials] == [Kind.CONTROL, *[Kind.FAULT] * GENERATED]
    assert {(t.scope, t.programs) for t in trials} == {(Scope.GENERATED, 60)}
    assert {t.name for t in trials} == {t.name for t in generated()}
    assert {t.name for t in trials} != {t.name for t in generated(seed=1)}
    assert "elsewhere" not in {t.name for t in generated(whole=True)}
    assert [t.name for t in generated(only=("fault-3",))] == ["control", "fault-3"]


def test_variants_are_tried_by_generated_traffic_where_they_are_wanted() -> None:
    only = generated(parts=Parts(faults=False, nulls=False))
    assert [t.name for t in only] == ["control", "slow", "odd"]
    assert only[1].env == {"OMNISESSION_VARIANT": "slow"}
    assert [t.name for t in generated(whole=True)] == ["control", *MANY, "slow", "odd"]
    assert [t.name for t in generated(only=("odd",))] == ["control", "odd"]


def test_generated_traffic_is_tried_on_top_of_a_variant() -> None:
    trials = generated(on="odd", whole=True)
    assert [t.name for t in trials] == ["control", *MANY], "no variant is tried on a variant"
    assert {t.env["OMNISESSION_VARIANT"] for t in trials} == {"odd"}
    assert trials[1].env["OMNISESSION_FAULT"] == MANY[0]
    with pytest.raises(UsageError, match="There is no variant 'even'"):
        generated(on="even")


def test_what_generated_traffic_shows_proves_a_part() -> None:
    wish = Wish(programs=60, whole=True)
    assert wish.filtered
    assert demanded(REGISTRY, wish) == ()
    with pytest.raises(NothingToRunError, match="by generated traffic"):
        generated(only=("elsewhere",))
