"""The fold of pending actions: each row of docs/spec/optimistic.md, and what holds of any."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.kit.model.values import (
    article,
    articles_slice,
    chat_slice,
    editor,
    message,
    revision,
    url,
    url_slice,
    user,
    user_slice,
)

from omnisession_conformance.protocol.kinds.tables import ACTIONS, BY_NAME
from omnisession_conformance.protocol.model.optimistic.rules import RULES, Here, Pending
from omnisession_conformance.protocol.model.optimistic.values import INTEGER, TEXT
from omnisession_conformance.protocol.model.optimistic.views import (
    MOST_OPTIONAL,
    View,
    allowed,
    first_unlike,
    fold,
)

HERE = Here("ann", {"articles": 3, "chat_messages": 3, "urls": 3})
NOT_OPEN = Here("ann")


def update(id_: str, **changes: Any) -> Pending:
    return Pending("article.update", {"article_id": id_, "changes": changes}, "x")


def select(id_: str | None) -> Pending:
    return Pending("article.select", {"article_id": id_}, "x")


def send(content: str, action_id: str = "x1") -> Pending:
    return Pending("chat.send", {"content": content}, action_id)


def edit(content: str, id_: str = "m-1") -> Pending:
    return Pending("chat.edit", {"message_id": id_, "content": content}, "x")


def sent(action_id: str, content: str) -> dict[str, Any]:
    """The entry that a send makes, as some client may show it."""
    return {**message(f"local:{action_id}", content), "sent_at": 0}


def made(action_id: str, title: str, **members: Any) -> dict[str, Any]:
    """The same of a created article."""
    return article(f"local:{action_id}", None, title=title, slug="", author="", **members)


def shortened(action_id: str, code: str) -> dict[str, Any]:
    """The same of a url."""
    return {**url(f"local:{action_id}", 0), "short_code": code}


ARTICLES = articles_slice(
    articles=[article("a-1"), article("a-2")],
    current_article=article("a-1", content="Text"),
    revisions=[revision("a-1", 1)],
    editors=[editor("a-1", "ann"), editor("a-2", "bob")],
)
NO_CURRENT: dict[str, Any] = {**ARTICLES, "current_article": None, "revisions": []}
GONE = articles_slice(articles=[article("a-2")], editors=[editor("a-2", "bob")])
CHAT = chat_slice(messages=[message("m-2"), message("m-1")])
URLS = url_slice(url("l-1", 2), url("l-2", 1))
USER = user_slice(user=user("ann", email="ann@example.org"))
CODE = {"target_url": "https://example.org/", "short_code": "go"}

Row = tuple[str, dict[str, Any], list[Pending], dict[str, Any]]
ROWS: list[Row] = [
    (
        "create: the local entry in front",
        ARTICLES,
        [Pending("article.create", {"title": "New"}, "x1")],
        {**ARTICLES, "articles": [made("x1", "New"), *ARTICLES["articles"]]},
    ),
    (
        "create, and what waits for its id",
        ARTICLES,
        [
            Pending("article.create", {"title": "New"}, "x1"),
            update("local:x1", title="Newer", content="x"),
        ],
        {**ARTICLES, "articles": [made("x1", "Newer"), *ARTICLES["articles"]]},
    ),
    (
        "its event does not count it: the local entry and the real one",
        chat_slice(messages=[message("m-3", "hi"), *CHAT["messages"][:1]]),
        [send("hi")],
        chat_slice(messages=[sent("x1", "hi"), message("m-3", "hi"), *CHAT["messages"][:1]]),
    ),
    ("delete what is current", ARTICLES, [Pending("article.delete", {"article_id": "a-1"})], GONE),
    (
        "delete, then update",
        ARTICLES,
        [Pending("article.delete", {"article_id": "a-1"}), update("a-1", title="A")],
        GONE,
    ),
    (
        "update the title to A, to B",
        NO_CURRENT,
        [update("a-1", title="A"), update("a-1", title="B")],
        {**NO_CURRENT, "articles": [article("a-1", title="B"), article("a-2")]},
    ),
    (
        "update over another revision",
        articles_slice(articles=[article("a-1", revision=4, title="Z", subtitle="New")]),
        [update("a-1", title="A")],
        articles_slice(articles=[article("a-1", revision=4, title="A", subtitle="New")]),
    ),
    (
        "A and B were sent, then came C",
        chat_slice(messages=[message("c", "C")]),
        [send("A", "x1"), send("B", "x2")],
        chat_slice(messages=[sent("x2", "B"), sent("x1", "A"), message("c", "C")]),
    ),
    (
        "A is done, then came C, and B is pending",
        chat_slice(messages=[message("c", "C"), message("a", "A")]),
        [send("B", "x2")],
        chat_slice(messages=[sent("x2", "B"), message("c", "C"), message("a", "A")]),
    ),
    (
        "limit 3, slice 3 2 1",
        chat_slice(messages=[message("3"), message("2"), message("1")]),
        [send("new")],
        chat_slice(messages=[sent("x1", "new"), message("3"), message("2")]),
    ),
    (
        "the same code twice",
        url_slice(),
        [Pending("url.create", CODE, "x1"), Pending("url.create", CODE, "x2")],
        url_slice(shortened("x2", "go"), shortened("x1", "go")),
    ),
    (
        "a url in front, whatever the clock",
        URLS,
        [Pending("url.create", {"target_url": "https://example.org/"}, "x1")],
        {**URLS, "urls": [shortened("x1", ""), *URLS["urls"]]},
    ),
    (
        "select another one, update its content",
        ARTICLES,
        [select("a-2"), update("a-2", content="New")],
        ARTICLES,
    ),
    (
        "select null, update what was current",
        ARTICLES,
        [select(None), update("a-1", title="A", content="New")],
        {**NO_CURRENT, "articles": [article("a-1", title="A"), article("a-2")]},
    ),
    ("select null, then one", ARTICLES, [select(None), select("a-1")], NO_CURRENT),
    (
        "edit what is gone",
        chat_slice(messages=[message("m-2")]),
        [edit("A")],
        chat_slice(messages=[message("m-2")]),
    ),
    (
        "edit, delete, edit",
        CHAT,
        [edit("A"), Pending("chat.delete", {"message_id": "m-1"}), edit("B")],
        chat_slice(messages=[message("m-2")]),
    ),
    (
        "a name and a password",
        USER,
        [Pending("user.update", {"changes": {"username": "Ann", "password": "secret"}})],
        {**USER, "user": user("ann", "Ann", email="ann@example.org")},
    ),
    (
        "the current article is cut from the list",
        {**ARTICLES, "articles": [article("a-2")]},
        [update("a-1", title="A", content="New")],
        {
            **ARTICLES,
            "articles": [article("a-2")],
            "current_article": article("a-1", title="A", content="New"),
        },
    ),
    ("changes {}", ARTICLES, [update("a-1")], ARTICLES),
    (
        "nobody to update",
        user_slice(),
        [Pending("user.update", {"changes": {"email": "x"}})],
        user_slice(),
    ),
    (
        "members of `changes` that the page does not name",
        URLS,
        [
            Pending(
                "url.update",
                {
                    "url_id": "l-1",
                    "changes": {"access_count": 9, "created_by": "eve", "is_active": False},
                },
            )
        ],
        {**URLS, "urls": [url("l-1", 2, is_active=False), url("l-2", 1)]},
    ),
    (
        "what a create has of the server's members",
        ARTICLES,
        [Pending("article.create", {"title": "New", "author_id": "eve", "content": "x"}, "x1")],
        {**ARTICLES, "articles": [made("x1", "New"), *ARTICLES["articles"]]},
    ),
]


@pytest.mark.parametrize(("shows", "slice_", "pending", "view"), ROWS, ids=[row[0] for row in ROWS])
def test_row(
    shows: str, slice_: dict[str, Any], pending: list[Pending], view: dict[str, Any]
) -> None:
    kind = slice_["type"]
    found = fold({kind: slice_}, pending, HERE)
    assert first_unlike([found], {kind: view}) is None, shows


def test_before_opened_creates_show_uncut_and_updates_do_nothing() -> None:
    sends = [send(str(number), f"x{number}") for number in range(150)]
    seen = fold({"chat": chat_slice()}, [*sends, edit("A")], NOT_OPEN)["chat"]["messages"]
    assert [one["id"] for one in seen] == [f"local:x{number}" for number in reversed(range(150))]


def test_a_kind_that_is_not_open_does_not_come_up() -> None:
    assert fold({"url": URLS}, [send("hi")], HERE) == {"url": URLS}


def test_all_others_do_nothing() -> None:
    for type_ in {*ACTIONS, "x-acme.thing"} - {*RULES}:
        data = {"article_id": "a-1", "message_id": "m-1", "active": True}
        slices: View = {"articles": ARTICLES, "chat": CHAT, "user": USER}
        assert fold(slices, [Pending(type_, data, "x")], HERE) == slices


def test_a_create_whose_effect_is_seen_may_be_left_out() -> None:
    slices, first, second = {"chat": CHAT}, send("A", "x1"), send("A", "x1")
    views = list(allowed(slices, [first, second], HERE, [second]))
    lists = [[one["id"] for one in view["chat"]["messages"]] for view in views]
    assert lists == [["local:x1", "local:x1", "m-2"], ["local:x1", "m-2", "m-1"]]


def test_too_many_optional_ones_are_refused() -> None:
    with pytest.raises(ValueError, match="of 9 actions"):
        list(allowed({}, [], HERE, [send("")] * (MOST_OPTIONAL + 1)))


UNLIKE: list[tuple[str, dict[str, Any], str]] = [
    (
        "an entry at another place",
        chat_slice(messages=[message("m-2"), sent("x1", "hi"), message("m-1")]),
        "view/chat/messages/0/id: expected 'local:x1', seen 'm-2'",
    ),
    (
        "null where a state has none",
        chat_slice(messages=[{**sent("x1", "hi"), "sent_at": None}, *CHAT["messages"]]),
        "view/chat/messages/0/sent_at: expected any integer, seen None",
    ),
    (
        "a boolean is no integer",
        chat_slice(messages=[{**sent("x1", "hi"), "sent_at": True}, *CHAT["messages"]]),
        "view/chat/messages/0/sent_at: expected any integer, seen True",
    ),
    (
        "no local entry",
        CHAT,
        "view/chat/messages/0/id: expected 'local:x1', seen 'm-2'",
    ),
]


@pytest.mark.parametrize(("shows", "seen", "sentence"), UNLIKE)
def test_first_difference_in_a_sentence(shows: str, seen: dict[str, Any], sentence: str) -> None:
    view = fold({"chat": CHAT}, [send("hi")], HERE)
    assert str(first_unlike([view], {"chat": seen})) == sentence, shows


def test_kinds_that_are_missing_or_too_many() -> None:
    assert str(first_unlike([{"chat": CHAT}], {})).startswith("view/chat: expected what is shown")
    assert str(first_unlike([{}], {"chat": CHAT})) == "view/chat: expected absent, seen a slice"


def test_an_unknown_member_of_changes_is_not_taken_and_others_are_nobodys_affair() -> None:
    pending = Pending("user.update", {"changes": {"password": "secret"}})
    view = fold({"user": USER}, [pending], HERE)
    taken = {**USER, "user": {**USER["user"], "password": "secret"}}
    marked = {**USER, "user": {**USER["user"], "pending": True}}
    sentence = "view/user/user/password: expected anything but 'secret', seen 'secret'"
    assert str(first_unlike([view], {"user": taken})) == sentence
    assert first_unlike([view], {"user": marked}) is None


def test_open_values() -> None:
    assert INTEGER.fits(0)
    assert INTEGER.fits(3.0)
    assert not INTEGER.fits(3.5)
    assert TEXT.fits("")
    assert not TEXT.fits(None)


def test_an_action_whose_id_nobody_has_told() -> None:
    view = fold({"chat": CHAT}, [Pending("chat.send", {"content": "hi"})], HERE)
    seen = chat_slice(messages=[sent("whatever", "hi"), *CHAT["messages"]])
    assert first_unlike([view], {"chat": seen}) is None
    wrong = chat_slice(messages=[message("whatever", "hi"), *CHAT["messages"]])
    expected = "view/chat/messages/0/id: expected 'local:' and the id of the action"
    assert str(first_unlike([view], {"chat": wrong})).startswith(expected)


IDS = st.sampled_from(["a-1", "a-2", "m-1", "m-2", "l-1", "l-2", "local:x", "none"])
CHANGES = st.dictionaries(
    st.sampled_from(
        ["title", "content", "tags", "revision", "is_active", "short_code", "username", "mood"]
    ),
    st.none() | st.booleans() | st.text(max_size=3) | st.lists(st.text(max_size=2), max_size=2),
    max_size=4,
)
DATA = st.fixed_dictionaries(
    {
        "article_id": IDS | st.none(),
        "message_id": IDS,
        "url_id": IDS,
        "content": st.text(max_size=3),
        "title": st.text(max_size=3),
        "target_url": st.text(max_size=3),
        "changes": CHANGES,
    }
)
PENDING = st.lists(
    st.builds(Pending, st.sampled_from(sorted({*ACTIONS})), DATA, st.just("x")), max_size=6
)
SLICES: View = {"articles": ARTICLES, "chat": CHAT, "url": URLS, "user": USER}
UPDATES = {
    "article.update": "article_id",
    "url.update": "url_id",
    "user.update": "",
}


def test_nothing_pending_shows_the_slices() -> None:
    assert fold(SLICES, [], HERE) == SLICES


@given(PENDING)
def test_any_view_is_itself_and_changes_nothing_that_it_was_given(pending: list[Pending]) -> None:
    before = repr(SLICES)
    view = fold(SLICES, pending, HERE)
    assert repr(SLICES) == before
    assert view.keys() == SLICES.keys()
    assert fold(fold(SLICES, pending[:2], HERE), pending[2:], HERE) == view


@given(PENDING)
def test_what_holds_of_any_view(pending: list[Pending]) -> None:
    view = fold(SLICES, pending, HERE)
    for kind, name in (("articles", "articles"), ("url", "urls"), ("chat", "messages")):
        shown, held = view[kind][name], {one["id"]: one for one in SLICES[kind][name]}
        assert len(shown) <= 3, "lists are within their limits"
        is_local = [one["id"].startswith("local:") for one in shown]
        assert is_local == sorted(is_local, reverse=True), "what is new stands in front"
        kept = [one["id"] for one in shown if one["id"] in held]
        assert kept == [id_ for id_ in held if id_ in kept], "what is there keeps its order"
        entity = next(part.entity for part in BY_NAME[kind].lists if part.name == name)
        times = () if entity is None else entity.times
        for entry, before in ((one, held[one["id"]]) for one in shown if one["id"] in held):
            theirs = {*times, *({"revision", "author_id", "user_id", "created_by"} & {*before})}
            assert all(entry[member] == before[member] for member in theirs), "a server sets these"


@given(PENDING, st.sampled_from(sorted(UPDATES)), IDS)
def test_an_update_with_no_changes_shows_nothing(
    pending: list[Pending], type_: str, id_: str
) -> None:
    nothing = Pending(type_, {UPDATES[type_]: id_, "changes": {}}, "y")
    assert fold(SLICES, [*pending, nothing], HERE) == fold(SLICES, pending, HERE)
