"""What a report says of a baseline: the failures that it expects, and the entries that do not hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.report.words import STATUS_NAMES

if TYPE_CHECKING:
    from omnisession_conformance.report.page import Page
    from omnisession_conformance.results import Results


def show_baseline(page: Page, results: Results) -> None:
    """Add both lists, as far as there is anything in them."""
    expected = [c for c in results.checks if c.keeps and c.expected is not None]
    if expected:
        page.heading(f"Expected failures ({len(expected)})")
        for check in expected:
            page.line("  ", (check.check, "bold"), f"  {STATUS_NAMES[check.status]}, as expected")
            page.text(check.expected or "", indent=6)
    baseline = results.baseline
    if baseline is not None and baseline.problems:
        page.heading(f"Expected failures that do not hold ({len(baseline.problems)})")
        for problem in baseline.problems:
            page.line("  ", (problem.check, "bold red"), f"  {problem.problem}")
            page.text(f"{baseline.file}, line {problem.at}: {problem.text}", indent=6)
