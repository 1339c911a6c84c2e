"""Rows of articles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vectors.entries import article
from vectors.rows import LIMITS, Act, act, row

if TYPE_CHECKING:
    from vectors.lines import Json

T = 1_730_000_000_000
EMPTY: Json = {
    "type": "articles",
    "articles": [],
    "current_article": None,
    "revisions": [],
    "editors": [],
}
ONE = article("a-1", T + 2)
TWO = article("a-2", T + 1, author_id="bob", author="Bob")
THREE = article("a-3", T)
HELD: Json = {
    **EMPTY,
    "articles": [ONE, TWO, THREE],
    "current_article": {**ONE, "content": "Text of a-1."},
    "revisions": [
        {
            "article_id": "a-1",
            "revision": 1,
            "author_id": "ann",
            "title": ONE["title"],
            "timestamp": T,
        }
    ],
    "editors": [
        {"article_id": "a-1", "user_id": "bob", "since": T},
        {"article_id": "a-2", "user_id": "ann", "since": T},
    ],
}
CUT: Json = {**HELD, "articles": [TWO]}
UPDATE, DELETE, SELECT = "article.update", "article.delete", "article.select"


def update(id_: str, expect: Json | None = None, /, **changes: object) -> Act:
    """An update of an article."""
    return act(UPDATE, expect=expect, article_id=id_, changes=changes)


def rows() -> list[Json]:
    """All rows of the kind."""
    held, empty = {"articles": HELD}, {"articles": EMPTY}
    create = act("article.create", title="New")
    return [
        row("nothing-pending", "Without actions the view is the slices.", held),
        row(
            "update-of-the-current-one",
            "The entry of the list and the current article take the title.",
            held,
            update("a-1", title="Mine"),
        ),
        row(
            "update-of-another-one",
            "The current article is another one, and stays.",
            held,
            update("a-3", title="Mine"),
        ),
        row(
            "update-of-the-content",
            "Only the current article has content.",
            held,
            update("a-1", content="Mine."),
        ),
        row(
            "update-of-a-content-that-is-not-shown",
            "An article that is not current shows nothing of its content.",
            held,
            update("a-2", content="Mine."),
        ),
        row(
            "update-of-all",
            "All members that the page names are taken, and the place in the list stays.",
            held,
            update(
                "a-1",
                title="",
                slug="mine",
                subtitle="Sub",
                leading="Lead",
                tags=["a", "b"],
                content="",
            ),
        ),
        row(
            "update-of-what-no-user-sets",
            "Of changes no other members are taken.",
            held,
            update("a-1", title="Mine", revision=9, author_id="bob", mood="good", published_at=1),
            needs=["ART-002"],
        ),
        row(
            "update-of-nothing",
            "Changes may be empty.",
            held,
            act(UPDATE, article_id="a-1", changes={}),
        ),
        row(
            "update-of-what-is-not-there",
            "An action does nothing in a place that lacks its target.",
            held,
            update("a-9", title="Mine"),
        ),
        row(
            "update-of-a-current-one-that-is-not-listed",
            "The list has lost the current article by cutting: that one alone takes the title.",
            {"articles": CUT},
            update("a-1", title="Mine"),
        ),
        row(
            "update-with-nothing-current",
            "There is no current article, and none comes.",
            {"articles": {**HELD, "current_article": None, "revisions": []}},
            update("a-1", title="Mine", content="Mine."),
        ),
        row(
            "two-updates",
            "The later of two updates wins, member by member.",
            held,
            update("a-1", title="First", subtitle="First"),
            update("a-1", title="Second"),
        ),
        row(
            "update-that-expects-another-revision",
            "What an action expects is not looked at.",
            held,
            update("a-1", {"revision": 7}, title="Mine"),
        ),
        row(
            "delete-of-the-current-one",
            "With the article go what is current, its revisions and its editors.",
            held,
            act(DELETE, article_id="a-1"),
        ),
        row(
            "delete-of-another-one",
            "What is current stays; no right is looked at.",
            held,
            act(DELETE, article_id="a-2"),
        ),
        row("delete-of-what-is-not-there", "Nothing goes.", held, act(DELETE, article_id="a-9")),
        row(
            "delete-then-update",
            "What is deleted takes no changes any more.",
            held,
            act(DELETE, article_id="a-1"),
            update("a-1", title="Mine"),
        ),
        row(
            "delete-twice",
            "The second does nothing.",
            held,
            act(DELETE, article_id="a-3"),
            act(DELETE, article_id="a-3"),
        ),
        row(
            "select-of-none",
            "Nothing is current, and no revisions are shown.",
            held,
            act(SELECT, article_id=None),
        ),
        row(
            "select-of-one",
            "Nobody knows the content of what is selected: nothing changes.",
            held,
            act(SELECT, article_id="a-2"),
        ),
        row(
            "select-of-none-then-update",
            "What was current takes its changes in the list alone.",
            held,
            act(SELECT, article_id=None),
            update("a-1", title="Mine", content="Mine."),
        ),
        row(
            "select-of-none-then-of-one",
            "Nothing is current until the server tells what is.",
            held,
            act(SELECT, article_id=None),
            act(SELECT, article_id="a-1"),
        ),
        row(
            "create-with-all-members",
            "A new article has what was given, and stands in front.",
            held,
            act(
                "article.create",
                title="New",
                slug="new",
                subtitle="Sub",
                leading="Lead",
                tags=["a"],
                content="Text",
            ),
        ),
        row("create-with-a-title", "What is not given is empty.", held, create),
        row(
            "two-creates",
            "The newest is in front.",
            empty,
            create,
            act("article.create", title="Newer"),
        ),
        row(
            "create-at-the-limit",
            "The list is cut to its limit.",
            held,
            create,
            limits={**LIMITS, "articles": 3},
        ),
        row(
            "create-before-opened",
            "Before the first opened there are no limits, and nothing is cut.",
            empty,
            *[create] * 3,
            update("a-1", title="Mine"),
            limits=None,
        ),
        row(
            "what-shows-nothing",
            "Other actions do nothing.",
            held,
            act("article.publish", article_id="a-1"),
            act("article.edit_start", article_id="a-1"),
            act("article.edit_end", article_id="a-2"),
            act("session.noop"),
            act("article.sparkle", article_id="a-1"),
        ),
        row(
            "of-a-kind-that-is-not-open",
            "An action does nothing where its kind is not open.",
            held,
            act("chat.send", content="hello"),
            act("url.delete", url_id="u-1"),
        ),
    ]
