"""Every exit code of every command, by the table of the reference: each cell is made to happen here."""

from __future__ import annotations

import errno
import gzip
import json
import os
import re
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import pytest
from tests.kit.command.tool import Ran, null, omnisession
from tests.kit.report.samples import SAMPLES, all_green, failures
from tests.kit.report.stream import write_stream
from tests.kit.results.sealing import judging, sealed

from omnisession_conformance.cli import serve
from omnisession_conformance.cli.lazy import Announced
from omnisession_conformance.cli.main import ANNOUNCED
from omnisession_conformance.outputs.streams import let_go
from omnisession_conformance.report import TRANSCRIPT_FILE
from omnisession_conformance.roles.server.generation import steps as s
from omnisession_conformance.roles.server.generation.codec import dump

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.kit.command.inside import Inside

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "command-line.md"
BEGIN, END = "<!-- exit codes", "<!-- end of exit codes"
NONE = "-"
ONE = ("--only", "CTRL-013")
COPIES = ("--only", "ACTION-005@copies-get-the-first-ack-again")
FAULTY = ("--server-cmd", f"{sys.executable} -m omnisession_reference --fault copies-applied")
BROKEN = b'{"v":"1.0","type":"pong"}'
COPIED = (
    s.Open("s1", 0, ("url", "chat", "articles", "user")),
    s.Act("x1", "s1", "session.noop"),
    s.Copy("x1", "s1"),
)
REPORTS = {make().settled().end.exit_code: name for name, make in SAMPLES.items()}
"""A sample of results for each code that a run may end with."""


def table() -> dict[str, dict[int, str]]:
    """What each command's codes mean, as the page says it; codes that it does not have are left out."""
    text = PAGE.read_text("utf-8").partition(BEGIN)[2].partition(END)[0]
    rows = re.findall(r"^\| `([^`]+)` \|(.*)\|$", text, re.MULTILINE)
    found: dict[str, dict[int, str]] = {}
    for name, cells in rows:
        words = [cell.strip() for cell in cells.split(" | ")]
        found[name] = {code: word for code, word in enumerate(words) if word != NONE}
    return found


TABLE = table()
NAMES = tuple(TABLE)


def test_the_table_has_every_command() -> None:
    assert set(NAMES) == {command.name for command in ANNOUNCED} | {"--help"}
    assert all({2, 3} <= set(codes) for codes in TABLE.values()), (
        "whatever breaks or ends a command"
    )
    assert {name for name, codes in TABLE.items() if 1 in codes} == {
        *("check", "judge", "replay", "report"),
        *("validate", "diff", "selftest"),
    }, "1 is an answer, and these alone ask for one"


# -- what makes each of them happen ---------------------------------------------------------------------


CALLS: dict[str, tuple[str, ...]] = {
    "check": ("check", *ONE),
    "judge": ("judge", "transcript.jsonl"),
    "replay": ("replay", "program.json"),
    "report": ("report", "green.jsonl", "--to", "made"),
    "diff": ("diff", "green.jsonl", "green.jsonl"),
    "baseline": ("baseline", "write", "green.jsonl", "--reason", "known"),
    "list": ("list",),
    "explain": ("explain", "STATE-003"),
    "validate": ("validate", "good.json"),
    "doctor": ("doctor",),
    "permissions": ("permissions", "--role", "server"),
    "serve": ("serve", "--list-faults"),
    "demo": ("demo", "--help"),
    "up": ("up", "--help"),
    "credentials": ("credentials", "--help"),
    "selftest": ("selftest", "--only", "silent"),
    "version": ("version",),
    "--help": ("--help",),
}
"""A good call of each command: it ends with 0."""
OTHERS: dict[tuple[str, int], tuple[str, ...]] = {
    ("check", 1): ("check", *FAULTY, *COPIES),
    ("check", 3): ("check", "--server-cmd", null("echo"), *ONE),
    ("check", 4): ("check", "--only", "CTRL-099"),
    ("check", 5): ("check", *ONE, "--skip", "CTRL-013"),
    ("judge", 1): ("judge", "broken.jsonl"),
    ("judge", 3): ("judge", "cut.jsonl"),
    ("judge", 4): ("judge", "green.jsonl"),
    ("judge", 5): ("judge", "transcript.jsonl", *ONE, "--profile", "digests"),
    ("replay", 1): ("replay", "program.json", *FAULTY),
    ("replay", 4): ("replay", "good.json"),
    ("replay", 5): ("replay", "empty.json"),
    ("report", 4): ("report", "good.json"),
    ("diff", 1): ("diff", "green.jsonl", "red.jsonl"),
    ("diff", 4): ("diff", "green.jsonl", "good.json"),
    ("baseline", 4): ("baseline", "write", "green.jsonl"),
    ("list", 4): ("list", "--area", "XYZ"),
    ("explain", 4): ("explain", "STATE-999"),
    ("validate", 1): ("validate", "good.json", "bad.json"),
    ("validate", 4): ("validate", "gone.json"),
    ("doctor", 3): ("doctor", "--nats", "127.0.0.1:1", "--secret", "x"),
    ("doctor", 4): ("doctor", "--no-such-option"),
    ("permissions", 4): ("permissions", "--role", "client"),
    ("serve", 3): (
        "serve",
        "--nats",
        "127.0.0.1:1",
        "--secret",
        "a-secret-that-is-long-enough-012345",
    ),
    ("serve", 4): ("serve", "--fault", "no-such-fault", "--secret", "x"),
    ("demo", 4): ("demo", "--port", "many"),
    ("credentials", 4): ("credentials", "--data", "none", "--user", "ann"),
    ("up", 4): ("up", "--instances", "0"),
    ("selftest", 1): ("selftest", "--server-cmd", "true"),
    ("selftest", 4): ("selftest", "--only", "no-such-name"),
    ("selftest", 5): ("selftest", "--nulls", "--only", "CTRL-007"),
    ("version", 4): ("version", "--no-such-option"),
    **{
        ("report", code): ("report", f"run{code}.jsonl", "--to", "made") for code in REPORTS if code
    },
}
"""A call for each other code that a call alone can cause; the rest take a signal or a full disk."""
DEAR = {("replay", 1), ("replay", 5), ("selftest", 0), ("serve", 3), ("selftest", 1)}


