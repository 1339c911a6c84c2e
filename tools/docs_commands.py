"""The generated parts about the command line, read from the commands themselves."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING

import click

from docs_markdown import code, fence, plain, table
from docs_registry import requirement_link
from omnisession_conformance.cli.main import ANNOUNCED, cli
from omnisession_conformance.cli.serve import serve
from omnisession_reference.cli import command as reference_command
from omnisession_reference.faults import FAULTS

if TYPE_CHECKING:
    from collections.abc import Iterator

PROGRAM = "omnisession"
_KEEP_LINES = "\b"
_WITH_COMMENT = re.compile(r"(?P<command>\S.*?) {2,}(?P<comment>\S.*)")


def parts() -> dict[str, str]:
    """Every generated part about the command line, by its name."""
    return {
        "commands": "\n\n".join(_overview()),
        **{f"command-{name}": "\n\n".join(_command(name, c)) for name, c in commands().items()},
        "faults": _faults(),
    }


def commands() -> dict[str, click.Command]:
    """The commands by name; `serve` is the reference server's own, to which it hands over."""
    found = {str(announced.name): announced.load() for announced in ANNOUNCED}
    return {
        name: reference_command if command is serve else command for name, command in found.items()
    }


def options(command: click.Command) -> list[click.Option]:
    """The options that a command's help shows, in their order."""
    listed = command.get_params(_context("", command))
    return [p for p in listed if isinstance(p, click.Option) and not p.hidden]


def group() -> click.Context:
    """The context of the program, from which its commands have the names of their help option."""
    return cli.make_context(PROGRAM, [], resilient_parsing=True)


def _context(name: str, command: click.Command) -> click.Context:
    return command.make_context(name, [], parent=group(), resilient_parsing=True)


def _overview() -> Iterator[str]:
    rows = [(f"[`{PROGRAM} {name}`](#{name})", _summary(c)) for name, c in commands().items()]
    yield table(("Command", "What it does"), rows)


def _summary(command: click.Command) -> str:
    return plain(paragraphs(command)[0]) if command.help else ""


def paragraphs(command: click.Command) -> list[str]:
    """The paragraphs of a command's help; one whose lines are to be kept begins with its mark."""
    # In a raw docstring the mark is a backslash and a letter.
    text = inspect.cleandoc((command.help or "").replace("\\b", _KEEP_LINES))
    return [_paragraph(p) for p in text.split("\n\n")]


def _paragraph(text: str) -> str:
    return text if text.startswith(_KEEP_LINES) else " ".join(text.split())


def _command(name: str, command: click.Command) -> Iterator[str]:
    context = _context(name, command)
    pieces = " ".join(command.collect_usage_pieces(context))
    yield fence("text", f"{context.command_path} {pieces}")
    for text in paragraphs(command):
        if text.startswith(_KEEP_LINES):
            lines = inspect.cleandoc(text.removeprefix(_KEEP_LINES).strip("\n")).splitlines()
            yield fence("sh", "\n".join(_commented(lines)))
        else:
            yield plain(text)
    yield table(("Option", "Meaning"), [_option(o, context) for o in options(command)])


def _commented(lines: list[str]) -> Iterator[str]:
    """Lines of a command and what it does, so that they can be pasted as they are."""
    found = [_WITH_COMMENT.fullmatch(line) for line in lines]
    width = max((len(match["command"]) for match in found if match), default=0)
    for line, match in zip(lines, found, strict=True):
        yield f"{match['command']:<{width}}  # {match['comment']}" if match else line


def _option(option: click.Option, context: click.Context) -> tuple[str, str]:
    record = option.get_help_record(context)
    names, words = record if record is not None else (", ".join(option.opts), "")
    # The reference server tells its variables in its help; the kit leaves that to this page.
    told = (
        f" Also by the variable `{option.envvar}`." if option.envvar and "[env" not in words else ""
    )
    return code(" ".join(names.split())), plain(" ".join(words.split())) + told


def _faults() -> str:
    rows = [
        (code(name), requirement_link(fault.requirement), plain(fault.sentence))
        for name, fault in FAULTS.items()
    ]
    return table(("Fault", "Breaks", "What goes wrong"), rows)
