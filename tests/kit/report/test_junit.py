from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.kit.report.samples import (
    SAMPLES,
    SECRET,
    TOKEN,
    all_green,
    failures,
    finding,
    green_small_server,
    null_target,
    results,
    seen,
    untested,
    verdicts,
)
from tests.kit.report.snapshot import matches_snapshot

from omnisession_conformance.protocol.verdict import Status
from omnisession_conformance.report.junit import clean, junit

if TYPE_CHECKING:
    from omnisession_conformance.results import Results

CHILDREN = ("properties", "skipped", "error", "failure", "system-out")
COUNTS = {"failures": "failure", "errors": "error", "skipped": "skipped"}


def parsed(found: Results) -> ET.Element:
    # Made by the kit itself a line ago: no stranger's document.
    return ET.fromstring(junit(found).encode("utf-8"))  # noqa: S314


def tags(root: ET.Element) -> dict[str, set[str]]:
    """What stands in the test case of each check."""
    return {c.get("name", ""): {child.tag for child in c} for c in root.iter("testcase")}


def assert_structure(root: ET.Element) -> None:
    """What readers of JUnit XML rely on, as the schema of Jenkins has it."""
    assert root.tag == "testsuites"
    assert [suite.tag for suite in root] == ["testsuite"] * len(root)
    for suite in root:
        assert {"name", "tests", "failures", "errors", "skipped", "time"} <= set(suite.attrib)
        kinds = [child.tag for child in suite]
        assert kinds.count("testcase") == int(suite.get("tests", "-1"))
        assert set(kinds) <= {"testcase", "properties"}
        assert "properties" not in kinds[1:]
        for attribute, tag in COUNTS.items():
            assert int(suite.get(attribute, "-1")) == len(suite.findall(f"testcase/{tag}"))
    for case in root.iter("testcase"):
        assert case.get("name")
        assert case.get("classname", "").startswith("omnisession.")
        assert float(case.get("time", "nan")) >= 0
        order = [CHILDREN.index(child.tag) for child in case]
        assert order == sorted(set(order))
        assert len({child.tag for child in case} & {"skipped", "error", "failure"}) <= 1
    names = [(c.get("classname"), c.get("name")) for c in root.iter("testcase")]
    assert len(names) == len(set(names))
    assert int(root.get("tests", "-1")) == len(names)


@pytest.mark.parametrize("name", SAMPLES)
def test_it_has_the_structure_that_readers_expect(name: str) -> None:
    assert_structure(parsed(SAMPLES[name]()))


@pytest.mark.parametrize("name", SAMPLES)
def test_it_is_red_exactly_when_the_exit_code_is_not_zero(name: str) -> None:
    found = SAMPLES[name]()
    root = parsed(found)
    red = sum(1 for tag in ("failure", "error") for _ in root.iter(tag))
    assert bool(red) == bool(found.settled().end.exit_code)


@pytest.mark.parametrize("name", ["all-green", "failures", "null-target"])
def test_it_reads_as_it_was_reviewed(name: str) -> None:
    matches_snapshot(f"{name}.xml", junit(SAMPLES[name]()))


def test_each_verdict_has_its_element() -> None:
    found = tags(parsed(failures()))
    assert "failure" in found["STATE-003@open-order"]
    assert "error" in found["ACTION-012@gap-refused"]
    assert "error" in found["CTRL-007@pong-after-ack"]
    assert "skipped" in found["RESUME-004@restart"]
    assert "skipped" in found["STATE-011@digest-of-states"]
    assert found["CTRL-001@sweep"] == {"properties"}
    assert found["ERR-004@schema-invalid"] == {"properties", "system-out"}


def test_a_must_that_nobody_tested_is_an_error_and_a_should_is_not() -> None:
    assert "error" in tags(parsed(untested()))["ERR-005@sweep"]
    silent = verdicts({"ERR-004@schema-invalid": lambda v: replace(v, status=Status.NOT_RUN)})
    found = results(silent)
    assert found.end.exit_code == 0
    assert "skipped" in tags(parsed(found))["ERR-004@schema-invalid"]


def test_a_failure_tells_what_was_expected_and_how_to_run_it_again() -> None:
    case = parsed(failures()).find(".//testcase[@name='STATE-003@open-order']")
    assert case is not None
    failure = case.find("failure")
    assert failure is not None
    message = failure.get("message", "")
    assert message.startswith(
        "expected articles, then chat; seen chat, then articles; at /data/type"
    )
    assert "omnisession check --only STATE-003@open-order" in (failure.text or "")
    assert "MUST publish one state per opened kind" in (failure.text or "")
    told = {p.get("name"): p.get("value") for p in case.iter("property")}
    assert told["spec"] == "docs/spec/state.md#state-003"
    assert "session.open " in (case.findtext("system-out") or "")


def test_a_run_without_a_footer_or_without_checks_is_not_green() -> None:
    for found in (replace(all_green(), footer=None), replace(null_target(), checks=())):
        root = parsed(found)
        assert_structure(root)
        last = root.findall("testsuite")[-1]
        assert last.get("name") == "run"
        assert last.get("errors") == "1"


def test_a_must_without_any_check_makes_the_run_an_error() -> None:
    found = results(v for v in verdicts() if v.check.requirement != "ACTION-012")
    assert found.end.exit_code == 1
    assert parsed(found).findall("testsuite")[-1].get("errors") == "1"


def test_the_time_of_a_case_is_shared_by_its_checks() -> None:
    root = parsed(all_green())
    times = {c.get("name"): float(c.get("time", "nan")) for c in root.iter("testcase")}
    assert times["CTRL-001@open-order"] == times["STATE-003@open-order"] == 0.06
    assert times["CTRL-007@pong-after-ack"] == 0.12


def test_no_secret_is_in_it() -> None:
    for make in SAMPLES.values():
        text = junit(make())
        assert SECRET not in text
        assert TOKEN[:20] not in text


@given(st.text())
def test_no_text_of_a_target_breaks_the_document(text: str) -> None:
    shown = seen(Status.FAIL, finding(text, text, 5, pointer=text, why=text))
    found = results(verdicts({"STATE-003@open-order": shown}))
    assert_structure(parsed(found))


def test_characters_that_xml_cannot_hold_are_told_as_escapes() -> None:
    assert clean("a\x00b\ud800c\ufffed\te\n") == "a\\x00b\\ud800c\\ufffed e\n"


def test_a_small_server_is_green_in_ci() -> None:
    root = parsed(green_small_server())
    assert (root.get("failures"), root.get("errors")) == ("0", "0")
