"""What is wrong with the last report of a session, where anything is."""

from __future__ import annotations

from typing import Any

import pytest

from omnisession_conformance.engine.sweep import Sweep
from omnisession_conformance.outputs.rejudge import client_facts
from omnisession_conformance.protocol.position import Position
from omnisession_conformance.results import RestLine, RunStatus, TranscriptFacts
from omnisession_conformance.roles.client.facts import Facts, Rest
from omnisession_conformance.roles.client.resting import wrong_at_rest
from omnisession_conformance.roles.client.testee.messages import Report
from omnisession_conformance.suite.client import role

SENT = {"x1", "x2"}
CHAT: dict[str, Any] = {"chat": {"type": "chat", "messages": []}}
SHOWN = {"chat": {"type": "chat", "messages": [{"id": "local:x1"}]}}


def report(counted: int, *pending: tuple[str, int | None], **more: Any) -> Report:
    """A report of a session that is live, with so many actions counted."""
    told = tuple({"action_id": id_, "client_seq": number} for id_, number in pending)
    named: dict[str, Any] = {"phase": "live", "slices": CHAT, "pending": told, **more}
    return Report(session_id="s", position=Position(1, 4, counted), **named)


@pytest.mark.parametrize(
    "found",
    [
        report(2),
        report(1, ("x2", 2)),
        report(1, ("x2", None)),
        report(2, ("not-sent-here", 1)),
        report(2, ("x2", 2), phase="recovering"),
        report(0, ("x1", 1), view=SHOWN),
        report(2, view=CHAT),
        Report(session_id="s", phase="live", pending=()),
    ],
    ids=[
        "nothing",
        "not counted",
        "no number yet",
        "of another session",
        "not at rest",
        "shown while it is pending",
        "a view as the slices are",
        "no position",
    ],
)
def test_nothing_is_wrong(found: Report) -> None:
    assert wrong_at_rest(found, SENT) == ""


@pytest.mark.parametrize(
    ("found", "wrong"),
    [
        (report(2, ("x2", 2)), "x2 is pending as number 2, and its position counts 2"),
        (report(5, ("x2", 7), ("x1", 1)), "x1 is pending as number 1, and its position counts 5"),
        (report(2, view=SHOWN), "nothing is pending, and the view is unlike the slices of chat"),
        (report(2, view={}), "nothing is pending, and the view is unlike the slices of chat"),
        (report(2, pending=None), "pending is null"),
    ],
    ids=["counted", "among others", "shown for ever", "no view of a kind", "not told"],
)
def test_something_is_wrong(found: Report, wrong: str) -> None:
    assert wrong_at_rest(found, SENT) == wrong


def test_the_rule_judges_each_look() -> None:
    class Record:
        n = 7
        case = "a"
        party = side = None

    class Trace:
        records = (Record(),)
        facts = Facts(rests=(Rest(7, "", "a"), Rest(7, "pending is null", "b")))

    sweep = Sweep()
    rule = next(one for one in role().rules if one.name == "nothing-is-pending-at-rest")
    rule.run(Trace(), sweep)  # pyright: ignore[reportArgumentType]
    (violation,) = sweep.violations["HYB-011"]
    assert (sweep.seen["HYB-011"], violation.seen, violation.records) == (
        1,
        "pending is null",
        (7,),
    )


def test_a_transcript_keeps_the_looks() -> None:
    told = TranscriptFacts(
        run_status=RunStatus.COMPLETE, role="client", rests=(RestLine("a", 7, "pending is null"),)
    )
    assert client_facts(told).rests == (Rest(7, "pending is null", "a"),)
