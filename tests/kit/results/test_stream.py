from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.kit.results.lines import HEADER, told, write
from tests.kit.results.values import (
    CHECK_RESULTS,
    FEW,
    HEADERS,
    streams,
)

from omnisession_conformance.protocol.lacks import Lack
from omnisession_conformance.protocol.schemas import schemas_folder
from omnisession_conformance.protocol.verdict import Outcome, Status
from omnisession_conformance.results import (
    CaseEnd,
    CaseOutcome,
    CheckResult,
    Evidence,
    Exit,
    Finding,
    Footer,
    Header,
    Line,
    RequirementResult,
    Results,
    ResultsError,
    ResultsWriter,
    RunStatus,
    Selection,
    TargetInfo,
    close,
    read_results,
)
from omnisession_conformance.results.codec import member_names
from omnisession_conformance.traffic.redact import Redactor

SCHEMA: dict[str, Any] = json.loads(
    (schemas_folder() / "kit" / "results.schema.json").read_text("utf-8")
)
VALIDATOR = jsonschema_rs.Draft202012Validator(SCHEMA)
PASSED = CheckResult("STATE-001@a", Status.PASS, "MUST", 1, "rerun")
FAILED = CheckResult("STATE-002@a", Status.FAIL, "MUST", 1, "rerun")
WARNED = CheckResult("CTRL-001@sweep", Status.WARN, "SHOULD", 1, "rerun")


def whole() -> list[Line]:
    checks = [PASSED, FAILED, WARNED]
    requirements = [told(c) for c in checks]
    return [HEADER, *checks, *requirements, close(checks, requirements, wall_ms=5, records={})]


@FEW
@given(streams())
def test_what_is_written_is_read_back(lines: list[Line]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "results.jsonl"
        with ResultsWriter(path, Redactor()) as writer:
            for line in lines:
                writer.write(line)
            assert read_results(path) == writer.results()
        # Texts that look like credentials cannot come back; these strategies make none.
        assert read_results(path) == Results.of(lines)


@FEW
@given(streams())
def test_every_written_line_is_valid_by_the_published_schema(lines: list[Line]) -> None:
    with TemporaryDirectory() as folder:
        path = write(Path(folder) / "results.jsonl", lines)
        for line in path.read_text("utf-8").splitlines():
            # The fast library takes no lone surrogate, which JSON can hold.
            value = json.loads(line.encode().decode("utf-8"))
            VALIDATOR.validate(_without_surrogates(value))


def _without_surrogates(value: Any) -> Any:
    return json.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))


ADDED = {
    "header": {"seed"},
    "selection": {"pair"},
    "target": {"role", "actions", "weakened", "hooks"},
    "check": {"excuse", "lacks"},
    "requirement": {"excuse"},
    "footer": {"strict", "lacking"},
}
"""Members that files of an earlier kit do not have."""


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("header", Header),
        ("selection", Selection),
        ("target", TargetInfo),
        ("case", CaseEnd),
        ("check", CheckResult),
        ("lack", Lack),
        ("finding", Finding),
        ("evidence", Evidence),
        ("requirement", RequirementResult),
        ("footer", Footer),
    ],
)
def test_the_schema_describes_every_member_and_no_other(name: str, kind: type) -> None:
    described = SCHEMA["$defs"][name]
    expected = set(member_names(kind)) | ({"line"} if hasattr(kind, "line") else set[str]())
    assert set(described["properties"]) == expected
    assert set(described["required"]) == expected - ADDED.get(name, set())


@pytest.mark.parametrize(
    "change",
    [
        {"run_status": "aborted", "exit_code": 0},
        {"run_status": "interrupted", "exit_code": 1},
        {"conformant": True, "exit_code": 1},
        {"conformant": True, "filtered": True},
        {"exit_code": 4},
        {"checks": {"PASS": 1}},
    ],
)
def test_the_schema_refuses_a_footer_that_contradicts_itself(change: dict[str, Any]) -> None:
    footer = close([PASSED], [told(PASSED)], wall_ms=1, records={})
    with TemporaryDirectory() as folder:
        path = write(Path(folder) / "r", [HEADER, footer])
        good = json.loads(path.read_text("utf-8").splitlines()[-1])
    assert VALIDATOR.is_valid(good)
    assert not VALIDATOR.is_valid({**good, **change})


