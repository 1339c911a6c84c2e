"""Rules on single bodies: each fault on a right transcript, and what must not be taken for one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from tests.kit.rules.builder import START_MS, clean, expect
from tests.kit.rules.story import Story, story

from omnisession_conformance.traffic.record import Party

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.kit.rules.builder import Entry


def heartbeat(told: Story) -> Entry:
    return told.tape.find("session.heartbeat", told.b1)[0]


def opened(told: Story) -> Entry:
    return told.tape.find("session.opened", told.b1)[0]


def raw(entry: Entry, old: str, new: str) -> Entry:
    text = json.dumps(entry.body)
    assert old in text
    entry.raw = text.replace(old, new, 1).encode()
    return entry


TEXTS: list[tuple[str, str, Callable[[Entry], Any], str]] = [
    ("ENV-001", "a byte order mark", lambda e: b"\xef\xbb\xbf" + e.encoded(), ""),
    ("ENV-001", "a member twice", lambda e: b'{"v":"1.0",' + e.encoded()[1:], "/v"),
    ("ENV-004", "an exponent", lambda e: e.encoded().replace(b'"seq":', b'"seq":0e0,"x":'), ""),
    ("ENV-004", "a fraction", lambda e: raw(e, '"epoch": 1', '"epoch": 1.0').encoded(), ""),
]


@pytest.mark.parametrize(("requirement", "_what", "write", "pointer"), TEXTS)
def test_text(requirement: str, _what: str, write: Callable[[Entry], bytes], pointer: str) -> None:
    told = story()
    entry = heartbeat(told)
    entry.raw = write(entry)
    found = told.tape.judge()
    assert requirement in found.broken, found.told()
    assert found.of(requirement)[0].records[0] == entry.n
    if pointer:
        assert found.of(requirement)[0].pointer == pointer


def with_half_a_pair(entry: Entry) -> None:
    entry.raw = b'{"x_half":"\\ud800",' + entry.encoded()[1:]


def test_half_a_surrogate_pair_may_be_shown_again_to_its_sender() -> None:
    told = story()
    for entry in (told.noop.copy, told.noop.ack, told.noop.inbox):
        with_half_a_pair(entry)
    clean(told.tape.judge())


def test_half_a_surrogate_pair_of_the_servers_own() -> None:
    told = story()
    with_half_a_pair(told.noop.copy)
    beat = heartbeat(told)
    assert beat.body["session_id"] != told.noop.copy.body["session_id"]
    with_half_a_pair(beat)
    expect(told.tape.judge(), "ENV-001", blamed=beat)


def test_an_array_of_bodies_is_no_object() -> None:
    told = story()
    entry = heartbeat(told)
    entry.raw = b"[" + entry.encoded() + b"]"
    expect(told.tape.judge(), "ENV-001", blamed=entry, pointer="")


def test_a_missing_member_of_a_heartbeat() -> None:
    told = story()
    entry = heartbeat(told)
    del entry.body["v"]
    expect(told.tape.judge(), "ENV-002", blamed=entry, pointer="/v")


def test_a_type_that_no_push_has() -> None:
    told = story()
    entry = heartbeat(told)
    entry.body["type"] = "session.hartbeat"
    found = told.tape.judge()
    expect(found, "ENV-002", blamed=entry, pointer="/type")


@pytest.mark.parametrize(
    ("timestamp", "requirement"),
    [
        (START_MS // 1_000, "ENV-003"),
        (START_MS * 1_000_000 % 2**53, "ENV-003"),
        (START_MS + 90_000_000, "ENV-003"),
        ("2026-11-22T22:00:00Z", "ENV-003"),
    ],
)
def test_times_that_are_no_milliseconds(timestamp: Any, requirement: str) -> None:
    told = story()
    entry = heartbeat(told)
    entry.body["timestamp"] = timestamp
    expect(told.tape.judge(), requirement, blamed=entry, pointer="/timestamp")


def test_a_clock_that_is_off_by_minutes_is_right() -> None:
    told = story()
    for entry in told.tape.entries:
        entry.body["timestamp"] = entry.body.get("timestamp", START_MS) - 600_000
    found = told.tape.judge()
    # Entities were made by the same clock; in this transcript they were not moved.
    assert "ENV-003" in found.broken
    assert {o.pointer for o in found.of("ENV-003")} == {"/data/revision/timestamp"}


def test_times_of_entities() -> None:
    told = story()
    state = told.tape.find("session.state", told.a2)[-1]
    state.data["articles"][-1]["published_at"] //= 1_000
    found = told.tape.judge()
    assert found.of("ENV-003")[0].pointer == "/data/articles/2/published_at"
    assert found.of("ENV-003")[0].records == (state.n,)


def test_the_time_of_a_new_entity_in_another_zone() -> None:
    told = story()
    event = told.update.of(told.a1)[1]
    assert event.type == "article.revision_added"
    event.data["revision"]["timestamp"] -= 3_600_000
    found = told.tape.judge()
    assert found.of("ENV-003")[0].pointer == "/data/revision/timestamp"


def test_a_credential_may_end_next_year() -> None:
    told = story()
    opened(told).data["expires_at"] = START_MS + 400 * 86_400_000
    clean(told.tape.judge())


def test_a_credential_in_seconds() -> None:
    told = story()
    opened(told).data["expires_at"] = START_MS // 1_000
    expect(told.tape.judge(), "ENV-003", blamed=opened(told), pointer="/data/expires_at")


def test_a_list_that_is_null() -> None:
    told = story()
    state = told.tape.find("session.state", told.a2)[0]
    state.data["revisions"] = None
    expect(told.tape.judge(), "ENV-005", blamed=state, pointer="/data/revisions")


def test_a_nullable_member_that_is_missing() -> None:
    told = story()
    event = told.publish.of(told.b1)[0]
    del event.body["cause"]
    expect(told.tape.judge(), "ENV-006", blamed=event, pointer="/cause")


ANNOTATED: list[tuple[str, Callable[[Story], Entry], Callable[[Entry], Any]]] = [
    (
        "STATE-009",
        lambda t: t.tape.find("session.state", t.a2)[0],
        lambda e: e.data["articles"][0].update(content="text"),
    ),
    (
        "ERR-001",
        lambda t: t.tape.find("action.nack", t.b1)[0],
        lambda e: e.data["error"].update(name="FORBIDDEN"),
    ),
    (
        "ERR-001",
        lambda t: t.tape.find("error", t.a2)[0],
        lambda e: e.data["error"].update(retryable=True),
    ),
    (
        "VER-002",
        lambda t: next(e for e in t.tape.find("error") if e.data["error"]["code"] == 4003),
        lambda e: e.data["error"].pop("details"),
    ),
]


@pytest.mark.parametrize(("requirement", "choose", "change"), ANNOTATED)
def test_what_a_schema_says_for_a_requirement(
    requirement: str, choose: Callable[[Story], Entry], change: Callable[[Entry], Any]
) -> None:
    told = story()
    entry = choose(told)
    change(entry)
    found = told.tape.judge()
    assert requirement in found.broken, found.told()
    assert found.of(requirement)[0].records[0] == entry.n


@pytest.mark.parametrize("code", [4091, 4090, 4290])
def test_what_a_code_requires(code: int) -> None:
    told = story()
    requirement = {4091: "ACTION-012", 4090: "ART-007", 4290: "ERR-007"}[code]
    nacks = [e for e in told.tape.find("action.nack") if e.data["error"]["code"] == code]
    assert len(nacks) == 2, "on control and on the inbox"
    for nack in nacks:
        nack.data["error"].pop("details", None)
        nack.data["error"].pop("retry_after_ms", None)
    expect(told.tape.judge(), requirement, blamed=nacks[0])


def test_encoded_ids() -> None:
    told = story()
    heartbeat(told).body["session_id"] = "k7tag=2db"
    expect(told.tape.judge(), "ENV-008", blamed=heartbeat_of_nobody(told), pointer="/session_id")


def heartbeat_of_nobody(told: Story) -> Entry:
    return next(e for e in told.tape.find("session.heartbeat") if "=" in e.body["session_id"])


def test_the_ids_of_the_acting_session_in_another() -> None:
    told = story()
    event = told.publish.of(told.b1)[0]
    event.body["session_id"], event.body["user_id"] = told.a1.id, told.a1.user
    found = told.tape.judge()
    assert {"ENV-008", "SUBJ-001", "SEC-004"} == found.broken, found.told()
    assert found.of("ENV-008")[0].pointer == "/user_id"


def test_an_answer_with_the_ids_of_the_body_that_it_refuses() -> None:
    told = story()
    refusal = next(e for e in told.tape.find("error") if e.data["error"]["code"] == 4031)
    refusal.body["session_id"] = told.b1.id
    expect(told.tape.judge(), "ENV-008", blamed=refusal, pointer="/session_id")


@pytest.mark.parametrize(("session_id", "right"), [(None, True), ("own", True), ("other", False)])
def test_the_ids_of_an_error_to_an_action(session_id: str | None, right: bool) -> None:
    told = story()
    copy = told.a1.sends("session.noop", number=99)
    copy.body["session_id"] = "own"
    error = told.a1.refused(copy, 4041)
    error.body["session_id"] = session_id
    found = told.tape.judge()
    assert ("ENV-008" not in found.broken) is right, found.told()


@pytest.mark.parametrize(("user_id", "right"), [("own", True), ("other", False), (None, False)])
def test_the_user_of_an_error_to_an_action_that_cannot_be_read(
    user_id: str | None, right: bool
) -> None:
    told = story()
    copy = told.a1.sends("session.noop", number=99)
    copy.raw = b"{"
    error = told.a1.refused(copy, 4000)
    error.body["user_id"] = told.a1.user if user_id == "own" else user_id
    error.body["session_id"] = None
    found = told.tape.judge()
    assert ("ENV-008" not in found.broken) is right, found.told()


@pytest.mark.parametrize(
    "trace",
    [
        "garbage",
        f"00-{'0' * 32}-{'1' * 16}-00",
        f"ff-{'1' * 32}-{'1' * 16}-00",
        f"00-{'1' * 32}-{'1' * 16}-01-",
    ],
)
def test_what_is_no_trace_need_not_be_passed_on(trace: str) -> None:
    told = story()
    for entry in told.tape.entries:
        given = dict.fromkeys(entry.headers, trace) if entry.party is Party.KIT else {}
        entry.headers.clear()
        entry.headers.update(given)
    assert "ENV-009" not in told.tape.judge().broken


def test_a_trace_that_is_not_passed_on() -> None:
    told = story()
    traced = [e for e in told.tape.find("action.ack", told.b1) if e.headers]
    traced[0].headers.clear()
    expect(told.tape.judge(), "ENV-009", blamed=traced[0])
    traced[0].headers["Traceparent"] = "00-ffffffffffffffffffffffffffffffff-b7ad6b7169203331-01"
    expect(told.tape.judge(), "ENV-009", blamed=traced[0])
    traced[0].headers["Traceparent"] = traced[1].headers["traceparent"]
    clean(told.tape.judge())


def test_bodies_above_their_limit() -> None:
    told = story()
    event = told.update.of(told.b1)[0]
    for answer in (e for e in told.tape.entries if e.type == "session.opened"):
        answer.data["limits"]["event"] = len(event.encoded()) - 1
    found = told.tape.judge()
    assert found.broken == {"LIMIT-001"}, found.told()
    assert event.n in [o.records[0] for o in found.of("LIMIT-001")]
