"""What a run on a deployment came to."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from omnisession_conformance.environment.broker import find_binary
from omnisession_conformance.protocol.verdict import Status
from omnisession_conformance.report import RESULTS_FILE
from omnisession_conformance.results import read_results
from omnisession_deployments.broker import running

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from tests.kit.command.inside import Inside

    from omnisession_deployments.place import Place


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


@contextlib.contextmanager
def deployed(place: Place, folder: Path) -> Generator[str]:
    """Run the broker of a deployment, with the kit's configuration in a folder; gives HOST:PORT."""
    with running(place, folder, str(find_binary())) as found:
        yield found


def judge(inside: Inside, place: Place, *options: str) -> Judged:
    """Run the broker, and check it."""
    with deployed(place, inside.folder):
        ran = inside.omnisession("check", "--seed", "0", *options)
    results = inside.folder / "report" / RESULTS_FILE
    statuses = (
        {one.id: one.status for one in read_results(results).requirements}
        if results.exists()
        else dict[str, Status]()
    )
    return Judged(ran.code, ran.out, ran.err, statuses)
