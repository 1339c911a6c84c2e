"""Reports of a pair count scenarios, name both sides, and never say conformant."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.kit.report.samples import TARGET, aborted, all_green, failures

from omnisession_conformance.exits import Exit
from omnisession_conformance.protocol.verdict import SWEEP, Status
from omnisession_conformance.report.badge import badge
from omnisession_conformance.report.html import html
from omnisession_conformance.report.markdown import markdown
from omnisession_conformance.report.messages import goes_over
from omnisession_conformance.report.overview import about
from omnisession_conformance.report.scenarios import by_side, counted, scenarios, told
from omnisession_conformance.report.summary import summary
from omnisession_conformance.report.terminal import compose
from omnisession_conformance.report.words import Word, headline, word

if TYPE_CHECKING:
    from omnisession_conformance.results import Results


CLIENT = replace(TARGET, command="./client", name="example-client", version="1.0", role="client")


def as_pair(results: Results) -> Results:
    selection = replace(results.header.selection, pair=True)
    footer = results.footer
    return replace(
        results,
        header=replace(results.header, selection=selection),
        targets=(TARGET, CLIENT),
        footer=None if footer is None else replace(footer, conformant=False),
    )


@pytest.fixture
def green() -> Results:
    return as_pair(all_green()).settled()


def test_a_right_pair_is_called_by_its_scenarios(green: Results) -> None:
    found = scenarios(green)
    assert found
    assert {one.status for one in found} == {Status.PASS}
    verdict = headline(green)
    assert verdict.verdict.startswith(f"INTEROPERATES: {len(found)} of {len(found)} scenarios, ")
    assert verdict.verdict.endswith("example-server 2.4.1 and example-client 1.0")
    assert (verdict.good, word(green)) == (True, Word.INTEROPERATES)


def test_every_report_says_so(green: Results) -> None:
    first = headline(green).verdict
    names = ", ".join(one.name for one in scenarios(green))
    assert ("Scenarios", f"PASS: {names}") in about(green)
    assert "INTEROPERATES: " in compose(green).lines[0].plain
    assert "INTEROPERATES: " in markdown(green)
    assert 'class="verdict interoperates"' in html(green)
    summarised = json.loads(summary(green))
    assert (summarised["verdict"], summarised["headline"]) == ("interoperates", first)
    assert summarised["claim"] is None
    assert {one["status"] for one in summarised["scenarios"]} == {"PASS"}
    shown = badge(green)
    assert shown is not None
    assert (shown.label, shown.message) == (
        "Omnisession interop 1.0",
        f"interoperates: {counted(scenarios(green))}",
    )


def test_messages_go_from_client_to_server() -> None:
    results = as_pair(failures()).settled()
    shown = next(one for one in results.checks if len(one.evidence) > 1)
    told = replace(
        shown,
        evidence=tuple(
            replace(one, party="client" if one.party == "kit" else "server")
            for one in shown.evidence
        ),
    )
    checks = tuple(told if one is shown else one for one in results.checks)
    page = html(replace(results, checks=checks))
    assert "<span>client</span><span>server</span>" in page
    assert 'aria-label="from client to server"' in page
    assert 'aria-label="from server to client"' in page
    arrows = [goes_over(one) for one in told.evidence]
    assert arrows == [one.party == "kit" for one in shown.evidence]


def test_what_is_broken_is_told_by_side() -> None:
    results = as_pair(failures()).settled()
    verdict = headline(results).verdict
    assert verdict.startswith("DOES NOT INTEROPERATE: ")
    assert "the server breaks " in verdict
    assert word(results) is Word.NOT_INTEROPERABLE
    assert by_side(["CLI-025", "EVENT-007", "HYB-011"]) == {
        "client": ["CLI-025", "HYB-011"],
        "server": ["EVENT-007"],
    }


def test_scenarios_may_be_right_where_a_rule_is_broken(green: Results) -> None:
    broken = green.requirements[0].id
    requirements = tuple(
        replace(r, status=Status.FAIL) if r.id == broken else r for r in green.requirements
    )
    footer = replace(green.end, exit_code=int(Exit.NOT_CONFORMANT))
    verdict = headline(replace(green, requirements=requirements, footer=footer)).verdict
    assert verdict.startswith("BREAKS THE PROTOCOL in ")
    assert verdict.endswith(f"; the server breaks {broken}")


def test_a_pair_that_was_cut_short_has_no_verdict() -> None:
    results = as_pair(aborted()).settled()
    assert word(results) is Word.NO_VERDICT
    assert Status.PASS not in {one.status for one in scenarios(results)}


def test_what_a_side_lacks_is_not_counted(green: Results) -> None:
    name = next(c.id.source for c in green.checks if c.id.source != SWEEP)
    checks = tuple(
        replace(c, status=Status.NOT_CLAIMED) if c.id.source == name else c for c in green.checks
    )
    cases = tuple(case for case in green.cases if case.name != name)
    found = scenarios(replace(green, checks=checks, cases=cases))
    lacking = next(one for one in found if one.name == name)
    # It says so only where the reason is what a side has told.
    assert lacking.status in (Status.NOT_CLAIMED, Status.NOT_RUN)
    assert name in told(found)


def test_one_target_has_no_scenarios() -> None:
    assert scenarios(all_green()) == ()
    assert "scenarios" not in json.loads(summary(all_green()))
