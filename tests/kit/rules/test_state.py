from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.kit.model.values import (
    article,
    articles_slice,
    editor,
    revision,
    session,
    user,
    user_slice,
)
from tests.kit.rules.builder import START_MS, Tape, clean, expect
from tests.kit.rules.story import story

if TYPE_CHECKING:
    from tests.kit.rules.builder import Player


def opened(kind: str, slice_: dict[str, Any], **how: Any) -> tuple[Tape, Player]:
    tape = Tape()
    return tape, tape.opened("ann-0001", "s-00000001", kinds=(kind,), slices={kind: slice_}, **how)


# -- kinds and entries ---------------------------------------------------------------------------------


def test_a_kind_that_was_not_opened() -> None:
    tape, player = opened("articles", articles_slice())
    player.slices["user"] = user_slice(sessions=[session(player.id, NOW)])
    state = player.state("user")
    expect(tape.judge(), "STATE-001", blamed=state, pointer="/data/type")


def test_a_kind_of_another_name() -> None:
    told = story()
    state = told.publish.of(told.a2)[0]
    state.data["type"] = "ArticlesState"
    found = told.tape.judge()
    assert {"STATE-001", "ENV-002"} == found.broken, found.told()
    assert found.of("STATE-001")[0].pointer == "/data/type"


def test_events_of_a_kind_that_was_not_opened() -> None:
    tape, player = opened("articles", articles_slice(), features=("events",))
    event = player.event("user.updated", {"user": user("ann-0001")})
    expect(tape.judge(), "STATE-001", blamed=event, pointer="/type")


@pytest.mark.parametrize("type_", ["article.pinned", "x-acme.thing_done"])
def test_events_of_an_unknown_type_are_right(type_: str) -> None:
    tape, player = opened("articles", articles_slice(), features=("events",))
    player.event(type_, {"anything": [1]})
    player.sync()
    clean(tape.judge())


def test_an_entry_twice() -> None:
    old, new = article("a", START_MS - 5), article("a", START_MS - 9)
    tape, player = opened("articles", articles_slice(articles=[old, new]))
    state = player.stream[0]
    expect(tape.judge(), "STATE-002", blamed=state, pointer="/data/articles")


# -- life ----------------------------------------------------------------------------------------------


def test_a_session_that_was_only_named_in_an_action() -> None:
    tape = Tape()
    player = tape.player("ann-0001", "s-00000001")
    copy = player.sends("session.noop")
    player.refused(copy, 4041)
    state = player.state("articles")
    found = tape.judge()
    assert "STATE-007" in found.broken, found.told()
    assert found.of("STATE-007")[0].records == (state.n, copy.n)


def test_a_session_whose_open_was_refused() -> None:
    tape = Tape()
    player = tape.player("ann-0001", "s-00000001")
    player.refused(player.asks("session.open", player.open_data()), 4010)
    beat = player.heartbeat()
    found = tape.judge()
    assert found.broken == {"STATE-007"}, found.told()
    assert found.of("STATE-007")[0].records[0] == beat.n


def test_a_message_before_the_open() -> None:
    tape, player = opened("articles", articles_slice())
    beat = player.heartbeat()
    beat.data["position"]["seq"] = 0
    tape.entries.remove(beat)
    tape.entries.insert(0, beat)
    expect(tape.judge(), "STATE-007", blamed=beat)


def test_a_session_that_has_expired() -> None:
    tape, player = opened("articles", articles_slice())
    tape.wait(121_000)
    player.refused(player.asks("session.ping"), 4041)
    tape.wait(300)
    beat = player.heartbeat()
    found = tape.judge()
    assert {"STATE-007"} == found.broken - {"CTRL-008"}, found.told()
    assert found.of("STATE-007")[0].records[0] == beat.n


def test_a_session_of_strangers_is_not_judged() -> None:
    tape, _ = opened("articles", articles_slice())
    stranger = tape.player("ann-0001", "s-of-somebody-else")
    stranger.state("articles")
    stranger.heartbeat()
    clean(tape.judge())


# -- order, limits -------------------------------------------------------------------------------------

