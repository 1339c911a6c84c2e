"""Options that say which broker, target and fixture to use, shared by several commands."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from omnisession_conformance.environment.asked import Asked
from omnisession_conformance.environment.carriers import (
    ATTACH_PORT,
    ATTACH_WEB_PORT,
    CARRIERS,
)
from omnisession_conformance.environment.config import FILE_NAME, SEED_VARIABLE, START_TIMEOUT_S
from omnisession_conformance.environment.shell import shell_hint
from omnisession_conformance.environment.topology import TOPOLOGIES
from omnisession_conformance.outputs.streams import say
from omnisession_conformance.protocol.roles import ROLES
from omnisession_conformance.traffic.redact import LEAST

if TYPE_CHECKING:
    from collections.abc import Callable

    from omnisession_conformance.environment.settings import Settings

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
    click.option(
        "--start-timeout",
        "start_timeout_s",
        type=float,
        metavar="SECONDS",
        help="How long a server that is started may take until it answers; "
        f"without it {START_TIMEOUT_S:g}.",
    ),
    click.option(
        "--topology",
        type=click.Choice(list(TOPOLOGIES)),
        help="Without --nats: the broker that the kit starts is one node, a cluster of three, or a leaf "
        "node and its hub.",
    ),
)

_SERVER_CMD = 3
"""So many options stand before those that say another role, in the help."""
_ROLE = (
    click.option(
        "--client-cmd",
        "client_command",
        metavar="COMMAND",
        help="Command that starts the adapter of a client: that client is judged, and the kit is its "
        "server, at a broker of its own. With --server-cmd both are judged together.",
    ),
    click.option(
        "--client-carrier",
        "carrier",
        type=click.Choice(CARRIERS),
        help="How requests come to the adapter: on its standard input, or on a subject of a broker of the "
        "kit's own, for what has none, as a page in a browser; without it lines.",
    ),
    click.option(
        "--client-attach",
        "attach",
        metavar="SUBJECT",
        help="A client that runs already, and takes requests on SUBJECT of a broker that the kit starts at "
        f"nats://127.0.0.1:{ATTACH_PORT} and ws://127.0.0.1:{ATTACH_WEB_PORT}: it is waited for, and "
        "never ended.",
    ),
    click.option(
        "--role",
        type=click.Choice(ROLES),
        help="What the target is, where no command says it: a server, a client, or both together "
        "(interop), of which one that has no command anywhere is the reference; or a deployment, by the "
        "identities of the configuration.",
    ),
)

_CHANCE = (
    click.option(
        "--seed",
        type=click.IntRange(min=0),
        envvar=SEED_VARIABLE,
        metavar="N",
        help="Draw the forms of ids, names, order and pauses as another run did; without it anew.",
    ),
    click.option(
        "--disguise",
        is_flag=True,
        help="With --nats: give connections and sessions any client's names, not the kit's own.",
    ),
)


def chance_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say what a run draws."""
    for option in reversed(_CHANCE):
        function = option(function)
    return function


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


def server_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options to a command that is about servers alone."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def target_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options to a command for targets of any role."""
    for option in reversed((*_OPTIONS[:_SERVER_CMD], *_ROLE, *_OPTIONS[_SERVER_CMD:])):
        function = option(function)
    return function


def asked(
    role: str | None,
    client_command: str | None,
    carrier: str | None = None,
    attach: str | None = None,
) -> Asked:
    """What the options of the command that runs say of the target, and which of them were written."""
    context = click.get_current_context()
    written = (
        parameter.opts[0]
        for parameter in context.command.params
        if context.get_parameter_source(parameter.name or "") is ParameterSource.COMMANDLINE
    )
    return Asked(role, None, client_command, tuple(written), carrier, attach)


def tell_of_file(settings: Settings) -> None:
    """Say where the configuration is about another target."""
    if settings.passed_over:
        say(f"omnisession: note: {settings.passed_over}.")


def tell_of_attach(settings: Settings) -> None:
    """Say where a client that runs already has to connect."""
    subject = settings.attach
    if subject is not None:
        say(
            f"omnisession: note: waiting up to {settings.start_timeout_s:g} s for a client on {subject}, "
            f"at nats://127.0.0.1:{ATTACH_PORT}; to a page: ?omni_kit=ws://127.0.0.1:{ATTACH_WEB_PORT}"
            f"&omni_subject={subject}"
        )


def tell_of_secrets(settings: Settings) -> None:
    """Say where a secret is too short to be told from other words."""
    if any(len(secret) < LEAST for secret in settings.secrets):
        say(
            "omnisession: note: a secret of one character is hidden in addresses and commands, and not "
            f"wherever else it stands: choose one of {LEAST} or more."
        )


def tell_of_shell(settings: Settings) -> None:
    """Say, before a server is started, where its command was written for a shell."""
    hint = shell_hint(settings.command or ())
    if hint is not None:
        say(f"omnisession: note: {hint}")
