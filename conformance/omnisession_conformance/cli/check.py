"""`omnisession check`: run the conformance suite and report the verdict."""

from __future__ import annotations

import gc
import sys
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import click

from omnisession_conformance.cli.durations import seconds_of
from omnisession_conformance.cli.options import (
    asked,
    chance_options,
    report_option,
    target_options,
    tell_of_attach,
    tell_of_file,
    tell_of_secrets,
    tell_of_shell,
)
from omnisession_conformance.cli.signals import SIGNALS
from omnisession_conformance.cli.strictness import strict_option
from omnisession_conformance.cli.veil import learn, share
from omnisession_conformance.engine.conduct import conduct
from omnisession_conformance.engine.plan import Selection, choose
from omnisession_conformance.engine.stopper import Stopper
from omnisession_conformance.environment.bounds import TIMEOUT_S
from omnisession_conformance.environment.config import MOST_INSTANCES
from omnisession_conformance.environment.settings import read_settings
from omnisession_conformance.environment.topology import NUMBERS
from omnisession_conformance.errors import Interrupted
from omnisession_conformance.outputs.folder import ReportFolder
from omnisession_conformance.outputs.progress import ProgressLine
from omnisession_conformance.outputs.terminal import Terminal, print_report
from omnisession_conformance.outputs.wording import of_check
from omnisession_conformance.results.baseline import load_baseline
from omnisession_conformance.suite import everything
from omnisession_conformance.traffic.redact import Redactor


@click.command()
@target_options
@click.option(
    "--instances",
    type=click.IntRange(1, MOST_INSTANCES),
    metavar="N",
    help="Start the command of a server so often, or say how many instances run at --nats: what is durable "
    "is judged by ending and freezing one after the other.",
)
@click.option(
    "--nodes",
    type=click.Choice([str(number) for number in NUMBERS]),
    help="Start a broker of so many nodes, or say how many run at --nats: of three each is ended, one "
    "after the other, to judge what is durable. Without it 1, which is not ended.",
)
@click.option(
    "--only",
    multiple=True,
    metavar="NAME",
    help="Judge only this requirement (CTRL-007), check (CTRL-007@sweep), area (CTRL) or case; "
    "may be repeated.",
)
@click.option(
    "--case", "cases", multiple=True, metavar="CASE", help="Run only this case; may be repeated."
)
@click.option("--profile", "profiles", multiple=True, metavar="PROFILE", help="Judge this profile.")
@click.option("--skip", multiple=True, metavar="NAME", help="Leave out what --only would take.")
@click.option(
    "--allow-disruption",
    is_flag=True,
    help="With --nats: also flood, send garbage, stop and restart.",
)
@chance_options
@click.option(
    "--fail-fast",
    is_flag=True,
    help="End after the first case that failed: all that comes behind it is not tested.",
)
@click.option(
    "--timeout",
    "timeout_s",
    type=float,
    metavar="SECONDS",
    help=f"How long the run may take, with its reports; without it {TIMEOUT_S:g}.",
)
@click.option(
    "--expected-failures",
    "expected",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Checks that are known to fail, with reasons; see baseline.",
)
@click.option(
    "--generate",
    metavar="TIME",
    help="First play generated programs for so long (90s, 10m, 1h), drawn anew by the seed; what finds "
    "something is played in the run.",
)
@click.option(
    "--corpus",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("generated"),
    show_default=True,
    metavar="DIRECTORY",
    help="With --generate: where programs that find something are kept, to be played each time.",
)
@strict_option
@report_option("report", "Where results, transcript and reports are written.")
@click.option(
    "--no-transcript", is_flag=True, help="Keep no transcript: nothing can be judged again."
)
def check(
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
    instances: int | None,
    nodes: str | None,
    only: tuple[str, ...],
    cases: tuple[str, ...],
    profiles: tuple[str, ...],
    skip: tuple[str, ...],
    allow_disruption: bool,
    seed: int | None,
    disguise: bool,
    fail_fast: bool,
    timeout_s: float | None,
    expected: Path | None,
    generate: str | None,
    corpus: Path,
    strict: bool,
    folder: Path,
    no_transcript: bool,
) -> int:
    """Check a server, a client, both together, or a deployment over live NATS.

    Without options the reference server is checked on a broker that the kit starts itself.

    \b
    omnisession check --server-cmd ./server             start and check a server
    omnisession check --nats 127.0.0.1 --secret SECRET  check one that is running
    omnisession check --client-cmd ./adapter            a client, behind its adapter
    omnisession check --client-attach omni.testee.mine  one that runs already
    omnisession check --server-cmd S --client-cmd C     both together
    omnisession check --role deployment                 what clients may do on a broker
    omnisession check --only RESUME                     one area of requirements
    """  # noqa: D301 - click looks for the backspace character itself
    settings, _ = read_settings(
        config_file,
        url,
        command,
        secret,
        start_timeout_s,
        topology,
        seed,
        disguise=disguise,
        instances=instances,
        nodes=None if nodes is None else int(nodes),
        asked=asked(role, client_command, carrier, attach),
    )
    learn(settings.secrets)
    tell_of_file(settings)
    tell_of_secrets(settings)
    tell_of_shell(settings)
    tell_of_attach(settings)
    if timeout_s is not None:
        settings = settings.within(timeout_s, "--timeout")
    chosen = choose(everything(), Selection(only, cases, profiles, skip, settings.role))
    baseline = None if expected is None else load_baseline(expected, chosen.catalogue.registry)
    settings = replace(
        settings,
        allow_disruption=allow_disruption,
        fail_fast=fail_fast,
        expected=frozenset(entry.check for entry in baseline.entries) if baseline else frozenset(),
    )
    generate_s = None if generate is None else seconds_of(generate)
    redactor = Redactor(settings.secrets)
    share(redactor)
    settings = replace(settings, learn=redactor.learn)
    if generate_s is not None:
        # A library is loaded for it that is as large as the rest.
        deep = import_module("omnisession_conformance.cli.generate")
        settings = replace(settings, programs=deep.go_deep(settings, generate_s, corpus))
    stopper = Stopper()
    # A run keeps what it hears to the end, and the end is near: looking for garbage in it takes longer
    # than it saves.
    gc.disable()
    wording = of_check(sys.argv, redactor, settings.seed)
    with ReportFolder(
        folder,
        redactor,
        wording,
        baseline=baseline,
        transcript=not no_transcript and settings.keeps_transcript,
        strict=strict,
    ) as report:
        line = ProgressLine(Terminal())
        run = conduct(settings, chosen, (line, *report.subscribers), stopper)
        outcome = SIGNALS.run(run, stopper)
        if stopper.reason is not None and outcome.interrupted is None:
            # It came when all was judged, and means the kit all the same.
            raise Interrupted(stopper.reason)
        results = report.results(outcome)
        written = report.write_reports(results)
        report.tell_fault(outcome)
    print_report(results, written)
    return results.end.exit_code
