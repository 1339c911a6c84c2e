"""The badge of a whole run: an SVG, and the endpoint that shields.io reads.

A run of a part proves no conformance and has none.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from omnisession_conformance.markers import disarmed_json
from omnisession_conformance.protocol.roles import INTEROP, SERVER
from omnisession_conformance.report.claim import claim
from omnisession_conformance.report.junit import clean
from omnisession_conformance.report.overview import target_names
from omnisession_conformance.report.scenarios import counted, scenarios
from omnisession_conformance.report.templates import render
from omnisession_conformance.report.text import one_line
from omnisession_conformance.report.words import Word, word

if TYPE_CHECKING:
    from omnisession_conformance.results import Results

GREY, PARTLY = "lightgrey", "yellowgreen"
_CLAIMING = (Word.CONFORMANT, Word.AS_EXPECTED)
_SAID = {
    Word.CONFORMANT: ("conformant", "brightgreen"),
    Word.NOT_CONFORMANT: ("not conformant", "red"),
    Word.AS_EXPECTED: ("expected failures", "orange"),
    Word.BASELINE_FAILED: ("baseline failed", "red"),
    Word.INTEROPERATES: ("interoperates", "brightgreen"),
    Word.NOT_INTEROPERABLE: ("does not interoperate", "red"),
    Word.NO_VERDICT: ("no verdict", GREY),
    Word.INTERRUPTED: ("no verdict", GREY),
    Word.NOTHING_TESTED: ("nothing tested", GREY),
}
# As shields.io draws them, but dark enough for white letters.
_DRAWN = {
    "brightgreen": "#2b7a0b",
    PARTLY: "#5d6b00",
    "red": "#b3261e",
    "orange": "#9a5b00",
    GREY: "#5f6368",
}
LONGEST = 400
_NARROW, _WIDE = frozenset("fijlrt.,:;|!'()[] "), frozenset("mwMW")
_PADDING = 8


@dataclass(frozen=True, slots=True)
class Badge:
    """What a badge says."""

    label: str
    message: str
    colour: str
    title: str


def badge(results: Results) -> Badge | None:
    """The badge of a run, None for a run of a part."""
    results = results.settled()
    if results.end.filtered:
        return None
    message, colour = _SAID[word(results)]
    if word(results) in _CLAIMING:
        proved = claim(results)
        message = f"{', '.join((message, *proved.marks))}: {proved.text}"
        colour = colour if proved.whole or colour != "brightgreen" else PARTLY
    elif found := scenarios(results):
        message = f"{message}: {counted(found)}"
    elif results.end.lacking:
        message = f"{message}: less than claimed"
    label = f"Omnisession{_of_whom(results)} {results.header.protocol}"
    title = one_line(f"{label}: {message} ({target_names(results)})", LONGEST)
    return Badge(label, message, colour, clean(title))


def _of_whom(results: Results) -> str:
    """Who is not a server is called by the role: its profiles are others, by the same names."""
    if results.header.selection.pair:
        return f" {INTEROP}"
    target = results.target
    return "" if target is None or target.role == SERVER else f" {target.role}"


def picture(results: Results) -> str | None:
    """The badge of a run as SVG, None for a run of a part."""
    shown = badge(results)
    return None if shown is None else svg(shown)


def data(results: Results) -> str | None:
    """The badge of a run as JSON, None for a run of a part."""
    shown = badge(results)
    return None if shown is None else endpoint(shown)


def endpoint(shown: Badge) -> str:
    """The badge as JSON for https://shields.io/badges/endpoint-badge."""
    told = {
        "schemaVersion": 1,
        "label": shown.label,
        "message": shown.message,
        "color": shown.colour,
    }
    return disarmed_json(json.dumps(told, indent=2)) + "\n"


def svg(shown: Badge) -> str:
    """The badge as a picture that needs nothing else."""
    left, right = (_width(text) + 2 * _PADDING for text in (shown.label, shown.message))
    return render(
        "badge.svg.j2",
        badge=shown,
        colour=_DRAWN[shown.colour],
        left=left,
        right=right,
        padding=_PADDING,
    )


def _width(text: str) -> int:
    """About as wide as the text is; the picture stretches its letters to fit exactly."""
    return round(sum(4 if c in _NARROW else 10 if c in _WIDE else 6.7 for c in text))
