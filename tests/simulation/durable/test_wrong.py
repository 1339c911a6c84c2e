"""A simulation that is blind finds nothing: instances with a broken rule are seen within so many schedules.

Most rows say which faults it takes. What stands in for another rule is a row with both, and what no run can
show is named with the reason.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest
from tests.simulation.durable.schedule import read_file
from tests.simulation.durable.world import World, play
from tests.simulation.durable.wrong import OldNames, caught, fold, lease, owner

FOLDER = Path(__file__).parent / "found"


class Row(NamedTuple):
    """What is broken, what of it is seen, within how many schedules, and by which faults."""

    parts: tuple[type, ...]
    rules: tuple[str, ...]
    within: int
    only: tuple[str, ...] = ()
    noise: int | None = None
    world: type[World] = World

    @property
    def name(self) -> str:
        """Its name in the list of tests."""
        return "-".join(part.__name__ for part in self.parts) or self.world.__name__


EFFECTS = (
    "epoch-begins",
    "once-in-journal",
    "outcome-stays",
    "counted",
    "counted-last",
    "acked-is-there",
)
QUICK = (
    Row((fold.SkipsWhatItHas,), ("same-folds",), 10, ("rollback",)),
    Row((fold.OwnTime,), ("audit", "same-folds"), 10),
    Row(
        (fold.CountsTerms,), ("everybody-is-done", "shows-journal", "positions"), 20, ("rollback",)
    ),
    Row((fold.AnyBegin,), ("begin",), 40, ("purge", "kill")),
    Row((fold.AnyFold,), ("same-folds", "subscribed"), 20, ("purge",)),
    Row((lease.NoLease,), ("deposed", "positions"), 20, ("part",)),
    Row((lease.LateBeatsCount,), ("no-haste",), 40),
    Row((lease.AllSubscribe,), ("subscribed",), 5),
    Row((owner.AckFirst,), ("outcome-stays",), 5),
    Row((owner.SameEpoch,), ("positions",), 10),
)
"""Looked at by every `make test`; the others by `make test-all`."""
DEAR = (
    Row((fold.AnyTerm, owner.OwnNumbers), ("everybody-is-done",), 90, ("kill", "claim"), 4),
    Row((fold.AnyClaim,), ("no-haste",), 40),
    Row(
        (fold.AnyAct, owner.NoTurns), ("limits", "once-in-journal", "counted", "outcome-stays"), 40
    ),
    Row(
        (fold.AnyActOfAnyNumber,),
        ("counted", "counted-last", "once-in-journal", "first-position"),
        40,
    ),
    Row(
        (fold.AnyActInAnyTerm,),
        ("everybody-is-done", "once-in-journal", "core-fails", "counted"),
        120,
        ("claim", "kill"),
        4,
    ),
    Row((fold.AnyRead,), ("one-winner",), 60),
    Row((fold.PatchOfNothing,), ("acked-is-there",), 80),
    Row((fold.TimeOfBeats,), ("audit", "same-folds"), 60, ("skew", "kill", "join")),
    Row((fold.TimeGoesBack,), ("audit",), 30, ("skew",)),
    Row((fold.Raises,), ("core-fails",), 10, ("poison",)),
    Row((fold.OwnLimits,), ("same-folds",), 260, ("join", "kill")),
    Row((lease.FromReceipt,), ("deposed", "everybody-is-done"), 80, ("lag", "claim", "freeze")),
    Row((lease.LongLease,), ("deposed", "positions"), 40, ("part",)),
    Row((lease.KeepsTerm,), ("position-told", "positions"), 100, ("cut",)),
    Row((lease.GoesOn,), ("position-told", "positions", "epoch-begins"), 80),
    Row((lease.NoWait,), ("deposed",), 100, ("part", "claim", "lag")),
    Row((lease.AnyBeatConfirms,), ("deposed",), 120, ("lag", "claim")),
    Row((lease.AnyBeatIsASign,), ("everybody-is-done",), 120, ("lag",)),
    Row((lease.NeverClaims,), ("everybody-is-done",), 10, ("kill",)),
    Row((lease.ClaimsAtOnce,), ("everybody-is-done", "no-haste"), 10),
    Row((lease.StaysSubscribed,), ("subscribed",), 20),
    Row((lease.NeverSubscribes,), ("everybody-is-done",), 10),
    Row((owner.TellsConflicts,), ("outcome-stays", "acked-is-there", "first-position"), 20),
    Row((owner.SaysMore,), ("one-outcome",), 60, ("election",)),
    Row((owner.NilIsDone,), ("outcome-stays", "acked-is-there", "core-fails"), 20, ("refuse",)),
    Row(
        (owner.ByNumber,),
        ("acked-is-there", "first-position", "audit", "outcome-stays"),
        40,
        ("forge",),
    ),
    Row((owner.SameEpoch,), ("positions", "everybody-is-done"), 20, ("suspend",)),
    Row((owner.OwnNumbers,), ("everybody-is-done",), 20, ("forge",)),
    Row((fold.AnyKinds,), ("core-fails", "shows-journal"), 40, ("forge", "kill")),
    Row((owner.NeverAgain,), ("everybody-is-done",), 10),
    Row((owner.NoNil,), ("everybody-is-done",), 20, ("refuse",)),
    Row((owner.GivesUp,), EFFECTS, 120, ("election", "lag")),
    Row((owner.GivesUp, fold.AnyAct), EFFECTS, 100),
    Row((owner.NoStates,), ("epoch-begins",), 20),
    Row((owner.CountsFirst,), ("counted-last",), 10),
    Row(
        (owner.OutcomeFirst,),
        ("first-position", "counted-last", "position-told", "state-is-fold"),
        90,
    ),
    Row((owner.HeadForCopies,), ("first-position",), 10),
    Row((owner.CopiesAnew,), ("everybody-is-done",), 60),
    Row((owner.UsedIsNew,), ("everybody-is-done",), 60),
    Row((), ("positions", "deposed"), 20, ("kill",), world=OldNames),
    Row((lease.NoRoutes,), ("positions",), 200, ("claim", "leave")),
    Row((lease.BeginsAtOnce,), ("deposed",), 150, ("part", "claim")),
    Row((lease.SpeaksAfterYielding,), ("deposed",), 60, ("leave", "lag", "join")),
)
RARE = (Row((lease.OnlyTheLast,), ("deposed",), 1_000, ("lag", "claim")),)
"""These take what comes together seldom; `make slow` waits for it."""
STANDS_IN = {
    fold.AnyAct: "one decision of a user at a time keeps ids, numbers and room, too: seen with NoTurns",
    fold.AnyTerm: "an owner passes over numbers that others have used: seen with OwnNumbers",
    fold.AnyNumber: "the fold judges the act as well: seen with AnyActOfAnyNumber",
    owner.NoTurns: "the fold judges the act: seen with AnyAct; what follows from a change is not modelled",
    owner.OnlyTheFirst: "what stood behind a hole is appended again a little later",
    lease.ClaimsWithoutLease: "who cannot read the journal sees no silence, and cannot begin a term either",
    lease.NoFarewell: "a copy without outcome is sent again; whether 5040 comes in time is the kit's",
}
"""Broken alone, these are seen by no rule."""


def assert_caught(row: Row) -> None:
    found = caught(row.parts, row.within, only=row.only, noise=row.noise, world=row.world)
    assert found is not None, f"{row.within} schedules show nothing of {row.name}"
    assert found[1].rule in row.rules, found[1]


@pytest.mark.parametrize("row", QUICK, ids=lambda row: row.name)
def test_a_wrong_rule_is_seen(row: Row) -> None:
    assert_caught(row)


@pytest.mark.dear
@pytest.mark.parametrize("row", DEAR, ids=lambda row: row.name)
def test_more_wrong_rules_are_seen(row: Row) -> None:
    assert_caught(row)


@pytest.mark.slow
@pytest.mark.parametrize("row", RARE, ids=lambda row: row.name)
def test_what_comes_together_seldom_is_seen(row: Row) -> None:
    assert_caught(row)


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("limps-0", [lease.Limps]),
        # Instances tell each other what they have folded, which finds the same a little later.
        ("lost-end-585", [fold.GoesOnBehind, fold.AnyFold]),
    ],
)
def test_what_was_found_is_found_again_where_its_rules_are_broken(
    name: str, parts: list[type]
) -> None:
    assert play(read_file(FOLDER / f"{name}.json"), parts).finding is not None


@pytest.mark.dear
@pytest.mark.parametrize("part", STANDS_IN, ids=lambda part: part.__name__)
def test_where_another_rule_stands_in_nothing_is_seen(part: type) -> None:
    assert caught((part,), 30) is None, f"{part.__name__} is seen: make it a row"
