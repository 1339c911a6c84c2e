"""What `check --generate` does before its run: rounds of generated traffic, a corpus, and a table."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from rich.text import Text

from omnisession_conformance.cli.signals import SIGNALS
from omnisession_conformance.engine.conduct import conduct
from omnisession_conformance.engine.stopper import Stopper
from omnisession_conformance.errors import Interrupted, KitError, cannot_write, first_line
from omnisession_conformance.files import Folder, read_file
from omnisession_conformance.outputs.streams import say
from omnisession_conformance.outputs.terminal import Terminal
from omnisession_conformance.report.text import grouped, plural
from omnisession_conformance.roles.server.generation.codec import dump, load
from omnisession_conformance.roles.server.generation.counts import table_of
from omnisession_conformance.roles.server.generation.hard_texts import hard_texts
from omnisession_conformance.suite.deep import Deep

if TYPE_CHECKING:
    from pathlib import Path

    from omnisession_conformance.environment.settings import Settings

MOST_BYTES = 4_000_000
MOST_SAVED = 100
"""Programs of a corpus that are played again."""


def go_deep(settings: Settings, seconds: float, corpus: Path) -> tuple[str, ...]:
    """Play programs for so long, and return the texts of those to be played in the run that follows.

    These are what the corpus held before, and what found something now. Raises UsageError where the
    corpus cannot be used, KitError where the first round has no verdict.
    """
    kept = _corpus(corpus)
    texts = hard_texts(settings.seed, corpus / ".hypothesis")
    began_s = time.monotonic()
    deep = Deep(settings.seed, lambda: time.monotonic() - began_s >= seconds, texts)
    lost: str | None = None
    while lost is None and not deep.over():
        stopper = Stopper()
        outcome = SIGNALS.run(conduct(settings, deep.chosen(), (), stopper), stopper)
        if outcome.interrupted is not None:
            raise Interrupted(outcome.interrupted)
        deep.sweep(outcome)
        lost = outcome.lost
        gone_s = time.monotonic() - began_s
        say(
            f"omnisession: generated traffic: {gone_s:.0f} s of {seconds:.0f} s, "
            f"{plural(deep.tally.programs, 'program')}, {grouped(deep.tally.judged)} judged steps, "
            f"{plural(len(deep.found), 'find')}"
        )
    if lost is not None and not deep.found:
        raise KitError(first_line(lost))
    if deep.offer is not None:
        console = Terminal()
        for line in table_of(deep.tally, deep.offer):
            console.print(Text(line), soft_wrap=True)
    return (*kept, *_keep(corpus, deep))


def _corpus(corpus: Path) -> tuple[str, ...]:
    try:
        corpus.mkdir(parents=True, exist_ok=True)
        files = sorted(corpus.glob("*.json"))[:MOST_SAVED]
        texts = [read_file(file, MOST_BYTES).decode("utf-8", "replace") for file in files]
    except OSError as error:
        raise cannot_write(
            f"the corpus to '{corpus}'", error, "another folder with --corpus"
        ) from error
    for file, text in zip(files, texts, strict=True):
        load(text, f"'{file}'")
    return tuple(texts)


def _keep(corpus: Path, deep: Deep) -> tuple[str, ...]:
    """Write what found something into the corpus, each program once."""
    texts: dict[str, str] = {}
    for requirement, program in deep.found.items():
        text = dump(program, {"requirement": requirement})
        if program not in [load(other, "it").program for other in texts.values()]:
            texts[f"{requirement}-{deep.seed}.json"] = text
    try:
        with Folder(corpus) as folder:
            for name, text in texts.items():
                folder.write_new(name, text.encode())
    except OSError as error:
        raise cannot_write(
            f"the corpus to '{corpus}'", error, "another folder with --corpus"
        ) from error
    if texts:
        say(f"omnisession: {plural(len(texts), 'program')} that found something: see '{corpus}'")
    return tuple(texts.values())
