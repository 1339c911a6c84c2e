"""The same suite under pytest: selection, reports and exit codes as people know them."""

from __future__ import annotations

import json
import re
import shlex
import sys
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

import pytest
from tests.kit.command.tool import SECRET, SUITE, null, pytest_run

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path


@pytest.mark.dear
def test_the_whole_suite(tmp_path: Path) -> None:
    ran = pytest_run(*SUITE, "-q", "--junitxml=out.xml", cwd=tmp_path)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    suite = ET.parse(tmp_path / "out.xml").getroot()[0]  # noqa: S314 - pytest wrote it
    assert int(suite.attrib["tests"]) > 100
    assert suite.attrib["failures"] == suite.attrib["errors"] == "0"


@pytest.mark.dear
def test_selected_by_requirement(tmp_path: Path) -> None:
    ran = pytest_run(*SUITE, "-k", "CTRL-013", "-v", cwd=tmp_path)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "unknown-request-changes-nothing PASSED" in ran.stdout
    assert "deselected" in ran.stdout


def test_a_fault_fails_and_explains_itself(tmp_path: Path) -> None:
    faulty = f"{sys.executable} -m omnisession_reference --fault minor-refused"
    # Generated traffic is judged by all requirements, which takes longer than all the rest.
    chosen = ("-k", "VER-003 and not generated")
    ran = pytest_run(*SUITE, *chosen, "--omni-server-cmd", faulty, cwd=tmp_path)
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert "expected" in ran.stdout
    assert "pytest --pyargs omnisession_conformance.suite --omni-server-cmd" in ran.stdout
    assert "--omni-only VER-003@any-minor-is-taken" in ran.stdout
    assert "Traceback" not in ran.stdout


@pytest.mark.dear
def test_the_broker_of_the_environment_is_the_one_that_is_used(tmp_path: Path) -> None:
    nobody = {"NATS_URL": "nats://127.0.0.1:1", "OMNISESSION_SECRET": "s" * 32}
    ran = pytest_run(*SUITE, "-k", "CTRL-013", cwd=tmp_path, env=nobody)
    assert ran.returncode == 3, ran.stdout + ran.stderr
    assert "Cannot connect to the broker at nats://127.0.0.1:1" in ran.stdout


@pytest.mark.dear
def test_a_strict_run_fails_what_was_not_tested(
    tmp_path: Path, broker: str, server: subprocess.Popen[str]
) -> None:
    assert server.poll() is None
    attach = (*SUITE, "--omni-nats", broker, "--omni-secret", SECRET, "-v")
    some = ("--omni-only", "CTRL-013", "--omni-only", "ERR-002")
    ran = pytest_run(*attach, *some, cwd=tmp_path)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "bodies-that-are-no-object SKIPPED" in ran.stdout
    ran = pytest_run(*attach, *some, "--omni-strict", cwd=tmp_path)
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert "bodies-that-are-no-object FAILED" in ran.stdout
    assert "unknown-request-changes-nothing PASSED" in ran.stdout
    assert "--allow-disruption" in ran.stdout


@pytest.mark.dear
def test_no_target_is_no_pass(tmp_path: Path) -> None:
    command = ("--omni-server-cmd", null("echo"))
    ran = pytest_run(*SUITE, "-q", *command, cwd=tmp_path)
    assert ran.returncode == 3, ran.stdout + ran.stderr
    assert " passed" not in ran.stdout
    assert " failed" not in ran.stdout
    assert "NO VERDICT: something answers on the control subject" in ran.stdout
    assert len(ran.stdout.splitlines()) < 12


@pytest.mark.dear
def test_exit_on_first_failure(tmp_path: Path) -> None:
    faulty = f"{sys.executable} -m omnisession_reference --fault stale-pong"
    ran = pytest_run(
        *SUITE, "-q", "-x", "-k", "CTRL-007", "--omni-server-cmd", faulty, cwd=tmp_path
    )
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert "1 failed" in ran.stdout


@pytest.mark.dear
def test_what_failed_before_a_run_was_cut_short_is_told(tmp_path: Path) -> None:
    (tmp_path / "cutting.py").write_text(CUTTING)
    faulty = f"{sys.executable} -m omnisession_reference --fault stale-pong"
    ran = pytest_run(
        *SUITE,
        *("-q", "-rs", "-p", "cutting", "-k", "CTRL-007 or CTRL-013"),
        *("--omni-server-cmd", faulty),
        cwd=tmp_path,
    )
    assert ran.returncode == 3, ran.stdout + ran.stderr
    assert "CTRL-007@pong-covers-what-was-answered" in ran.stdout
    assert " passed" not in ran.stdout
    assert "SKIPPED" in ran.stdout
    assert "RUN CUT SHORT, NO VERDICT: cut by the test" in ran.stdout


