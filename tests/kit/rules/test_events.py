"""The law of the fold: what breaks it, and what only looks like it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.kit.model.values import (
    article,
    articles_slice,
    chat_slice,
    editor,
    message,
    revision,
)
from tests.kit.rules.builder import LIMITS, START_MS, Tape, clean, expect
from tests.kit.rules.story import story

if TYPE_CHECKING:
    from tests.kit.rules.builder import Player

LAW = ("EVENT-001", "EVENT-002")
SMALL = {**LIMITS, "articles": 2, "chat_messages": 2}


def followed(kind: str, slice_: dict[str, Any], **how: Any) -> tuple[Tape, Player]:
    tape = Tape()
    how.setdefault("features", ("events",))
    return tape, tape.opened("ann-0001", "s-00000001", kinds=(kind,), slices={kind: slice_}, **how)


def test_an_event_that_was_left_out() -> None:
    tape, player = followed("articles", articles_slice(articles=[article("a")]))
    player.fold("article.deleted", {"article_id": "a"})
    states = player.sync()[2]
    found = tape.judge()
    observations = expect(found, *LAW, blamed=states[0], pointer="/data/articles/0")
    assert observations[0].records == (states[0].n, player.stream[0].n)
    assert observations[0].why == "the fold of 0 events over the state of this kind at 1:1"


def test_an_event_that_leaves_a_member_out() -> None:
    tape, player = followed("articles", articles_slice(articles=[article("a")]))
    event = player.event("article.updated", {"article": article("a", title="New", revision=2)})
    event.data["article"]["title"] = "Old"
    states = player.sync()[2]
    expect(tape.judge(), *LAW, blamed=states[0], pointer="/data/articles/0/title")


def test_a_state_ahead_of_its_event() -> None:
    tape, player = followed("articles", articles_slice(articles=[article("a")]))
    _, _, states = player.sync()
    event = player.event("article.deleted", {"article_id": "a"})
    states[0].data["articles"] = []
    player.sync()
    assert event.n < 0
    expect(tape.judge(), *LAW, blamed=states[0])


def test_a_state_that_lacks_the_last_event() -> None:
    tape, player = followed("articles", articles_slice(articles=[article("a")]))
    player.event("article.deleted", {"article_id": "a"})
    _, _, states = player.sync()
    states[0].data["articles"] = [article("a")]
    expect(tape.judge(), *LAW, blamed=states[0], pointer="/data/articles/0")


def test_the_content_of_the_current_article() -> None:
    told = story()
    event = told.update.of(told.b1)[0]
    event.data["article"]["content"] = None
    found = told.tape.judge()
    assert found.broken == set(LAW), found.told()
    assert (event.n, "/data/article/content") in [
        (o.records[0], o.pointer) for o in found.of("EVENT-001")
    ]


def test_content_may_be_left_out_where_the_article_is_not_current() -> None:
    told = story()
    for entry in told.update.of(told.a1):
        if entry.type == "article.updated":
            entry.data["article"]["content"] = None
    clean(told.tape.judge())


def test_a_further_state_beside_the_events_is_right() -> None:
    tape, player = followed("articles", articles_slice())
    player.event("article.created", {"article": article("a")})
    player.state("articles")
    player.state("articles")
    clean(tape.judge())


def test_members_that_the_protocol_does_not_name_are_not_compared() -> None:
    tape, player = followed("articles", articles_slice(articles=[article("a", views=1)]))
    player.event("x-acme.viewed", {"article_id": "a"})
    player.slices["articles"] = {
        **articles_slice(articles=[article("a", views=2)]),
        "x-shelf": "wood",
    }
    player.sync()
    clean(tape.judge())


def test_a_new_epoch_starts_over() -> None:
    tape, player = followed("articles", articles_slice(articles=[article("a")]))
    player.epoch, player.seq = 9, 0
    player.slices["articles"] = articles_slice()
    player.states("takeover")
    clean(tape.judge())


def test_what_a_gap_hid_is_not_held_against_the_next_state() -> None:
    told = story()
    event = told.publish.of(told.b1)[0]
    told.tape.remove(event)
    found = told.tape.judge()
    assert found.broken == {"ORDER-002", "RESUME-003"}, found.told()


def test_a_session_without_events_needs_no_fold() -> None:
    tape, player = followed("articles", articles_slice(articles=[article("a")]), features=())
    player.slices["articles"] = articles_slice()
    player.state("articles")
    clean(tape.judge())


# -- lists that were cut -------------------------------------------------------------------------------

NEWEST, MIDDLE, OLDEST = (article(f"a{n}", START_MS - 10 * n) for n in (1, 2, 3))


def cut() -> tuple[Tape, Player]:
    """A session whose list of two was full, and lost the newest of three articles."""
    tape, player = followed("articles", articles_slice(articles=[NEWEST, MIDDLE]), limits=SMALL)
    player.event("article.deleted", {"article_id": "a1"})
    assert player.slices["articles"]["articles"] == [MIDDLE]
    return tape, player


def test_a_list_that_was_cut_may_be_filled_up_by_a_sync() -> None:
    tape, player = cut()
    player.slices["articles"] = articles_slice(articles=[MIDDLE, OLDEST])
    player.sync()
    clean(tape.judge())


def test_a_list_that_was_cut_may_stay_short() -> None:
    tape, player = cut()
    player.sync()
    clean(tape.judge())


def test_a_list_that_was_cut_is_not_filled_up_by_a_change() -> None:
    tape, player = cut()
    player.slices["articles"] = articles_slice(articles=[MIDDLE, OLDEST])
    state = player.state("articles")
    expect(tape.judge(), *LAW, blamed=state, pointer="/data/articles/1")


def test_what_is_held_must_be_in_a_list_that_is_filled_up() -> None:
    tape, player = cut()
    player.slices["articles"] = articles_slice(articles=[OLDEST])
    _, _, states = player.sync()
    expect(tape.judge(), *LAW, blamed=states[0], pointer="/data/articles/0/id")


def test_an_entry_may_fall_off_the_end_of_a_list_that_is_full_again() -> None:
    tape, player = cut()
    # Behind the oldest there was another one, which its own event brought back.
    last = article("a4", START_MS - 40)
    player.event("article.updated", {"article": last})
    player.slices["articles"] = articles_slice(articles=[MIDDLE, OLDEST])
    player.sync()
    clean(tape.judge())


def test_a_list_that_was_never_full_is_not_filled_up() -> None:
    tape, player = followed("articles", articles_slice(articles=[MIDDLE]), limits=SMALL)
    player.slices["articles"] = articles_slice(articles=[MIDDLE, OLDEST])
    _, _, states = player.sync()
    expect(tape.judge(), *LAW, blamed=states[0])


@pytest.mark.parametrize("right", [True, False])
def test_messages_come_back_behind_those_that_are_held(right: bool) -> None:
    held = [message("m3"), message("m2")]
    tape, player = followed("chat", chat_slice(messages=held), limits=SMALL)
    player.event("chat.message_deleted", {"message_id": "m3"})
    back = [message("m2"), message("m1")]
    player.slices["chat"] = chat_slice(messages=back if right else back[::-1])
    _, _, states = player.sync()
    found = tape.judge()
    if right:
        clean(found)
    else:
        expect(found, *LAW, blamed=states[0], pointer="/data/messages/0/id")


# -- who gets events, and revisions ----------------------------------------------------------------------


def test_events_that_were_not_negotiated() -> None:
    tape, player = followed("articles", articles_slice(), features=())
    event = player.event("article.edit_started", editor("a", "ann-0001", START_MS))
    player.state("articles")
    expect(tape.judge(), "EVENT-003", blamed=event)


def test_a_revision_that_is_lower_than_before() -> None:
    told = story()
    for entry in told.update.effects:
        if entry.type == "article.updated":
            entry.data["article"]["revision"] = 1
    found = told.tape.judge()
    assert "ART-006" in found.broken
    assert {o.pointer for o in found.of("ART-006")} == {"/data/article/revision"}


def test_revisions_may_grow_by_more_than_one() -> None:
    tape, player = followed("articles", articles_slice(articles=[article("a")]))
    player.event("article.updated", {"article": article("a", revision=9)})
    player.event("article.revision_added", {"revision": {**revision("a", 9), "timestamp": 10**12}})
    found = tape.judge()
    assert "ART-006" not in found.broken
    assert found.seen("ART-006") == 1
