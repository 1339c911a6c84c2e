"""Transcripts that were changed on purpose, and whose end fits them all the same: it is no signature."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from omnisession_conformance.results.seal import Seal

if TYPE_CHECKING:
    from collections.abc import Iterable

Line = dict[str, Any]


def sealed(lines: Iterable[Line]) -> str:
    """A transcript of the lines before its end, with an end that fits them."""
    seal = Seal()
    text = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)
    return text + json.dumps(seal.end(text)) + "\n"


def judging(lines: Iterable[Line], *checks: str) -> list[Line]:
    """The lines as if the run had come to a verdict on some more checks."""
    return [
        {**line, "judged": [*line["judged"], *checks]} if line["line"] == "facts" else line
        for line in lines
    ]
