"""`python -m omnisession_conformance.nulls NAME`: be a target that is no session server, or no client."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import click

from omnisession_conformance.environment.target import REFERENCE_COMMAND
from omnisession_conformance.errors import KitError
from omnisession_conformance.nulls.adapters import talk
from omnisession_conformance.nulls.answering import Garbage, echo, silent
from omnisession_conformance.nulls.by_word import run_by_word
from omnisession_conformance.nulls.half_way import run_half_way
from omnisession_conformance.nulls.replay import Replay, from_transcript, from_vectors
from omnisession_conformance.nulls.serving import serve
from omnisession_conformance.roles.client.nulls import NULLS as OF_CLIENTS
from omnisession_conformance.roles.server.nulls import NULLS

HALF_WAY = 40


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("name", type=click.Choice([*NULLS, *OF_CLIENTS]))
@click.argument("server", nargs=-1, type=click.UNPROCESSED)
@click.option("--transcript", type=click.Path(path_type=Path), help="What `replay` plays back.")
@click.option("--seed", default=0, show_default=True, help="Which `garbage` it is.")
@click.option(
    "--after", default=HALF_WAY, show_default=True, help="Messages until `half-way` ends."
)
@click.option("--exit-code", default=1, show_default=True, help="How `half-way` ends.")
def command(
    name: str,
    server: tuple[str, ...],
    transcript: Path | None,
    seed: int,
    after: int,
    exit_code: int,
) -> None:
    """Be a target that is no session server, or no client; `half-way` takes the command of a server."""
    url = os.environ.get("NATS_URL", "nats://127.0.0.1:4222")
    match name:
        case _ if name in OF_CLIENTS:
            asyncio.run(talk(name))
        case "absent":
            asyncio.run(_never())
        case "half-way":
            ended = run_half_way(server or REFERENCE_COMMAND, url, after, exit_code)
            sys.exit(asyncio.run(ended))
        case "by-word":
            sys.exit(asyncio.run(run_by_word(REFERENCE_COMMAND, url)))
        case "replay":
            recording = from_vectors() if transcript is None else from_transcript(transcript)
            asyncio.run(serve(url, Replay(recording)))
        case _:
            answers = {"silent": silent, "echo": echo, "garbage": Garbage(seed)}
            asyncio.run(serve(url, answers[name]))


async def _never() -> None:
    await asyncio.Event().wait()


def main() -> None:
    """Run the command; exit 3 without a broker, 4 for wrong usage."""
    try:
        command.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(4)
    except KitError as error:
        click.echo(f"omnisession: {error}", err=True)
        sys.exit(error.exit_code)


main()
