"""`summary.md`: the report for the summary page of a CI job, short where all is well.

What a target said is shown as code in which nothing of Markdown or HTML works.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from omnisession_conformance.protocol.verdict import Status
from omnisession_conformance.report.causes import BROADEST_FIRST, broadest_first
from omnisession_conformance.report.failures import counted, where
from omnisession_conformance.report.overview import about, areas, not_tested, what_happened
from omnisession_conformance.report.text import WHOLE, one_line, plural, quoted
from omnisession_conformance.report.words import headline, id_ranges, spec_url
from omnisession_conformance.results.summary import UNDECIDED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from omnisession_conformance.results import CheckResult, Finding, RequirementResult, Results

IN_FULL = 20
"""Requirements told in full: a job summary may be a megabyte, and nobody reads that."""
MOST_CHECKS = 2
MOST_FINDINGS = 3
LONGEST = 300
"""Characters of a text of the target; the other reports have it whole."""
_SPECIAL = re.compile(r"[\\`*_{}\[\]|~#$!@]")
_STARTING = re.compile(r"\A(?:[-+=]|\d+(?=[.)](?:\s|\Z)))")
"""What makes a list or a title of the line that it begins."""
_LINKED = re.compile(r"://|www\.", re.IGNORECASE)
_TICKS = re.compile(r"`+")
_CODE = re.compile(r"`([^`\n]+)`")
_SECTIONS = (
    ("Failures", frozenset({Status.FAIL})),
    ("Could not be judged", UNDECIDED),
    ("Warnings", frozenset({Status.WARN})),
)


def markdown(results: Results) -> str:
    """The summary as GitHub's Markdown."""
    results = results.settled()
    blocks = [
        f"## Omnisession {escaped(results.header.protocol)}: {escaped(headline(results).text)}",
        table(("", ""), [(escaped(label), code(words)) for label, words in about(results)]),
        *_happened(results),
        *_areas(results.requirements),
    ]
    for title, statuses in _SECTIONS:
        found = [r for r in results.requirements if r.status in statuses]
        blocks += _section(results, title, broadest_first(found, results.checks))
    blocks += (*_not_tested(results), *_baseline(results))
    return "\n\n".join(blocks) + "\n"


def escaped(text: str) -> str:
    """A text on one line in which nothing is markup, a link or a mention."""
    flat = one_line(text, WHOLE).replace("&", "&amp;").replace("<", "&lt;")
    plain = _SPECIAL.sub(lambda m: f"\\{m.group()}", flat.replace(">", "&gt;"))
    plain = _STARTING.sub(_not_starting, plain)
    return _LINKED.sub(lambda m: m.group().replace(":", "\\:").replace(".", "\\."), plain)


def _not_starting(match: re.Match[str]) -> str:
    start = match.group()
    return f"{start}\\" if start.isdigit() else f"\\{start}"


def code(text: str) -> str:
    """A text on one line, in the letters of code; it may stand in a table."""
    shown = one_line(text, LONGEST)
    return f"<code>{escaped(shown)}</code>" if shown else ""


def fenced(text: str, language: str = "") -> str:
    """A text as it is, behind a fence that it cannot break."""
    longest = max((len(ticks) for ticks in _TICKS.findall(text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{quoted(text)}\n{fence}"


def sentence(text: str) -> str:
    """A sentence of the kit on one line: its code stays code, all else is plain."""
    parts = _CODE.split(one_line(text, WHOLE))
    return "".join(f"`{p}`" if n % 2 else escaped_words(p) for n, p in enumerate(parts))


def escaped_words(text: str) -> str:
    """As `escaped`, with the spaces at both ends that join it to what stands beside it."""
    start = " " if text[:1].isspace() else ""
    end = " " if text[-1:].isspace() and text.strip() else ""
    return f"{start}{escaped(text)}{end}"


def table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of cells that were escaped before."""
    lines = [titles, ["---"] * len(titles), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _happened(results: Results) -> Iterator[str]:
    if reason := what_happened(results):
        yield "### What happened"
        yield fenced(reason, "text")


def _areas(requirements: Sequence[RequirementResult]) -> Iterator[str]:
    shown = areas(requirements)
    if not shown.rows:
        return
    rows = [
        (
            f"{escaped(row.title)} {escaped(row.area)}".strip(),
            str(row.total),
            *map(_count, row.counts),
        )
        for row in shown.rows
    ]
    yield table(("Area", "Requirements", *(c.title for c in shown.columns)), rows)


def _count(number: int) -> str:
    return str(number) if number else "·"


def _not_tested(results: Results) -> Iterator[str]:
    yield "### Not tested"
    yield "\n".join(
        f"- {sentence(entry.words)}{f': {escaped(id_ranges(entry.ids))}' if entry.ids else ''}"
        for entry in not_tested(results)
    )


def _baseline(results: Results) -> Iterator[str]:
    baseline = results.baseline
    if baseline is not None and baseline.problems:
        yield "### Expected failures that do not hold"
        rows = [(code(p.check), str(p.at), p.problem, code(p.text)) for p in baseline.problems]
        yield table(("Check", f"Line of {code(baseline.file)}", "Problem", "Way out"), rows)


def _section(
    results: Results, title: str, requirements: Sequence[RequirementResult]
) -> Iterator[str]:
    if not requirements:
        return
    yield f"### {title} ({len(requirements)})"
    if len(requirements) > 1 and title == "Failures":
        yield BROADEST_FIRST
    checks = {c.check: c for c in results.checks}
    for requirement in requirements[:IN_FULL]:
        mine = [checks[name] for name in requirement.checks if name in checks]
        yield from _requirement(requirement, [c for c in mine if c.status is requirement.status])
    if left := requirements[IN_FULL:]:
        ids = escaped(id_ranges(r.id for r in left))
        yield f"And {plural(len(left), 'requirement')} more: {ids}."


def _requirement(requirement: RequirementResult, checks: Sequence[CheckResult]) -> Iterator[str]:
    name, link = escaped(requirement.id), spec_url(requirement.spec)
    shown = f"[{name}]({link})" if link else name
    yield f"#### {shown} {escaped(requirement.title)} ({escaped(requirement.level)})"
    if requirement.text:
        yield sentence(requirement.text)
    for check in checks[:MOST_CHECKS]:
        yield from _check(check)
    if left := checks[MOST_CHECKS:]:
        yield f"The same in {', '.join(code(c.check) for c in left)}."


def _check(check: CheckResult) -> Iterator[str]:
    note = where(check).strip()
    yield f"{code(check.check)}{f' {escaped(note)}' if note else ''}"
    if check.keeps and check.expected is not None:
        yield f"An expected failure: {escaped(check.expected)}"
    findings = [finding for finding, _ in counted(check.findings)]
    yield from _findings(findings[:MOST_FINDINGS])
    if (left := len(findings) - MOST_FINDINGS) > 0:
        yield f"And {plural(left, 'finding')} more."
    if check.reason and not any(f.why == check.reason for f in check.findings):
        yield escaped(check.reason)
    yield fenced(check.rerun, "sh")


def _findings(findings: Sequence[Finding]) -> Iterator[str]:
    columns = {
        "Expected": [f.expected or "" for f in findings],
        "Seen": [f.seen or "" for f in findings],
        "At": [_place(f.pointer) for f in findings],
        "Why": [f.why for f in findings],
    }
    told = {title: map(code, texts) for title, texts in columns.items() if any(texts)}
    if told:
        yield table(tuple(told), zip(*told.values(), strict=True))


def _place(pointer: str | None) -> str:
    return "" if pointer is None else pointer or "/"
