"""One inbox for many requests is read as one for each, by what requests and answers say."""

from __future__ import annotations

import json
from typing import Any

from omnisession_conformance.protocol.schemas.check import Checker
from omnisession_conformance.protocol.subjects import Side
from omnisession_conformance.roles.interop.inboxes import apart
from omnisession_conformance.traffic.reader import Reader
from omnisession_conformance.traffic.record import Party, Record

INBOX = "_INBOX.one"
READER = Reader(Checker(), (), 1.0)


def record(n: int, subject: str, body: dict[str, Any], reply: str = "") -> Record:
    side = Side.SERVER if subject.startswith("_INBOX") else Side.CLIENT
    return READER.read(
        n=n,
        t_ns=n,
        at_ms=n,
        subject=subject,
        reply=reply,
        headers={},
        data=json.dumps(body).encode(),
        party=Party.TARGET,
        side=side,
        case=None,
    )


def asks(n: int, session: str, reply: str = INBOX) -> Record:
    return record(n, f"session.u.{session}.control", {"session_id": session}, reply)


def acts(n: int, number: int) -> Record:
    body = {"session_id": "a", "action_id": "x", "client_seq": number}
    return record(n, "user.actions.u", body, INBOX)


def answers(n: int, type_: str, session: str = "a", **data: Any) -> Record:
    return record(n, INBOX, {"type": type_, "session_id": session, "data": data})


def test_inboxes_of_one_request_stay_as_they_are() -> None:
    records = [asks(0, "a"), answers(1, "session.opened")]
    assert apart(records) is records


def test_answers_go_to_the_request_of_their_session_in_order() -> None:
    found = apart(
        [
            *(asks(0, "a"), asks(1, "b"), asks(2, "a")),
            *(answers(3, "session.opened", "b"), answers(4, "session.opened")),
            answers(5, "session.pong"),
        ]
    )
    first, other, second = (one.reply for one in found[:3])
    assert len({first, other, second}) == 3
    assert [one.subject for one in found[3:]] == [other, first, second]


def test_an_outcome_goes_to_its_action() -> None:
    found = apart(
        [
            *(acts(0, 1), acts(1, 2), asks(2, "a")),
            answers(3, "action.ack", action_id="x", client_seq=2),
            *(answers(4, "session.pong"), answers(5, "action.nack", action_id="x", client_seq=1)),
        ]
    )
    first, second, ping = (one.reply for one in found[:3])
    assert [one.subject for one in found[3:]] == [second, ping, first]


def test_an_answer_too_many_is_seen_as_one() -> None:
    found = apart(
        [
            *(asks(0, "a"), asks(1, "b"), answers(2, "session.pong")),
            *(answers(3, "session.pong"), answers(4, "session.pong", "b")),
        ]
    )
    assert [one.subject for one in found[2:]] == [found[0].reply, found[0].reply, found[1].reply]
