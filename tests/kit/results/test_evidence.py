from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from omnisession_conformance.protocol.subjects import Side, classify
from omnisession_conformance.protocol.verdict import CheckId, Observation, Outcome, Status, Verdict
from omnisession_conformance.results import evidence, rerun_line
from omnisession_conformance.results.describe import describe
from omnisession_conformance.results.evidence import BODY_LIMIT, MOST
from omnisession_conformance.traffic.record import Party, Record, side_of
from omnisession_conformance.traffic.redact import Redactor

CONTROL, STATE = "session.ann.s1.control", "session.ann.s1.state"
INBOX = "_INBOX.k1.1"


def record(
    n: int,
    party: Party,
    subject: str,
    body: dict[str, Any] | bytes | None = None,
    reply: str = "",
) -> Record:
    data = body if isinstance(body, bytes) else json.dumps(body or {}).encode()
    return Record(
        n=n,
        t_ns=1_000_000 * n + 5_000_000,
        at_ms=n,
        subject=subject,
        reply=reply,
        headers={},
        data=data,
        body=None if isinstance(body, bytes) else body or {},
        flaws=(),
        party=party,
        side=side_of(party),
        case="a",
        address=classify(subject),
    )


KIT, TARGET, STRANGER = Party.KIT, Party.TARGET, Party.STRANGER
ACTION = {"type": "session.noop", "user_id": "ann", "session_id": "s1", "client_seq": 4}
LOG = [
    record(0, KIT, CONTROL, {"type": "session.open"}, INBOX),
    record(1, KIT, "session.bob.s2.control", {"type": "session.open"}, "_INBOX.k1.2"),
    record(2, TARGET, INBOX, {"type": "session.opened"}),
    record(3, STRANGER, STATE, {"type": "session.state"}),
    record(4, TARGET, STATE, {"type": "session.state"}),
    record(5, KIT, "user.actions.ann", ACTION),
    record(6, KIT, "user.actions.ann", {**ACTION, "session_id": "other"}),
    record(7, TARGET, STATE, {"type": "session.state"}),
]


def shown(
    *blamed: int, log: list[Record] | None = None, most: int = MOST
) -> list[tuple[int, bool]]:
    found = evidence(blamed, log or LOG, redactor=Redactor(), started_ns=0, most=most)
    return [(e.n, e.blamed) for e in found]


@pytest.mark.parametrize(
    ("blamed", "expected"),
    [
        ((2,), [(0, False), (2, True)]),
        ((4,), [(0, False), (4, True)]),
        ((7,), [(5, False), (7, True)]),
        ((7, 4), [(0, False), (4, True), (5, False), (7, True)]),
        ((0,), [(0, True), (2, False)]),
        ((1,), [(1, True)]),
        ((3,), []),
        ((99,), []),
        ((), []),
    ],
)
def test_blamed_messages_stand_with_the_request_that_led_there(
    blamed: tuple[int, ...], expected: list[tuple[int, bool]]
) -> None:
    assert shown(*blamed) == expected


def test_a_log_with_gaps_is_searched_by_number() -> None:
    log = [r for r in LOG if r.n not in (1, 3)]
    assert shown(7, log=log) == [(5, False), (7, True)]
    assert shown(3, log=log) == []


def test_there_are_never_too_many_and_the_blamed_come_first() -> None:
    assert shown(7, 4, most=2) == [(4, True), (7, True)]


def test_a_message_is_told_with_time_direction_and_body() -> None:
    (one, two) = evidence([2], LOG, redactor=Redactor(), started_ns=5_000_000)
    assert (one.t_ms, one.party, one.subject, one.reply) == (0.0, "kit", CONTROL, INBOX)
    assert (two.t_ms, two.party, two.type) == (2.0, "target", "session.opened")
    assert json.loads(two.text) == {"type": "session.opened"}


