"""All files that are made, by their paths below `schemas/vectors/`."""

from __future__ import annotations

from vectors import gaps, lines, opening, outcomes
from vectors.listed import TRACES

TOPICS = (opening, gaps, outcomes)
"""Modules that put their traces on the list."""


def made() -> dict[str, str]:
    """The text of each file."""
    return {f"traces/{one.name}.jsonl": lines.written(one.lines()) for one in TRACES.values()}
