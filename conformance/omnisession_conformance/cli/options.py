"""Options that say which broker, target and fixture to use, shared by several commands."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from omnisession_conformance.engine.conduct import Settings
from omnisession_conformance.environment.config import FILE_NAME, Config, load_config, split_command
from omnisession_conformance.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

config_option = click.option(
    "--config",
    "config_file",
    type=click.Path(path_type=Path),
    help=f"Configuration file; without it ./{FILE_NAME}, if there is one.",
)

_OPTIONS = (
    config_option,
    click.option(
        "--nats",
        "url",
        envvar="NATS_URL",
        metavar="URL",
        help="A running broker; without it the kit starts one of its own.",
    ),
    click.option(
        "--server-cmd",
        "command",
        metavar="COMMAND",
        help="Command that starts the server; it is told NATS_URL and OMNISESSION_SECRET. "
        "Without it: the server at --nats, or else the reference server.",
    ),
    click.option(
        "--secret",
        envvar="OMNISESSION_SECRET",
        metavar="SECRET",
        help="The HS256 secret that the server checks tokens with, to mint users.",
    ),
)


def report_option(default: str | None, text: str) -> Callable[[Callable[..., Any]], Any]:
    """Where a command writes its reports: into a default folder, or nowhere without one."""
    return click.option(
        "--report",
        "folder",
        type=click.Path(path_type=Path, file_okay=False),
        default=None if default is None else Path(default),
        show_default=default is not None,
        help=text,
    )


def target_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options to a command."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def read_settings(
    config_file: Path | None, url: str | None, command: str | None, secret: str | None
) -> tuple[Settings, Config]:
    """Settings of a run: options before the environment before the file; raises UsageError."""
    config = _config(config_file)
    if url is not None and "://" not in url:
        url = f"nats://{url}"
    fixture = config.fixture
    if secret:
        fixture = replace(fixture, secret=secret)
    words = split_command(command, "--server-cmd") if command is not None else config.command
    if command is not None and not words:
        raise UsageError("--server-cmd is empty: give the command that starts the server.")
    settings = Settings(
        url=url or config.url,
        nats_options=config.nats_options,
        command=words,
        env=config.env,
        fixture=fixture,
        hooks=config.hooks,
        private_subjects=config.private_subjects,
    )
    return settings, config


def _config(config_file: Path | None) -> Config:
    if config_file is not None:
        return load_config(config_file)
    default = Path(FILE_NAME)
    return load_config(default) if default.is_file() else Config()
