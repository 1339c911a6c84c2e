"""The sequences of actions and what comes meanwhile that docs/spec/optimistic.md has tried, of articles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.client.acts import (
    actions,
    ids,
    keeping,
    nacks,
    pending,
    resumed,
    taken,
    view,
)
from tests.client.held import CURRENT, SLICES, article, showing

from omnisession_client.effects import Taken
from omnisession_client.messages import Dispatched

if TYPE_CHECKING:
    from tests.client.bench import Bench, Body


def titled(bench: Bench) -> str:
    """The title of the first article, which `current_article` has as well."""
    shown = view(bench)["articles"]
    listed = next(one for one in shown["articles"] if one["id"] == "a-1")
    assert shown["current_article"]["title"] == listed["title"]
    return listed["title"]


def retitles(bench: Bench, action_id: str, title: str, **more: Any) -> None:
    data = {"article_id": "a-1", "changes": {"title": title}}
    bench.put(Dispatched(at_ms=0, action_id=action_id, type="article.update", data=data, **more))


def test_a_create_and_an_update_of_what_it_makes() -> None:
    bench = showing("articles")
    bench.dispatch("x1", "article.create", title="T")
    data = {"article_id": "local:x1", "changes": {"title": "N"}}
    assert taken(bench.dispatch("x2", "article.update", **data)) == [Taken("x2", "local_id")]
    assert ids(bench, "articles", "articles") == ["local:x1", "a-2", "a-1"]


def test_a_delete_that_is_refused_brings_all_back() -> None:
    bench = showing("articles")
    bench.dispatch("x1", "article.delete", article_id="a-1")
    bench.dispatch("x2", "article.update", article_id="a-1", changes={"title": "N"})
    gone = view(bench)["articles"]
    assert [one["id"] for one in gone["articles"]] == ["a-2"]
    assert (gone["current_article"], gone["revisions"], gone["editors"]) == (None, [], [])
    nacks(bench, "x1", 1)
    assert titled(bench) == "N"
    nacks(bench, "x2", 2)
    assert view(bench)["articles"] == SLICES["articles"]


def test_the_last_of_two_updates_shows_until_it_is_refused() -> None:
    bench = showing("articles")
    retitles(bench, "x1", "A")
    retitles(bench, "x2", "B")
    assert titled(bench) == "B"
    nacks(bench, "x1", 1)
    assert titled(bench) == "B"
    nacks(bench, "x2", 2)
    assert titled(bench) == CURRENT["title"]


def test_an_expectation_is_not_looked_at() -> None:
    bench = showing("articles")
    retitles(bench, "x1", "A", expect={"revision": 3})
    others = article(1, revision=4, title="Z", content="text")
    bench.hears("events", bench.event(2, "article.updated", article=others))
    shown = view(bench)["articles"]["current_article"]
    assert (shown["title"], shown["revision"]) == ("A", 4)
    nacks(bench, "x1", 1, 4090)
    assert titled(bench) == "Z"


def test_a_selection_shows_once_the_server_has_made_it() -> None:
    bench = showing("articles")
    bench.dispatch("x1", "article.select", article_id="a-2")
    bench.dispatch("x2", "article.update", article_id="a-2", changes={"content": "C"})
    assert view(bench)["articles"] == SLICES["articles"]
    selected: Body = {"article": article(2, content="c"), "revisions": []}
    bench.hears("events", bench.event(2, "article.selected", las=1, **selected))
    assert view(bench)["articles"]["current_article"] == article(2, content="C")


def test_nothing_selected_shows_at_once() -> None:
    bench = showing("articles")
    bench.dispatch("x1", "article.select", article_id=None)
    changes = {"title": "N", "content": "C"}
    bench.dispatch("x2", "article.update", article_id="a-1", changes=changes)
    bench.dispatch("x3", "article.select", article_id="a-1")
    shown = view(bench)["articles"]
    assert (shown["current_article"], shown["revisions"]) == (None, [])
    assert [one["title"] for one in shown["articles"]] == ["title 2", "N"]


def test_a_current_article_that_the_list_has_lost() -> None:
    bench = showing("articles")
    lost: Body = {**SLICES["articles"], "articles": [article(2)]}
    bench.hears("state", bench.shown(2, **lost))
    bench.dispatch("x1", "article.update", article_id="a-1", changes={"title": "N"})
    shown = view(bench)["articles"]
    assert (shown["articles"], shown["current_article"]["title"]) == ([article(2)], "N")


def test_before_the_session_is_open() -> None:
    bench = keeping("articles")
    bench.begin()
    bench.dispatch("x1", "article.create", title="T")
    bench.dispatch("x2", "article.update", article_id="a-1", changes={"title": "N"})
    assert ids(bench, "articles", "articles") == ["local:x1"]


def test_an_update_of_nothing_is_pending_all_the_same() -> None:
    bench = showing("articles")
    bench.dispatch("x1", "article.update", article_id="a-1", changes={})
    assert (view(bench)["articles"], len(pending(bench))) == (SLICES["articles"], 1)
    bench.lost()
    bench.ready()
    assert len(actions(resumed(bench, 1))) == 1
