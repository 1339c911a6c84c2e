"""The report as one HTML file: it needs no network, no server, and no script to be read.

Its script only filters. A policy inside the page lets nothing else run, whatever a target said.
"""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING

from omnisession_conformance.protocol.verdict import Status
from omnisession_conformance.report.overview import (
    about,
    areas,
    not_tested,
    target_names,
    what_happened,
)
from omnisession_conformance.report.templates import render, source
from omnisession_conformance.report.view import css, groups, spans, started
from omnisession_conformance.report.words import STATUS_NAMES, headline, id_ranges, word

if TYPE_CHECKING:
    from omnisession_conformance.results import Results


def html(results: Results) -> str:
    """The whole page."""
    results = results.settled()
    style, script = source("report.css"), source("report.js")
    present = {r.status for r in results.requirements}
    return render(
        "report.html.j2",
        style=style,
        script=script,
        policy=f"default-src 'none'; img-src data:; style-src {_hash(style)}; "
        f"script-src {_hash(script)}; base-uri 'none'; form-action 'none'",
        verdict=headline(results),
        word=word(results).value.replace("_", "-"),
        target=target_names(results),
        about=about(results),
        started=started(results.header),
        run_id=results.header.run_id,
        protocol=results.header.protocol,
        what_happened=what_happened(results),
        baseline=results.baseline,
        areas=areas(results.requirements),
        not_tested=[(e, spans(e.words), id_ranges(e.ids)) for e in not_tested(results)],
        statuses=[(s.value, STATUS_NAMES[s], css(s)) for s in Status if s in present],
        area_names=[row for row in areas(results.requirements).rows if row.area],
        groups=groups(results),
        total=len(results.requirements),
    )


def _hash(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"
