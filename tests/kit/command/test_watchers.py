"""What watches a run is killed, one after the other: each time there is no verdict, and a reason."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import resource
import subprocess
from io import FileIO
from typing import TYPE_CHECKING, Any

import pytest
from nats.errors import FlushTimeoutError
from tests.kit.command.tool import (
    QUICK,
    SECRET,
    TIMEOUT_S,
    Ran,
    clean_environment,
    command,
    start,
)

from omnisession_conformance import report
from omnisession_conformance.engine.clock import Clock
from omnisession_conformance.environment import processes
from omnisession_conformance.environment.processes import Child
from omnisession_conformance.files import Folder
from omnisession_conformance.outputs import terminal
from omnisession_conformance.outputs.progress import Progress
from omnisession_conformance.report import TRANSCRIPT_FILE
from omnisession_conformance.results import (
    CaseEnd,
    CheckResult,
    Footer,
    Header,
    Line,
    ResultsWriter,
    TargetInfo,
    TranscriptWriter,
    load_transcript,
)
from omnisession_conformance.roles.server import driver, watch
from omnisession_conformance.traffic.connection import TapClient
from omnisession_conformance.traffic.tap import Tap

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.kit.command.inside import Inside
    from typing_extensions import Buffer


LONGER = ("--only", "CTRL-007")
"""Takes long enough for the transcript to be written while cases run."""


def no_verdict(ran: Ran, reason: str) -> None:
    """Exit 3 with its reason, in the stream, on the page and without a traceback."""
    assert ran.code == 3, ran.out + ran.err
    assert ran.footer["run_status"] == "aborted"
    assert reason in ran.footer["reason"]
    assert "\n" not in ran.footer["reason"]
    assert not ran.statuses() & {"PASS", "WARN"}
    assert reason.split(":", maxsplit=1)[0] in " ".join(ran.out.split())
    assert "Traceback" not in ran.out + ran.err


def after(calls: int, good: Callable[..., Any], fault: Callable[..., Any]) -> Callable[..., Any]:
    """What is right some times, and then does something else."""
    left = calls

    def call(*args: Any, **more: Any) -> Any:
        nonlocal left
        left -= 1
        return good(*args, **more) if left >= 0 else fault(*args, **more)

    return call


def full(*_: Any, **__: Any) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def wrong(*_: Any, **__: Any) -> None:
    raise KeyError("put into it")


async def ending(*_: Any, **__: Any) -> None:
    """A watcher that ends before its time."""


async def failing(*_: Any, **__: Any) -> None:
    raise KeyError("put into it")


async def cancelled(*_: Any, **__: Any) -> None:
    raise asyncio.CancelledError


def test_the_transcript_meets_a_full_disk(inside: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TranscriptWriter, "write", full)
    no_verdict(inside.omnisession("check", *QUICK), "the transcript failed: No space left on dev")


@pytest.mark.dear
def test_the_transcript_meets_a_disk_that_was_full_once(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, faults = TranscriptWriter.write, [full]

    def write(self: TranscriptWriter, records: Any) -> None:
        if faults:
            faults.pop()()
        good(self, records)

    monkeypatch.setattr(TranscriptWriter, "write", write)
    ran = inside.omnisession("check", *LONGER)
    no_verdict(ran, "the transcript failed: No space left on device")
    read = load_transcript(ran.transcript)
    assert read.counted
    assert read.holes() == ()
    assert read.facts is not None
    assert read.facts.run_status == "aborted"


@pytest.mark.dear
def test_the_transcript_meets_a_limit_of_the_system(tmp_path: Path) -> None:
    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (8_000, 8_000))

    done = subprocess.run(
        command("check", *LONGER),
        cwd=tmp_path,
        # Byte code that is cut off at the limit would stay behind.
        env={**clean_environment(), "PYTHONDONTWRITEBYTECODE": "1"},
        preexec_fn=limited,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    assert done.returncode == 3, done.stdout + done.stderr
    assert "File too large" in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    messages = load_transcript(tmp_path / "report" / TRANSCRIPT_FILE).messages
    assert [m.n for m in messages] == list(range(len(messages))), "whole lines, in order"


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (failing, "the clock of the kit failed: KeyError: 'put into it'"),
        pytest.param(
            ending, "the clock of the kit ended before the run did", marks=pytest.mark.dear
        ),
        pytest.param(
            cancelled, "the clock of the kit ended before the run did", marks=pytest.mark.dear
        ),
    ],
)
def test_the_clock_dies(
    fault: Callable[..., Any], told: str, inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Clock, "watch", fault)
    no_verdict(inside.omnisession("check", *QUICK), told)


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (failing, "the watch over the target failed: KeyError: 'put into it'"),
        (ending, "the watch over the target ended before the run did"),
    ],
)
@pytest.mark.dear
def test_the_watch_over_an_attached_target_dies(
    fault: Callable[..., Any],
    told: str,
    broker: str,
    inside: Inside,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(driver, "watch_attached", fault)
    no_verdict(inside.omnisession("check", "--nats", broker, "--secret", SECRET, *QUICK), told)


@pytest.mark.usefixtures("server")
@pytest.mark.dear
def test_a_broker_that_answered_once_is_asked_on(
    broker: str, inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter([True, None, False, None, False])

    async def listens(*_: object) -> bool | None:
        return next(answers)

    monkeypatch.setattr(watch, "_someone_listens", listens)
    monkeypatch.setattr(watch, "INTERVAL_S", 0)
    no_verdict(
        inside.omnisession("check", "--nats", broker, "--secret", SECRET, *QUICK),
        "nobody listens on session.*.*.control any more",
    )


@pytest.mark.dear
def test_the_watch_over_a_spawned_target_dies(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Child, "watch", failing)
    no_verdict(
        inside.omnisession("check", *QUICK),
        "the watch over the target failed: KeyError: 'put into it'",
    )


@pytest.mark.dear
def test_the_watch_over_a_spawned_target_dies_later(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = asyncio.Event()
    good = Clock.watch

    async def watched(_: Child) -> int:
        await begun.wait()
        raise KeyError("put into it")

    async def clock(self: Clock) -> None:
        begun.set()
        await good(self)

    monkeypatch.setattr(Child, "watch", watched)
    monkeypatch.setattr(Clock, "watch", clock)
    no_verdict(inside.omnisession("check", *QUICK), "the watch over the target failed: KeyError")


@pytest.mark.dear
def test_the_output_of_the_target_is_not_read(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = processes._collect  # pyright: ignore[reportPrivateUsage] - the place of the fault

    async def collect(child: Child) -> None:
        await (good if "nats-server" in child.command[0] else failing)(child)

    monkeypatch.setattr(processes, "_collect", collect)
    no_verdict(inside.omnisession("check", *QUICK), "the watch over the target failed: KeyError")


@pytest.mark.dear
def test_the_tap_stumbles_over_a_message(inside: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    read = Tap._record  # pyright: ignore[reportPrivateUsage] - the place of the fault
    monkeypatch.setattr(Tap, "_record", after(20, read, wrong))
    no_verdict(
        inside.omnisession("check", *QUICK),
        "the tap failed to read a message: KeyError: 'put into it'",
    )


@pytest.mark.dear
def test_the_tap_does_not_hear_the_end(inside: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    async def unheard(_: Tap) -> None:
        raise FlushTimeoutError

    monkeypatch.setattr(Tap, "settle", unheard)
    no_verdict(inside.omnisession("check", *QUICK), "the connection to the broker failed: FlushTim")


@pytest.mark.dear
def test_the_broker_does_not_let_the_tap_listen(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refused(*_: object, **__: object) -> None:
        raise FlushTimeoutError

    monkeypatch.setattr(TapClient, "listen", refused)
    no_verdict(inside.omnisession("check", *QUICK), "the connection to the broker failed: FlushTim")


@pytest.mark.dear
def test_the_broker_cannot_be_left(inside: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    good = Tap.close

    async def close(self: Tap) -> None:
        await good(self)
        full()

    monkeypatch.setattr(Tap, "close", close)
    no_verdict(inside.omnisession("check", *QUICK), "the broker could not be left: No space")


# -- what listens to a run, and what is made of it ----------------------------------------------------


def full_at(kind: type[Line]) -> Callable[[ResultsWriter, Line], None]:
    """A disk that is full when the first line of a kind is written, and stays so."""
    good, filled = ResultsWriter.write, [False]

    def write(self: ResultsWriter, line: Line) -> None:
        filled[0] = filled[0] or isinstance(line, kind)
        if filled[0]:
            full()
        good(self, line)

    return write


@pytest.mark.parametrize(
    "kind",
    [
        CaseEnd,
        *(pytest.param(kind, marks=pytest.mark.dear) for kind in (Footer, TargetInfo, CheckResult)),
    ],
)
def test_the_results_stream_meets_a_full_disk(
    kind: type[Line], inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ResultsWriter, "write", full_at(kind))
    ran = inside.omnisession("check", *QUICK)
    assert ran.code == 3, ran.out + ran.err
    assert "the results stream failed: No space left on device" in " ".join(ran.out.split())
    assert not ran.of("footer"), "there was no room for it, and the file says so"
    told = json.loads((ran.folder / "summary.json").read_text("utf-8"))
    assert told["verdict"] == "no_verdict"
    assert not {r["status"] for r in told["requirements"]} & {"PASS", "WARN"}


@pytest.mark.dear
def test_not_even_the_first_line_of_the_results_can_be_written(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ResultsWriter, "write", full_at(Header))
    ran = inside.omnisession("check", *QUICK)
    assert ran.code == 3, ran.out + ran.err
    assert ran.err == "omnisession: the results stream failed: No space left on device\n"


@pytest.mark.dear
def test_the_results_stream_meets_a_disk_that_was_full_once(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, faults = ResultsWriter.write, [full]

    def write(self: ResultsWriter, line: Line) -> None:
        if isinstance(line, CaseEnd) and faults:
            faults.pop()()
        good(self, line)

    monkeypatch.setattr(ResultsWriter, "write", write)
    no_verdict(inside.omnisession("check", *QUICK), "the results stream failed: No space left")


@pytest.mark.dear
def test_the_line_of_progress_fails(inside: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Progress, "update", full)
    no_verdict(inside.omnisession("check", *QUICK), "the line of progress failed: No space left")


@pytest.mark.dear
def test_the_facts_of_the_transcript_meet_a_full_disk(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TranscriptWriter, "tell", full)
    ran = inside.omnisession("check", *QUICK)
    no_verdict(ran, "the transcript failed: No space left on device")
    assert load_transcript(ran.transcript).facts is None


@pytest.mark.dear
def test_the_reports_meet_a_full_disk(inside: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "_write_whole", full)
    ran = inside.omnisession("check", *QUICK)
    assert ran.code == 0, "the verdict was settled, and can be had"
    assert ran.err.startswith("omnisession: Cannot write report.html, report.txt, junit.xml, ")
    assert "'report': No space left on device" in ran.err
    assert "omnisession report report/results.jsonl --to FOLDER" in ran.err
    assert ran.footer["run_status"] == "complete"
    assert ran.footer["exit_code"] == 0


@pytest.mark.dear
def test_one_report_cannot_be_written(inside: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    good = Folder.new_file

    class Full(FileIO):
        def write(self, data: Buffer) -> int:
            super().write(memoryview(data)[:10])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    parts: list[str] = []

    def opened(self: Folder, name: str) -> FileIO:
        if name.endswith(".part"):
            parts.append(name)
            if len(parts) == 1:
                return Full(self.path / name, "w")
        return good(self, name)

    monkeypatch.setattr(Folder, "new_file", opened)
    ran = inside.omnisession("check", *QUICK)
    assert ran.code == 0, ran.out + ran.err
    assert ran.err == (
        "omnisession: Cannot write report.html to 'report': No space left on device. The verdict is in "
        "report/results.jsonl: `omnisession report report/results.jsonl --to FOLDER` makes it elsewhere.\n"
    )
    assert not (ran.folder / "report.html").exists(), "a half of it is none"
    assert not (ran.folder / parts[0]).exists()
    assert (ran.folder / "junit.xml").exists(), "one does not keep the others back"


@pytest.mark.dear
def test_a_verdict_that_cannot_be_printed_stands(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(terminal, "render", full)
    ran = inside.omnisession("check", *QUICK)
    assert ran.code == 0, ran.out + ran.err
    assert ran.err == "omnisession: the report could not be printed: No space left on device\n"


def reading(lines: int, folder: Path) -> tuple[int, str]:
    """A check whose output is read for some lines and then no more; its exit code and errors."""
    process = start("check", *QUICK, cwd=folder)
    assert process.stdout is not None
    for _ in range(lines):
        process.stdout.readline()
    process.stdout.close()
    _, told = process.communicate(timeout=TIMEOUT_S)
    return process.returncode, told


@pytest.mark.dear
def test_nobody_reads_the_report(tmp_path: Path) -> None:
    assert reading(1, tmp_path) == (0, ""), "head has what it wants, and the verdict stands"


@pytest.mark.dear
def test_nobody_reads_anything(tmp_path: Path) -> None:
    told = "omnisession: No verdict: the line of progress failed: Broken pipe\n"
    assert reading(0, tmp_path) == (3, told)
    footer = Ran(3, "", "", tmp_path / "report").footer
    assert footer["reason"] == "the line of progress failed: Broken pipe"
