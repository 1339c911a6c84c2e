"""A simulation that is blind finds nothing: instances with a broken rule are seen within so many schedules.

Most rows say which faults it takes. What stands in for another rule is a row with both, and what no run can
show is named with the reason.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest
from tests.simulation.durable.publishing import Publishes
from tests.simulation.durable.schedule import read_file
from tests.simulation.durable.world import World, play
from tests.simulation.durable.wrong import OldNames, caught, fold, lease, owner

from omnisession_faults.faults.durable.kept import TakeoverWithoutStates

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


SAID = (
    "acked-is-there",
    "counted",
    "everybody-is-done",
    "outcome-stays",
    "pong-covers",
    "shows-journal",
    "audit",
)
"""By one of these it is seen that something was said which is not so."""
QUICK = (
    Row((fold.SkipsWhatItHas,), ("same-folds",), 20, ("rollback",)),
    Row((fold.AnyFold,), ("same-folds", "subscribed"), 20, ("purge",)),
    Row((fold.AnyClaim,), ("no-haste",), 20),
    Row((lease.AllSubscribe,), ("subscribed",), 5),
    Row((owner.AckFirst,), ("counted", "outcome-stays", "acked-is-there"), 10),
    Row((owner.CountsFromZero,), ("counted",), 10),
    Row((owner.EndsUnnoted,), ("shows-journal", "core-fails"), 20),
)
"""Looked at by every `make test`; the others by `make test-all`."""
DEAR = (
    Row(
        (fold.AnyAct,), ("core-fails", "first-position", "shows-journal", "counted"), 60, ("forge",)
    ),
    Row((fold.AnyNumber,), ("counted", "everybody-is-done"), 20),
    Row((fold.OwnTime,), ("audit", "same-folds"), 10),
    Row((fold.AnyBegin,), ("begin",), 60, ("purge", "kill")),
    Row((fold.AnyWrite,), ("core-fails",), 40, ("forge",)),
    Row((fold.AnyKinds,), ("halts", "core-fails", "shows-journal"), 40, ("forge", "kill")),
    Row((fold.TimeOfBeats,), ("audit", "same-folds"), 60, ("skew", "kill", "join")),
    Row((fold.TimeGoesBack,), ("audit",), 30, ("skew",)),
    Row((fold.Raises,), ("core-fails",), 10, ("poison",)),
    Row((lease.NoLease,), ("deposed", "positions"), 20, ("part",)),
    Row((lease.LateBeatsCount,), ("no-haste",), 60),
    Row((lease.FromReceipt,), ("deposed", "everybody-is-done"), 80, ("lag", "claim", "freeze")),
    Row((lease.LongLease,), ("deposed", "positions"), 40, ("part",)),
    Row((lease.KeepsTerm,), ("position-told", "positions"), 100, ("cut",)),
    Row((lease.GoesOn,), ("position-told", "positions", "epoch-begins"), 80),
    Row((lease.NoWait,), ("deposed", "positions"), 100, ("part", "claim", "lag")),
    Row((lease.AnyBeatIsASign,), ("everybody-is-done", "expires"), 120, ("lag",)),
    Row((lease.NeverClaims,), ("everybody-is-done",), 10, ("kill",)),
    Row((lease.ClaimsAtOnce,), ("everybody-is-done", "no-haste"), 10),
    Row((lease.StaysSubscribed,), ("subscribed",), 20),
    Row((lease.NeverSubscribes,), ("everybody-is-done",), 10),
    Row((lease.NoRoutes,), ("positions",), 200, ("claim", "leave")),
    Row((lease.BeginsAtOnce,), ("deposed",), 150, ("part", "claim")),
    Row((owner.TellsAll,), SAID, 40, ("forge", "refuse")),
    Row((owner.OverlooksOthers,), SAID, 40, ("forge",)),
    Row((owner.ByNumber,), SAID, 60, ("forge", "refuse")),
    Row((owner.OwnNumbers,), ("everybody-is-done",), 40, ("forge",)),
    Row((owner.NeverAgain,), ("everybody-is-done",), 10),
    Row((owner.NoNil,), ("everybody-is-done",), 20, ("refuse",)),
    Row((owner.SameEpoch,), ("positions", "everybody-is-done"), 20),
    Row((TakeoverWithoutStates,), ("epoch-begins", "takeover-shows"), 20),
    Row((owner.OneByOne,), ("state-is-fold", "shows-journal", "takeover-shows"), 20),
    Row((owner.ForgetsSelected,), ("takeover-shows", "same-folds"), 40),
    Row((owner.OpensUnnoted,), ("everybody-is-done",), 10),
    Row((owner.SelectsUnnoted,), ("takeover-shows",), 40),
    Row((owner.WritesUnnoted,), (*SAID, "takeover-shows"), 20),
    Row((owner.EditsUnnoted,), ("shows-journal",), 40),
    Row((owner.CopiesUnnoted,), ("everybody-is-done", "counted"), 40),
    Row((owner.RenewsAlways,), ("expires",), 40),
    Row((owner.HintsOnce,), ("hinted",), 20, ("lag", "kill"), world=Publishes),
    Row((owner.AnswersAfterAll,), ("one-outcome",), 20, ("withhold",)),
    Row((owner.TellsAhead,), ("position-told",), 20, ("withhold",)),
    Row((owner.SignsUnnoted,), ("expires-late", "everybody-is-done"), 60),
    Row(
        (owner.ForgetsNumbers,),
        ("outcome-stays", "first-position", "refused-is-not-done"),
        40,
        ("kill",),
    ),
    Row((owner.ForgetsOutcomes,), ("everybody-is-done", "outcome-stays"), 40, ("kill",)),
    Row((), ("positions", "deposed"), 40, ("kill",), world=OldNames),
)
RARE = (
    Row((lease.SpeaksAfterYielding,), ("deposed",), 1_000, ("leave", "lag", "join")),
    Row((lease.OnlyTheLast,), ("deposed",), 1_000, ("lag", "claim")),
    Row((lease.AnyBeatConfirms,), ("deposed", "positions"), 1_000, ("lag", "claim")),
)
"""These take what comes together seldom; `make slow` waits for it."""
STANDS_IN = {
    fold.OwnLimits: "cores of one program have the same limits, so that no core of the game goes by others",
    fold.AnyTerm: "an owner passes over numbers that others have used",
    fold.CountsTerms: "an epoch is above the journal's time as well",
    owner.LeavesThemWaiting: "clients send again what has no outcome",
    owner.OnlyTheFirst: "what stood behind a hole is appended again a little later",
    lease.ClaimsWithoutLease: "who cannot read the journal sees no silence, and cannot begin a term either",
    owner.RestsOnMemory: "an alarm of a term that is over finds that it is over",
    owner.ForgetsEnds: "the fold passes over what is opened again, and the term ends: clients send again",
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


def test_what_was_found_is_found_again_where_its_rule_is_broken() -> None:
    assert play(read_file(FOLDER / "limps-0.json"), [lease.Limps]).finding is not None


@pytest.mark.dear
@pytest.mark.parametrize("part", STANDS_IN, ids=lambda part: part.__name__)
def test_where_another_rule_stands_in_nothing_is_seen(part: type) -> None:
    assert caught((part,), 30) is None, f"{part.__name__} is seen: make it a row"