def test_of_a_pair_it_is_told_which_of_the_two_it_was() -> None:
    client = replace(record(1, TARGET, CONTROL, {"type": "session.ping"}, INBOX), side=Side.CLIENT)
    log = [record(0, KIT, CONTROL), client, record(2, TARGET, INBOX, {"type": "session.pong"})]
    found = evidence([0, 1, 2], log, redactor=Redactor(), started_ns=0, pair=True)
    assert [one.party for one in found] == ["kit", "client", "server"]


def test_a_long_body_is_cut_and_says_by_how_much() -> None:
    log = [record(0, TARGET, STATE, b"x" * (BODY_LIMIT + 41))]
    (only,) = evidence([0], log, redactor=Redactor(), started_ns=0)
    assert only.text == "x" * BODY_LIMIT + "… (41 more characters)"


def test_secrets_are_hidden_before_the_cut_can_halve_them() -> None:
    secret = "opaque-secret-42"
    log = [record(0, TARGET, STATE, b"x" * (BODY_LIMIT - 8) + secret.encode() + b"y" * 50)]
    (only,) = evidence([0], log, redactor=Redactor([secret]), started_ns=0)
    assert "opaque" not in only.text


def test_bytes_that_are_no_text_are_shown_as_escapes() -> None:
    (only,) = evidence(
        [0], [record(0, TARGET, STATE, b"a\xff\x00")], redactor=Redactor(), started_ns=0
    )
    assert only.text == "a\\xff\x00"


POSITION = {"epoch": 2, "seq": 9, "last_action_seq": 0}


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (
            {"type": "session.state", "reason": "open", **POSITION, "data": {"type": "chat"}},
            "chat, open, at 2:9",
        ),
        ({"type": "session.opened", "data": {"kinds": ["a", "b"]}}, "kinds a b"),
        ({"type": "session.open", "data": {"kinds": []}}, "kinds none"),
        ({"type": "session.pong", "data": {"position": POSITION}}, "at 2:9"),
        ({"type": "session.resume", "data": {"epoch": 1, "seq": 4}}, "from 1:4"),
        (
            {"type": "session.resumed", "data": {"mode": "replay", "position": POSITION}},
            "replay, at 2:9",
        ),
        (
            {"type": "action.ack", "data": {"status": "applied", "client_seq": 3}},
            "applied, action 3",
        ),
        ({"type": "error", "data": {"error": {"code": 4041, "name": "X"}}}, "4041 X"),
        (
            {"type": "action.nack", "data": {"error": {"code": [1]}, "client_seq": None}},
            "[1] None, action None",
        ),
        ({"type": 5, "data": 7}, ""),
        (b"", "empty"),
        (b"nope", "no JSON object (4 bytes)"),
    ],
)
def test_a_message_is_described_whatever_its_target_made_of_it(
    body: dict[str, Any] | bytes, told: str
) -> None:
    assert describe(record(0, TARGET, STATE, body)) == told


def test_long_values_are_described_shortly() -> None:
    told = describe(record(0, TARGET, STATE, {"data": {"mode": "x" * 500}}))
    assert len(told) < 50


def verdict(source: str, *cases: str) -> Verdict:
    check = CheckId("STATE-003", source)
    seen = tuple(Observation(check, Outcome.BROKEN, case=c) for c in cases)
    return Verdict(check, Status.FAIL, "MUST", 1, observations=seen)


def test_a_check_is_run_again_by_its_name() -> None:
    line = rerun_line(verdict("open-order", "open-order"), ["--nats", "nats://h:1", "--x", "a b"])
    assert line == "omnisession check --nats nats://h:1 --x 'a b' --only STATE-003@open-order"


def test_a_sweep_is_narrowed_to_the_cases_that_broke_it() -> None:
    line = rerun_line(verdict("sweep", "b", "a", "b", "c", "d"))
    assert line == "omnisession check --only STATE-003@sweep --case b --case a --case c"
    assert rerun_line(verdict("sweep")) == "omnisession check --only STATE-003@sweep"
