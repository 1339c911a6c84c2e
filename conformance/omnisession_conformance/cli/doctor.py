"""`omnisession doctor`: look at broker and target before any verdict, and say what would go wrong."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

import click
from rich.table import Table
from rich.text import Text

from omnisession_conformance.cli.options import (
    asked,
    target_options,
    tell_of_attach,
    tell_of_file,
    tell_of_secrets,
    tell_of_shell,
)
from omnisession_conformance.cli.veil import hidden, learn
from omnisession_conformance.engine.finding import Finding
from omnisession_conformance.environment.broker import find_binary
from omnisession_conformance.environment.settings import read_settings
from omnisession_conformance.errors import KitError
from omnisession_conformance.outputs.terminal import Terminal
from omnisession_conformance.protocol.roles import CLIENT, DEPLOYMENT, INTEROP, SERVER
from omnisession_conformance.report.text import quoted
from omnisession_conformance.roles.client import doctor as of_clients
from omnisession_conformance.roles.deployment import doctor as of_deployments
from omnisession_conformance.roles.interop import doctor as of_pairs
from omnisession_conformance.roles.server import doctor as of_servers

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rich.console import Console


_EXAMINE = {
    SERVER: of_servers.examine,
    CLIENT: of_clients.examine,
    INTEROP: of_pairs.examine,
    DEPLOYMENT: of_deployments.examine,
}
_STYLES = {"ok": "green", "note": "yellow", "warn": "bold yellow", "bad": "red"}


@click.command()
@target_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def doctor(
    config_file: Path | None,
    url: str | None,
    command: str | None,
    client_command: str | None,
    carrier: str | None,
    attach: str | None,
    role: str | None,
    secret: str | None,
    start_timeout_s: float | None,
    topology: str | None,
    as_json: bool,
) -> int:
    """Look at broker, rights, target and fixture before any verdict.

    A line is ok, a note about what a run will leave out, a warning to whoever runs the broker, or bad.

    Exit code 0 when a run would be possible, 3 when it would not: what is bad stops check as well.
    """
    settings, _ = read_settings(
        config_file,
        url,
        command,
        secret,
        start_timeout_s,
        topology,
        asked=asked(role, client_command, carrier, attach),
    )
    learn(settings.secrets)
    settings = replace(settings, learn=learn)
    tell_of_file(settings)
    tell_of_secrets(settings)
    tell_of_shell(settings)
    tell_of_attach(settings)
    findings: list[Finding] = []
    if settings.url is None:
        try:
            program = settings.broker.program or find_binary()
            findings.append(Finding("ok", "nats-server", str(program), "broker.program"))
        except KitError as error:
            findings.append(Finding("bad", "nats-server", str(error), "broker.program"))
    if not any(f.mark == "bad" for f in findings):
        findings += asyncio.run(_EXAMINE[settings.role](settings))
    code = 3 if any(finding.mark == "bad" for finding in findings) else 0
    if as_json:
        told = {"exit_code": code, "findings": [asdict(finding) for finding in findings]}
        click.echo(json.dumps(told, indent=2))
    else:
        show(findings, Terminal())
    return code


def show(findings: Sequence[Finding], console: Console) -> None:
    """Print a table on a terminal, and whole lines anywhere else."""
    if not console.is_terminal:
        wide = max((len(finding.what) for finding in findings), default=0)
        for finding in findings:
            start = f"{finding.mark:<4}  {finding.what:<{wide}}  "
            # What a server has said never begins a line.
            words = quoted(finding.text, indent=len(start))
            console.print(Text(start + words), soft_wrap=True)
        return
    table = Table(box=None, show_header=False, pad_edge=False)
    for column in range(3):
        table.add_column(overflow="fold", no_wrap=column < 2)
    for finding in findings:
        # A text is shown as it is: brackets are no markup. Its lines may be cut anywhere, and a secret
        # in two parts is not known for one.
        mark = Text(finding.mark, style=_STYLES[finding.mark])
        table.add_row(mark, Text(finding.what), Text(quoted(hidden(finding.text))))
    console.print(table)
