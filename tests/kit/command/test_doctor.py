"""`omnisession doctor` says before any verdict whether a run would be possible."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from rich.console import Console
from tests.kit.command.tool import null, omnisession

from omnisession_conformance.cli.doctor import show
from omnisession_conformance.engine.finding import Finding
from omnisession_conformance.protocol.rights import OF_THE_KIT, OF_THE_SERVER

if TYPE_CHECKING:
    from pathlib import Path

    from tests.kit.command.inside import Inside


@pytest.mark.dear
def test_all_is_well_with_the_reference(tmp_path: Path) -> None:
    ran = omnisession("doctor", cwd=tmp_path)
    assert ran.code == 0, ran.out + ran.err
    rows = [line for line in ran.out.splitlines() if line[:1] != " "]
    assert {row.split()[0] for row in rows} == {"ok"}
    assert {row.split()[1] for row in rows} >= {"target", "broker", "kit", "server", "fixture"}
    for right in (*OF_THE_KIT, *OF_THE_SERVER):
        assert any(right.shown("_INBOX") in row for row in rows), right
    assert list(tmp_path.iterdir()) == [], "it leaves nothing"


def test_what_is_no_server_is_told(inside: Inside) -> None:
    ran = inside.omnisession("doctor", "--server-cmd", null("echo"))
    assert ran.code == 3, ran.out + ran.err
    assert "bad" in ran.out
    assert "no session server" in " ".join(ran.out.split())


def test_no_broker_is_told(inside: Inside) -> None:
    ran = inside.omnisession("doctor", "--nats", "127.0.0.1:1", "--secret", "s" * 32)
    assert ran.code == 3, ran.out + ran.err
    assert "Cannot connect to the broker" in " ".join(ran.out.split())


@pytest.mark.parametrize("terminal", [False, True])
def test_words_in_brackets_stay_and_lines_are_whole_where_nobody_looks(terminal: bool) -> None:
    told = io.StringIO()
    console = Console(file=told, width=60, force_terminal=terminal, color_system=None)
    words = "see [broker] and [bold]url[/bold] in the configuration, " + "which is long " * 6
    show(
        [
            Finding("bad", "broker", words.strip(), "a"),
            Finding("ok", "max payload", "\x1b[31m\nok", "b"),
        ],
        console,
    )
    lines = told.getvalue().splitlines()
    assert "[broker] and [bold]url[/bold]" in " ".join(told.getvalue().split())
    assert "\x1b" not in told.getvalue()
    if not terminal:
        assert lines == [
            f"bad   broker       {words.strip()}",
            "ok    max payload  \\x1b[31m",
            "                   | ok",
        ]
