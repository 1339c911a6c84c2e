"""`omnisession diff`: what changed from one run to another."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from omnisession_conformance.errors import UsageError
from omnisession_conformance.markers import disarmed_json
from omnisession_conformance.report.text import WHOLE, one_line, plural
from omnisession_conformance.report.view import started
from omnisession_conformance.report.words import STATUS_NAMES, headline
from omnisession_conformance.results import ResultsError, read_results
from omnisession_conformance.results.diff import Change, compare

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from omnisession_conformance.protocol.verdict import Status
    from omnisession_conformance.results import Results
    from omnisession_conformance.results.diff import Changed, Difference

WIDTH = 100
_TITLES = {
    Change.NEW_FAILURE: "New failures",
    Change.NEW_WARNING: "New warnings",
    Change.NOT_TESTED: "Newly not tested",
    Change.GONE: "Gone",
    Change.FIXED: "Fixed",
    Change.NEW: "New checks",
    Change.OTHER: "Other changes",
}


@click.command()
@click.argument("before", type=click.Path(path_type=Path), metavar="BEFORE")
@click.argument("after", type=click.Path(path_type=Path), metavar="AFTER")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def diff(before: Path, after: Path, as_json: bool) -> int:
    """Tell what changed from one run to another, given the results.jsonl of both.

    Exit code 0: nothing got worse; 1: something did; 4: a file is no results stream. Worse is what
    fails, warns, is not tested any more, or is gone.
    """
    first, second = _read(before), _read(after)
    _same_roles(before, first, after, second)
    found = compare(first, second)
    if as_json:
        click.echo(disarmed_json(json.dumps(_as_json(found), indent=2)))
    else:
        width = WIDTH if sys.stdout.isatty() else WHOLE
        for line in text(found, first, second, width):
            click.echo(line)
    return 1 if found.worse else 0


def _same_roles(before: Path, first: Results, after: Path, second: Results) -> None:
    roles = [
        " and a ".join(target.role for target in results.targets) for results in (first, second)
    ]
    if all(roles) and roles[0] != roles[1]:
        raise UsageError(
            f"{before} is of a {roles[0]}, and {after} of a {roles[1]}: they have no check in common."
        )


def _read(path: Path) -> Results:
    try:
        return read_results(path).settled()
    except ResultsError as error:
        raise UsageError(f"{error}. Give the results.jsonl of a run.") from error


def _as_json(found: Difference) -> dict[str, Any]:
    return {
        "worse": found.worse,
        "checks": [_one(changed) for changed in found.checks],
        "requirements": [_one(changed) for changed in found.requirements],
    }


def _one(changed: Changed) -> dict[str, Any]:
    return {
        "id": changed.id,
        "change": changed.change.value,
        "worse": changed.worse,
        "before": changed.before.value if changed.before is not None else None,
        "after": changed.after.value if changed.after is not None else None,
        "reason": changed.reason,
    }


def text(found: Difference, before: Results, after: Results, width: int = WIDTH) -> Iterator[str]:
    """What people read, each line cut to a width where it can be."""
    yield _run("Before", before, width)
    yield _run("After", after, width)
    if found.requirements:
        yield ""
        yield from _table("Requirements", found.requirements, width)
    for change, title in _TITLES.items():
        mine = [one for one in found.checks if one.change is change]
        if mine:
            yield ""
            yield from _table(title, mine, width)
    yield ""
    yield _sum(found)


def _run(label: str, results: Results, width: int) -> str:
    told = started(results.header)
    when = told.rpartition(":")[0] or told
    start = f"{label:<8}{when}  kit {one_line(results.header.kit, WHOLE)}"
    return one_line_kept(start, headline(results).verdict, width)


def _table(title: str, rows: Sequence[Changed], width: int) -> Iterator[str]:
    yield f"{title} ({len(rows)})"
    ids = [one_line(row.id, WHOLE) for row in rows]
    wide = max(map(len, ids))
    for id_, row in zip(ids, rows, strict=True):
        verdicts = f"{_name(row.before)} → {_name(row.after)}"
        yield one_line_kept(f"  {id_:<{wide}}  {verdicts:<24}", row.reason, width)


def one_line_kept(start: str, words: str, width: int = WIDTH) -> str:
    """A row whose last column is cut to a width; an id that is longer than that stays whole."""
    room = width - len(start) - 2
    return f"{start}  {one_line(words, room)}".rstrip() if words and room > 0 else start.rstrip()


def _name(status: Status | None) -> str:
    return "none" if status is None else STATUS_NAMES[status]


def _sum(found: Difference) -> str:
    if not found.checks and not found.requirements:
        return "Nothing changed."
    worse = sum(one.worse for one in found.checks)
    fixed = sum(one.change is Change.FIXED for one in found.checks)
    start = "Worse" if found.worse else "Nothing got worse"
    verb = "was" if fixed == 1 else "were"
    changed = plural(len(found.checks), "check")
    return f"{start}: {changed} changed, {worse} for the worse, {fixed} {verb} fixed."
