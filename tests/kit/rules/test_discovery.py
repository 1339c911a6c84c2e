"""What answers of the micro-service must not give away, and that no rule takes them for messages."""

from __future__ import annotations

from typing import Any

import pytest
from tests.kit.rules.builder import Tape, clean, expect
from tests.kit.rules.story import ANN, story

from omnisession_conformance.protocol.subjects import classify
from omnisession_conformance.traffic.ledger import Ledger
from omnisession_conformance.traffic.record import Party

EMAIL = "ann@k7tag.example"
TOKEN = "eyJhbGciOiJIUzI1NiJ9.k7tag.signature"
INFO: dict[str, Any] = {
    "type": "io.nats.micro.v1.info_response",
    "name": "omnisession",
    "id": "VMKS6MHJI7LSN1ZQCB2T7E",
    "version": "0.1.0",
    "description": "",
    "metadata": {"protocol": "1.0", "profiles": "core,articles", "limits": "{}"},
    "endpoints": [],
}
A1 = "k7tag-aaaaaaaaaaaaaaaa01"


def asks(tape: Tape, subject: str = "$SRV.INFO") -> str:
    inbox = tape.inbox()
    tape.put(subject, {}, Party.KIT, reply=inbox)
    return inbox


def test_answers_are_no_messages_of_the_protocol() -> None:
    told = story()
    for subject in ("$SRV.PING", "$SRV.INFO.omnisession", f"$SRV.STATS.omnisession.{INFO['id']}"):
        inbox = asks(told.tape, subject)
        for _ in range(2):
            told.tape.put(inbox, INFO, Party.TARGET)
    found = told.tape.judge(emails={ANN: EMAIL}, tokens=frozenset({TOKEN}))
    clean(found)
    assert found.seen("DISC-003") >= 6


@pytest.mark.parametrize("secret", [ANN, A1])
def test_an_answer_that_names_somebody(secret: str) -> None:
    tape = Tape()
    tape.opened(ANN, A1)
    answer = tape.put(asks(tape), {**INFO, "description": f"last seen: {secret}"}, Party.TARGET)
    expect(tape.judge(), "DISC-003", blamed=answer)


def test_an_answer_with_an_email_or_a_token() -> None:
    tape = Tape()
    tape.opened(ANN, A1)
    answers = [
        tape.put(asks(tape), {**INFO, "last_error": secret}, Party.TARGET)
        for secret in (EMAIL, TOKEN)
    ]
    found = tape.judge(emails={ANN: EMAIL}, tokens=frozenset({TOKEN}))
    expect(found, "DISC-003", "USER-002", "SEC-005", blamed=answers[0])
    assert [o.records[0] for o in found.of("DISC-003")] == [answer.n for answer in answers]


def test_what_is_no_session_server() -> None:
    tape = Tape()
    tape.opened(ANN, A1)
    tape.put(asks(tape), {**INFO, "name": "another", "description": ANN}, Party.TARGET)
    found = tape.judge()
    clean(found)
    assert not found.seen("DISC-003")


def test_other_services_are_strangers() -> None:
    ledger = Ledger(shared_broker=False)
    ledger.enter("$SRV.PING", "_INBOX.ktag.1", b"", "mine")
    ledger.enter("session.u.s.control", "_INBOX.ktag.2", b"{}", "mine")

    def told(subject: str, data: bytes) -> Party:
        return ledger.attribute(classify(subject), subject, data)[0]

    assert told("_INBOX.ktag.1", b'{"name":"omnisession"}') is Party.TARGET
    assert told("_INBOX.ktag.1", b'{"name":"another"}') is Party.STRANGER
    assert told("_INBOX.ktag.2", b'{"name":"another"}') is Party.TARGET
    assert ledger.services == {"_INBOX.ktag.1"}
