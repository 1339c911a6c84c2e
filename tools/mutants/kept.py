"""A sample that is gone on with: what has run already is read back from its lines."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from mutants.pool import Ran
from mutants.trial import Outcome, Trial

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mutants.mutant import Mutant


class KeptError(ValueError):
    """The lines are no sample that can be gone on with; says why."""


def read_seed(text: str) -> int:
    """Return the seed of a sample; raises KeptError."""
    seeds = {members.get("seed") for members in _lines(text)}
    if len(seeds) != 1 or not isinstance(seed := seeds.pop(), int):
        raise KeptError("These are not results of one seed; there is no sample to go on with.")
    return seed


def read_runs(text: str, target: str, mutants: Iterable[Mutant]) -> Iterator[Ran]:
    """Give the runs of a server, without those of mutants that are no more; raises KeptError.

    What came to no verdict is left out, too: it runs again, and the machine may be less busy then.
    """
    by_id = {mutant.id: mutant for mutant in mutants}
    found: dict[str, Ran] = {}
    for members in _lines(text):
        if members.get("target") != target or members.get("id") not in by_id:
            continue
        trial = Trial(Outcome(members["outcome"]), members["told"], members["seconds"])
        found[members["id"]] = Ran(by_id[members["id"]], trial)
    yield from (ran for ran in found.values() if ran.trial.outcome is not Outcome.NO_VERDICT)


def _lines(text: str) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(text.splitlines(), 1):
        try:
            members: Any = json.loads(line)
        except ValueError as error:
            raise KeptError(f"Line {number} is not JSON.") from error
        if not isinstance(members, dict):
            raise KeptError(f"Line {number} is not a result.")
        yield members
