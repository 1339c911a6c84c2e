"""The command `omnisession`."""

from __future__ import annotations

import sys

import click

from omnisession_conformance.cli.baseline import baseline
from omnisession_conformance.cli.check import check
from omnisession_conformance.cli.diff import diff
from omnisession_conformance.cli.doctor import doctor
from omnisession_conformance.cli.inspect import explain, list_
from omnisession_conformance.cli.judge import judge_
from omnisession_conformance.cli.report import report
from omnisession_conformance.cli.selftest import selftest
from omnisession_conformance.cli.serve import serve
from omnisession_conformance.cli.validate import validate
from omnisession_conformance.cli.version import version
from omnisession_conformance.errors import KitError
from omnisession_conformance.results.summary import Exit


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def cli() -> None:
    """Check implementations of the Omnisession protocol over live NATS.

    Exit codes: 0 conformant, 1 not conformant, 2 interrupted, 3 no verdict (kit, broker or target
    failed), 4 wrong usage, 5 nothing ran.
    """


for command in (
    check,
    report,
    judge_,
    diff,
    baseline,
    list_,
    explain,
    validate,
    doctor,
    serve,
    selftest,
    version,
):
    cli.add_command(command)


def main() -> None:
    """Run the command; every expected error is one message and its exit code, never a traceback."""
    try:
        code = cli.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(Exit.USAGE)
    except click.Abort:
        click.echo("interrupted", err=True)
        sys.exit(Exit.INTERRUPTED)
    except KitError as error:
        click.echo(f"omnisession: {error}", err=True)
        sys.exit(error.exit_code)
    sys.exit(code if isinstance(code, int) else 0)
