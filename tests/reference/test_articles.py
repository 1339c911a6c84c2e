"""Who sees what of articles, and who may do what."""

from __future__ import annotations

from typing import Any

import pytest
from tests.reference.bench import Bench, Body

from omnisession_reference.protocol import LIMITS
from omnisession_reference.wire import size


@pytest.fixture(name="bench")
def open_bench() -> Bench:
    """Ann writes in a1, reads in a2; bob is a reader; eve may edit everything."""
    bench = Bench()
    bench.open("ann", "a1", ["events"])
    bench.open("ann", "a2")
    bench.open("bob", "b1", ["events"])
    bench.open("eve", "e1", ["events"], "post_edit_any")
    return bench


def types(bench: Bench, user: str, session: str) -> list[str]:
    return [m["type"] for m in bench.stream(user, session) if m["type"] != "session.state"]


def article_in(bench: Bench, user: str, session: str) -> Body:
    [article] = bench.slice(user, session)["articles"]
    return article


def test_an_article_shows_what_was_given(bench: Bench) -> None:
    given: dict[str, Any] = {
        "title": "A <&> \r\n \u0007 e\u0301 \U0001f600",
        "slug": "s",
        "subtitle": " sub ",
        "leading": "lead",
        "content": "long",
        "tags": ["b", "a", "b"],
    }
    article_id = bench.article("ann", "a1", 1, **given, author_id="bob", author="B")
    for user, session in (("ann", "a1"), ("ann", "a2"), ("eve", "e1")):
        article = article_in(bench, user, session)
        assert {**article, "content": "long"} == {
            **article,
            **given,
            "id": article_id,
            "revision": 1,
            "author_id": "ann",
            "author": "ann",
            "published_at": None,
        }
    assert bench.slice("bob", "b1")["articles"] == []


def test_what_is_left_out_is_empty_never_null(bench: Bench) -> None:
    article_id = bench.article("ann", "a1", 1, title="Hello, World!")
    bench.act("ann", "a1", 2, "article.select", article_id=article_id)
    current = bench.slice("ann", "a1")["current_article"]
    assert (current["slug"], current["content"], current["tags"]) == ("hello-world", "", [])


def test_update_changes_the_members_named_and_the_revision(bench: Bench) -> None:
    article_id = bench.article("ann", "a1", 1, content="old", tags=["x"], subtitle="s")
    before = article_in(bench, "ann", "a1")
    changes = {"title": "New", "author_id": "bob", "id": "x", "revision": 99}
    bench.act("ann", "a1", 2, "article.update", article_id=article_id, changes=changes)
    assert article_in(bench, "ann", "a1") == {**before, "title": "New", "revision": 2}
    bench.act("ann", "a1", 3, "article.update", article_id=article_id, changes={})
    assert article_in(bench, "ann", "a1")["revision"] == 3


def test_drafts_are_for_the_author_and_editors(bench: Bench) -> None:
    article_id = bench.article("ann", "a1", 1)
    before = len(bench.stream("bob", "b1"))
    bench.act("ann", "a1", 2, "article.update", article_id=article_id, changes={"title": "U"})
    bench.act("ann", "a1", 3, "article.edit_start", article_id=article_id)
    bench.act("ann", "a1", 4, "article.delete", article_id=article_id)
    assert len(bench.stream("bob", "b1")) == before
    assert not [s for s in bench.sent if s.subject.startswith("article.")]
    assert types(bench, "eve", "e1") == [
        "article.created",
        "article.updated",
        "article.revision_added",
        "article.edit_started",
        "article.deleted",
    ]


def test_publish_shows_the_article_and_its_editors_to_all(bench: Bench) -> None:
    article_id = bench.article("ann", "a1", 1)
    bench.act("ann", "a1", 2, "article.edit_start", article_id=article_id)
    bench.clock.move(7)
    bench.act("ann", "a1", 3, "article.publish", article_id=article_id)
    assert article_in(bench, "bob", "b1")["published_at"] == bench.clock.now_ms()
    [editor] = bench.slice("bob", "b1")["editors"]
    assert (editor["article_id"], editor["user_id"]) == (article_id, "ann")
    assert types(bench, "ann", "a1").count("article.edit_started") == 1
    before = len(bench.sent)
    bench.clock.move(7)
    bench.act("ann", "a1", 4, "article.publish", article_id=article_id)
    assert len(bench.sent) == before + 2  # the outcome, twice


