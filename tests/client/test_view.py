"""What each action shows before the server has done it."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.client.acts import actions, keeping, taken, view
from tests.client.bench import NOW, USER, Body
from tests.client.held import CURRENT, SLICES, changes, message, showing, url

from omnisession_client.report import report

MADE: Body = {
    "id": "local:x1",
    "author_id": USER,
    "author": "",
    "revision": 0,
    "struct_version": 0,
    "title": "T",
    "slug": "",
    "subtitle": "",
    "leading": "",
    "tags": [],
    "content": None,
    "published_at": None,
}
SENT = message(0, id="local:x1", user_id=USER, content="hi")
SHORT = {"id": "local:x1", "created_at": NOW, "updated_at": NOW, "access_count": 0}
TWO, ONE = SLICES["articles"]["articles"]
UNKNOWN = {"author_id": "x", "revision": 9, "password": "p", "id": "z"}
RULES: list[tuple[str, str, Body, Body]] = [
    ("articles", "article.create", {"title": "T"}, {"articles": [MADE, TWO, ONE]}),
    (
        "articles",
        "article.create",
        {"title": "T", "content": "c", "tags": ["u"], **UNKNOWN},
        {"articles": [{**MADE, "tags": ["u"]}, TWO, ONE]},
    ),
    (
        "articles",
        "article.update",
        {"article_id": "a-1", "changes": {"title": "N", "content": "c", **UNKNOWN}},
        {
            "articles": [TWO, {**ONE, "title": "N"}],
            "current_article": {**CURRENT, "title": "N", "content": "c"},
        },
    ),
    (
        "articles",
        "article.update",
        {"article_id": "a-2", "changes": {"content": "c", "slug": "n"}},
        {"articles": [{**TWO, "slug": "n"}, ONE]},
    ),
    ("articles", "article.update", {"article_id": "a-9", "changes": {"title": "N"}}, {}),
    ("articles", "article.update", {"article_id": "a-1", "changes": {}}, {}),
    (
        "articles",
        "article.delete",
        {"article_id": "a-1"},
        {"articles": [TWO], "editors": [], "current_article": None, "revisions": []},
    ),
    ("articles", "article.delete", {"article_id": "a-2"}, {"articles": [ONE]}),
    ("articles", "article.select", {"article_id": "a-2"}, {}),
    (
        "articles",
        "article.select",
        {"article_id": None},
        {"current_article": None, "revisions": []},
    ),
    ("articles", "article.publish", {"article_id": "a-1"}, {}),
    ("articles", "article.edit_start", {"article_id": "a-2"}, {}),
    ("articles", "article.edit_end", {"article_id": "a-1"}, {}),
    ("articles", "session.noop", {}, {}),
    ("chat", "chat.send", {"content": "hi"}, {"messages": [SENT, message(2), message(1)]}),
    (
        "chat",
        "chat.edit",
        {"message_id": "m-1", "content": "n", **UNKNOWN},
        {"messages": [message(2), message(1, content="n")]},
    ),
    ("chat", "chat.edit", {"message_id": "m-9", "content": "n"}, {}),
    ("chat", "chat.delete", {"message_id": "m-2"}, {"messages": [message(1)]}),
    ("chat", "chat.typing", {"active": True}, {}),
    (
        "url",
        "url.create",
        {"target_url": "https://example.org/", "short_code": "go"},
        {"urls": [url(1, **SHORT, short_code="go"), url(1), url(2)]},
    ),
    (
        "url",
        "url.create",
        {"target_url": "https://example.org/", "is_active": False},
        {"urls": [url(1, **SHORT, short_code=""), url(1), url(2)]},
    ),
    (
        "url",
        "url.update",
        {"url_id": "l-2", "changes": {"short_code": "n", "is_active": False, "created_at": 1}},
        {"urls": [url(1), url(2, short_code="n", is_active=False)]},
    ),
    ("url", "url.delete", {"url_id": "l-1"}, {"urls": [url(2)]}),
    (
        "user",
        "user.update",
        {"changes": {"username": "Z", "email": "z@example.org", **UNKNOWN}},
        {"user": {"id": USER, "username": "Z", "email": "z@example.org"}},
    ),
]


@pytest.mark.parametrize(("kind", "type_", "data", "differs"), RULES)
def test_what_an_action_shows(kind: str, type_: str, data: Body, differs: Body) -> None:
    bench = showing()
    assert taken(bench.dispatch("x1", type_, **data))[0].refused is None
    assert changes(bench, kind) == differs


@pytest.mark.parametrize(("type_", "data"), [(type_, data) for _, type_, data, _ in RULES])
def test_where_the_kind_is_not_open_nothing_is_shown(type_: str, data: Body) -> None:
    other = "chat" if not type_.startswith("chat") else "url"
    bench = showing(other)
    bench.dispatch("x1", type_, **data)
    assert changes(bench, other) == {}
    assert len(actions(bench.effects)) == 1


def test_a_user_that_is_not_known_yet_is_not_made_up() -> None:
    bench = keeping("user")
    bench.begin()
    bench.dispatch("x1", "user.update", changes={"username": "Z"})
    assert view(bench)["user"]["user"] is None


LISTS = [
    ("articles", "article.create", {"title": "T"}, "articles"),
    ("chat", "chat.send", {"content": "hi"}, "messages"),
    ("url", "url.create", {"target_url": "https://example.org/"}, "urls"),
]


@pytest.mark.parametrize(("kind", "type_", "data", "entries"), LISTS)
def test_lists_are_cut_once_there_are_limits(
    kind: str, type_: str, data: Body, entries: str
) -> None:
    name = {"chat": "chat_messages", "url": "urls"}.get(kind, kind)
    bench = showing(kind, **{name: 2})
    bench.dispatch("x1", type_, **data)
    first, _ = SLICES[kind][entries]
    assert [one["id"] for one in view(bench)[kind][entries]] == ["local:x1", first["id"]]
    early = keeping(kind)
    early.begin()
    for number in range(30):
        early.dispatch(f"x{number}", type_, **data)
    assert len(view(early)[kind][entries]) == 30


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(RULES), max_size=12))
def test_the_slices_are_left_as_they_are(rules: list[tuple[str, str, Body, Body]]) -> None:
    bench = showing()
    before = copy.deepcopy(report(bench.state)["slices"])
    for number, (_, type_, data, _) in enumerate(rules, 1):
        bench.dispatch(f"x{number}", type_, **data)
        view(bench)
    assert report(bench.state)["slices"] == before
    for name, number in [(one.doing.action_id, one.number or 0) for one in bench.state.pending]:
        bench.outcome("action.nack", name, number, 4, error={"code": 4220, "retryable": False})
    assert view(bench) == before
