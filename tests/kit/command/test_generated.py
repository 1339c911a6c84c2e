"""Traffic that is generated: what it finds is told, kept, and can be played again."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.kit.command.inside import Inside

FAULTY = ("--server-cmd", f"{sys.executable} -m omnisession_reference --fault copies-applied")
DRAWN = ("--case", "generated-traffic", "--seed", "0")
FILE = "report/generated-1.json"


@pytest.mark.dear
def test_a_find_is_told_and_kept_and_comes_again(inside: Inside) -> None:
    ran = inside.omnisession("check", *FAULTY, *DRAWN)
    assert ran.code == 1, ran.out + ran.err
    checks = {check["check"]: check for check in ran.of("check")}
    found = checks["ACTION-005@generated-traffic"]
    assert found["status"] == "FAIL"
    assert "found by generation: " in json.dumps(found)
    assert "omnisession replay generated-1.json" in json.dumps(found)
    saved = json.loads((inside.folder / FILE).read_text())
    assert saved["requirement"] == "ACTION-005"
    assert len(saved["steps"]) <= 6, saved["words"]
    again = inside.omnisession("replay", FILE, *FAULTY, report="none")
    assert again.code == 1, again.out + again.err
    assert "✗" in again.out
    assert "ACTION-005: expected an ack with the status duplicate" in again.out
    right = inside.omnisession("replay", FILE, report="none")
    assert right.code == 0, right.out + right.err
    assert "Nothing was found" in right.out
    clean = inside.omnisession("check", *DRAWN)
    assert clean.code == 0, clean.out + clean.err
    assert not (inside.folder / FILE).exists(), "a find of an earlier run does not stay"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "'saved.json' cannot be read: No such file or directory."),
        (b"\xff", "'saved.json' is no saved program: it is no UTF-8."),
        (b"{", "'saved.json' is no JSON"),
        (b'{"program": 1, "users": ["author"], "steps": [{"do": "fly"}]}', "step 1 does 'fly'"),
    ],
)
def test_a_file_that_is_no_program_is_refused(
    inside: Inside, content: bytes | None, told: str
) -> None:
    if content is not None:
        (inside.folder / "saved.json").write_bytes(content)
    ran = inside.omnisession("replay", "saved.json")
    assert ran.code == 4
    assert told in ran.err
    assert len(ran.err.splitlines()) == 1


@pytest.mark.dear
def test_what_deep_rounds_find_is_kept_and_fails_the_run(inside: Inside) -> None:
    deep = ("--generate", "6s", "--corpus", "kept")
    ran = inside.omnisession("check", *FAULTY, *DRAWN, *deep)
    assert ran.code == 1, ran.out + ran.err
    assert "Generated traffic: " in ran.out
    kept = [json.loads(file.read_text()) for file in (inside.folder / "kept").glob("*.json")]
    assert "ACTION-005" in {program["requirement"] for program in kept}
    checks = {check["check"]: check for check in ran.of("check")}
    assert checks["ACTION-005@generated-traffic"]["status"] == "FAIL"


def test_a_corpus_that_is_no_folder_of_programs_is_refused(inside: Inside) -> None:
    (inside.folder / "kept").mkdir()
    (inside.folder / "kept" / "x.json").write_text("{")
    ran = inside.omnisession("check", "--generate", "1s", "--corpus", "kept")
    assert ran.code == 4
    assert "x.json' is no JSON" in ran.err
