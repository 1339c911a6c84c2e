"""`omnisession replay`: play a saved program of steps again, on any server."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.text import Text

from omnisession_conformance.cli.options import chance_options, server_options
from omnisession_conformance.cli.signals import SIGNALS
from omnisession_conformance.cli.veil import learn, share
from omnisession_conformance.engine.conduct import conduct
from omnisession_conformance.engine.stopper import Stopper
from omnisession_conformance.environment.asked import Asked
from omnisession_conformance.environment.settings import read_settings
from omnisession_conformance.errors import Interrupted, KitError, UsageError, first_line, sentence
from omnisession_conformance.exits import Exit
from omnisession_conformance.files import read_file
from omnisession_conformance.outputs.terminal import Terminal
from omnisession_conformance.protocol.roles import SERVER
from omnisession_conformance.protocol.verdict import CaseOutcome, Status
from omnisession_conformance.report.text import one_line
from omnisession_conformance.roles.server.generation.codec import load
from omnisession_conformance.roles.server.generation.words import in_words, users_in_words
from omnisession_conformance.suite.replays import NAME, Replay
from omnisession_conformance.traffic.redact import Redactor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omnisession_conformance.engine.events import RunOutcome
    from omnisession_conformance.roles.server.generation.steps import Program

MOST_BYTES = 4_000_000
WIDTH = 600


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@server_options
@chance_options
def replay(
    file: Path,
    config_file: Path | None,
    url: str | None,
    command: str | None,
    secret: str | None,
    start_timeout_s: float | None,
    topology: str | None,
    seed: int | None,
    disguise: bool,
) -> int:
    """Play a saved program of steps again, on any server.

    A run of check that found something by generated traffic keeps its program beside the report. It is
    played with fresh users, so that it can be played again and again on a server that goes on. Exit
    codes are those of check.

    \b
    omnisession replay report/generated-1.json --server-cmd ./server
    """  # noqa: D301 - click looks for the backspace character itself
    played = Replay(_read(file))
    settings, _ = read_settings(
        config_file,
        url,
        command,
        secret,
        start_timeout_s,
        topology,
        seed,
        disguise=disguise,
        asked=Asked(SERVER),
    )
    learn(settings.secrets)
    redactor = Redactor(settings.secrets)
    share(redactor)
    stopper = Stopper()
    outcome = SIGNALS.run(conduct(settings, played.chosen(), (), stopper), stopper)
    _raise_where_nothing_is_known(outcome)
    console = Terminal()
    for line in _lines(played, outcome):
        console.print(Text(one_line(redactor.text(line), WIDTH)), soft_wrap=True)
    return _code(played, outcome)


def _read(file: Path) -> Program:
    try:
        text = read_file(file, MOST_BYTES).decode("utf-8")
    except OSError as error:
        raise UsageError(
            f"'{file}' cannot be read: {error.strerror or sentence(error)}."
        ) from error
    except UnicodeDecodeError as error:
        raise UsageError(f"'{file}' is no saved program: it is no UTF-8.") from error
    return load(text, f"'{file}'").program


def _raise_where_nothing_is_known(outcome: RunOutcome) -> None:
    if outcome.interrupted is not None:
        raise Interrupted(outcome.interrupted)
    if outcome.lost is not None:
        raise KitError(first_line(outcome.lost))
    result = outcome.results.get(NAME)
    if result is None or result.end is not CaseOutcome.DONE:
        why = "it was not run" if result is None else result.reason.strip().splitlines()[-1]
        raise KitError(f"the program was not played to its end: {why}")


def _lines(played: Replay, outcome: RunOutcome) -> Iterator[str]:
    play = played.play
    if play is None:
        return
    yield users_in_words(play.program)
    steps = play.program.steps
    found = bool(play.findings)
    for number, step in enumerate(steps, 1):
        last = number == min(play.at, len(steps))
        mark = "✗" if found and last else "·" if number > play.at else "✓"
        yield f"{mark} {number}. {in_words(step)}"
    if play.stopped:
        yield f"It was not played further: {play.stopped}."
    for finding in play.findings:
        because = f" ({finding.because})" if finding.because else ""
        yield f"{finding.requirement}: expected {finding.expected}, seen {finding.seen}{because}"
    for verdict in outcome.verdicts:
        if verdict.status is Status.FAIL:
            for seen in verdict.observations[:1]:
                told = f"expected {seen.expected}, seen {seen.seen}" if seen.expected else seen.why
                yield f"{verdict.check}: {told}"
    if not (found or _failed(outcome)):
        yield f"Nothing was found: {played.judged} answers, outcomes and sessions were as they must be."


def _failed(outcome: RunOutcome) -> bool:
    return any(verdict.status is Status.FAIL for verdict in outcome.verdicts)


def _code(played: Replay, outcome: RunOutcome) -> int:
    if (played.play is not None and played.play.findings) or _failed(outcome):
        return Exit.NOT_CONFORMANT
    if played.play is not None and played.play.stopped:
        return Exit.NO_VERDICT
    return Exit.CONFORMANT if played.judged else Exit.NOTHING_RAN
