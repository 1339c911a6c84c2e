"""`matrix.md`: the kill matrix for the summary page of a CI job and for the documentation."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from omnisession_conformance.protocol.areas import area_of, area_title
from omnisession_conformance.report.markdown import code, escaped, table
from omnisession_conformance.report.text import plural
from omnisession_conformance.selftest.judging import Outcome
from omnisession_conformance.selftest.report.words import (
    flagged,
    green,
    headline,
    lacking,
    size,
    surviving,
    told,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omnisession_conformance.selftest.matrix import FaultRow, Matrix, RequirementRow

MARKS = {
    Outcome.CAUGHT: "✅",
    Outcome.HIDDEN: "🟠",
    Outcome.BY_ANOTHER: "🟠",
    Outcome.MISSED: "❌",
    Outcome.CLEAN: "✅",
    Outcome.FLAGGED: "❌",
    Outcome.HELD: "✅",
    Outcome.GREEN: "❌",
    Outcome.FAILED: "⚪",
    Outcome.NOT_RUN: "⚪",
}


def markdown(matrix: Matrix) -> str:
    """The matrix as GitHub's Markdown: what is wrong first, then every requirement with its faults."""
    blocks = [
        f"## Kill matrix: {escaped(headline(matrix))}",
        f"{escaped(size(matrix))} · {matrix.about.role} {code(matrix.about.subject)}",
        *_problems(matrix),
        *_folded(f"{plural(len(matrix.faults), 'fault')} by requirement", _by_requirement(matrix)),
        *_folded(plural(len(matrix.variants), "variant"), _variants(matrix)),
        *_folded(plural(len(matrix.nulls), "null target"), _nulls(matrix)),
    ]
    return "\n\n".join(blocks) + "\n"


def _problems(matrix: Matrix) -> Iterator[str]:
    about = matrix.about
    if reason := about.interrupted or about.control:
        yield escaped(reason)
    rows = [
        *((r.name, f"{r.requirement}: {told(r)}", r.rerun) for r in surviving(matrix)),
        *(
            (r.name, "; ".join([told(r), *(f"{c.check} {c.status}" for c in r.remarks)]), r.rerun)
            for r in flagged(matrix)
        ),
        *((r.name, told(r), r.rerun) for r in green(matrix)),
    ]
    if rows:
        cells = [(code(name), escaped(what), code(rerun)) for name, what, rerun in rows]
        yield table(("Tried", "What came out", "Again"), cells)
    if matrix.uncovered:
        yield "Without a fault:"
        yield "\n".join(f"- {escaped(lacking(row))}" for row in matrix.uncovered)


def _folded(title: str, content: str) -> Iterator[str]:
    if content:
        yield f"<details><summary>{title}</summary>\n\n{content}\n\n</details>"


def _by_requirement(matrix: Matrix) -> str:
    faults = {row.name: row for row in matrix.faults}
    tables: list[str] = []
    for area, rows in groupby(matrix.requirements, lambda row: area_of(row.id)):
        cells = [_requirement(row, faults) for row in rows]
        tables.append(f"**{area_title(area)}**\n\n{table(('Requirement', 'Faults'), cells)}")
    return "\n\n".join(tables) if matrix.faults else ""


def _requirement(row: RequirementRow, faults: dict[str, FaultRow]) -> tuple[str, str]:
    shown = [
        f"{MARKS[faults[name].outcome]} {code(name)}{_beside(faults[name])}" for name in row.faults
    ]
    title = f"{row.id} {escaped(row.title)}"
    return title, "<br>".join(shown) or "❌ none"


def _beside(row: FaultRow) -> str:
    return f" and {', '.join(row.others)}" if row.others else ""


def _variants(matrix: Matrix) -> str:
    cells = [
        (
            f"{MARKS[row.outcome]} {code(row.name)}",
            escaped(row.sentence),
            f"{row.part or 'all'}{' at the second try' if row.outcome.good and row.reason else ''}",
        )
        for row in matrix.variants
    ]
    return table(("Variant", "What is unusual", "Part of the suite"), cells) if cells else ""


def _nulls(matrix: Matrix) -> str:
    cells = [
        (f"{MARKS[row.outcome]} {code(row.name)}", escaped(row.sentence)) for row in matrix.nulls
    ]
    return table(("Null target", "What it does"), cells) if cells else ""