def test_each_line_is_on_disk_as_soon_as_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "results.jsonl"
    writer = ResultsWriter(path, Redactor())
    writer.write(HEADER)
    assert read_results(path).header == HEADER
    writer.write(PASSED)
    assert read_results(path).checks == (PASSED,)
    writer.close()


def test_a_line_that_was_cut_off_is_left_out(tmp_path: Path) -> None:
    path = write(tmp_path / "results.jsonl", whole())
    data = path.read_bytes()
    path.write_bytes(data[:-20])
    results = read_results(path)
    assert results.footer is None
    assert len(results.requirements) == 3


@FEW
@given(streams(), st.data())
def test_a_stream_cut_anywhere_is_never_green(lines: list[Line], data: st.DataObject) -> None:
    with TemporaryDirectory() as folder:
        path = write(Path(folder) / "results.jsonl", lines)
        text = path.read_bytes()
        header_end = text.index(b"\n") + 1
        footer_start = text.rindex(b"\n", 0, -1) + 1
        path.write_bytes(text[: data.draw(st.integers(header_end, max(header_end, footer_start)))])
        settled = read_results(path).settled()
    assert settled.end.exit_code == Exit.NO_VERDICT
    assert not settled.end.conformant
    assert not {Status.PASS, Status.WARN} & {c.status for c in settled.checks}
    assert not {Status.PASS, Status.WARN} & {r.status for r in settled.requirements}
    assert settled.settled() == settled


def test_two_targets_are_told_apart_by_their_role(tmp_path: Path) -> None:
    server = TargetInfo("spawn", "nats://x", "serve", "a-server", "1.0")
    client = TargetInfo("spawn", "nats://x", "play", "a-client", "2.0", role="client")
    earlier = replace(client, name=None, version=None)
    results = read_results(write(tmp_path / "r.jsonl", [HEADER, server, earlier, client]))
    assert results.targets == (server, client)
    assert results.target == server


def test_a_target_of_an_earlier_kit_is_a_server(tmp_path: Path) -> None:
    path = write(tmp_path / "r.jsonl", [HEADER, TargetInfo("attach", "nats://x", name="old")])
    text = path.read_text("utf-8")
    assert ',"role":"server"' in text
    path.write_text(text.replace(',"role":"server"', ""), "utf-8")
    (target,) = read_results(path).targets
    assert (target.name, target.role) == ("old", "server")


def test_without_a_footer_failures_stay_and_the_rest_is_not_run() -> None:
    settled = Results(HEADER, checks=(PASSED, FAILED)).settled()
    assert {r.id: r.status for r in settled.requirements} == {
        "STATE-001": Status.NOT_RUN,
        "STATE-002": Status.FAIL,
        "CTRL-001": Status.NOT_RUN,
    }
    assert settled.checks[0].reason.startswith("run cut short: the results stream has no footer")
    assert settled.end.run_status is RunStatus.ABORTED
    assert settled.end.requirements[Status.NOT_RUN] == 2


def test_an_interrupted_run_that_left_something_green_is_not_believed() -> None:
    checks, requirements = (PASSED, WARNED), (told(PASSED), told(WARNED))
    footer = close(
        checks,
        requirements,
        run_status=RunStatus.INTERRUPTED,
        reason="SIGINT received",
        wall_ms=7,
        records={"kit": 3},
    )
    settled = Results(HEADER, (), (), checks, requirements, footer).settled()
    assert {c.status for c in settled.checks} == {Status.NOT_RUN}
    assert (settled.end.exit_code, settled.end.messages) == (Exit.INTERRUPTED, 3)


def test_a_complete_run_is_settled_already() -> None:
    results = Results.of(whole())
    assert results.settled() is results