def test_one_change_has_one_id_in_all_sessions_and_hints(bench: Bench) -> None:
    article_id = bench.article("ann", "a1", 1, content="text")
    bench.act("ann", "a1", 2, "article.publish", article_id=article_id)
    changes = {"title": "U"}
    bench.act("eve", "e1", 1, "article.update", article_id=article_id, changes=changes)
    [*_, hint] = [s.body for s in bench.sent if s.subject == f"article.{article_id}.updates"]
    told = {
        user: [m for m in bench.stream(user, session) if m.get("event_id") == hint["event_id"]]
        for user, session in (("ann", "a1"), ("bob", "b1"), ("eve", "e1"))
    }
    assert hint["data"]["article"]["content"] == "text"
    assert {user: len(events) for user, events in told.items()} == {"ann": 1, "bob": 1, "eve": 1}
    assert {user: events[0]["actor"] for user, events in told.items()} == dict.fromkeys(told, "eve")
    assert told["ann"][0]["cause"] is None
    assert told["bob"][0]["cause"] is None
    assert told["eve"][0]["cause"] == {"action_id": "e1-1", "session_id": "e1", "client_seq": 1}
    events = [m["event_id"] for m in bench.stream("bob", "b1") if "event_id" in m]
    assert len(events) == len(set(events))


def test_the_cause_is_told_in_all_sessions_of_the_acting_user() -> None:
    bench = Bench()
    bench.open("ann", "a1", ["events"])
    bench.open("ann", "a2", ["events"])
    bench.article("ann", "a1", 1)
    [event] = [m for m in bench.stream("ann", "a2") if "event_id" in m]
    assert event["cause"] == {"action_id": "a1-1", "session_id": "a1", "client_seq": 1}
    assert event["last_action_seq"] == 0


def test_select_is_for_the_acting_session_alone(bench: Bench) -> None:
    article_id = bench.article("ann", "a1", 1, content="text")
    for number in (2, 3):
        bench.act("ann", "a1", number, "article.update", article_id=article_id, changes={})
    bench.ping("ann", "a2")
    others = len(bench.stream("ann", "a2"))
    bench.act("ann", "a1", 4, "article.select", article_id=article_id)
    bench.act("eve", "e1", 1, "article.update", article_id=article_id, changes={"content": "new"})
    data = bench.slice("ann", "a1")
    assert (data["current_article"]["content"], data["current_article"]["revision"]) == ("new", 4)
    assert [r["revision"] for r in data["revisions"]] == [4, 3, 2, 1]
    assert data["revisions"][0]["author_id"] == "eve"
    assert data["articles"][0]["content"] is None
    bench.act("ann", "a1", 5, "article.select", article_id=None)
    data = bench.slice("ann", "a1")
    assert (data["current_article"], data["revisions"]) == (None, [])
    bench.ping("ann", "a2")
    assert bench.stream("ann", "a2")[others:][-1]["data"]["current_article"] is None


def test_a_deleted_article_is_gone_from_every_session(bench: Bench) -> None:
    article_id = bench.article("ann", "a1", 1)
    bench.act("ann", "a1", 2, "article.publish", article_id=article_id)
    bench.act("bob", "b1", 1, "article.select", article_id=article_id)
    bench.act("eve", "e1", 1, "article.edit_start", article_id=article_id)
    bench.act("ann", "a1", 3, "article.delete", article_id=article_id)
    bench.open("bob", "late")
    empty: Body = {
        "type": "articles",
        "articles": [],
        "current_article": None,
        "revisions": [],
        "editors": [],
    }
    for user, session in (("ann", "a1"), ("ann", "a2"), ("bob", "b1"), ("bob", "late")):
        assert bench.slice(user, session) == empty
    bench.request("eve", "e1", "session.close")


def test_what_may_not_be_read_is_refused_as_if_it_were_missing(bench: Bench) -> None:
    draft = bench.article("ann", "a1", 1)
    number = 0
    for type_ in ("update", "delete", "publish", "select", "edit_start", "edit_end"):
        extra: Body = {"changes": {}} if type_ == "update" else {}
        errors: list[Body] = []
        for article_id in (draft, "missing"):
            number += 1
            data = {"article_id": article_id, **extra}
            errors.append(bench.act("bob", "b1", number, f"article.{type_}", **data))
        assert errors[0]["error"] == errors[1]["error"]
        assert errors[0]["error"]["code"] == 4040


def test_who_may_read_may_not_write(bench: Bench) -> None:
    article_id = bench.article("ann", "a1", 1)
    bench.act("ann", "a1", 2, "article.publish", article_id=article_id)
    for number, type_ in enumerate(("update", "delete", "publish", "edit_start", "edit_end"), 1):
        extra: Body = {"changes": {}} if type_ == "update" else {}
        outcome = bench.act("bob", "b1", number, f"article.{type_}", article_id=article_id, **extra)
        assert outcome["error"]["code"] == 4030
    assert article_in(bench, "bob", "b1")["revision"] == 2


def editors(bench: Bench, user: str = "bob", session: str = "b1") -> list[Body]:
    return bench.slice(user, session)["editors"]


