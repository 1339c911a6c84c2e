"""The command `omnisession`."""

from __future__ import annotations

import gc
import sys

import click

from omnisession_conformance.cli.guard import guarded
from omnisession_conformance.cli.lazy import Announced, LazyGroup
from omnisession_conformance.cli.signals import SIGNALS
from omnisession_conformance.cli.veil import veiled
from omnisession_conformance.outputs.streams import open_streams

_COMMANDS = {
    "Check a server or a client": (
        (
            "check",
            "check:check",
            "Check a server, a client, both together, or a deployment over live NATS.",
        ),
        (
            "doctor",
            "doctor:doctor",
            "Look at broker, rights, target and fixture before any verdict.",
        ),
        ("judge", "judge:judge_", "Judge a saved transcript again, without a target."),
        ("replay", "replay:replay", "Play a saved program of steps again, on any server."),
    ),
    "Read results": (
        ("report", "report:report", "Make the reports of a run again from its results.jsonl."),
        (
            "diff",
            "diff:diff",
            "Tell what changed from one run to another, given the results.jsonl of both.",
        ),
        (
            "baseline",
            "baseline:baseline",
            "Write the failures of a run as expected failures, for check --expected-failures.",
        ),
    ),
    "Look something up": (
        (
            "list",
            "inspect:list_",
            "List the requirements, and with --cases the checks that judge them.",
        ),
        (
            "explain",
            "inspect:explain",
            "Explain a requirement (STATE-003), a check (STATE-003@sweep) or an error code (4091).",
        ),
        (
            "validate",
            "validate:validate",
            "Validate messages by the protocol's schemas: JSON files, or - for standard input.",
        ),
    ),
    "Run it on a broker": (
        (
            "permissions",
            "permissions:permissions",
            "Print what a user of the broker is to be allowed, by its role.",
        ),
        (
            "credentials",
            "credentials:credentials",
            "Write credentials for an `omnisession up --secure` that runs.",
        ),
    ),
    "The kit and its server": (
        (
            "serve",
            "serve:serve",
            "Run the reference session server (all options are its own; see `serve --help`).",
        ),
        (
            "demo",
            "demo:demo",
            "Show two users side by side in a page, with a server and a broker started for it.",
        ),
        (
            "up",
            "up:up",
            "Run several instances of the reference server, of which one serves and the others stand by.",
        ),
        (
            "selftest",
            "selftest:selftest",
            "Prove that the kit catches every broken target and leaves every right one alone.",
        ),
        (
            "version",
            "version:version",
            "Tell the versions of kit, protocol, Python and the libraries that matter in a bug report.",
        ),
    ),
}
"""By task: name, place below this package, and the first sentence of the command's own help."""
ANNOUNCED = tuple(
    Announced(name, f"omnisession_conformance.cli.{at}", about, task)
    for task, commands in _COMMANDS.items()
    for name, at, about in commands
)


def _tell_versions(context: click.Context, _: click.Parameter, asked: bool) -> None:
    if not asked or context.resilient_parsing:
        return
    command = cli.get_command(context, "version")
    if isinstance(command, Announced):
        context.invoke(command.load())
    context.exit()


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_tell_versions,
    help="Tell the versions, as the command version does.",
)
def cli() -> None:
    """Check implementations of the Omnisession protocol over live NATS.

    Exit codes: 0 conformant, 1 not conformant, 2 interrupted, 3 no verdict (kit, broker or target
    failed), 4 wrong usage, 5 nothing ran.
    """


for announced in ANNOUNCED:
    cli.add_command(announced)


def main() -> None:
    """Run the command, and end the process with its exit code; see `guard`."""
    open_streams()
    SIGNALS.install()
    with veiled():
        code = guarded(lambda: cli.main(standalone_mode=False))
    SIGNALS.leave(code)
    # The system takes the memory back as a whole; Python would look through all that a run has heard.
    gc.freeze()
    sys.exit(code)
