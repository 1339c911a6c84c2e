"""The registry names the faults that the reference server has, and nothing else of it is touched."""

from __future__ import annotations

import pytest

import registry_faults
from registry_faults import UnknownRequirementError, with_faults

TEXT = """\
# A comment.
version: "1.0"
requirements:
  # Area
  - id: ABC-001
    level: MUST
    observe: "sweep"
  - id: ABC-002
    observe: "sweep"
    excluded: "nothing shows it"
    faults: [gone]
  # Another
  - id: DEF-001
    observe: "faults: [kept]"
"""


def test_the_registry_is_up_to_date(capsys: pytest.CaptureFixture[str]) -> None:
    assert registry_faults.main(["--check"]) == 0, capsys.readouterr().out


def test_faults_are_the_last_member() -> None:
    found = with_faults(TEXT, {"ABC-001": ["late", "early"], "DEF-001": ["odd"]})
    assert found == (
        TEXT.replace("    faults: [gone]\n", "").replace(
            '    observe: "sweep"\n  - id: ABC-002',
            '    observe: "sweep"\n    faults: [late, early]\n  - id: ABC-002',
        )
        + "    faults: [odd]\n"
    )
    assert with_faults(found, {"ABC-001": ["late", "early"], "DEF-001": ["odd"]}) == found


def test_a_fault_of_no_requirement() -> None:
    with pytest.raises(UnknownRequirementError, match="GHI-001"):
        with_faults(TEXT, {"GHI-001": ["late"]})
