"""All files that are made, by their paths below `schemas/vectors/`."""

from __future__ import annotations

from vectors import carried, gaps, life, lines, opening, outcomes, repeats, shown, stream
from vectors.listed import TRACES

TOPICS = (opening, stream, gaps, repeats, life, outcomes, carried, shown)
"""Modules that put their traces on the list."""


def made() -> dict[str, str]:
    """The text of each file."""
    return {f"traces/{one.name}.jsonl": lines.written(one.lines()) for one in TRACES.values()}
