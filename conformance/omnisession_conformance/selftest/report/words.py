"""The phrases that terminal, Markdown and JSON share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.report.text import plural
from omnisession_conformance.selftest.judging import Outcome
from omnisession_conformance.selftest.matrix import Verdict

if TYPE_CHECKING:
    from omnisession_conformance.selftest.matrix import (
        FaultRow,
        Matrix,
        NullRow,
        RequirementRow,
        VariantRow,
    )

STARTS = {
    Verdict.PROVED: "PROVED",
    Verdict.SELECTED_PROVED: "SELECTED TRIALS PASSED",
    Verdict.NOT_PROVED: "NOT PROVED",
}
OUTCOMES = {
    Outcome.CAUGHT: "caught",
    Outcome.HIDDEN: "hidden",
    Outcome.BY_ANOTHER: "caught by another requirement",
    Outcome.MISSED: "missed",
    Outcome.CLEAN: "clean",
    Outcome.FLAGGED: "flagged",
    Outcome.HELD: "not green",
    Outcome.GREEN: "green",
    Outcome.FAILED: "no result",
    Outcome.NOT_RUN: "not tried",
}


def headline(matrix: Matrix) -> str:
    """The verdict in one sentence."""
    about = matrix.about
    if about.interrupted is not None:
        return f"INTERRUPTED: {about.interrupted}; {matrix.not_run} not tried"
    if about.control is not None:
        return f"NO VERDICT: the {about.role} itself is not right"
    told = _wrong(matrix) if matrix.verdict is Verdict.NOT_PROVED else _right(matrix)
    return f"{STARTS[matrix.verdict]}: {', '.join(told)}"


def size(matrix: Matrix) -> str:
    """How much was tried, in what time, and with which seed."""
    about = matrix.about
    share = "" if about.whole else f" · seed {about.seed}"
    on = "" if about.on is None else f" on {about.on}"
    if about.programs is not None:
        on += f" by up to {plural(about.programs, 'generated program')}"
    return f"{plural(about.trials, 'trial')}{on} in {about.wall_ms / 1000:.0f} s{share}"


def _right(matrix: Matrix) -> list[str]:
    generated = _by_generation(matrix)
    parts = (
        (0 if generated else len(matrix.faults), "fault", "caught"),
        (len(matrix.variants), "variant", "clean"),
        (len(matrix.nulls), "null target", "not green"),
    )
    return [*generated, *(f"{plural(n, noun)} {end}" for n, noun, end in parts if n)]


def _by_generation(matrix: Matrix) -> list[str]:
    """How many faults generated traffic saw, where they were tried by it."""
    if matrix.about.programs is None or not matrix.faults:
        return []
    named = matrix.count(matrix.faults)[Outcome.CAUGHT]
    share = f"{len(matrix.seen)} of {plural(len(matrix.faults), 'fault')}"
    wanted = "" if matrix.enough_faults else f", and not {matrix.generated_part:.0%}"
    return [f"generated traffic saw {share}{wanted} ({named} by what they break)"]


def _wrong(matrix: Matrix) -> list[str]:
    generated = _by_generation(matrix)
    parts = (
        ([] if generated else surviving(matrix), "surviving fault"),
        (flagged(matrix), "flagged variant"),
        (green(matrix), "green null target"),
    )
    found = [plural(len(rows), noun) for rows, noun in parts if rows]
    if generated and not matrix.enough_faults:
        found = [*generated, *found]
    if matrix.uncovered:
        found.append(f"{len(matrix.uncovered)} MUST without a fault")
    return found


def surviving(matrix: Matrix) -> list[FaultRow]:
    """The faults that were not caught as they must."""
    return [row for row in matrix.faults if not row.outcome.good]


def flagged(matrix: Matrix) -> list[VariantRow]:
    """The variants that were not left alone."""
    return [row for row in matrix.variants if not row.outcome.good]


def unsteady(matrix: Matrix) -> list[VariantRow]:
    """The variants that were left alone only when nothing else was tried at the same time."""
    return [row for row in matrix.variants if row.outcome.good and row.reason]


def green(matrix: Matrix) -> list[NullRow]:
    """The null targets that were passed, or of which nothing is known."""
    return [row for row in matrix.nulls if not row.outcome.good]


def lacking(row: RequirementRow) -> str:
    """A requirement without a fault."""
    return f"{row.id} ({row.level}): {row.title}"


def told(row: FaultRow | VariantRow | NullRow) -> str:
    """What became of a row, with what there is to say about it."""
    reason = row.reason.strip()
    return OUTCOMES[row.outcome] + (f": {reason}" if reason else "")
