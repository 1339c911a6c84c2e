"""What a run on a deployment came to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.kit.deployment.places import Place, running

from omnisession_conformance.protocol.verdict import Status
from omnisession_conformance.report import RESULTS_FILE
from omnisession_conformance.results import read_results

if TYPE_CHECKING:
    from tests.kit.command.inside import Inside


@dataclass(frozen=True)
class Judged:
    """The exit code, what was printed, and the status of each requirement."""

    code: int
    out: str
    err: str
    statuses: dict[str, Status]

    @property
    def broken(self) -> set[str]:
        """The requirements that are not kept, warnings among them."""
        return {id_ for id_, one in self.statuses.items() if one in (Status.FAIL, Status.WARN)}


def judge(inside: Inside, place: Place, *options: str) -> Judged:
    """Run the broker, and check it."""
    with running(place, inside.folder):
        ran = inside.omnisession("check", "--seed", "0", *options)
    results = inside.folder / "report" / RESULTS_FILE
    statuses = (
        {one.id: one.status for one in read_results(results).requirements}
        if results.exists()
        else dict[str, Status]()
    )
    return Judged(ran.code, ran.out, ran.err, statuses)