def test_an_edit_lasts_until_the_last_session_of_its_user_ends_it(bench: Bench) -> None:
    article_id = bench.article("ann", "a1", 1)
    bench.act("ann", "a1", 2, "article.publish", article_id=article_id)
    bench.act("ann", "a1", 3, "article.edit_start", article_id=article_id)
    started = editors(bench)
    bench.clock.move(9)
    bench.act("ann", "a1", 4, "article.edit_start", article_id=article_id)
    bench.act("ann", "a2", 1, "article.edit_start", article_id=article_id)
    bench.act("ann", "a1", 5, "article.edit_end", article_id=article_id)
    bench.act("ann", "a1", 6, "article.edit_end", article_id=article_id)
    assert editors(bench) == started
    bench.request("ann", "a2", "session.close")
    assert editors(bench) == []
    ended = [m for m in bench.stream("bob", "b1") if m["type"] == "article.edit_ended"]
    assert [(m["actor"], m["cause"]) for m in ended] == [(None, None)]


def test_expiry_ends_edits_with_a_change_that_is_published(bench: Bench) -> None:
    bench.open("ann", "short", heartbeat_ms=200, resume_window_ms=1_000)
    article_id = bench.article("ann", "a1", 1)
    bench.act("ann", "a1", 2, "article.publish", article_id=article_id)
    bench.act("ann", "short", 1, "article.edit_start", article_id=article_id)
    bench.clock.move(1_000)
    assert types(bench, "bob", "b1")[-1] == "article.edit_ended"


def test_a_session_opened_later_sees_the_same(bench: Bench) -> None:
    article_id = bench.article("ann", "a1", 1, content="x")
    bench.article("ann", "a1", 2)
    bench.act("ann", "a1", 3, "article.publish", article_id=article_id)
    bench.act("ann", "a1", 4, "article.edit_start", article_id=article_id)
    bench.open("ann", "late")
    assert bench.stream("ann", "late")[0]["data"] == bench.slice("ann", "a2")


def test_sizes_are_measured_as_encoded_json_in_bytes(bench: Bench) -> None:
    limit = LIMITS["article_content"]
    ascii_fits, other_fits = "x" * (limit - 2), "é" * ((limit - 2) // 2)
    article_id = bench.article("ann", "a1", 1, content=ascii_fits)
    bench.article("ann", "a1", 2, content=other_fits)
    for number, content in enumerate((ascii_fits + "x", other_fits + "é"), 3):
        outcome = bench.act("ann", "a1", number, "article.create", title="T", content=content)
        assert outcome["error"]["code"] == 4130
    changes = {"content": ascii_fits + "x"}
    outcome = bench.act("ann", "a1", 5, "article.update", article_id=article_id, changes=changes)
    assert outcome["error"]["code"] == 4130
    outcome = bench.act("ann", "a1", 6, "article.create", title="T" * LIMITS["article_rest"])
    assert outcome["error"]["code"] == 4130
    assert len(bench.slice("ann", "a1")["articles"]) == 2


def test_no_message_is_above_its_limit(bench: Bench) -> None:
    content, title = "x" * (LIMITS["article_content"] - 2), "t" * 1_500
    article_id = bench.article("ann", "a1", 1, content=content, title=title)
    for number in range(2, 110):
        bench.act("ann", "a1", number, "article.update", article_id=article_id, changes={})
    bench.act("ann", "a1", 110, "article.select", article_id=article_id)
    for number in range(111, 320):
        bench.article("ann", "a1", number, title=title)
    assert size(bench.slice("ann", "a1")["articles"]) > 200 * 1_500
    largest = {
        last: max(s.size for s in bench.sent if s.subject.endswith(last))
        for last in (".events", ".state")
    }
    assert largest[".events"] <= LIMITS["event"]
    assert largest[".state"] <= LIMITS["state"]
    assert len(bench.slice("ann", "a1")["articles"]) == LIMITS["articles"]


def test_every_state_is_the_fold_of_the_events_before_it(bench: Bench) -> None:
    from omnisession_reference.kinds.articles_slice import ArticlesSlice

    bench.open("eve", "e2", ["events", "digests"], "post_edit_any")
    article_id = bench.article("ann", "a1", 1, content="x")
    bench.act("ann", "a1", 2, "article.publish", article_id=article_id)
    bench.act("eve", "e2", 1, "article.select", article_id=article_id)
    for number in range(3, 40):
        changes = {"title": str(number), "content": "y" * number}
        bench.act("ann", "a1", number, "article.update", article_id=article_id, changes=changes)
        bench.article("eve", "e1", number - 2)
        if number % 5 == 0:
            bench.slice("eve", "e2")
    bench.slice("eve", "e2")
    folded = ArticlesSlice()
    for message in bench.stream("eve", "e2"):
        if message["type"] != "session.state":
            folded.reduce(message["type"], message["data"])
        elif message["reason"] == "sync":
            assert message["data"] == folded.data()