@pytest.fixture(scope="session")
def files(quick: Ran, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What the calls read: the transcript of a run with its variations, and results."""
    streams = tmp_path_factory.mktemp("streams")
    write_stream(all_green(), streams / "green.jsonl")
    write_stream(failures(), streams / "red.jsonl")
    for code, name in REPORTS.items():
        write_stream(SAMPLES[name](), streams / f"run{code}.jsonl")
    return transcripts(quick) | {path.name: path.read_bytes() for path in streams.iterdir()}


def transcripts(quick: Ran) -> dict[str, bytes]:
    """The transcript of a run, whole, wrong and cut, and what is taken from it."""
    packed = (quick.folder / TRANSCRIPT_FILE).read_bytes()
    whole = gzip.decompress(packed)
    # The run judged no sweep, and nothing of it would be green.
    lines = judging([json.loads(line) for line in whole.splitlines()[:-1]], "CTRL-002@sweep")
    at, broken = next((n, m) for n, m in enumerate(lines) if m.get("from") == "target")
    good = next(m for m in lines if "session.open" in m.get("text", ""))
    worse = [*lines[:at], {**broken, "text": BROKEN.decode()}, *lines[at + 1 :]]
    return {
        "transcript.jsonl": sealed(lines).encode(),
        "broken.jsonl": sealed(worse).encode(),
        "cut.jsonl": whole[: whole.rindex(b"{")],
        "bad.json": BROKEN,
        "program.json": dump(s.Program(("author",), COPIED)).encode(),
        "empty.json": dump(s.Program(("author",), ())).encode(),
        "good.json": good["text"].encode(),
    }


@pytest.fixture
def folder(inside: Inside, files: dict[str, bytes]) -> Path:
    """The folder of the call, with what it reads."""
    for name, data in files.items():
        (inside.folder / name).write_bytes(data)
    return inside.folder


def call(arguments: tuple[str, ...], inside: Inside) -> Ran:
    """Call it here; `serve` gives its place to another program, so that it needs one of its own."""
    if arguments[0] == "serve":
        return omnisession(*arguments, cwd=inside.folder)
    return inside.omnisession(*arguments)


def cells() -> Iterator[Any]:
    for name, codes in TABLE.items():
        for code in codes:
            caused = (name, code) in OTHERS or code == 0
            if caused:
                dear = (name, code) in DEAR
                yield pytest.param(name, code, marks=[pytest.mark.dear] if dear else [])


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(("name", "code"), tuple(cells()))
def test_a_call_that_ends_so(name: str, code: int, inside: Inside) -> None:
    arguments = CALLS[name] if code == 0 else OTHERS[name, code]
    ran = call(arguments, inside)
    assert ran.code == code, ran.out + ran.err
    assert "Traceback" not in ran.out + ran.err


def test_every_cell_is_caused_by_something() -> None:
    told = {(name, code) for name, codes in TABLE.items() for code in codes}
    assert set(OTHERS) <= told
    left = told - set(OTHERS) - {(name, 0) for name in NAMES}
    assert {code for _, code in left} == {2, 3}, "by a signal and by a full disk, below"


# -- what may happen to all of them ---------------------------------------------------------------------


class Raising(click.Command):
    """Stands for a command in which something happens."""

    def __init__(self, happen: Callable[[], None]) -> None:
        super().__init__("raising", context_settings={"ignore_unknown_options": True})
        self.allow_extra_args = True
        self._happen = happen

    def invoke(self, ctx: click.Context) -> Any:
        del ctx
        self._happen()


def happening(
    name: str, happen: Callable[[], None], inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> Ran:
    """Call a command in which something happens."""

    def load(_: Announced) -> click.Command:
        return Raising(happen)

    def helped(_: click.Context) -> str:
        happen()
        return ""

    monkeypatch.setattr(Announced, "load", load)
    monkeypatch.setattr(click.Context, "get_help", helped)
    return inside.omnisession(*CALLS[name])


def raising(error: BaseException) -> Callable[[], None]:
    def happen() -> None:
        raise error

    return happen


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal(
    name: str, number: signal.Signals, inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = happening(name, lambda: signal.raise_signal(number), inside, monkeypatch)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == f"omnisession: interrupted: {number.name} received\n"


UNEXPECTED = re.compile(
    r"omnisession: No verdict, the kit failed: (.+)\. "
    r"Where it happened is in (\S+): please report it\.\n"
)
ERRORS: tuple[BaseException, ...] = (
    KeyError("put into it"),
    RecursionError("maximum recursion depth exceeded"),
    MemoryError(),
    UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed"),
    ExceptionGroup("some", [ValueError("put into it"), KeyError("and another")]),
    BaseExceptionGroup("worse", [GeneratorExit("put into it")]),
    AssertionError("put into it"),
    StopIteration("put into it"),
    OSError(errno.EMFILE, os.strerror(errno.EMFILE), "a.jsonl"),
)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "error",
    [pytest.param(e, marks=pytest.mark.dear if n > 2 else ()) for n, e in enumerate(ERRORS)],
    ids=lambda e: type(e).__name__,
)
def test_what_nobody_expected(
    name: str,
    error: BaseException,
    inside: Inside,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(inside.folder))
    ran = happening(name, raising(error), inside, monkeypatch)
    assert (ran.code, ran.out) == (3, "")
    found = UNEXPECTED.fullmatch(ran.err)
    assert found, ran.err
    told, named = found.groups()
    assert told
    assert "Traceback" in Path(named).read_text("utf-8")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("number", [errno.EPIPE, errno.ENOSPC, errno.EFBIG, errno.EIO])
def test_output_that_cannot_be_written(
    name: str, number: int, inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = happening(name, raising(OSError(number, os.strerror(number))), inside, monkeypatch)
    assert (ran.code, ran.out) == (3, "")
    assert ran.err == f"omnisession: The output could not be written: {os.strerror(number)}.\n"


@pytest.mark.parametrize("name", NAMES)
def test_a_library_that_ends_the_process(
    name: str, inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert happening(name, raising(SystemExit(1)), inside, monkeypatch).code == 3


SETTLED = ("judge", "report")
"""Their verdict stands before anything is printed."""
RUNS = ("replay", "selftest", "doctor")
"""They start a broker and a server, as `check` does."""


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.dear if name in RUNS else ())
        for name in NAMES
        if name != "serve"
    ],
)
def test_standard_output_is_full(
    name: str, inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        monkeypatch.setattr(sys, "stdout", full)
        ran = inside.omnisession(*CALLS[name])
        monkeypatch.undo()
    assert ran.code == (0 if name in SETTLED else 3), ran.err
    assert "No space left on device" in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.dear if name in RUNS else ())
        for name in NAMES
        if name not in ("serve", "check")  # a run says why it has no verdict
    ],
)
def test_nobody_reads_on(name: str, inside: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w", encoding="utf-8") as closed:
        monkeypatch.setattr(sys, "stdout", closed)
        ran = inside.omnisession(*CALLS[name])
        monkeypatch.undo()
        let_go(closed)
    assert ran.code == (0 if name in SETTLED else 3), ran.err
    assert "Broken pipe" not in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.parametrize("name", NAMES)
def test_standard_error_is_full(name: str, inside: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        monkeypatch.setattr(sys, "stderr", full)
        ran = happening(name, raising(KeyError("put into it")), inside, monkeypatch)
        monkeypatch.undo()
    assert (ran.code, ran.out) == (3, "")


def test_serve_is_interrupted_before_it_serves(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    def become(*_: object) -> None:
        signal.raise_signal(signal.SIGTERM)

    monkeypatch.setattr(serve.os, "execve", become)
    assert inside.omnisession("serve").code == 2
