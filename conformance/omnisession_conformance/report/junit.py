"""JUnit XML for CI systems: red exactly when the command's exit code is not 0.

One test suite an area, one test case a check. A broken MUST is a `failure`; what kept the run from a
verdict is an `error`, so is a MUST that was not tested without an excuse, and in a strict run with
one; what is not claimed, or
not run for reasons outside the target, is `skipped`, and so is a failure that a baseline expects; an
entry of the baseline that does not hold is a `failure`. The suite `run` says how the run as a whole
ended, so that a file without any check is not green either.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from omnisession_conformance.protocol.areas import area_of, area_title
from omnisession_conformance.protocol.verdict import Status
from omnisession_conformance.report.failures import message_of, show_check
from omnisession_conformance.report.page import Page
from omnisession_conformance.report.text import flat, one_line, quoted, visible
from omnisession_conformance.report.words import (
    STATUS_NAMES,
    headline,
    left_untested,
    less_than_claimed,
    spec_link,
)
from omnisession_conformance.results.summary import UNDECIDED

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from omnisession_conformance.results import CheckResult, RequirementResult, Results

WIDTH = 100
MESSAGE_WIDTH = 300
# All that XML 1.0 cannot hold, not even escaped.
_NO_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_RED = ("failure", "error")


def junit(results: Results) -> str:
    """The results as a JUnit XML document."""
    results = results.settled()
    root = ET.Element("testsuites", {"name": "omnisession"})
    requirements = {r.id: r for r in results.requirements}
    strictly = {r.id for r in left_untested(results)} if results.end.strict else set[str]()
    times = _times(results)
    for area in dict.fromkeys(area_of(c.id.requirement) for c in results.checks):
        suite = ET.SubElement(root, "testsuite", {"name": clean(f"{area}: {area_title(area)}")})
        for check in results.checks:
            if area_of(check.id.requirement) == area:
                case = _test_case(suite, check, requirements.get(check.id.requirement), times)
                _verdict(case, check, requirements.get(check.id.requirement), strictly)
                _say_more(case, check)
        _tally(suite)
    _baseline_suite(root, results)
    _run_suite(root, results)
    _tally(root)
    ET.indent(root)
    text = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def clean(text: str) -> str:
    """A text without the characters that XML cannot hold, or that act on whoever shows it."""
    return _NO_XML.sub(lambda match: ascii(match.group())[1:-1], visible(text))


def _times(results: Results) -> Mapping[str, float]:
    """Seconds of each case, shared out among its checks, so that they add up."""
    checks: dict[str, int] = {}
    for check in results.checks:
        checks[check.id.source] = checks.get(check.id.source, 0) + 1
    return {c.name: c.ms / 1_000 / max(1, checks.get(c.name, 1)) for c in results.cases}


def _test_case(
    suite: ET.Element,
    check: CheckResult,
    requirement: RequirementResult | None,
    times: Mapping[str, float],
) -> ET.Element:
    case = ET.SubElement(
        suite,
        "testcase",
        {
            "classname": clean(
                f"omnisession.{area_of(check.id.requirement)}.{check.id.requirement}"
            ),
            "name": clean(check.check),
            "time": f"{times.get(check.id.source, 0.0):.3f}",
        },
    )
    told = {"level": check.level, "verdict": STATUS_NAMES[check.status]}
    if requirement is not None:
        told |= {"title": requirement.title, "profile": requirement.profile}
        told["spec"] = spec_link(requirement.spec)
    _properties(case, {**told, "rerun": check.rerun})
    return case


def _say_more(case: ET.Element, check: CheckResult) -> None:
    if check.evidence or check.status is Status.WARN:
        ET.SubElement(case, "system-out").text = clean(_explained(check))


def _verdict(
    case: ET.Element,
    check: CheckResult,
    requirement: RequirementResult | None,
    strictly: Collection[str],
) -> None:
    status = check.status
    if status in (Status.PASS, Status.WARN):
        return
    # A SHOULD that nobody tested does not fail a run, so it must not fail a build.
    missing = status is Status.NOT_RUN and (
        (not check.excused and check.mandatory) or check.id.requirement in strictly
    )
    if check.keeps and check.expected is not None:
        said = one_line(f"expected failure: {check.expected}; {message_of(check)}", MESSAGE_WIDTH)
        ET.SubElement(case, "skipped", {"message": clean(said)})
        return
    if status is Status.FAIL:
        tag = "failure"
    elif status in UNDECIDED or missing:
        tag = "error"
    else:
        tag = "skipped"
    sentence = f"\n\n{requirement.text}" if requirement is not None and requirement.text else ""
    said = ET.SubElement(case, tag, {"message": clean(one_line(message_of(check), MESSAGE_WIDTH))})
    if tag != "skipped":
        said.set("type", STATUS_NAMES[status])
        said.text = clean(f"{quoted(message_of(check))}{sentence}\n\n{flat(check.rerun)}\n")


def _explained(check: CheckResult) -> str:
    page = Page(WIDTH)
    show_check(page, check, whole=True)
    return "\n".join(line.plain for line in page.lines)


def _baseline_suite(root: ET.Element, results: Results) -> None:
    """One test case an entry of the baseline that does not hold."""
    baseline = results.baseline
    if baseline is None:
        return
    suite = ET.SubElement(root, "testsuite", {"name": "expected failures"})
    for entry in baseline.problems:
        name = f"{entry.check} in line {entry.at}"
        told = {"classname": "omnisession.baseline", "name": clean(name), "time": "0.000"}
        case = ET.SubElement(suite, "testcase", told)
        message = f"{baseline.file}, line {entry.at}: {entry.check}: {entry.text}"
        said = ET.SubElement(case, "failure", {"message": clean(one_line(message, MESSAGE_WIDTH))})
        said.set("type", entry.problem)
    _tally(suite)


def _run_suite(root: ET.Element, results: Results) -> None:
    footer = results.end
    red = any(True for tag in _RED for _ in root.iter(tag))
    suite = ET.SubElement(root, "testsuite", {"name": "run"})
    _properties(suite, _about(results))
    case = ET.SubElement(
        suite,
        "testcase",
        {
            "classname": "omnisession.run",
            "name": "the run came to a verdict",
            "time": f"{footer.wall_ms / 1_000:.3f}",
        },
    )
    if footer.run_status.value != "complete" or (footer.exit_code and not red):
        text = headline(results).text
        error = ET.SubElement(case, "error", {"message": clean(one_line(text, MESSAGE_WIDTH))})
        error.set("type", footer.run_status.value)
        error.text = clean(f"{text}\n{quoted(footer.reason)}")
    _tally(suite)


def _about(results: Results) -> dict[str, str]:
    header, footer = results.header, results.end
    told = {
        "verdict": headline(results).verdict,
        "kit": header.kit,
        "protocol": header.protocol,
        "run_id": header.run_id,
        **({} if header.seed is None else {"seed": str(header.seed)}),
        "command": header.command,
        "conformant": str(footer.conformant).lower(),
        "exit_code": str(footer.exit_code),
    }
    for target in results.targets:
        # The first has the names that readers of this file know.
        of = "" if target is results.target else f"{target.role}-"
        told[f"{of}target"] = " ".join(filter(None, (target.name, target.version))) or "unknown"
        told[f"{of}profiles"] = " ".join(target.profiles)
        told[f"{of}broker"] = target.broker or "unknown"
        if target.weakened:
            told[f"{of}weakened"] = "; ".join(target.weakened)
    if results.baseline is not None:
        told["baseline"] = f"{results.baseline.file}, {results.baseline.entries} entries"
    if less := less_than_claimed(footer):
        told["lacking"] = less
    return told


def _properties(parent: ET.Element, told: Mapping[str, str]) -> None:
    properties = ET.SubElement(parent, "properties")
    for name, value in told.items():
        ET.SubElement(properties, "property", {"name": clean(name), "value": clean(flat(value))})


def _tally(suite: ET.Element) -> None:
    """Set the counts and the time of a suite, or of all of them."""
    cases = list(suite.iter("testcase"))
    suite.set("tests", str(len(cases)))
    for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        if suite.tag == "testsuite" or tag != "skipped":
            suite.set(attribute, str(sum(c.find(tag) is not None for c in cases)))
    suite.set("time", f"{sum(float(c.get('time', '0')) for c in cases):.3f}")
