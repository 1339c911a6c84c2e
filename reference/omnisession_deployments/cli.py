"""The command: lists what is wrong, unusual or none, and runs the broker of one of them."""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from omnisession_deployments.broker import FILE, running, usual_program
from omnisession_deployments.faults import FAULTS
from omnisession_deployments.place import Place
from omnisession_deployments.variants import NULLS, VARIANTS

WRONG_USAGE, FAILED = 2, 3


def main(words: Sequence[str] | None = None) -> int:
    """List, or run a broker until standard input ends or what was asked for has ended.

    Returns the exit code: that of the command that was run, 0, 2 for a name that is none, 3 for a broker
    that did not start.
    """
    options = _parser().parse_args(words)
    if (lines := _listed(options)) is not None:
        print("\n".join(lines))
        return 0
    try:
        place = place_of(options.fault, options.variant, options.null)
    except KeyError as error:
        print(f"There is no such deployment: {error.args[0]}", file=sys.stderr)
        return WRONG_USAGE
    with tempfile.TemporaryDirectory(prefix="omnisession-deployment-") as folder:
        try:
            return _run(place, Path(folder), options)
        except (OSError, ValueError) as error:
            print(f"The deployment does not run: {error}", file=sys.stderr)
            return FAILED


def _run(place: Place, folder: Path, options: argparse.Namespace) -> int:
    with running(place, folder, options.nats_server):
        if options.command:
            done = subprocess.run(
                [*options.command, "--config", folder / FILE], stdin=subprocess.DEVNULL, check=False
            )
            return done.returncode
        print(folder / FILE, flush=True)
        sys.stdin.read()
    return 0


def place_of(fault: str | None, variant: str | None, null: str | None) -> Place:
    """The deployment of some names: the plain one where there is none; KeyError for an unknown one."""
    place = Place()
    for name, table in ((variant, VARIANTS), (null, NULLS), (fault, FAULTS)):
        if name is not None:
            place = table[name].change(place)
    return place


def _listed(options: argparse.Namespace) -> list[str] | None:
    if options.list_faults:
        return [f"{one.name}\t{one.requirement}\t{one.sentence}" for one in FAULTS.values()]
    if options.list_variants:
        return [
            f"{one.name}\t{','.join(one.warns) or '-'}\t{one.sentence}" for one in VARIANTS.values()
        ]
    if options.list_nulls:
        return [f"{one.name}\t-\t{one.sentence}" for one in NULLS.values()]
    return None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m omnisession_deployments",
        description="Run a broker with users, and print the path of the configuration by which a kit "
        "judges it; it ends with standard input. With a command behind -- run that, with --config and "
        "the path behind it.",
    )
    parser.add_argument("--fault", metavar="NAME", help="break one requirement")
    parser.add_argument("--variant", metavar="NAME", help="be unusual in one way that is allowed")
    parser.add_argument("--null", metavar="NAME", help="be no deployment at all")
    parser.add_argument("--list-faults", action="store_true", help="list the faults and exit")
    parser.add_argument("--list-variants", action="store_true", help="list the variants and exit")
    parser.add_argument("--list-nulls", action="store_true", help="list what is none, and exit")
    parser.add_argument(
        "--nats-server",
        metavar="PATH",
        default=usual_program(),
        help="the broker's program [env: NATS_SERVER_BIN]",
    )
    parser.add_argument("command", nargs="*", help=argparse.SUPPRESS)
    return parser
