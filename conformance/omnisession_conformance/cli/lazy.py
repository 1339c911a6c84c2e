"""Commands that are imported when they are called.

`--help` and a mistyped command need names and first sentences only, and no command waits for what
another one imports.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import click

from omnisession_conformance.outputs.streams import output_error


class Announced(click.Command):
    """Stands for a command until it is called: its name, and the first sentence of its help.

    `at` says where the command is, as `MODULE:NAME`; `task` is the heading it stands under.
    """

    def __init__(self, name: str, at: str, about: str, task: str = "") -> None:
        super().__init__(name, help=about)
        self.at = at
        self.task = task

    def load(self) -> click.Command:
        """Import the command."""
        module, _, name = self.at.partition(":")
        found: click.Command = getattr(import_module(module), name)
        return found


class LazyGroup(click.Group):
    """A group of announced commands, each imported when it is called.

    Where nobody reads what a command prints it raises OutputError: click would end the process with 1.
    """

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        """Read the arguments as click does; `--help` prints while it does."""
        try:
            return super().make_context(info_name, args, parent, **extra)
        except BrokenPipeError as error:
            raise output_error(error) from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands by task, in the order in which they were added."""
        tasks: dict[str, list[Announced]] = {}
        for name in self.commands:
            command = self.get_command(ctx, name)
            if isinstance(command, Announced):
                tasks.setdefault(command.task, []).append(command)
        widest = max((len(name) for name in self.commands), default=0)
        room = formatter.width - 6 - widest
        for task, commands in tasks.items():
            with formatter.section(task):
                formatter.write_dl(
                    [(str(c.name).ljust(widest), c.get_short_help_str(room)) for c in commands]
                )

    def invoke(self, ctx: click.Context) -> Any:
        """Call the command as click does."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            raise output_error(error) from error
        except EOFError as error:
            # click takes it for somebody who types no more, and no command here asks anybody anything.
            raise ExceptionGroup("the command met an end", [error]) from None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find a command as click does, and import it."""
        name, found, rest = super().resolve_command(ctx, args)
        return name, found.load() if isinstance(found, Announced) else found, rest
