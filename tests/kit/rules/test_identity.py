"""One id for one change, one order of changes."""

from __future__ import annotations

import copy

from tests.kit.model.values import article
from tests.kit.rules.builder import Tape, clean, expect
from tests.kit.rules.story import ANN, BOB, story


def test_an_id_for_two_events_of_one_action() -> None:
    told = story()
    for player in (told.a1, told.b1):
        first, second = told.update.of(player)
        second.body["event_id"] = first.body["event_id"]
    found = told.tape.judge()
    assert found.broken == {"EVENT-004"}, found.told()
    assert {o.records[0] for o in found.of("EVENT-004")} == {
        told.update.of(player)[1].n for player in (told.a1, told.b1)
    }


def test_a_new_id_for_each_session() -> None:
    told = story()
    event = told.publish.of(told.b1)[0]
    event.body["event_id"] = "e-of-its-own"
    found = told.tape.judge()
    expect(found, "EVENT-004", blamed=event, pointer="/event_id")


def test_another_id_in_the_hint() -> None:
    told = story()
    hint = told.tape.find("article.updated", on=".updates")[0]
    hint.body["event_id"] = "e-of-its-own"
    expect(told.tape.judge(), "EVENT-004", blamed=hint, pointer="/event_id")


def test_an_id_that_is_used_again() -> None:
    told = story()
    late = told.tape.change([("article.deleted", {"article_id": "old-1"})], (told.a1,))[0]
    late.body["event_id"] = told.select.effects[0].body["event_id"]
    observations = expect(told.tape.judge(), "EVENT-004", blamed=told.select.effects[0])
    assert observations[0].seen == "article.selected here, article.deleted there"
    assert observations[0].records[1] == late.n


def test_other_data_under_one_id() -> None:
    told = story()
    event = told.publish.of(told.b1)[0]
    event.data["article"]["title"] = "Another"
    found = told.tape.judge()
    assert "EVENT-004" in found.broken, found.told()
    assert found.of("EVENT-004")[0].records[0] == event.n
    assert "article.title" in (found.of("EVENT-004")[0].seen or "")


def test_members_that_the_protocol_does_not_name_may_differ() -> None:
    told = story()
    told.publish.of(told.b1)[0].data["article"]["x-mine"] = True
    clean(told.tape.judge())


def test_what_appears_for_one_and_changes_for_another_may_be_one_change() -> None:
    told = story()
    told.publish.of(told.b1)[0].body["type"] = "article.created"
    clean(told.tape.judge())


def test_another_order_in_another_session() -> None:
    tape = Tape()
    ann = tape.opened(ANN, "k7tag-aaaaaaaaaaaaaaaa01", features=("events",))
    bob = tape.opened(BOB, "k7tag-bbbbbbbbbbbbbbbb01", features=("events",))
    for number in (2, 3):
        tape.change([("article.updated", {"article": article("x", revision=number)})], (ann, bob))
    clean(tape.judge())
    first, second = bob.stream[-2:]
    first.body["event_id"], second.body["event_id"] = (
        second.body["event_id"],
        first.body["event_id"],
    )
    first.body["data"], second.body["data"] = (
        copy.deepcopy(second.body["data"]),
        copy.deepcopy(first.body["data"]),
    )
    found = tape.judge()
    assert found.broken == {"EVENT-008", "ART-006"}, found.told()
    assert found.of("EVENT-008")[0].records[0] == second.n


def test_a_session_that_saw_less_has_the_same_order() -> None:
    tape = Tape()
    ann = tape.opened(ANN, "k7tag-aaaaaaaaaaaaaaaa01", features=("events",))
    bob = tape.opened(BOB, "k7tag-bbbbbbbbbbbbbbbb01", features=("events",))
    for number in (2, 3, 4):
        readers = (ann, bob) if number != 3 else (ann,)
        tape.change([("article.updated", {"article": article("x", revision=number)})], readers)
    found = tape.judge()
    clean(found)
    assert found.seen("EVENT-008") == 1
