from __future__ import annotations

import io
import re

import pytest
from rich.console import Console

from omnisession_conformance.outputs.progress import Progress

ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def console(*, terminal: bool) -> tuple[Console, io.StringIO]:
    file = io.StringIO()
    return Console(file=file, width=100, force_terminal=terminal, color_system=None), file


def test_a_pipe_gets_one_plain_line() -> None:
    shown, file = console(terminal=False)
    with Progress(shown, 155, "./server\x1b[2J") as progress:
        for done in range(156):
            progress.update(done, done * 10)
    assert file.getvalue() == "Running 155 cases against ./server\\x1b[2J\n"


def test_a_terminal_gets_one_live_line_that_is_gone_at_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    shown, file = console(terminal=True)
    with Progress(shown, 2) as progress:
        progress.update(1, 5)
        progress.update(2, 1_234)
    text = file.getvalue()
    assert "2 of 2 cases · 1 234 messages" in text
    assert "\x1b[2K" in text[text.rindex("messages") :]
    assert "\n\n" not in ESCAPES.sub("", text)


def test_it_draws_no_more_often_than_can_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    shown, file = console(terminal=True)
    with Progress(shown, 10_000) as progress:
        for done in range(1_000):
            progress.update(done, 0)
    assert file.getvalue().count("of 10 000 cases") < 100


def test_a_dumb_terminal_is_treated_as_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    shown, file = console(terminal=True)
    with Progress(shown, 1) as progress:
        progress.update(1, 1)
    assert file.getvalue() == "Running 1 case\n"


@pytest.mark.parametrize(
    ("done", "total", "start"),
    [(0, 4, "╌" * 20), (1, 4, "━" * 5 + "╌" * 15), (4, 4, "━" * 20), (0, 0, "╌" * 20)],
)
def test_the_bar_tells_how_much_is_done(done: int, total: int, start: str) -> None:
    line = Progress(console(terminal=False)[0], total).line(done, 9_412, 1.25)
    assert line.startswith(f"{start}  {done} of {total} cases · 9 412 messages · 1.2 s")
