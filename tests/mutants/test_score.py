"""What exit codes mean, what survivors come to, and how that is told."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mutants.mutant import Mutant
from mutants.pool import Ran
from mutants.report import line, survivors, table
from mutants.score import Score
from mutants.triage import Class, Entry
from mutants.trial import Outcome, Trial, judged

TARGET: dict[str, Any] = {"line": "target", "profiles": ["core"]}
NO_TARGET: dict[str, Any] = {"line": "target", "profiles": []}
FAILED: dict[str, Any] = {"line": "check", "status": "FAIL", "check": "CTRL-007@pong"}
WARNED: dict[str, Any] = {"line": "check", "status": "WARN", "check": "ERR-004@bad"}
PASSED: dict[str, Any] = {"line": "check", "status": "PASS", "check": "CTRL-001@open"}
SOURCE = b"f(1)\n"


def footer(reason: str) -> dict[str, Any]:
    return {"line": "footer", "reason": reason}


CODES: list[tuple[int, list[dict[str, Any]], tuple[Outcome, str]]] = [
    (0, [TARGET, PASSED, footer("")], (Outcome.SURVIVED, "")),
    (1, [TARGET, PASSED, FAILED, footer("")], (Outcome.FAIL, "CTRL-007@pong")),
    (0, [TARGET, PASSED, WARNED, footer("")], (Outcome.WARN, "ERR-004@bad")),
    (1, [TARGET, PASSED, footer("not tested")], (Outcome.NOT_TESTED, "not tested")),
    (3, [NO_TARGET, footer("it ended")], (Outcome.NO_START, "it ended")),
    (4, [], (Outcome.NO_START, "")),
    (3, [TARGET, footer("it died")], (Outcome.NO_VERDICT, "exit code 3: it died")),
    (2, [TARGET, footer("stopped")], (Outcome.NO_VERDICT, "exit code 2: stopped")),
]


@pytest.mark.parametrize(("code", "lines", "expected"), CODES)
def test_an_exit_code_and_what_was_told(
    code: int, lines: list[dict[str, Any]], expected: tuple[Outcome, str]
) -> None:
    assert judged(code, lines) == expected


def ran(number: int, outcome: Outcome, operator: str = "INT") -> Ran:
    mutant = Mutant("a.py", "f", operator, "1", str(number), 2, 3, 1)
    return Ran(mutant, Trial(outcome, "told", 1.25))


def entry(of: Ran, class_: Class) -> tuple[str, Entry]:
    return of.mutant.id, Entry(of.mutant, class_, "because")


def scored() -> Score:
    same, wrong = ran(4, Outcome.SURVIVED), ran(5, Outcome.SURVIVED)
    return Score(
        "reference",
        [
            ran(1, Outcome.FAIL),
            ran(2, Outcome.NO_START),
            ran(3, Outcome.NOT_TESTED, "CMP"),
            same,
            wrong,
            ran(6, Outcome.SURVIVED, "CMP"),
            ran(7, Outcome.NO_VERDICT),
            ran(8, Outcome.NOT_BUILT),
        ],
        dict((entry(same, Class.EQUIVALENT), entry(wrong, Class.MISSED))),
    )


def test_only_what_is_right_is_taken_out_of_the_score() -> None:
    score = scored()
    assert (score.run, score.killed, len(score.right)) == (7, 3, 1)
    assert score.share == 3 / 6


def test_new_is_what_nothing_is_known_of() -> None:
    assert [one.mutant.after for one in scored().new] == ["6", "7"]


def test_a_server_without_mutants_has_no_score() -> None:
    score = Score("go", [], {})
    assert score.share is None
    assert "-" in table([score], 1)


def test_the_table() -> None:
    assert table([scored()], 7).splitlines() == [
        "Mutants in the order of seed 7",
        "",
        (
            "server     run  fail  warn  not tested  no start  survived  no verdict  not built  known  "
            "unreached  right  score"
        ),
        (
            "reference  7    1     0     1           1         3         1           1          0      "
            "0          1      50.0%"
        ),
        "",
        "reference, not noticed by operator: CMP 1 of 2, INT 3 of 5",
    ]


def test_a_new_survivor_is_shown_with_its_change_and_a_draft() -> None:
    shown = "\n".join(survivors(scored(), {"a.py": SOURCE}))
    assert "-f(1)\n+f(6)" in shown
    assert "  class: '?'" in shown
    assert "f(4)" not in shown
    assert "f(5)" not in shown


def test_a_line_for_programs() -> None:
    told = json.loads(line("go", 7, ran(1, Outcome.FAIL), None))
    assert (told["outcome"], told["told"], told["before"]) == ("fail", "told", "1")
    assert told["seed"] == 7
    assert told["class"] is None
