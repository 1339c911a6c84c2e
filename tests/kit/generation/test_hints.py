"""Hints: how many of them the changes of an article have to make by now."""

from __future__ import annotations

from tests.kit.generation.making import Bench, broken

from omnisession_conformance.roles.server.generation.hints import hints

DRAFT = {"title": "t"}


def told(bench: Bench, count: int) -> set[str]:
    return broken(list(hints(bench.world, {"a1": count})))


def article() -> Bench:
    bench = Bench()
    bench.do("s0", "article.create", name="a1", give=DRAFT)
    bench.do("s0", "article.update", "a1", give={"title": "u"})
    return bench


def test_a_draft_is_hinted_to_nobody() -> None:
    assert not told(article(), 0)
    assert told(article(), 1) == {"ART-004"}


def test_each_update_and_the_deletion_of_what_is_published_is_hinted() -> None:
    bench = article()
    bench.do("s0", "article.publish", "a1")
    assert not told(bench, 0)
    assert not told(bench, 1), "the publish may be hinted, too"
    bench.do("s0", "article.update", "a1", give={"title": "v"})
    bench.do("s0", "article.delete", "a1")
    assert told(bench, 1) == {"ART-014"}
    assert not told(bench, 2)
    assert not told(bench, 3)
    assert told(bench, 4) == {"ART-014"}


def test_what_came_too_seldom_may_still_come() -> None:
    bench = article()
    bench.do("s0", "article.publish", "a1")
    bench.do("s0", "article.update", "a1", give={"title": "v"})
    (few,) = hints(bench.world, {"a1": 0})
    (many,) = hints(bench.world, {"a1": 9})
    assert few.eventual
    assert not many.eventual
    assert not list(hints(bench.world, None)), "where connections fail nothing is said of them"


def test_an_update_that_changes_nothing_may_be_hinted() -> None:
    bench = article()
    bench.do("s0", "article.publish", "a1")
    bench.do("s0", "article.update", "a1", give={"title": "u"})
    assert not told(bench, 0)
    assert not told(bench, 2)
