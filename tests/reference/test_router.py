"""What comes in from whoever it may be."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.reference.bench import Bench, action, control

from omnisession_reference.core import Settings
from omnisession_reference.wire import tok

READ = (
    "session.ann.s.control",
    "user.actions.ann",
    "chat.messages",
    "article.edit.start",
)


@pytest.fixture(name="bench")
def open_bench() -> Bench:
    bench = Bench()
    bench.open("ann", "s", gap_ms=0)
    return bench


@pytest.mark.parametrize(
    "reply",
    [
        "session.bob.b.state",
        "session.ann.s.control",
        "chat.messages",
        "inbox.x",
        "_INBOX",
        "_INBOXx",
        "_INBOX_.x",
        "_R_",
        "_r_.x",
    ],
)
def test_a_forged_reply_subject_has_no_effect_and_no_answer(bench: Bench, reply: str) -> None:
    create = action("ann", "s", 1, "article.create", title="T")
    close = control("session.close", "ann", "s")
    assert bench.deliver("user.actions.ann", create, reply) == []
    assert bench.deliver("session.ann.s.control", close, reply) == []
    assert bench.deliver("chat.messages", b"garbage", reply) == []
    assert bench.ping("ann", "s")["last_action_seq"] == 0


def test_answers_go_to_inboxes_and_service_imports(bench: Bench) -> None:
    ping = control("session.ping", "ann", "s")
    for reply in ("_INBOX.x", "_INBOX.a.b.c", "_R_.x.y"):
        assert [s.subject for s in bench.deliver(READ[0], ping, reply)] == [reply]


@pytest.mark.parametrize("subject", READ)
@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[1]",
        b"7",
        b"\xff\xfe",
        b"[" * 10_000,
        b'{"a":' * 10_000,
        rb'{"type":"\ud800"}',
    ],
)
def test_garbage_is_answered_and_changes_nothing(bench: Bench, subject: str, data: bytes) -> None:
    [answer] = bench.deliver(subject, data, "_INBOX.a")
    assert answer.body["data"]["error"]["code"] == 4000
    assert bench.deliver(subject, data) == []
    assert bench.act("ann", "s", 1, "session.noop")["status"] == "applied"


@pytest.mark.parametrize(
    ("subject", "code"),
    [
        ("session.=61.s.control", 4004),
        ("session.ann.=2E.control", 4004),
        ("session.=zz.s.control", 4004),
        ("session.=.s.control", 4004),
        (f"session.{'a' * 97}.s.control", 4004),
        (f"session.ann.{'s' * 65}.control", 4004),
        ("session.\udcff.s.control", 4004),
        ("session.a\x0bb.s.control", 4004),
        (f"session.{'a' * 96}.{'s' * 64}.control", 4031),
        ("user.actions.=61", 4004),
        ("user.actions.\udcff", 4004),
        (f"user.actions.{'a' * 97}", 4004),
    ],
)
def test_tokens_that_nobody_writes_are_refused(bench: Bench, subject: str, code: int) -> None:
    body = action("ann", "s", 1, "session.ping")
    [answer] = bench.deliver(subject, body, "_INBOX.a")
    assert answer.body["data"]["error"]["code"] == code


def test_ids_that_need_encoding_are_raw_in_bodies() -> None:
    bench = Bench()
    user, session = "Zoë.*>$ =", "s é"
    subject = f"session.{tok(user)}.{tok(session)}"
    body = control("session.ping", user, session)
    [answer] = bench.deliver(f"{subject}.control", body, "_INBOX.a")
    assert (answer.body["user_id"], answer.body["session_id"]) == (user, session)
    assert answer.body["data"]["error"]["code"] == 4041


def test_a_kind_that_is_not_served_has_no_actions() -> None:
    bench = Bench(settings=Settings(kinds=("articles",)))
    bench.open("ann", "s")
    body = action("ann", "s", 1, "chat.send") | {"content": "hello"}
    outcome = bench.send(body, "chat.messages")
    assert outcome["error"]["code"] == 4002


def test_another_type_than_the_subjects_own_breaks_its_schema(bench: Bench) -> None:
    article = bench.article("ann", "s", 1)
    body = action("ann", "s", 2, "article.delete") | {"article_id": article}
    assert bench.send(body, "article.edit.start")["error"]["code"] == 4001
    missing = action("ann", "s", 3, "article.edit_start", article_id=article)
    assert bench.send(missing, "article.edit.start")["error"]["code"] == 4001


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda children: st.lists(children) | st.dictionaries(st.text(), children),
    max_leaves=12,
)
MEMBERS = st.sampled_from(
    ["v", "type", "user_id", "session_id", "timestamp", "data", "action_id", "client_seq", "expect"]
)
TYPES = st.sampled_from(["session.open", "session.resume", "article.create", "article.update"])


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(subject=st.sampled_from(READ), type_=TYPES, member=MEMBERS, value=JSON, data=JSON)
def test_whatever_comes_the_session_lives_on(
    subject: str, type_: str, member: str, value: object, data: object
) -> None:
    bench = Bench()
    bench.open("ann", "s", gap_ms=0)
    body = action("ann", "s", 1, type_) | {"data": data, member: value}
    answers = bench.deliver(subject, json.dumps(body).encode("utf-8", "replace"), "_INBOX.a")
    for answer in answers:
        error = answer.body["data"].get("error")
        assert error is None or error["code"] != 5000
    assert "seq" in bench.ping("ann", "s")