NOW = START_MS - 100
ORDERS: list[tuple[str, dict[str, Any], set[str], str]] = [
    (
        "articles",
        articles_slice(articles=[article("a", NOW), article("b")]),
        {"STATE-008"},
        "/data/articles/1",
    ),
    (
        "articles",
        articles_slice(articles=[article("b"), article("a")]),
        {"STATE-008", "STATE-010"},
        "/data/articles/1",
    ),
    (
        "articles",
        articles_slice(editors=[editor("b", "x", NOW), editor("a", "y", NOW)]),
        {"STATE-008", "STATE-010"},
        "/data/editors/1",
    ),
    (
        "user",
        user_slice(permissions=["b", "a"], sessions=[session("s-00000001", NOW)]),
        {"STATE-010", "USER-001"},
        "/data/permissions/1",
    ),
    (
        "user",
        user_slice(sessions=[session("s2", NOW), session("s-00000001", NOW)]),
        {"STATE-010", "USER-003"},
        "/data/sessions/1",
    ),
]


@pytest.mark.parametrize(("kind", "slice_", "broken", "pointer"), ORDERS)
def test_order(kind: str, slice_: dict[str, Any], broken: set[str], pointer: str) -> None:
    tape, player = opened(kind, slice_)
    found = tape.judge()
    assert found.broken == broken, found.told()
    assert all(found.of(r)[0].pointer == pointer for r in broken)
    assert all(found.of(r)[0].records == (player.stream[0].n,) for r in broken)


@pytest.mark.parametrize("size", [3, 4])
def test_limits(size: int) -> None:
    articles = [article(f"a{n}") for n in range(size)]
    limits = {**Tape().player("x", "y").limits, "articles": 3}
    tape, player = opened("articles", articles_slice(articles=articles), limits=limits)
    found = tape.judge()
    if size == 3:
        clean(found)
    else:
        expect(found, "STATE-012", blamed=player.stream[0], pointer="/data/articles")


CURRENT = article("a", NOW, revision=3, content="text")
LISTED = {**CURRENT, "content": None}
THREE = [{**revision("a", n), "timestamp": NOW} for n in (3, 2, 1)]
SELECTIONS: list[tuple[dict[str, Any], str | None]] = [
    (articles_slice(articles=[LISTED], current_article=CURRENT, revisions=THREE), None),
    (articles_slice(articles=[], current_article=CURRENT, revisions=THREE), None),
    (
        articles_slice(current_article=CURRENT, revisions=THREE[::-1]),
        "/data/revisions",
    ),
    (articles_slice(current_article=CURRENT, revisions=THREE[1:]), "/data/revisions"),
    (
        articles_slice(
            current_article=CURRENT, revisions=[*THREE[:2], {**THREE[2], "article_id": "b"}]
        ),
        "/data/revisions/2/article_id",
    ),
    (
        articles_slice(
            articles=[{**LISTED, "title": "Old"}], current_article=CURRENT, revisions=THREE
        ),
        "/data/current_article/title",
    ),
]


@pytest.mark.parametrize(("slice_", "pointer"), SELECTIONS)
def test_selections(slice_: dict[str, Any], pointer: str | None) -> None:
    tape, player = opened("articles", slice_)
    found = tape.judge()
    if pointer is None:
        clean(found)
    else:
        expect(found, "ART-012", blamed=player.stream[0], pointer=pointer)


def test_a_state_between_the_two_events_of_an_update_is_right() -> None:
    slice_ = articles_slice(articles=[LISTED], current_article=CURRENT, revisions=THREE)
    tape, player = opened("articles", slice_, features=("events",))
    newer = {**CURRENT, "revision": 4}
    player.event("article.updated", {"article": newer})
    player.state("articles")
    player.event("article.revision_added", {"revision": {**THREE[0], "revision": 4}})
    player.state("articles")
    clean(tape.judge())


# -- digests -------------------------------------------------------------------------------------------


def test_a_digest_of_something_else() -> None:
    told = story()
    states = told.tape.find("session.state", told.a1)
    states[1].body["digest"] = "0" * 64
    expect(told.tape.judge(), "STATE-011", blamed=states[1], pointer="/digest")


def test_no_digest_where_it_was_negotiated() -> None:
    told = story()
    state = told.tape.find("session.state", told.a1)[1]
    del state.body["digest"]
    expect(told.tape.judge(), "STATE-011", blamed=state, pointer="/digest")


def test_a_digest_where_none_was_negotiated() -> None:
    told = story()
    state = told.tape.find("session.state", told.b1)[0]
    state.body["digest"] = "0" * 64
    expect(told.tape.judge(), "STATE-011", blamed=state, pointer="/digest")


def test_a_digest_covers_members_that_the_protocol_does_not_name() -> None:
    slice_ = {**articles_slice(), "x-shelf": {"of": ["wood"]}}
    tape, player = opened("articles", slice_, features=("digests",))
    player.heartbeat()
    clean(tape.judge())
