"""Commands that are imported when they are called.

`--help` and a mistyped command need names and first sentences only, and no command waits for what
another one imports.
"""

from __future__ import annotations

from importlib import import_module

import click


class Announced(click.Command):
    """Stands for a command until it is called: its name, and the first sentence of its help.

    `at` says where the command is, as `MODULE:NAME`.
    """

    def __init__(self, name: str, at: str, about: str) -> None:
        super().__init__(name, help=about)
        self.at = at

    def load(self) -> click.Command:
        """Import the command."""
        module, _, name = self.at.partition(":")
        found: click.Command = getattr(import_module(module), name)
        return found


class LazyGroup(click.Group):
    """A group of announced commands, each imported when it is called."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find a command as click does, and import it."""
        name, found, rest = super().resolve_command(ctx, args)
        return name, found.load() if isinstance(found, Announced) else found, rest
