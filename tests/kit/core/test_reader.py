"""One message makes one record, whoever reads it; what is wrong with it is said when it is asked for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from omnisession_conformance.protocol.schemas.check import Checker
from omnisession_conformance.traffic.log import Log
from omnisession_conformance.traffic.reader import Reader
from omnisession_conformance.traffic.record import Party, Record, side_of

if TYPE_CHECKING:
    from omnisession_conformance.protocol.schemas import Violation

HEARTBEAT = {
    "v": "1.0",
    "type": "session.heartbeat",
    "user_id": "u",
    "session_id": "s",
    "timestamp": 1,
    "data": {"position": {"epoch": 1, "seq": 1, "last_action_seq": 0}},
}


class Counting(Checker):
    """Counts what it is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.judged = 0
        self.explained = 0

    def is_valid(self, ref: str, body: Any) -> bool:
        self.judged += 1
        return super().is_valid(ref, body)

    def explain(self, ref: str, body: Any) -> list[Violation]:
        self.explained += 1
        return super().explain(ref, body)


def read(
    reader: Reader,
    body: dict[str, Any] | bytes,
    n: int = 0,
    subject: str = "session.u.s.control",
    party: Party = Party.TARGET,
    **more: Any,
) -> Record:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    defaults: dict[str, Any] = {"t_ns": n, "at_ms": n, "reply": "", "headers": {}, "case": None}
    return reader.read(
        n=n, subject=subject, data=data, party=party, side=side_of(party), **{**defaults, **more}
    )


def bad(name: str = "bad") -> dict[str, Any]:
    return {**HEARTBEAT, "data": {"position": name}}


def test_a_right_body_has_no_flaws() -> None:
    record = read(Reader(Counting(), (), 1.0), HEARTBEAT)
    assert not record.flaws
    assert record.type == "session.heartbeat"


def test_what_is_wrong_is_looked_for_once_and_when_it_is_asked_for() -> None:
    checker = Counting()
    record = read(Reader(checker, (), 1.0), bad())
    assert record.flaws, "known at once"
    assert checker.explained == 0, "and not explained yet"
    assert [flaw.pointer for flaw in record.flaws] == ["/data/position"]
    assert record.flaws[0] in record.flaws
    assert record.flaws == tuple(record.flaws)
    assert checker.explained == 1


def test_every_index_of_the_log_has_the_same_record() -> None:
    log, reader = Log(), Reader(Counting(), (), 1.0)
    log.append(read(reader, bad()))
    (one,), (other,), (third,) = log.records, log.on("session.u.s.control"), log.control("u", "s")
    assert one is other is third
    assert one.flaws


def test_flaws_of_the_text_come_first() -> None:
    text = json.dumps(bad()).replace('"u"', '"u", "user_id": "u"').encode()
    record = read(Reader(Counting(), (), 1.0), text)
    assert len(record.flaws) == 2
    assert "more than once" in record.flaws[0].message
    assert record.flaws[1].pointer == "/data/position"


def test_when_the_time_is_up_the_last_one_stands_for_the_rest() -> None:
    checker = Counting()
    reader = Reader(checker, (), 60.0)
    first = read(reader, bad("one"))
    assert "one" in first.flaws[0].message
    reader.explainer.hurry()
    second = read(reader, bad("two"))
    assert second.flaws == first.flaws
    # Of another definition there is nothing yet.
    other = read(reader, {**bad(), "type": "session.closing"})
    assert other.flaws
    assert [flaw.pointer for flaw in other.flaws]
    assert checker.explained == 2


def test_the_kit_and_other_services_are_not_judged() -> None:
    checker = Counting()
    services = {"_INBOX.srv"}
    reader = Reader(checker, services, 1.0)
    assert not read(reader, bad(), party=Party.KIT).flaws
    assert not read(reader, bad(), party=Party.STRANGER).flaws
    assert not read(reader, bad(), subject="_INBOX.srv").flaws
    assert checker.judged == 0
    services.add("_INBOX.later")
    assert not read(reader, bad(), subject="_INBOX.later").flaws
    assert read(reader, bad(), subject="_INBOX.mine").flaws


def test_a_masked_place_is_no_flaw_of_a_redacted_message_alone() -> None:
    reader = Reader(Counting(), (), 1.0)
    masked = bad("[redacted]")
    assert not read(reader, masked, redacted=True).flaws
    assert read(reader, masked).flaws, "a target may well send that word"
    both = {**masked, "timestamp": "now"}
    assert [flaw.pointer for flaw in read(reader, both, redacted=True).flaws] == ["/timestamp"]


def test_the_same_bytes_are_judged_once() -> None:
    checker = Counting()
    reader = Reader(checker, (), 1.0)
    one, other = read(reader, HEARTBEAT, 1), read(reader, HEARTBEAT, 2)
    assert checker.judged == 1
    assert one.body is other.body
    assert (one.n, other.n) == (1, 2)
