"""A command loads what it needs, and nobody waits for the imports of another one."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from typing import TYPE_CHECKING

import click
import pytest
from tests.kit.command.tool import clean_environment, command
from tests.kit.report.samples import all_green
from tests.kit.report.stream import write_stream

from omnisession_conformance.cli.main import ANNOUNCED, cli

if TYPE_CHECKING:
    from pathlib import Path

OF_EVERY_COMMAND = (
    *("cli", "cli.main", "cli.lazy", "cli.guard", "cli.signals", "cli.veil"),
    *("outputs", "outputs.streams", "errors", "exits", "own_python", "plain"),
)
HEAVY = {
    "asyncio",
    "jinja2",
    "jsonschema",
    "jsonschema_rs",
    "jwt",
    "nats",
    "pytest",
    "rich",
    "yaml",
}
"""What takes as long to import as a small command takes for all that it does."""
KIT = "omnisession_conformance"
LISTING = f"""
import sys
from {KIT}.cli.main import main
try:
    main()
finally:
    print("loaded", *sys.modules, file=sys.stderr)
"""
ROUNDS = 3
CONTROL = [sys.executable, "-c", "import click, importlib.metadata"]
"""The least that a command with a version to tell can do."""
RESULTS = "results.jsonl"
MESSAGE = "message.json"
PING: dict[str, object] = {
    "v": "1.0",
    "type": "session.ping",
    "user_id": "ann",
    "session_id": "s-7Hq2mWc9TzK4pXvB1nRd0A",
    "timestamp": 1_730_000_000_000,
    "data": {},
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the results stream of a green run, and a message."""
    (tmp_path / MESSAGE).write_text(json.dumps(PING), "utf-8")
    write_stream(all_green(), tmp_path / RESULTS)
    return tmp_path


def loaded(folder: Path, *arguments: str) -> set[str]:
    """The modules that a call of the command has loaded at its end."""
    done = subprocess.run(
        [sys.executable, "-c", LISTING, *arguments],
        cwd=folder,
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    first, *names = done.stderr.splitlines()[-1].split()
    assert (done.returncode, first) == (0, "loaded"), done.stderr
    return set(names)


@pytest.mark.parametrize(
    ("words", "needed"),
    [
        ("--help", set[str]()),
        ("list", {"yaml"}),
        *(
            pytest.param(*row, marks=pytest.mark.dear)
            for row in (
                ("version", set[str]()),
                ("--version", set[str]()),
                ("version --help", set[str]()),
                ("list --area STATE --json", {"yaml"}),
                ("explain 4091", {"yaml"}),
                (f"validate {MESSAGE}", {"jsonschema_rs"}),
                (f"diff {RESULTS} {RESULTS}", set[str]()),
                (f"report {RESULTS}", {"jinja2", "rich"}),
                (f"baseline write {RESULTS} --reason none", {"yaml"}),
            )
        ),
    ],
)
def test_a_small_command_loads_what_it_needs(words: str, needed: set[str], folder: Path) -> None:
    names = loaded(folder, *words.split())
    assert names & HEAVY <= needed
    of_the_suite = f"{KIT}.suite"
    assert not {name for name in names if name.startswith((of_the_suite, f"{KIT}.engine"))}


@pytest.mark.parametrize(
    "words", [pytest.param("list --cases", marks=pytest.mark.dear), "explain STATE-003"]
)
def test_who_tells_of_checks_loads_no_client(words: str, folder: Path) -> None:
    names = loaded(folder, *words.split())
    assert names & HEAVY <= {"asyncio", "yaml"}
    assert f"{KIT}.suite" in names


def test_the_program_itself_is_small(folder: Path) -> None:
    names = loaded(folder, "--help")
    assert {name for name in names if name.partition(".")[0] == KIT} == {
        KIT,
        *(f"{KIT}.{name}" for name in OF_EVERY_COMMAND),
    }


def seconds(folder: Path, argv: list[str]) -> float:
    """The processor time of a program, its start included."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        argv, cwd=folder, env=clean_environment(), capture_output=True, timeout=60, check=True
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


@pytest.mark.dear
def test_what_commands_cost_beside_the_least_they_can_do(folder: Path) -> None:
    """0.08 s on a machine on which a command that loaded everything took 0.42 s."""
    most = {
        "version": 2.0,
        "--help": 2.0,
        "list": 3.75,
        f"validate {MESSAGE}": 3.75,
        f"diff {RESULTS} {RESULTS}": 3.75,
    }
    least = dict.fromkeys(most, float("inf"))
    control = float("inf")
    for _ in range(ROUNDS):
        control = min(control, seconds(folder, CONTROL))
        for words in most:
            taken = seconds(folder, command(*words.split()))
            least[words] = min(least[words], taken)
    assert {
        words: taken / control for words, taken in least.items() if taken > most[words] * control
    } == {}


@pytest.mark.parametrize("announced", ANNOUNCED, ids=lambda found: str(found.name))
def test_what_stands_for_a_command_says_what_the_command_says(announced: click.Command) -> None:
    context = cli.make_context("omnisession", [], resilient_parsing=True)
    name, command, rest = cli.resolve_command(context, [str(announced.name), "rest"])
    assert command is not None
    assert command is not announced
    assert (name, command.name, rest) == (announced.name, announced.name, ["rest"])
    for limit in (20, 45, 78, 200):
        assert announced.get_short_help_str(limit) == command.get_short_help_str(limit)


def test_a_name_that_is_close_is_suggested() -> None:
    context = cli.make_context("omnisession", [], resilient_parsing=True)
    context.resilient_parsing = False
    with pytest.raises(click.UsageError) as caught:
        cli.resolve_command(context, ["repor"])
    assert "'report'" in caught.value.format_message()
