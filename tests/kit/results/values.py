"""Strategies for the lines of a results stream, and a run of them."""

from __future__ import annotations

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from omnisession_conformance.protocol.verdict import Outcome, Status
from omnisession_conformance.results import (
    CaseEnd,
    CaseOutcome,
    CheckResult,
    Evidence,
    Finding,
    Header,
    Line,
    RequirementResult,
    RunStatus,
    Selection,
    TargetInfo,
    close,
)

FEW = settings(max_examples=25, deadline=None)
"""Whole streams are large: a few of them meet every member many times."""

# Whatever a target may send: control characters and lone surrogates too.
TEXTS = st.text(max_size=8)
NUMBERS = st.integers(0, 2**53 - 1)
MILLISECONDS = st.floats(0, 1e7, allow_nan=False)
ORIGINS: st.SearchStrategy[str] = st.sampled_from(("kit", "target", "foreign"))
LEVELS = st.sampled_from(("MUST", "MUST NOT", "SHOULD", "SHOULD NOT"))
IDS = st.from_regex(r"[A-Z]{2,6}-[0-9]{3}", fullmatch=True)
CHECKS = st.builds("{}@{}".format, IDS, st.from_regex(r"[a-z][a-z-]{0,8}", fullmatch=True))


def tuples(of: st.SearchStrategy[Any], *, unique: bool = False) -> st.SearchStrategy[Any]:
    return st.lists(of, max_size=3, unique=unique).map(tuple)


def optional(of: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | of


SELECTIONS = st.builds(
    Selection,
    filtered=st.booleans(),
    requirements=tuples(IDS, unique=True),
    cases=tuples(TEXTS, unique=True),
    profiles=tuples(TEXTS, unique=True),
    of=NUMBERS,
)
HEADERS = st.builds(
    Header,
    kit=TEXTS,
    protocol=st.just("1.0"),
    run_id=TEXTS,
    started_at=NUMBERS,
    command=TEXTS,
    selection=SELECTIONS,
)
TARGETS = st.builds(
    TargetInfo,
    mode=st.sampled_from(("attach", "spawn")),
    url=TEXTS,
    command=optional(TEXTS),
    name=optional(TEXTS),
    version=optional(TEXTS),
    profiles=tuples(TEXTS),
    kinds=tuples(TEXTS),
    limits=st.dictionaries(TEXTS, NUMBERS, max_size=3),
    broker=optional(TEXTS),
    role=st.sampled_from(("server", "client")),
)
CASES = st.builds(
    CaseEnd,
    name=TEXTS,
    area=TEXTS,
    phase=TEXTS,
    outcome=st.sampled_from(CaseOutcome),
    ms=MILLISECONDS,
    reason=TEXTS,
)
FINDINGS = st.builds(
    Finding,
    outcome=st.sampled_from(Outcome),
    why=TEXTS,
    expected=optional(TEXTS),
    seen=optional(TEXTS),
    pointer=optional(TEXTS),
    records=tuples(NUMBERS),
    case=optional(TEXTS),
)
EVIDENCE = st.builds(
    Evidence,
    n=NUMBERS,
    t_ms=MILLISECONDS,
    party=st.sampled_from(("kit", "target")),
    subject=TEXTS,
    reply=TEXTS,
    type=TEXTS,
    summary=TEXTS,
    text=TEXTS,
    blamed=st.booleans(),
)
CHECK_RESULTS = st.builds(
    CheckResult,
    check=CHECKS,
    status=st.sampled_from(Status),
    level=LEVELS,
    observed=NUMBERS,
    rerun=TEXTS,
    reason=TEXTS,
    excused=st.booleans(),
    findings=tuples(FINDINGS),
    evidence=tuples(EVIDENCE),
)
REQUIREMENTS = st.builds(
    RequirementResult,
    id=IDS,
    status=st.sampled_from(Status),
    level=LEVELS,
    profile=TEXTS,
    area=TEXTS,
    title=TEXTS,
    text=TEXTS,
    spec=TEXTS,
    reason=TEXTS,
    excused=st.booleans(),
    checks=tuples(CHECKS, unique=True),
)


@st.composite
def streams(draw: st.DrawFn) -> list[Line]:
    """Whole streams, as a run may write them."""
    header = draw(HEADERS)
    checks = draw(st.lists(CHECK_RESULTS, max_size=4))
    requirements = draw(st.lists(REQUIREMENTS, max_size=4, unique_by=lambda r: r.id))
    footer = close(
        checks,
        requirements,
        run_status=draw(st.sampled_from(RunStatus)),
        reason=draw(TEXTS),
        filtered=header.selection.filtered,
        wall_ms=draw(MILLISECONDS),
        records=draw(st.dictionaries(ORIGINS, NUMBERS)),
    )
    middle: list[Line] = [*draw(st.lists(TARGETS, max_size=1)), *draw(st.lists(CASES, max_size=3))]
    return [header, *middle, *checks, *requirements, footer]