def test_results_that_are_not_settled_have_no_end() -> None:
    with pytest.raises(ResultsError, match="settled"):
        _ = Results(HEADER).end


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "begins with its header"),
        ('{"line":"footer"', "begins with its header"),
        ('{"line":"case","name":"a"}\n', "line 1: /: there is no member 'area'"),
        ("[]\n", "line 1: /: expected an object"),
        ("not json\n", "line 1: Expecting value"),
    ],
)
def test_a_file_that_is_no_stream_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "results.jsonl"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ResultsError, match=message):
        read_results(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ResultsError, match=r"gone\.jsonl"):
        read_results(tmp_path / "gone.jsonl")


def test_a_broken_line_in_the_middle_is_no_truncation(tmp_path: Path) -> None:
    path = write(tmp_path / "results.jsonl", [HEADER, PASSED])
    path.write_text(path.read_text("utf-8").replace('"check":', '"chick":'), encoding="utf-8")
    with pytest.raises(ResultsError, match="line 2: /: there is no member 'check'"):
        read_results(path)


def test_a_wrong_value_is_named_with_its_place(tmp_path: Path) -> None:
    path = write(tmp_path / "results.jsonl", [HEADER, PASSED])
    path.write_text(path.read_text("utf-8").replace('"PASS"', '"GREEN"'), encoding="utf-8")
    with pytest.raises(ResultsError, match="/status: expected one of FAIL, HARNESS"):
        read_results(path)


def test_lines_and_members_of_a_newer_kit_are_ignored(tmp_path: Path) -> None:
    path = write(tmp_path / "results.jsonl", whole())
    text = path.read_text("utf-8").replace('"line":"check",', '"line":"check","new":[1],')
    path.write_text(f'{text}{{"line":"weather","is":"fine"}}\n', encoding="utf-8")
    assert read_results(path) == Results.of(whole())


SECRET = "a-secret-of-the-fixture"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJl"


def test_no_secret_reaches_the_file_from_any_text_of_any_line(tmp_path: Path) -> None:
    dirty = f"x {SECRET} y {JWT}"
    finding = Finding(Outcome.OK, dirty, dirty, dirty, dirty, (), dirty)
    shown = Evidence(1, 0.5, "kit", dirty, dirty, dirty, dirty, dirty, blamed=True)
    lines: list[Line] = [
        replace(HEADER, command=dirty, run_id=dirty),
        TargetInfo("spawn", dirty, dirty, dirty, dirty, (dirty,), (dirty,), {dirty: 1}, dirty),
        CaseEnd(dirty, "area", "quiet", CaseOutcome.CRASHED, 1.0, dirty),
        replace(FAILED, rerun=dirty, reason=dirty, findings=(finding,), evidence=(shown,)),
        replace(told(FAILED), title=dirty, text=dirty, reason=dirty),
        close([FAILED], [told(FAILED)], reason=dirty, wall_ms=1, records={}),
    ]
    path = write(tmp_path / "results.jsonl", lines, Redactor([SECRET]))
    text = path.read_text("utf-8")
    assert SECRET not in text
    assert "eyJ" not in text
    assert text.count("[redacted]") >= 2 * 20


@pytest.mark.parametrize("secret", ["target", "PASS", "MUST", "check", "kit", "STATE", "complete"])
def test_a_secret_that_is_a_word_of_the_kit_breaks_no_line(tmp_path: Path, secret: str) -> None:
    path = write(tmp_path / "results.jsonl", whole(), Redactor([secret]))
    results = read_results(path)
    assert [c.status for c in results.checks] == [Status.PASS, Status.FAIL, Status.WARN]
    assert results.end.exit_code == 1


@FEW
@given(HEADERS, CHECK_RESULTS)
def test_the_writer_shows_what_a_reader_would_read(header: Header, check: CheckResult) -> None:
    with (
        TemporaryDirectory() as folder,
        ResultsWriter(Path(folder) / "r.jsonl", Redactor([SECRET])) as writer,
    ):
        writer.write(header)
        writer.write(replace(check, reason=SECRET))
        assert writer.results() == read_results(Path(folder) / "r.jsonl")
        assert writer.results().checks[0].reason == "[redacted]"
