"""`omnisession selftest`: prove the kit on faulty, unusual and missing targets."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from omnisession_conformance.cli.options import asked, config_option, report_option, tell_of_file
from omnisession_conformance.cli.veil import learn
from omnisession_conformance.environment.settings import Settings, read_settings
from omnisession_conformance.errors import UsageError
from omnisession_conformance.outputs.terminal import Terminal
from omnisession_conformance.protocol.roles import DEPLOYMENT, SERVER, SIDES
from omnisession_conformance.selftest.plan import Parts, Wish
from omnisession_conformance.traffic.redact import Redactor

if TYPE_CHECKING:
    from pathlib import Path


@click.command()
@config_option
@click.option(
    "--server-cmd",
    "command",
    metavar="COMMAND",
    help="Command of a server that knows --list-faults and --list-variants; without it the "
    "reference server.",
)
@click.option(
    "--client-cmd",
    "client_command",
    metavar="COMMAND",
    help="Command of a client's adapter that knows them, and --fault NAME and --variant NAME.",
)
@click.option(
    "--role",
    type=click.Choice((*SIDES, DEPLOYMENT)),
    help="With client and no command: the reference client. With deployment: brokers with users.",
)
@click.option(
    "--only",
    multiple=True,
    metavar="NAME",
    help="Try only this fault, variant or null target, or the faults of this requirement (CTRL-007) "
    "or area (CTRL); may be repeated.",
)
@click.option("--faults", is_flag=True, help="Try the faults only, unless other parts are named.")
@click.option("--variants", is_flag=True, help="Try the variants only, unless others are named.")
@click.option("--nulls", is_flag=True, help="Try the null targets only, unless others are named.")
@click.option(
    "--whole", is_flag=True, help="Give the whole suite to every fault and variant: takes long."
)
@click.option(
    "--on",
    metavar="VARIANT",
    help="Try faults on top of this variant, with what is unusual in it beside each: some of them, drawn "
    "by the seed, with --whole all.",
)
@click.option(
    "--programs",
    type=click.IntRange(min=1),
    help="Try by so many generated programs alone: some faults of what they are about, drawn by the seed, "
    "and with --variants the variants; with --whole all of both.",
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="Chooses which faults are given the whole suite, which part of it each variant meets, and "
    "what every run draws.",
)
@click.option(
    "--jobs",
    type=click.IntRange(min=1, max=256),
    help="Trials at a time; without it two more than there are cores.",
)
@report_option("report-selftest", "Where the kill matrix is written.")
def selftest(
    config_file: Path | None,
    command: str | None,
    client_command: str | None,
    role: str | None,
    only: tuple[str, ...],
    faults: bool,
    variants: bool,
    nulls: bool,
    whole: bool,
    on: str | None,
    programs: int | None,
    seed: int,
    jobs: int | None,
    folder: Path,
) -> int:
    """Prove that the kit catches every broken target and leaves every right one alone.

    Each fault of the target must be caught by the requirement that it breaks, no allowed variant may
    be flagged, what is no target may pass nothing, and every MUST needs a fault.

    \b
    omnisession selftest                  faults, variants and null targets of the reference server
    omnisession selftest --only RESUME    the faults of one area
    omnisession selftest --whole          the whole suite for each of them
    omnisession selftest --on NAME        some faults on top of a variant
    omnisession selftest --programs 60    some faults by generated traffic alone, with --on on top of one
    omnisession selftest --role client    the same of the reference client
    omnisession selftest --role deployment  the same of brokers with users

    The exit code is 1 when something survives, is flagged or lacks a fault, 3 when the target itself
    is not right.
    """  # noqa: D301 - click looks for the backspace character itself
    from omnisession_conformance.selftest.prove import (  # noqa: PLC0415 - no other command needs it
        REFERENCE,
        Shown,
        prove,
        usual_jobs,
    )

    if role == DEPLOYMENT:
        _is_of_deployments(config_file, command or client_command, on)
        settings = Settings(role=DEPLOYMENT)
    else:
        told = asked(role, client_command)
        settings, _ = read_settings(config_file, None, command, None, asked=told)
    learn(settings.secrets)
    tell_of_file(settings)
    if settings.role not in (*SIDES, DEPLOYMENT):
        raise UsageError(
            "The self-test proves the suite of one side: name one command, or --role server, client or "
            "deployment."
        )
    if settings.url is not None:
        raise UsageError(
            "The self-test starts a broker for each trial: take `url` out of the configuration."
        )
    if on is not None and (variants or nulls):
        raise UsageError("Only faults are tried on top of a variant: leave --variants and --nulls.")
    if programs is not None and nulls:
        raise UsageError("Generated traffic tries faults and variants: leave --nulls.")
    if programs is not None and settings.role != SERVER:
        raise UsageError("Generated traffic is for servers: leave --programs.")
    parts = Parts(faults, variants, nulls) if faults or variants or nulls else Parts()
    options = [*(("--config", str(config_file)) if config_file else ())]
    options += ["--server-cmd", command] if command else []
    return prove(
        replace(settings, command=settings.command or REFERENCE[settings.role], seed=seed),
        Wish(parts, only, seed, whole, on, programs),
        Shown(Redactor(settings.secrets), tuple(options), Terminal()),
        jobs or usual_jobs(),
        folder,
    ).exit_code


def _is_of_deployments(config_file: Path | None, command: str | None, on: str | None) -> None:
    """UsageError for what makes no sense where the deployments of the kit's proof are tried."""
    if command is not None:
        raise UsageError("--role deployment tries brokers of its own: leave the command out.")
    if config_file is not None:
        raise UsageError("--role deployment tries brokers of its own: leave --config out.")
    if on is not None:
        raise UsageError("Faults are tried on top of variants of servers and clients: leave --on.")