@pytest.mark.parametrize("ci", ["", "true"])
@pytest.mark.dear
def test_a_line_that_says_again_runs_as_it_is_printed(ci: str, tmp_path: Path) -> None:
    """Where CI is set, pytest's own summary takes as much of a failure as it is given."""
    faulty = f"{sys.executable} -m omnisession_reference --fault stale-pong"
    target = (f"--omni-server-cmd={faulty}", "--omni-report", "report")
    options = ("-q", "--omni-only", "CTRL-007", *target)
    ran = pytest_run(*SUITE, *options, cwd=tmp_path, env={"CI": ci})
    assert ran.returncode == 1, ran.stdout + ran.stderr
    told = r"^FAILED .*CTRL-007@sweep - CTRL-007 pong covers"
    assert re.search(told, ran.stdout, re.MULTILINE), ran.stdout
    lines = re.findall(r"again +(pytest .*)", ran.stdout)
    failed = re.findall(r"^FAILED ", ran.stdout, re.MULTILINE)
    assert len(lines) == len(failed) >= 3, "one for each check that failed"
    assert "@sweep --omni-case" in lines[-1]
    for line in lines:
        words = shlex.split(line)[1:]
        assert "--omni-report" not in words
        again = pytest_run(*words, cwd=tmp_path)
        assert again.returncode == 1, again.stdout + again.stderr
        assert re.search(r"\b1 failed, \d+ deselected\b", again.stdout), again.stdout
    results = (tmp_path / "report" / "results.jsonl").read_text("utf-8")
    command = json.loads(results.splitlines()[0])["command"]
    assert command.startswith("pytest -p no:cacheprovider --pyargs omnisession_conformance.suite ")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("-m", "core"), "select with --omni-only"),
        (("--omni-only", "CTRL-07"), "There is no requirement, check, area or case 'CTRL-07'"),
        (
            ("--omni-profile", "event"),
            "There is no profile 'event' of a server. Did you mean events?",
        ),
    ],
)
@pytest.mark.dear
def test_what_selects_nothing_is_refused(
    options: tuple[str, ...], told: str, tmp_path: Path
) -> None:
    ran = pytest_run(*SUITE, "-q", *options, cwd=tmp_path)
    assert ran.returncode in (2, 4), ran.stdout + ran.stderr
    assert told in (ran.stdout + ran.stderr).replace("\n", " ")


@pytest.mark.dear
def test_options_select_as_those_of_check_do(tmp_path: Path) -> None:
    ran = pytest_run(*SUITE, "-q", "--omni-profile", "digests", cwd=tmp_path)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    some = pytest_run(
        *SUITE, "-q", "--omni-only", "VER", "--omni-skip", "VER-003", "--co", cwd=tmp_path
    )
    assert "VER-001@sweep" in some.stdout
    assert "highest-common-version-is-chosen" in some.stdout
    assert "other-major-is-refused" not in some.stdout


def test_the_plugin_leaves_other_runs_alone(tmp_path: Path) -> None:
    (tmp_path / "test_mine.py").write_text(
        "import sys\ndef test_light():\n"
        "    mine = [m for m in sys.modules if m.startswith('omnisession_conformance')]\n"
        "    assert mine == ['omnisession_conformance', 'omnisession_conformance.pytest_plugin']\n"
    )
    ran = pytest_run("-q", cwd=tmp_path)
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.dear
def test_expected_failures_are_xfailed_and_fail_once_they_pass(tmp_path: Path) -> None:
    check = "VER-003@any-minor-is-taken"
    gone = "VER-003@no-such-case"
    (tmp_path / "known.yaml").write_text(
        f"expected_failures:\n  - {{check: {check}, reason: known since May}}\n"
    )
    faulty = f"{sys.executable} -m omnisession_reference --fault minor-refused"
    known = ("--omni-expected-failures", "known.yaml", "-k", "any-minor-is-taken", "-rx")
    ran = pytest_run(*SUITE, *known, "--omni-server-cmd", faulty, cwd=tmp_path)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "1 xfailed" in ran.stdout
    assert "known since May" in ran.stdout
    stale = pytest_run(*SUITE, *known, cwd=tmp_path)
    assert stale.returncode == 1, stale.stdout + stale.stderr
    assert f"known.yaml, line 2: {check}: it passes now; remove the entry" in stale.stdout
    (tmp_path / "known.yaml").write_text(
        f"expected_failures:\n  - {{check: {gone}, reason: known since May}}\n"
    )
    unknown = pytest_run(*SUITE, *known, cwd=tmp_path)
    assert unknown.returncode == 1, unknown.stdout + unknown.stderr
    assert "this kit has no such check" in unknown.stdout


CUTTING = """
from omnisession_conformance.engine.scheduler import Engine

good = Engine.verdicts

def cut(self):
    self.lose("cut by the test")
    return good(self)

Engine.verdicts = cut
"""
COUNTING = """
from pathlib import Path
from omnisession_conformance.outputs.folder import ReportFolder

good = ReportFolder.__init__

def counted(*args, **more):
    with Path("calls").open("a") as file:
        file.write("x")
    return good(*args, **more)

ReportFolder.__init__ = counted
"""
FULL = """
import errno
from omnisession_conformance.results import TranscriptWriter

def full(*_):
    raise OSError(errno.ENOSPC, "No space left on device")

TranscriptWriter.write = full
"""


