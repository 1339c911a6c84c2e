"""Every exit code of the real command, and which verdict wins where several could."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import pytest
from tests.kit.command.half_way import finished, running_check
from tests.kit.command.tool import Ran, interrupt, null, omnisession

if TYPE_CHECKING:
    from pathlib import Path

    from tests.kit.command.inside import Inside

ONE = ("--only", "CTRL-013")
COPIES = "ACTION-005@copies-get-the-first-ack-again"
FAULTY = ("--server-cmd", f"{sys.executable} -m omnisession_reference --fault copies-applied")


def entry(check: str, *more: str) -> str:
    return (
        "\n".join([f"  - check: {check}", "    reason: known", *(f"    {m}" for m in more)]) + "\n"
    )


def known(*entries: str) -> str:
    return "expected_failures:\n" + "".join(entries)


Row = tuple[tuple[str, ...], str | None, int, str]
ROWS: dict[str, Row] = {
    "selected checks pass": (ONE, None, 0, "Selected checks passed: "),
    "a MUST is broken": ((*FAULTY, "--only", COPIES), None, 1, "SELECTED CHECKS FAILED: "),
    "an expected failure": (
        (*FAULTY, "--only", COPIES),
        known(entry(COPIES)),
        0,
        "Selected checks passed apart from 1 expected failure: ",
    ),
    "one is expected, another is not": (
        (*FAULTY, "--only", COPIES, "--only", "ACTION-005@copies-have-one-effect"),
        known(entry(COPIES)),
        1,
        "SELECTED CHECKS FAILED: ",
    ),
    "a stale entry": (
        ("--only", COPIES),
        known(entry(COPIES)),
        1,
        "line 2: it passes now; remove the entry",
    ),
    "an expired entry": (
        (*FAULTY, "--only", COPIES),
        known(entry(COPIES, "expires: 2026-01-31")),
        1,
        "it was expected until 2026-01-31 and still fails; repair it, or agree on a later day",
    ),
    "an unknown check": (
        ONE,
        known(entry("CTRL-013@no-such-case")),
        1,
        "line 2: this kit has no such check",
    ),
    "an entry that is there twice": (
        (*FAULTY, "--only", COPIES),
        known(entry(COPIES), entry(COPIES)),
        1,
        "line 4: it is expected in line 2 already; remove one of them",
    ),
    "a target that is no server": (
        ("--server-cmd", null("echo"), *ONE),
        None,
        3,
        "NO VERDICT: ",
    ),
    "no verdict beats a baseline": (
        ("--server-cmd", null("echo"), *ONE),
        known(entry("CTRL-013@no-such-case")),
        3,
        "NO VERDICT: ",
    ),
    "an unknown requirement in it": (ONE, known(entry("CTRL-913@sweep")), 4, "line 2: there is no"),
    "a baseline that is no YAML": (ONE, "expected_failures: [", 4, "is no YAML"),
    "an unknown name": (("--only", "CTRL-099"), None, 4, "There is no requirement"),
    "a selection of nothing": ((*ONE, "--skip", "CTRL-013"), None, 5, "matches no check"),
}


THE_PROGRAM = (
    "selected checks pass",
    "a MUST is broken",
    "a target that is no server",
    "an unknown name",
    "a selection of nothing",
)
"""One of each exit code is the program itself; the others are calls in this process."""


def words(ran: Ran) -> str:
    return " ".join((ran.out + ran.err).split())


QUICK_ROWS = (
    "selected checks pass",
    "an unknown name",
    "an unknown requirement in it",
    "no verdict beats a baseline",
)
"""Looked at by every `make test`; the others by `make test-all`."""


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=() if name in QUICK_ROWS else pytest.mark.dear) for name in ROWS],
)
def test_exit_code(name: str, inside: Inside) -> None:
    arguments, baseline, code, said = ROWS[name]
    more: tuple[str, ...] = ()
    if baseline is not None:
        (inside.folder / "known.yaml").write_text(baseline)
        more = ("--expected-failures", "known.yaml")
    if name in THE_PROGRAM:
        ran = omnisession("check", *arguments, *more, cwd=inside.folder)
    else:
        ran = inside.omnisession("check", *arguments, *more)
    assert ran.code == code, ran.out + ran.err
    assert said in words(ran)
    assert "Traceback" not in ran.out + ran.err
    if code in (0, 1, 3):
        assert ran.footer["exit_code"] == code
        red = (ran.folder / "junit.xml").read_text()
        assert ("<failure" in red or "<error" in red) == (code != 0)
    assert not (ran.folder.exists() and code in (4, 5) and ran.of("footer"))


@pytest.mark.dear
def test_interrupted_is_2_whatever_failed_before(tmp_path: Path) -> None:
    process, _ = running_check(tmp_path)
    interrupt(process)
    ran = finished(process, tmp_path)
    assert ran.code == 2
    assert ran.footer["exit_code"] == 2


@pytest.mark.dear
def test_a_baseline_is_written_used_and_goes_stale(inside: Inside) -> None:
    selected = ("--only", "ACTION-005")
    assert inside.omnisession("check", *FAULTY, *selected).code == 1
    write = ("baseline", "write", "report/results.jsonl", "--to", "known.yaml")
    made = omnisession(*write, "--reason", "ticket 12", cwd=inside.folder)
    assert made.code == 0, made.err
    assert "known.yaml: " in made.out
    use = ("--expected-failures", "known.yaml", *selected)
    ran = inside.omnisession("check", *FAULTY, *use)
    assert ran.code == 0, ran.out
    assert {c["expected"] for c in ran.of("check") if c["status"] == "FAIL"} == {"ticket 12"}
    assert not ran.footer["conformant"]
    assert inside.omnisession("check", *use).code == 1
    again = inside.omnisession(*write, "--reason", "ticket 12")
    assert again.code == 4
    assert "known.yaml exists" in again.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("some.jsonl", "--reason", "x"), "begins with its header"),
        (("gone.jsonl", "--reason", "x"), "gone.jsonl"),
        (("cut.jsonl", "--reason", "x"), "of a run that was cut short"),
        (("cut.jsonl", "--reason", " "), "--reason is missing"),
        (("cut.jsonl", "--reason", "x", "--expires", "soon"), "--expires soon is no day"),
        (("cut.jsonl",), "--reason is missing: say why these checks may fail"),
    ],
)
def test_a_baseline_of_nothing_usable(
    arguments: tuple[str, ...], said: str, inside: Inside
) -> None:
    (inside.folder / "some.jsonl").write_text("{}\n")
    header: dict[str, Any] = {
        "line": "header",
        "schema": "x",
        "kit": "0",
        "protocol": "1.0",
        "run_id": "k",
        "started_at": 0,
        "command": "c",
        "selection": {"filtered": False, "requirements": [], "cases": [], "profiles": [], "of": 0},
    }
    (inside.folder / "cut.jsonl").write_text(json.dumps(header) + "\n")
    ran = inside.omnisession("baseline", "write", *arguments)
    assert ran.code == 4, ran.out + ran.err
    assert said in ran.err
    assert "Traceback" not in ran.err
    assert not (inside.folder / "expected-failures.yaml").exists()


def test_diff_of_files_that_are_no_streams(inside: Inside) -> None:
    ran = inside.omnisession("diff", "a.jsonl", "b.jsonl")
    assert ran.code == 4
    assert "a.jsonl" in ran.err
    assert "results.jsonl" in ran.err
