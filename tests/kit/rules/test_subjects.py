from __future__ import annotations

import pytest
from tests.kit.rules.builder import clean, expect
from tests.kit.rules.story import story

from omnisession_conformance.traffic.record import Party


def test_a_state_on_the_events_subject() -> None:
    told = story()
    state = told.tape.find("session.state", told.a2)[-1]
    state.subject = f"{told.a2.prefix}.events"
    found = told.tape.judge()
    assert {"SUBJ-001", "ENV-002"} == found.broken - {"ENV-006"}, found.told()
    assert found.of("SUBJ-001")[0].records == (state.n,)


def test_the_state_of_another_session_of_the_user() -> None:
    told = story()
    state = told.tape.find("session.state", told.a2)[-1]
    copy = told.tape.put(f"{told.a1.prefix}.state", state.body, Party.TARGET)
    told.tape.move(copy, behind=state)
    found = told.tape.judge()
    assert "SUBJ-001" in found.broken
    assert found.of("SUBJ-001")[0].records == (state.n + 1,)


def test_an_event_on_control() -> None:
    told = story()
    event = told.publish.of(told.b1)[0]
    copy = told.tape.put(f"{told.b1.prefix}.control", event.body, Party.TARGET)
    told.tape.move(copy, behind=event)
    found = told.tape.judge()
    assert {"SUBJ-001", "ENV-002"} == found.broken, found.told()
    assert found.of("SUBJ-001")[0].records == (copy.n,)


@pytest.mark.parametrize("token", ["bob%2d0002", "bob=2d0002", "bob=2D0002", "b" * 97])
def test_a_token_that_is_not_canonical(token: str) -> None:
    told = story()
    beat = told.tape.find("session.heartbeat", told.b1)[0]
    beat.subject = f"session.{token}.{told.b1.id}.control"
    found = told.tape.judge()
    assert "SUBJ-002" in found.broken, found.told()
    assert found.of("SUBJ-002")[0].records == (beat.n,)


@pytest.mark.parametrize(
    "type_", ["session.opened", "session.syncing", "session.resumed", "session.pong", "error"]
)
def test_an_answer_on_control(type_: str) -> None:
    told = story()
    answer = told.tape.find(type_)[0]
    copy = told.tape.put(f"{told.b1.prefix}.control", answer.body, Party.TARGET)
    told.tape.move(copy, behind=answer)
    found = told.tape.judge()
    assert "SUBJ-005" in found.broken, found.told()
    assert found.of("SUBJ-005")[0].records == (copy.n,)


@pytest.mark.parametrize(
    "subject", ["chat.messages", "user.actions.bob-0002", "debug.events", "article.a.b.updates"]
)
def test_a_subject_that_is_not_the_servers(subject: str) -> None:
    told = story()
    event = told.publish.of(told.b1)[0]
    copy = told.tape.put(subject, {"any": 1}, Party.TARGET)
    told.tape.move(copy, behind=event)
    expect(told.tape.judge(), "SUBJ-007", blamed=copy)


@pytest.mark.parametrize(
    "subject", ["$JS.EVENT.ADVISORY.X", "$KV.bucket.key", "private.a", "mine.deep.b"]
)
def test_the_brokers_and_the_targets_own_subjects(subject: str) -> None:
    told = story()
    told.tape.put(subject, {"any": 1}, Party.TARGET)
    clean(told.tape.judge(private_prefixes=("private", "mine.deep.>")))


def test_what_the_target_asks_for_itself() -> None:
    told = story()
    ask = told.tape.put("$JS.API.INFO", {}, Party.TARGET)
    ask.reply = "_INBOX.target.1"
    told.tape.put("_INBOX.target.1", {"type": "io.nats.jetstream.api.v1"}, Party.TARGET)
    told.tape.put("_INBOX.target.before-the-tap", {"stream": "X", "seq": 1}, Party.TARGET)
    clean(told.tape.judge())


def test_an_answer_on_an_inbox_of_nobody() -> None:
    told = story()
    pong = told.pong[1]
    copy = told.tape.put("_INBOX.nobody.1", pong.body, Party.TARGET)
    found = told.tape.judge()
    assert found.broken == {"SUBJ-005", "SUBJ-007"}, found.told()
    assert found.of("SUBJ-007")[0].records == (copy.n,)


def test_a_hint_about_another_article() -> None:
    told = story()
    hint = told.tape.find("article.updated", on=".updates")[0]
    hint.body["article_id"] = "art-2"
    expect(told.tape.judge(), "ART-014", blamed=hint, pointer="/article_id")


def test_a_hint_that_is_a_sessions_event() -> None:
    told = story()
    hint = told.tape.find("article.updated", on=".updates")[0]
    event = told.update.of(told.a1)[0]
    hint.body.update({"session_id": event.body["session_id"], "seq": event.body["seq"]})
    found = told.tape.judge()
    assert {"ART-014", "SUBJ-001", "SEC-004"} == found.broken, found.told()
    assert {o.pointer for o in found.of("ART-014")} == {"/session_id", "/seq"}


@pytest.mark.parametrize("subject", ["$JS.API.STREAM.X", "private.store.s1", "mine.deep.b"])
def test_protocol_bodies_on_private_subjects(subject: str) -> None:
    """A server may keep what it publishes, body for body, in a stream of its own."""
    told = story()
    for record in (told.publish.of(told.b1)[0], told.tape.find("session.state", told.a2)[-1]):
        told.tape.put(subject, record.body, Party.TARGET)
    told.tape.put(subject, told.tape.find("session.pong")[0].body, Party.TARGET)
    clean(told.tape.judge(private_prefixes=("private", "mine.deep.>")))
