from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from tests.kit.results.lines import HEADER, told, write

from omnisession_conformance.cli.main import cli
from omnisession_conformance.protocol.verdict import Status
from omnisession_conformance.results import CheckResult, Line, close, read_results
from omnisession_conformance.results.diff import WORSE, Change, change_of, compare

if TYPE_CHECKING:
    from pathlib import Path

P, F, W = Status.PASS, Status.FAIL, Status.WARN
NR, NC, H, INC = Status.NOT_RUN, Status.NOT_CLAIMED, Status.HARNESS, Status.INCONCLUSIVE


@pytest.mark.parametrize(
    ("was", "now", "change", "worse"),
    [
        (P, P, None, False),
        (F, F, None, False),
        (P, F, Change.NEW_FAILURE, True),
        (W, F, Change.NEW_FAILURE, True),
        (NR, F, Change.NEW_FAILURE, True),
        (None, F, Change.NEW_FAILURE, True),
        (INC, F, Change.NEW_FAILURE, True),
        (P, INC, Change.NEW_FAILURE, True),
        (P, H, Change.NEW_FAILURE, True),
        (F, INC, Change.OTHER, False),
        (P, W, Change.NEW_WARNING, True),
        (F, P, Change.FIXED, False),
        (H, W, Change.FIXED, False),
        (P, NR, Change.NOT_TESTED, True),
        (F, NR, Change.NOT_TESTED, True),
        (INC, NC, Change.NOT_TESTED, True),
        (NR, NC, Change.OTHER, False),
        (P, None, Change.GONE, True),
        (F, None, Change.GONE, True),
        (NR, None, Change.OTHER, False),
        (None, P, Change.NEW, False),
        (None, NR, Change.NEW, False),
        (NR, P, Change.OTHER, False),
        (W, P, Change.OTHER, False),
    ],
)
def test_what_became_of_a_verdict(
    was: Status | None, now: Status | None, change: Change | None, *, worse: bool
) -> None:
    assert change_of(was, now) is change
    if change is not None:
        assert (change in WORSE) is worse


def stream(path: Path, verdicts: dict[str, Status], *, footer: bool = True) -> Path:
    checks = [
        CheckResult(name, status, "MUST", 1, "rerun", "the reason" if status is F else "")
        for name, status in verdicts.items()
    ]
    requirements = [told(check) for check in checks]
    ids = tuple(r.id for r in requirements)
    header = replace(HEADER, selection=replace(HEADER.selection, requirements=ids))
    lines: list[Line] = [header, *checks, *requirements]
    if footer:
        lines.append(close(checks, requirements, wall_ms=5, records={}))
    return write(path, lines)


BEFORE = {"STATE-001@a": P, "STATE-002@a": F, "CTRL-001@sweep": P, "CTRL-002@a": P}
AFTER = {"STATE-001@a": F, "STATE-002@a": P, "CTRL-001@sweep": NR, "CTRL-003@a": P}
PAGE = """\
Before  1970-01-01 00:00  kit 0.1.0  NOT CONFORMANT: 1 of 4 requirements failed (STATE-002)
After   1970-01-01 00:00  kit 0.1.0  NOT CONFORMANT: 1 of 4 requirements failed (STATE-001)

Requirements (5)
  STATE-001  PASS → FAIL
  STATE-002  FAIL → PASS
  CTRL-001   PASS → NOT RUN
  CTRL-003   none → PASS
  CTRL-002   PASS → none

New failures (1)
  STATE-001@a  PASS → FAIL               the reason

Newly not tested (1)
  CTRL-001@sweep  PASS → NOT RUN

Gone (1)
  CTRL-002@a  PASS → none

Fixed (1)
  STATE-002@a  FAIL → PASS

New checks (1)
  CTRL-003@a  none → PASS

Worse: 5 checks changed, 3 for the worse, 1 was fixed.
"""


def test_the_page_and_the_exit_code(tmp_path: Path) -> None:
    before, after = stream(tmp_path / "a", BEFORE), stream(tmp_path / "b", AFTER)
    ran = CliRunner().invoke(cli, ["diff", str(before), str(after)], standalone_mode=False)
    assert ran.output == PAGE
    assert ran.return_value == 1
    assert all(len(line) <= 100 for line in ran.output.splitlines())


def test_the_same_run_twice(tmp_path: Path) -> None:
    same = stream(tmp_path / "a", BEFORE)
    ran = CliRunner().invoke(cli, ["diff", str(same), str(same)], standalone_mode=False)
    assert ran.output.endswith("\nNothing changed.\n")
    assert ran.return_value == 0


def test_what_is_only_better_is_no_failure(tmp_path: Path) -> None:
    before = stream(tmp_path / "a", {"STATE-002@a": F})
    after = stream(tmp_path / "b", {"STATE-002@a": P, "STATE-001@a": P})
    ran = CliRunner().invoke(
        cli, ["diff", str(before), str(after), "--json"], standalone_mode=False
    )
    found = json.loads(ran.output)
    assert ran.return_value == 0
    assert found["worse"] is False
    assert {c["id"]: c["change"] for c in found["checks"]} == {
        "STATE-002@a": "fixed",
        "STATE-001@a": "new",
    }


def test_a_run_that_was_cut_short_tests_nothing(tmp_path: Path) -> None:
    before = stream(tmp_path / "a", {"STATE-001@a": P})
    after = stream(tmp_path / "b", {"STATE-001@a": P}, footer=False)
    found = compare(read_results(before), read_results(after))
    assert [c.change for c in found.checks] == [Change.NOT_TESTED]
    assert found.worse