@pytest.mark.dear
def test_a_run_that_cannot_begin_is_tried_once(tmp_path: Path) -> None:
    (tmp_path / "counting.py").write_text(COUNTING)
    (tmp_path / "taken").write_text("")
    ran = pytest_run(
        *SUITE, "-p", "counting", "-k", "CTRL-013 or CTRL-019", "--omni-report=taken", cwd=tmp_path
    )
    assert ran.returncode == 4, ran.stdout + ran.stderr
    assert " failed" not in ran.stdout
    assert ran.stdout.count("Cannot write the report to 'taken'") == 1
    assert (tmp_path / "calls").read_text() == "x"


@pytest.mark.dear
def test_a_transcript_that_fails_is_no_verdict(tmp_path: Path) -> None:
    (tmp_path / "filling.py").write_text(FULL)
    ran = pytest_run(
        *SUITE, "-p", "filling", "-k", "CTRL-013", "--omni-report=report", cwd=tmp_path
    )
    assert ran.returncode == 3, ran.stdout + ran.stderr
    assert "the transcript failed: No space left on device" in ran.stdout
    assert " passed" not in ran.stdout


ALARM = """
import signal
import pytest
from {place} import {kind}

good = {kind}.{name}
left = [{calls}]

def out_of_time(*_):
    pytest.fail("Timeout (>5.0s) from a plugin")

def {name}(self, *rest, **more):
    left[0] -= 1
    if left[0] == 0:
        signal.signal(signal.SIGALRM, out_of_time)
        signal.setitimer(signal.ITIMER_REAL, 0.001)
        signal.pause()
    return good(self, *rest, **more)

{kind}.{name} = {name}
"""
"""As the signal method of pytest-timeout does: its handler raises in whatever is at work just then."""
PLACES = {
    "the reader of the tap": ("omnisession_conformance.traffic.tap", "Tap", "_record", 5),
    "a case": ("omnisession_conformance.environment.draws", "Draws", "reply", 4),
    "a callback of the loop": ("asyncio", "StreamReader", "feed_data", 9),
    "a watcher": ("omnisession_conformance.engine.clock", "Clock", "_ticked", 1),
    "a subscriber": ("omnisession_conformance.results", "ResultsWriter", "write", 3),
    "a rule": ("omnisession_conformance.engine.sweep", "Rule", "judge", 2),
    "a report": ("omnisession_conformance.report.formats", "Format", "render", 1),
    "the loop itself": ("asyncio.base_events", "BaseEventLoop", "_run_once", 40),
}


@pytest.mark.dear
@pytest.mark.parametrize("place", PLACES)
def test_a_time_limit_of_a_plugin_is_no_verdict(place: str, tmp_path: Path) -> None:
    module, kind, name, calls = PLACES[place]
    (tmp_path / "alarm.py").write_text(
        ALARM.format(place=module, kind=kind, name=name, calls=calls)
    )
    selected = ("-k", "CTRL-013 or CTRL-019 or CTRL-007", "-q")
    ran = pytest_run(*SUITE, "-p", "alarm", *selected, "--omni-report=report", cwd=tmp_path)
    assert ran.returncode == 3, ran.stdout + ran.stderr
    assert not re.search(r"\d failed", ran.stdout)
    assert " passed" not in ran.stdout
    assert ran.stdout.count("Timeout (>5.0s) from a plugin") == 1, "one cause is told once"


@pytest.mark.dear
def test_a_run_takes_no_longer_than_it_may(tmp_path: Path) -> None:
    ran = pytest_run(*SUITE, "-q", "--omni-timeout", "2", cwd=tmp_path)
    assert ran.returncode == 3, ran.stdout + ran.stderr
    assert "NO VERDICT: the run took longer than 2 s" in " ".join(ran.stdout.split())
    assert " passed" not in ran.stdout
    ran = pytest_run(*SUITE, "-q", "--omni-timeout", "0", cwd=tmp_path)
    assert ran.returncode == 4, ran.stdout + ran.stderr
    assert "--omni-timeout: a number of seconds above 0 is needed" in ran.stdout


@pytest.mark.parametrize(
    ("option", "told"),
    [
        pytest.param("--rate 19", "LIMIT-006", marks=pytest.mark.dear),
        pytest.param("--fault low-articles", "LIMIT-005", marks=pytest.mark.dear),
        pytest.param("--fault low-sessions", "LIMIT-005", marks=pytest.mark.dear),
    ],
)
def test_what_a_low_limit_leaves_no_room_for_is_skipped(
    option: str, told: str, tmp_path: Path
) -> None:
    server = f"{sys.executable} -m omnisession_reference {option}"
    ran = pytest_run(*SUITE, "-q", f"--omni-server-cmd={server}", cwd=tmp_path)
    assert ran.returncode == 1, ran.stdout + ran.stderr
    failed = re.findall(r"^FAILED (.*)", ran.stdout, re.MULTILINE)
    assert failed
    assert all(told in line or "cases_floors.py" in line for line in failed), failed
    assert re.search(r" \d+ passed, \d+ skipped in ", ran.stdout), ran.stdout
    assert "xfailed" not in ran.stdout
