"""Failures as annotations of a GitHub job: lines that its runner takes for commands.

Each text stands on one line and is escaped by the runner's rules, so that nothing a target says is a
command, ends one, or adds a property to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.report.failures import message_of
from omnisession_conformance.report.text import one_line, visible
from omnisession_conformance.report.words import (
    headline,
    name_ids,
    plural,
    unexpected_failures,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omnisession_conformance.protocol.verdict import Status
    from omnisession_conformance.results import CheckResult, Results

VARIABLE = "GITHUB_ACTIONS"
"""GitHub's runners set it to `true`; nobody else reads such lines."""
MOST = 10
"""GitHub shows ten errors of a step and drops the others."""
TITLE_WIDTH = 120
MESSAGE_WIDTH = 600
_OF_DATA = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_OF_PROPERTY = {**_OF_DATA, ":": "%3A", ",": "%2C"}


def job_lines(results: Results) -> Iterator[str]:
    """The lines for settled results: none where all is well, never more than `MOST` and one."""
    requirements = {r.id: r for r in results.requirements}
    failed = unexpected_failures(results)
    for id_ in failed[:MOST]:
        found = requirements[id_]
        check = _deciding(results, found.checks, found.status)
        said = found.reason if check is None else message_of(check)
        again = "" if check is None else f"\nagain: {visible(check.rerun)}"
        yield _command("error", f"{id_}: {found.title}", one_line(said, MESSAGE_WIDTH) + again)
    if left := failed[MOST:]:
        more = f"and {plural(len(left), 'failure')} more"
        yield _command("notice", "Omnisession", f"{more}: {name_ids(left)}")
    if not failed and results.end.exit_code:
        verdict = one_line(headline(results).verdict, MESSAGE_WIDTH)
        yield _command("error", "Omnisession", verdict)


def _deciding(results: Results, checks: tuple[str, ...], status: Status) -> CheckResult | None:
    mine = (c for c in results.checks if c.check in checks and c.status is status)
    return next((c for c in mine if c.expected is None), None)


def _command(name: str, title: str, message: str) -> str:
    title = _escaped(one_line(title, TITLE_WIDTH), _OF_PROPERTY)
    return f"::{name} title={title}::{_escaped(message, _OF_DATA)}"


def _escaped(text: str, table: dict[str, str]) -> str:
    return "".join(table.get(character, character) for character in text)
