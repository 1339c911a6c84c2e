"""What an answer says of whether, and when, the same bytes may be sent again."""

from __future__ import annotations

from typing import Any

import pytest

from omnisession_conformance.protocol.subjects import Side, classify
from omnisession_conformance.roles.server.reply import Answer
from omnisession_conformance.traffic.record import Party, Record

SUBJECT = "_INBOX.a"


def answer(type_: str, **data: Any) -> Answer:
    body = {"type": type_, "data": data}
    record = Record(
        n=0,
        t_ns=0,
        at_ms=0,
        subject=SUBJECT,
        reply="",
        headers={},
        data=b"",
        body=body,
        flaws=(),
        party=Party.TARGET,
        side=Side.SERVER,
        case=None,
        address=classify(SUBJECT),
    )
    return Answer(record)


def refused(code: int, *, retryable: bool = True, after: Any = None) -> Answer:
    error = {"code": code, "retryable": retryable, "retry_after_ms": after}
    return answer("action.nack", error=error)


@pytest.mark.parametrize(
    ("said", "wait_ms"),
    [
        (refused(4290, after=20), 20),
        (refused(5030, after=0), 0),
        (refused(5000, after=2_000), 2_000),
        (refused(5000), None),
        (refused(4290, after=60_000), None),
        (refused(4290, after=-1), None),
        (refused(4290, after=True), None),
        (refused(4290, after="20"), None),
        (refused(4290, retryable=False, after=20), None),
        (refused(4091, after=20), None),
        (answer("action.ack", status="applied"), None),
    ],
)
def test_only_a_busy_target_is_asked_again(said: Answer, wait_ms: int | None) -> None:
    assert said.later_ms == wait_ms
