"""Every command that a page shows is one that works, and every option is on a page."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any, cast

import click
import pytest
from tests.docs.pages import (
    DOCS,
    Command,
    commands,
    first_column,
    named,
    pages,
    section,
)

import docs_commands
from omnisession_conformance import pytest_plugin
from omnisession_conformance.cli.main import cli
from omnisession_conformance.engine.plan import Selection, select
from omnisession_conformance.errors import UsageError
from omnisession_conformance.exits import Exit
from omnisession_conformance.report import FILES, RESULTS_FILE, TRANSCRIPT_FILE
from omnisession_conformance.suite import everything
from omnisession_deployments.faults import FAULTS as OF_DEPLOYMENTS

COMMANDS = [c for c in commands() if c.words[0] == "omnisession"]
PYTEST = [c for c in commands() if c.words[0] == "pytest"]
OTHERS = {
    "make",
    "pip",
    "python",
    "uvx",
    "grep",
    "zgrep",
    "cd",
    "go",
    "./loadtest",
    "implementations/go/check.sh",
    "implementations/typescript/build.sh",
    "implementations/typescript/check.sh",
    "implementations/gleam/check.sh",
    "node",
    "nats-server",
    "gleam",
    "export",
    "NODE=nats-1",
}


def parsed(command: Command) -> click.Context:
    """Parse a command as the program would; raises what it would tell."""
    group = docs_commands.group()
    group.resilient_parsing = False
    name, _, rest = cli.resolve_command(group, list(command.words[1:]))
    assert name is not None
    found = docs_commands.commands()[name]
    if not rest:  # a page speaks of the command as such
        rest = [p.make_metavar(group) for p in found.params if isinstance(p, click.Argument)]
    return found.make_context(name, rest, parent=group)


def plugin_options() -> dict[str, str]:
    """The options that the pytest plugin adds, with their help."""
    found: dict[str, str] = {}

    def addoption(name: str, **settings: Any) -> None:
        found[name] = settings["help"]

    def getgroup(*_: str) -> SimpleNamespace:
        return SimpleNamespace(addoption=addoption)

    parser = SimpleNamespace(getgroup=getgroup, addini=getgroup)
    pytest_plugin.pytest_addoption(cast("pytest.Parser", parser))
    return found


def test_pages_show_commands() -> None:
    assert len(COMMANDS) > 30
    assert {c.words[0] for c in commands()} <= {"omnisession", "pytest", *OTHERS}


def test_targets_of_make_are_there() -> None:
    makefile = (DOCS.parent / "Makefile").read_text("utf-8")
    there = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    named = {w for c in commands() if c.words[0] == "make" for w in c.words[1:] if "=" not in w}
    assert named
    assert named <= there


def wrong_with(command: Command) -> str:
    """What the program would not take of a command; empty where it takes all of it."""
    try:
        context = parsed(command)
        options = context.params
        if context.info_name == "check":
            role = "client" if options["client_command"] else options["role"] or "server"
            selection = Selection(
                options["only"], options["cases"], options["profiles"], options["skip"], role
            )
            if not select(everything(), selection):
                return "it selects nothing"
    except (click.ClickException, UsageError) as error:
        return str(error)
    if context.info_name == "serve" and options["fault"] not in (None, *docs_commands.FAULTS):
        return f"there is no fault {options['fault']}"
    return ""


def test_a_command_is_one_of_the_program() -> None:
    found = {str(command): wrong_with(command) for command in COMMANDS}
    assert {command: wrong for command, wrong in found.items() if wrong} == {}


@pytest.mark.parametrize(
    "line",
    [
        "no-such-command",
        "check --no-such-option x",
        "check --only CTRL-099",
        "serve --fault none-such",
    ],
)
def test_a_command_that_is_none_is_seen(line: str) -> None:
    assert wrong_with(Command("a page", ("omnisession", *line.split())))


def test_faults_in_commands_are_known() -> None:
    named_faults = {f for _, text in pages() for f in re.findall(r"--fault ([a-z-]+)", text)}
    assert named_faults
    assert named_faults <= docs_commands.FAULTS.keys() | OF_DEPLOYMENTS.keys()


@pytest.mark.parametrize("command", PYTEST, ids=str)
def test_a_pytest_command_has_options_of_the_plugin(command: Command) -> None:
    assert command.words[1:3] == ("--pyargs", "omnisession_conformance.suite")
    mine = {word for word in command.words if word.startswith("--omni-")}
    assert mine <= plugin_options().keys()


def test_every_option_of_the_plugin_is_on_its_page() -> None:
    text = (DOCS / "guides/pytest.md").read_text("utf-8")
    told = re.findall(r"`(--omni-[a-z-]+)(?: [A-Z]+)?` \| `(--[a-z-]+)`", text)
    assert {name for name, _ in told} == plugin_options().keys()
    of_check = {o for p in docs_commands.options(docs_commands.commands()["check"]) for o in p.opts}
    assert {option for _, option in told} <= of_check


@pytest.mark.parametrize("name", sorted(cli.commands))
def test_every_option_of_a_command_is_on_its_page(name: str) -> None:
    text = section("reference/command-line.md", name)
    for option in docs_commands.options(docs_commands.commands()[name]):
        for spelling in option.opts:
            assert re.search(rf"`[^`]*{re.escape(spelling)}\b", text), spelling


def test_help_keeps_lines_that_it_marks() -> None:
    @click.command()
    def raw() -> None:
        r"""First.

        \b
          a    b
          c    d

        Last
        words.
        """

    found = docs_commands.paragraphs(raw)
    assert found[0] == "First."
    assert found[1].splitlines()[1:] == ["  a    b", "  c    d"]
    assert found[2] == "Last words."


def test_exit_codes_are_all_told() -> None:
    told = first_column(section("reference/command-line.md", "Exit codes"))
    assert [cell for cell in told if cell.isdigit()] == [str(int(code)) for code in Exit]
    of_each = first_column(section("reference/command-line.md", "Exit codes of each command"))
    named = {cell.strip("`") for cell in of_each}
    assert {name for name in named if name.isalpha()} - {"Command"} == set(docs_commands.commands())


def test_the_files_of_a_report_are_told() -> None:
    told = named((DOCS / "reference/results.md").read_text("utf-8").partition("## ")[0])
    assert sorted(told) == sorted(FILES)
    assert {RESULTS_FILE, TRANSCRIPT_FILE} <= set(told)
