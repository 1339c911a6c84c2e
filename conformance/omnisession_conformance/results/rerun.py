"""The command that runs one check again."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from omnisession_conformance.protocol.verdict import SWEEP

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omnisession_conformance.protocol.verdict import Verdict

MOST_CASES = 3


def rerun_line(verdict: Verdict, options: Sequence[str] = ()) -> str:
    """`omnisession check … --only REQ-ID@case`; a sweep is narrowed to the cases that broke it.

    `options` are those that chose the target (`--nats URL`), without anything that selects checks.
    """
    return on_one_line(["omnisession", "check", *options, *selecting(verdict)])


def on_one_line(words: Sequence[str]) -> str:
    """A command line for a shell, on one line also where words have several, or what cannot be seen."""
    return " ".join(shlex.quote(word) if _seen(word) else _escaped(word) for word in words)


def _seen(word: str) -> bool:
    return word.isprintable()


def _escaped(word: str) -> str:
    raw = word.encode("utf-8", "surrogateescape")
    shown = "".join(
        chr(byte) if 0x20 <= byte < 0x7F and byte not in b"\\'" else f"\\x{byte:02x}"
        for byte in raw
    )
    return f"$'{shown}'"


def selecting(verdict: Verdict) -> tuple[str, ...]:
    """The options that select the check alone."""
    words = ["--only", str(verdict.check)]
    if verdict.check.source == SWEEP:
        cases = dict.fromkeys(o.case for o in verdict.observations if o.case)
        for case in list(cases)[:MOST_CASES]:
            words += ["--case", case]
    return tuple(words)
