"""Every reducer by example: the slice before, the event, the slice after."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from tests.kit.model.values import (
    NOW,
    article,
    articles_slice,
    chat_slice,
    editor,
    message,
    revision,
    session,
    url,
    url_slice,
    user,
    user_slice,
)

from omnisession_conformance.protocol.model.reducers import REDUCERS, reduce_event
from omnisession_conformance.protocol.model.slices import empty_slice

SMALL = {
    "articles": 2,
    "revisions": 2,
    "editors": 2,
    "urls": 2,
    "chat_messages": 2,
    "participants": 2,
}
DRAFT = article("d")
OLD = article("o", NOW)
NEW = article("n", NOW + 9)
TEXT = article("o", NOW, content="It was dark.", revision=2)

ARTICLES: list[tuple[str, str, dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    (
        "a draft goes in front of what is published",
        "article.created",
        articles_slice(articles=[OLD]),
        {"article": DRAFT},
        articles_slice(articles=[DRAFT, OLD]),
    ),
    (
        "the latest published goes in front of the older",
        "article.created",
        articles_slice(articles=[DRAFT, OLD]),
        {"article": NEW},
        articles_slice(articles=[DRAFT, NEW, OLD]),
    ),
    (
        "content stays out of the list",
        "article.created",
        articles_slice(),
        {"article": {**OLD, "content": "It was dark."}},
        articles_slice(articles=[OLD]),
    ),
    (
        "an update replaces in place",
        "article.updated",
        articles_slice(articles=[DRAFT, OLD]),
        {"article": {**OLD, "title": "Other"}},
        articles_slice(articles=[DRAFT, {**OLD, "title": "Other"}]),
    ),
    (
        "a draft that is published moves to its sorted place",
        "article.updated",
        articles_slice(articles=[article("c"), DRAFT, NEW, OLD]),
        {"article": {**DRAFT, "published_at": NOW + 5}},
        articles_slice(articles=[article("c"), NEW, article("d", NOW + 5), OLD]),
    ),
    (
        "an update of an article that is not there inserts it",
        "article.updated",
        articles_slice(articles=[OLD]),
        {"article": NEW},
        articles_slice(articles=[NEW, OLD]),
    ),
    (
        "the current article is replaced with its content, and listed without",
        "article.updated",
        articles_slice(articles=[OLD], current_article={**OLD, "content": "Old text."}),
        {"article": TEXT},
        articles_slice(articles=[{**TEXT, "content": None}], current_article=TEXT),
    ),
    (
        "an update of another article leaves the current one",
        "article.updated",
        articles_slice(articles=[OLD], current_article=TEXT),
        {"article": NEW},
        articles_slice(articles=[NEW, OLD], current_article=TEXT),
    ),
    (
        "a deleted article goes everywhere",
        "article.deleted",
        articles_slice(
            articles=[NEW, OLD],
            current_article=TEXT,
            revisions=[revision("o", 2), revision("o", 1)],
            editors=[editor("n", "ann"), editor("o", "ann"), editor("o", "bob")],
        ),
        {"article_id": "o"},
        articles_slice(articles=[NEW], editors=[editor("n", "ann")]),
    ),
    (
        "a deleted article leaves another current one",
        "article.deleted",
        articles_slice(articles=[NEW, OLD], current_article=TEXT, revisions=[revision("o", 1)]),
        {"article_id": "n"},
        articles_slice(articles=[OLD], current_article=TEXT, revisions=[revision("o", 1)]),
    ),
    (
        "a selection sets article and revisions",
        "article.selected",
        articles_slice(articles=[OLD], current_article=NEW, revisions=[revision("n", 1)]),
        {"article": TEXT, "revisions": [revision("o", 2), revision("o", 1)]},
        articles_slice(
            articles=[OLD],
            current_article=TEXT,
            revisions=[revision("o", 2), revision("o", 1)],
        ),
    ),
    (
        "a selection of none clears both",
        "article.selected",
        articles_slice(current_article=TEXT, revisions=[revision("o", 1)]),
        {"article": None, "revisions": []},
        articles_slice(),
    ),
    (
        "a revision of the current article goes to the front",
        "article.revision_added",
        articles_slice(current_article=TEXT, revisions=[revision("o", 1)]),
        {"revision": revision("o", 2)},
        articles_slice(current_article=TEXT, revisions=[revision("o", 2), revision("o", 1)]),
    ),
    (
        "a revision of another article changes nothing",
        "article.revision_added",
        articles_slice(current_article=TEXT, revisions=[revision("o", 1)]),
        {"revision": revision("n", 2)},
        articles_slice(current_article=TEXT, revisions=[revision("o", 1)]),
    ),
    (
        "a started edit goes to its sorted place",
        "article.edit_started",
        articles_slice(editors=[editor("a", "cyd"), editor("b", "ann")]),
        editor("a", "dan"),
        articles_slice(editors=[editor("a", "cyd"), editor("a", "dan"), editor("b", "ann")]),
    ),
    (
        "an ended edit takes that user's entry alone",
        "article.edit_ended",
        articles_slice(editors=[editor("a", "ann"), editor("a", "bob"), editor("b", "ann")]),
        editor("a", "ann", since=1),
        articles_slice(editors=[editor("a", "bob"), editor("b", "ann")]),
    ),
]
CHAT: list[tuple[str, str, dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    (
        "a message goes in front, whatever its time",
        "chat.message_added",
        chat_slice(messages=[message("m2")]),
        {"message": {**message("m1"), "sent_at": 1}},
        chat_slice(messages=[{**message("m1"), "sent_at": 1}, message("m2")]),
    ),
    (
        "a message that is there is replaced in place",
        "chat.message_added",
        chat_slice(messages=[message("m2"), message("m1")]),
        {"message": message("m1", "again")},
        chat_slice(messages=[message("m2"), message("m1", "again")]),
    ),
    (
        "an edited message keeps its place",
        "chat.message_edited",
        chat_slice(messages=[message("m2"), message("m1")]),
        {"message": message("m1", "edited", NOW)},
        chat_slice(messages=[message("m2"), message("m1", "edited", NOW)]),
    ),
    (
        "an edited message that is not there stays away",
        "chat.message_edited",
        chat_slice(messages=[message("m2")]),
        {"message": message("m1", "edited", NOW)},
        chat_slice(messages=[message("m2")]),
    ),
    (
        "a deleted message goes",
        "chat.message_deleted",
        chat_slice(messages=[message("m2"), message("m1")]),
        {"message_id": "m2"},
        chat_slice(messages=[message("m1")]),
    ),
    (
        "a participant goes to its place",
        "chat.participant_joined",
        chat_slice(participants=[user("ann"), user("cyd")]),
        {"user": user("bob")},
        chat_slice(participants=[user("ann"), user("bob"), user("cyd")]),
    ),
    (
        "a participant with a new username is replaced",
        "chat.participant_joined",
        chat_slice(participants=[user("ann"), user("bob")]),
        {"user": user("ann", "Other")},
        chat_slice(participants=[user("ann", "Other"), user("bob")]),
    ),
    (
        "a participant who left goes",
        "chat.participant_left",
        chat_slice(participants=[user("ann"), user("bob")], typing_indicators=["ann"]),
        {"user_id": "ann"},
        chat_slice(participants=[user("bob")], typing_indicators=["ann"]),
    ),
    (
        "who types is shown at its place",
        "chat.typing_changed",
        chat_slice(typing_indicators=["Zoe", "ann"]),
        {"user_id": "aaron", "active": True},
        chat_slice(typing_indicators=["Zoe", "aaron", "ann"]),
    ),
    (
        "who types is shown once",
        "chat.typing_changed",
        chat_slice(typing_indicators=["ann"]),
        {"user_id": "ann", "active": True},
        chat_slice(typing_indicators=["ann"]),
    ),
    (
        "who stopped is shown no more",
        "chat.typing_changed",
        chat_slice(typing_indicators=["ann", "bob"]),
        {"user_id": "ann", "active": False},
        chat_slice(typing_indicators=["bob"]),
    ),
]
URL_AND_USER: list[tuple[str, str, dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    (
        "a new url goes in front",
        "url.created",
        url_slice(url("u1", NOW)),
        {"url": url("u2", NOW + 1)},
        url_slice(url("u2", NOW + 1), url("u1", NOW)),
    ),
    (
        "urls of one time stand by id",
        "url.created",
        url_slice(url("u1"), url("u3")),
        {"url": url("u2")},
        url_slice(url("u1"), url("u2"), url("u3")),
    ),
    (
        "a changed url is replaced in place",
        "url.updated",
        url_slice(url("u2"), url("u3")),
        {"url": url("u3", is_active=False)},
        url_slice(url("u2"), url("u3", is_active=False)),
    ),
    (
        "a deleted url goes",
        "url.deleted",
        url_slice(url("u2"), url("u3")),
        {"url_id": "u2"},
        url_slice(url("u3")),
    ),
    (
        "the user is set",
        "user.updated",
        user_slice(),
        {"user": user("ann", email="ann@example.org")},
        user_slice(user=user("ann", email="ann@example.org")),
    ),
    (
        "permissions are set",
        "user.permissions_changed",
        user_slice(permissions=["x"]),
        {"permissions": ["admin", "post_edit_any"]},
        user_slice(permissions=["admin", "post_edit_any"]),
    ),
    (
        "a session goes behind those opened before",
        "user.session_opened",
        user_slice(sessions=[session("s9", NOW)]),
        {"session": session("s1", NOW + 1)},
        user_slice(sessions=[session("s9", NOW), session("s1", NOW + 1)]),
    ),
    (
        "a session that is over goes",
        "user.session_closed",
        user_slice(sessions=[session("s1"), session("s2")]),
        {"session_id": "s1"},
        user_slice(sessions=[session("s2")]),
    ),
]
EXAMPLES = [*ARTICLES, *CHAT, *URL_AND_USER]


@pytest.mark.parametrize(("_what", "type_", "before", "data", "after"), EXAMPLES)
def test_example(
    _what: str,
    type_: str,
    before: dict[str, Any],
    data: dict[str, Any],
    after: dict[str, Any],
) -> None:
    untouched = copy.deepcopy((before, data))
    once = reduce_event(before, type_, data, {})
    assert once == after
    assert reduce_event(once, type_, data, {}) == after, "applying twice is applying once"
    assert (before, data) == untouched, "a reducer changes what it was given"


def test_every_reducer_has_an_example() -> None:
    assert {type_ for _, type_, _, _, _ in EXAMPLES} == set(REDUCERS)


CUTS: list[tuple[str, dict[str, Any], str, dict[str, Any], dict[str, Any]]] = [
    (
        "the oldest article falls out",
        articles_slice(articles=[NEW, OLD]),
        "article.created",
        {"article": DRAFT},
        articles_slice(articles=[DRAFT, NEW]),
    ),
    (
        "an article older than a full list stays out",
        articles_slice(articles=[DRAFT, NEW]),
        "article.created",
        {"article": OLD},
        articles_slice(articles=[DRAFT, NEW]),
    ),
    (
        "the oldest revision falls out",
        articles_slice(current_article=TEXT, revisions=[revision("o", 2), revision("o", 1)]),
        "article.revision_added",
        {"revision": revision("o", 3)},
        articles_slice(current_article=TEXT, revisions=[revision("o", 3), revision("o", 2)]),
    ),
    (
        "the last editor falls out",
        articles_slice(editors=[editor("b", "ann"), editor("c", "ann")]),
        "article.edit_started",
        editor("a", "ann"),
        articles_slice(editors=[editor("a", "ann"), editor("b", "ann")]),
    ),
    (
        "the oldest message falls out",
        chat_slice(messages=[message("m2"), message("m1")]),
        "chat.message_added",
        {"message": message("m3")},
        chat_slice(messages=[message("m3"), message("m2")]),
    ),
    (
        "the last participant falls out",
        chat_slice(participants=[user("b"), user("c")]),
        "chat.participant_joined",
        {"user": user("a")},
        chat_slice(participants=[user("a"), user("b")]),
    ),
    (
        "the oldest url falls out",
        url_slice(url("u2"), url("u3")),
        "url.created",
        {"url": url("u1")},
        url_slice(url("u1"), url("u2")),
    ),
    (
        "a removal refills nothing",
        url_slice(url("u1"), url("u2")),
        "url.deleted",
        {"url_id": "u1"},
        url_slice(url("u2")),
    ),
]


@pytest.mark.parametrize(("_what", "before", "type_", "data", "after"), CUTS)
def test_lists_are_cut_at_their_end(
    _what: str,
    before: dict[str, Any],
    type_: str,
    data: dict[str, Any],
    after: dict[str, Any],
) -> None:
    once = reduce_event(before, type_, data, SMALL)
    assert once == after
    assert reduce_event(once, type_, data, SMALL) == after


@pytest.mark.parametrize("kind", ["articles", "chat", "url", "user"])
@pytest.mark.parametrize("type_", ["x-acme.thing_done", "article.pinned", "articles", "", "chat."])
def test_an_unknown_type_changes_nothing(kind: str, type_: str) -> None:
    before = empty_slice(kind)
    assert reduce_event(before, type_, {"article": DRAFT, "article_id": "d"}, {}) is before


NOTHING_THERE: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("article.deleted", articles_slice(articles=[OLD]), {"article_id": "x"}),
    ("article.edit_ended", articles_slice(editors=[editor("a", "ann")]), editor("a", "bob")),
    ("chat.message_edited", chat_slice(messages=[message("m1")]), {"message": message("x")}),
    ("chat.message_deleted", chat_slice(messages=[message("m1")]), {"message_id": "x"}),
    ("chat.participant_left", chat_slice(participants=[user("ann")]), {"user_id": "x"}),
    (
        "chat.typing_changed",
        chat_slice(typing_indicators=["ann"]),
        {"user_id": "x", "active": False},
    ),
    ("url.deleted", url_slice(url("u1")), {"url_id": "x"}),
    ("user.session_closed", user_slice(sessions=[session("s1")]), {"session_id": "x"}),
]


@pytest.mark.parametrize(("type_", "before", "data"), NOTHING_THERE)
def test_an_id_that_is_not_there_changes_nothing(
    type_: str, before: dict[str, Any], data: dict[str, Any]
) -> None:
    assert reduce_event(before, type_, data, {}) is before


BROKEN_DATA: list[dict[str, Any]] = [
    {},
    {"article": None, "message": None, "user": None, "url": None, "session": None, "revision": 1},
    {"article": 5, "message": [], "user": "ann", "url": {}, "session": {}, "revision": {}},
    {"article": {"id": 5}, "message": {"id": None}, "user": {"id": []}, "url": {"id": {}}},
    {"article_id": {"a": 1}, "user_id": 5, "active": "yes", "permissions": None},
    {"revision": {"article_id": "o", "revision": "2"}, "revisions": None, "permissions": {}},
]


@pytest.mark.parametrize("type_", sorted(REDUCERS))
@pytest.mark.parametrize("data", BROKEN_DATA)
def test_data_that_no_right_server_sends_changes_nothing(type_: str, data: dict[str, Any]) -> None:
    before = {
        "article": articles_slice(articles=[OLD], current_article=TEXT, editors=[editor("o", "a")]),
        "chat": chat_slice(messages=[message("m1")], participants=[user("ann")]),
        "url": url_slice(url("u1")),
        "user": user_slice(user=user("ann"), sessions=[session("s1")]),
    }[type_.partition(".")[0]]
    assert reduce_event(before, type_, data, {}) == before
