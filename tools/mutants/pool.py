"""Runs mutants, some at a time, until enough have been run."""

from __future__ import annotations

import shutil
import tempfile
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mutants.near import near
from mutants.targets import ROOT
from mutants.trial import RUN_S, Outcome, Trial, run

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mutants.mutant import Mutant
    from mutants.targets import Target


@dataclass(frozen=True, slots=True)
class Ran:
    """A mutant and what became of it."""

    mutant: Mutant
    trial: Trial


@dataclass(frozen=True, slots=True)
class Pool:
    """Where copies of a target are made, and how the kit is run on them."""

    target: Target
    folder: Path
    jobs: int
    options: Sequence[str]
    within_s: int = RUN_S

    def controlled(self) -> Iterator[str]:
        """Run the controls; says of each that came out otherwise than it must."""
        for control in self.target.controls:
            source = (ROOT / control.file).read_text("utf-8")
            if control.before not in source:
                yield f"control '{control.name}': {control.before!r} is not in {control.file}"
                continue
            changed = source.replace(control.before, control.after, 1) if control.before else source
            trial = self._tried(control.file, changed.encode())
            if trial.outcome != control.verdict:
                yield f"control '{control.name}': {trial.outcome}, not {control.verdict}: {trial.told}"

    def runs(self, mutants: Iterable[Mutant], count: int) -> Iterator[Ran]:
        """Run mutants in this order until so many could be run; each as it ends."""
        waiting = iter(mutants)
        with ThreadPoolExecutor(self.jobs) as threads:
            running: dict[Future[Ran], None] = {}
            left = count
            while True:
                while len(running) < min(self.jobs, left) and (mutant := next(waiting, None)):
                    running[threads.submit(self._run, mutant)] = None
                if not running:
                    return
                for ended in wait(running, return_when=FIRST_COMPLETED).done:
                    del running[ended]
                    ran = ended.result()
                    left -= ran.trial.outcome is not Outcome.NOT_BUILT
                    yield ran

    def _run(self, mutant: Mutant) -> Ran:
        return Ran(
            mutant, self._tried(mutant.file, mutant.applied((ROOT / mutant.file).read_bytes()))
        )

    def _tried(self, file: str, data: bytes) -> Trial:
        folder = Path(tempfile.mkdtemp(dir=self.folder))
        try:
            command = self.target.made(folder, file, data)
            if command is None:
                return Trial(Outcome.NOT_BUILT, "", 0)
            if areas := near(file):
                # Most mutants fail here, in less time than the whole run takes; only these are believed.
                only = [option for area in areas for option in ("--only", area)]
                trial = run(command, folder / "near", (*self.options, *only), self.within_s)
                if trial.outcome in (Outcome.FAIL, Outcome.WARN):
                    return trial
            trial = run(command, folder / "report", self.options, self.within_s)
            # A kit that was too busy says so once; a server that keeps it from a verdict does it again.
            if trial.outcome is Outcome.NO_VERDICT:
                trial = run(command, folder / "again", self.options, self.within_s)
            return trial
        finally:
            shutil.rmtree(folder)
