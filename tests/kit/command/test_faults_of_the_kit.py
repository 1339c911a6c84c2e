"""What goes wrong in the kit itself is no verdict, wherever it does: told once, with log and reports."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from nats.errors import FlushTimeoutError
from tests.kit.command.tool import QUICK

from omnisession_conformance.cli import check
from omnisession_conformance.engine import conduct
from omnisession_conformance.engine.scheduler import Engine
from omnisession_conformance.engine.sweep import Sweep
from omnisession_conformance.environment.target import SpawnedTarget
from omnisession_conformance.outputs.progress import ProgressLine
from omnisession_conformance.outputs.stream import ResultsStream
from omnisession_conformance.outputs.transcript import TranscriptFile
from omnisession_conformance.report import TRANSCRIPT_FILE
from omnisession_conformance.report.formats import REPORTS, Format
from omnisession_conformance.results import load_transcript
from omnisession_conformance.roles.server.driver import ServerDriver
from omnisession_conformance.roles.server.role import ServerRole
from omnisession_conformance.traffic.connection import TapClient
from omnisession_conformance.traffic.tap import Tap

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.kit.command.inside import Inside
    from tests.kit.command.tool import Ran

BADGES = {"badge.svg", "badge.json"}
"""A run of a part has none."""


def raising(error: BaseException) -> Callable[..., None]:
    def fault(*_: Any, **__: Any) -> None:
        raise error

    return fault


def cut_short(ran: Ran, reason: str) -> None:
    """Exit 3 with every report, in which nothing is green, and a log that one sentence names."""
    assert ran.code == 3, ran.out + ran.err
    assert ran.footer["run_status"] == "aborted"
    assert ran.footer["reason"] == reason
    assert not ran.statuses() & {"PASS", "WARN"}
    assert "Traceback" not in ran.out + ran.err
    assert {f.name for f in ran.folder.iterdir()} >= set(REPORTS) - BADGES
    told = f"omnisession: {reason}. Where it happened is in report/error.log: please report it.\n"
    assert ran.err == told
    assert "Traceback" in (ran.folder / "error.log").read_text("utf-8")


ONE_CASE = ("--case", "unknown-request-changes-nothing")
ERROR = KeyError("put into it")
SAID = "KeyError: 'put into it'"


@pytest.mark.parametrize(
    ("place", "name", "error", "said"),
    [
        (ServerDriver, "context", ERROR, SAID),
        pytest.param(ServerDriver, "drive", ERROR, SAID, marks=pytest.mark.dear),
        pytest.param(ServerDriver, "facts", ERROR, SAID, marks=pytest.mark.dear),
        pytest.param(Engine, "_was_busy", MemoryError(), "MemoryError", marks=pytest.mark.dear),
        (conduct, "make_plan", RecursionError("too deep"), "RecursionError: too deep"),
        pytest.param(
            *(Tap, "settle", asyncio.InvalidStateError("put into it")),
            "InvalidStateError: put into it",
            marks=pytest.mark.dear,
        ),
        pytest.param(SpawnedTarget, "stop", ERROR, SAID, marks=pytest.mark.dear),
    ],
    ids=lambda value: value if isinstance(value, str) and " " not in value else "",
)
def test_it_ends_the_run(
    place: Any,
    name: str,
    error: BaseException,
    said: str,
    inside: Inside,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if name == "drive":
        place = ServerRole
    if name == "_was_busy":
        # Asked of a case that is not clean.
        monkeypatch.setattr(place, "_run_case", raising(error))
    else:
        monkeypatch.setattr(place, name, raising(error))
    cut_short(inside.omnisession("check", *QUICK), f"the kit failed: {said}")


@pytest.mark.parametrize(
    "error",
    [
        ERROR,
        MemoryError(),
        RecursionError("too deep"),
    ],
)
@pytest.mark.dear
def test_what_judges_the_log_fails(
    error: BaseException, inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place, name in ((ServerRole, "read"), (Sweep, "ok")):
        with monkeypatch.context() as patch:
            patch.setattr(place, name, raising(error))
            ran = inside.omnisession("check", "--only", "ENV", *ONE_CASE)
        assert ran.code == 3, ran.out + ran.err
        assert ran.footer["run_status"] == "complete"
        assert "HARNESS" in ran.statuses()


@pytest.mark.parametrize(
    ("subscriber", "name"),
    [
        (TranscriptFile, "the transcript"),
        (ProgressLine, "the line of progress"),
    ],
)
def test_a_subscriber_fails(
    subscriber: Any, name: str, inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subscriber, "on", raising(ERROR))
    cut_short(inside.omnisession("check", *QUICK), f"{name} failed: {SAID}")


@pytest.mark.dear
def test_the_results_stream_fails(inside: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ResultsStream, "_finish", raising(ERROR))
    ran = inside.omnisession("check", *QUICK)
    assert ran.code == 3, ran.out + ran.err
    assert f"the results stream failed: {SAID}" in " ".join(ran.out.split())
    assert "report/error.log" in ran.err


@pytest.mark.dear
def test_a_flush_times_out_when_all_is_over(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def late(*_: object, **__: object) -> bool:
        raise FlushTimeoutError

    good = Engine.run_cases

    async def run_cases(self: Engine) -> None:
        await good(self)
        monkeypatch.setattr(TapClient, "hears_itself", late)

    monkeypatch.setattr(Engine, "run_cases", run_cases)
    ran = inside.omnisession("check", *QUICK)
    assert ran.code == 3, ran.out + ran.err
    assert "the connection to the broker failed: FlushTimeoutError" in ran.footer["reason"]
    assert load_transcript(ran.folder / TRANSCRIPT_FILE).holes() == ()


@pytest.mark.parametrize(
    "row", [REPORTS[0], *(pytest.param(row, marks=pytest.mark.dear) for row in REPORTS[1:])]
)
@pytest.mark.parametrize(
    "error",
    [
        pytest.param(ERROR, id="error"),
        pytest.param(RecursionError("too deep"), id="recursion", marks=pytest.mark.dear),
    ],
)
def test_a_format_fails(
    row: str, error: Exception, inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = Format.render

    def render(self: Format, *arguments: Any) -> str | None:
        if self.file == row:
            raise error
        return good(self, *arguments)

    monkeypatch.setattr(Format, "render", render)
    ran = inside.omnisession("check", "--only", "CTRL-013")
    assert ran.code == 0, "the verdict was settled"
    assert f"Cannot write {row} to 'report': " in ran.err
    assert "report/error.log" in ran.err
    assert "Traceback" not in ran.err
    made = {file.name for file in ran.folder.iterdir()}
    assert made >= set(REPORTS) - BADGES - {row}
    assert row not in made


def test_an_end_of_input_in_the_kit_is_no_interruption(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    for error in (EOFError("put into it"), EOFError()):
        monkeypatch.setattr(check, "choose", raising(error))
        ran = inside.omnisession("check", *QUICK)
        assert ran.code == 3
        assert ran.err.startswith("omnisession: No verdict, the kit failed: EOFError")


def test_the_log_of_an_error_hides_the_secrets_of_the_run(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = "hunter2-of-the-configuration"
    (inside.folder / "omnisession.toml").write_text(f'[fixture]\nsecret = "{secret}"\n')
    monkeypatch.setattr(check, "choose", raising(KeyError(f"with {secret} in it")))
    ran = inside.omnisession("check", *QUICK)
    assert ran.code == 3
    assert "with [redacted] in it" in ran.err
    log = re.search(r"is in (\S+): please", ran.err)
    assert log is not None
    text = Path(log.group(1)).read_text("utf-8")
    Path(log.group(1)).unlink()
    assert "Traceback" in text
    assert secret not in text
