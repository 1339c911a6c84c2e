"""JUnit XML for CI systems: red exactly when the command's exit code is not 0.

One test suite an area, one test case a check. A broken MUST is a `failure`; what kept the run from a
verdict is an `error`, so is a MUST that nobody tested; what is not claimed, or not run for reasons
outside the target, is `skipped`. The suite `run` says how the run as a whole ended, so that a file
without any check is not green.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as Xml

from omnisession_conformance.registry import area_of, area_title
from omnisession_conformance.report.failures import show_check
from omnisession_conformance.report.page import Page, one_line
from omnisession_conformance.report.words import headline, spec_link
from omnisession_conformance.results.summary import UNDECIDED
from omnisession_conformance.verdict import Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from omnisession_conformance.results import CheckResult, RequirementResult, Results

WIDTH = 100
# All that XML 1.0 cannot hold, even escaped.
_NO_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TALLIED = ("failure", "error", "skipped")


def junit(results: Results) -> str:
    """The results as a JUnit XML document."""
    results = results.settled()
    root = Xml.Element("testsuites", {"name": "omnisession"})
    requirements = {r.id: r for r in results.requirements}
    times = _times(results)
    for area in dict.fromkeys(area_of(c.id.requirement) for c in results.checks):
        suite = Xml.SubElement(root, "testsuite", {"name": f"{area} {area_title(area)}"})
        for check in results.checks:
            if area_of(check.id.requirement) == area:
                seconds = times.get(check.id.source, 0.0)
                suite.append(_test_case(check, requirements.get(check.id.requirement), seconds))
        _tally(suite)
    root.append(_run_suite(results, red=any(root.iter(tag) for tag in ("failure", "error"))))
    _tally(root)
    Xml.indent(root)
    text = Xml.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def clean(text: str) -> str:
    """A text without the characters that XML cannot hold; each is told as an escape."""
    return _NO_XML.sub(lambda m: ascii(m.group())[1:-1], text)
