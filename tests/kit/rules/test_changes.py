"""Causes and actors of events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.kit.model.values import article, editor, session, url, user, user_slice
from tests.kit.rules.builder import START_MS, Tape, clean, expect
from tests.kit.rules.story import ANN, BOB, story

if TYPE_CHECKING:
    from tests.kit.rules.builder import Done, Entry, Player
    from tests.kit.rules.story import Story


def cause(event: Entry) -> dict[str, Any]:
    return event.body["cause"]


def last_update(told: Story) -> Entry:
    return told.update.of(told.a1)[-1]


def test_no_cause_in_the_users_own_session() -> None:
    told = story()
    for event in told.update.of(told.a1):
        event.body["cause"] = None
    found = told.tape.judge()
    observations = expect(found, "EVENT-005", blamed=last_update(told), pointer="/cause")
    assert observations[0].expected is not None
    assert told.update.copy.body["action_id"] in observations[0].expected
    assert observations[0].seen == "cause null"


def test_the_client_seq_of_another_action() -> None:
    told = story()
    cause(last_update(told))["client_seq"] = 1
    expect(told.tape.judge(), "EVENT-005", blamed=last_update(told), pointer="/cause/client_seq")


def test_the_session_of_the_receiver() -> None:
    told = story()
    tape = told.tape
    a3 = tape.opened(ANN, "k7tag-aaaaaaaaaaaaaaaa03", features=("events",))
    gone = ("article.deleted", {"article_id": "old-1"})
    done = told.a1.acts(
        "article.delete", {"article_id": "old-1"}, events=[gone], seen_by=(told.a1, a3)
    )
    event = done.of(a3)[0]
    cause(event)["session_id"] = a3.id
    expect(tape.judge(), "EVENT-005", blamed=event, pointer="/cause/session_id")


def test_no_cause_in_another_session_of_the_user() -> None:
    told = story()
    tape = told.tape
    a3 = tape.opened(ANN, "k7tag-aaaaaaaaaaaaaaaa03", features=("events",))
    gone = ("article.deleted", {"article_id": "old-1"})
    done = told.a1.acts(
        "article.delete", {"article_id": "old-1"}, events=[gone], seen_by=(told.a1, a3)
    )
    clean(tape.judge())
    done.of(a3)[0].body["cause"] = None
    expect(tape.judge(), "EVENT-005", blamed=done.of(a3)[0], pointer="/cause")


def test_an_action_that_was_never_sent() -> None:
    told = story()
    cause(last_update(told))["action_id"] = "act-none"
    told.update.of(told.a1)[0].body["cause"]["action_id"] = "act-none"
    found = told.tape.judge()
    assert found.broken == {"EVENT-005"}, found.told()
    assert {o.pointer for o in found.of("EVENT-005")} == {"/cause/action_id", "/cause"}


def test_the_action_before() -> None:
    """All events name the action before: of another type, or about another article."""
    told = story()
    wrong = cause(told.publish.of(told.a1)[0])
    for event in told.edit.of(told.a1):
        event.body["cause"] = dict(wrong)
    found = told.tape.judge()
    observations = expect(found, "EVENT-005", blamed=told.edit.of(told.a1)[0], pointer="/cause")
    assert observations[0].seen == "article.publish does not make article.edit_started"


def test_the_action_before_about_another_article() -> None:
    tape = Tape()
    a1 = tape.opened(ANN, "k7tag-aaaaaaaaaaaaaaaa01", features=("events",))
    made = [
        a1.acts(
            "article.create",
            {"title": id_},
            events=[("article.created", {"article": article(id_, author_id=ANN)})],
            result={"article_id": id_},
        )
        for id_ in ("x", "y")
    ]
    clean(tape.judge())
    event = made[1].effects[0]
    event.body["cause"] = dict(cause(made[0].effects[0]))
    expect(tape.judge(), "EVENT-005", blamed=event, pointer="/cause")


def test_the_action_before_about_the_same_article() -> None:
    tape = Tape()
    a1 = tape.opened(ANN, "k7tag-aaaaaaaaaaaaaaaa01", features=("events",))
    first, second = (
        a1.acts(
            "article.update",
            {"article_id": "x", "changes": {"title": title}},
            events=[("article.updated", {"article": article("x", revision=n, title=title)})],
        )
        for n, title in ((2, "Two"), (3, "Three"))
    )
    event = second.effects[0]
    event.body["cause"] = dict(cause(first.effects[0]))
    expect(tape.judge(), "EVENT-005", blamed=event, pointer="/cause")


def two_sessions(*features: str) -> tuple[Tape, Player, Player]:
    """Two sessions of a user, of which the second has events."""
    tape = Tape()
    ids = ("k7tag-aaaaaaaaaaaaaaaa01", "k7tag-aaaaaaaaaaaaaaaa02")
    shown = user_slice(user=user(ANN), sessions=[session(id_, START_MS) for id_ in ids])
    first, second = (
        tape.opened(ANN, id_, kinds=("user",), features=some, slices={"user": shown})
        for id_, some in zip(ids, (features, ("events",)), strict=True)
    )
    return tape, first, second


def renamed(player: Player, name: str) -> Done:
    changes = {"changes": {"username": name}}
    return player.acts("user.update", changes, events=[("user.updated", {"user": user(ANN, name)})])


@pytest.mark.parametrize("features", [("events",), ()])
def test_an_update_of_nothing_in_flight_with_that_of_another_session(
    features: tuple[str, ...],
) -> None:
    tape, a1, a2 = two_sessions(*features)
    nothing = a2.sends("user.update", {"changes": {}})
    done = renamed(a1, "Anna")
    a2.count = a2.sent
    ack, _ = a2.ack(nothing)
    assert ack.data["position"]["seq"] == done.of(a2)[0].body["seq"]
    clean(tape.judge())


def test_the_action_before_of_another_session() -> None:
    tape, a1, a2 = two_sessions("events")
    first, second = renamed(a1, "Anna"), renamed(a2, "Annie")
    clean(tape.judge())
    event = second.of(a2)[0]
    event.body["cause"] = dict(cause(first.of(a1)[0]))
    expect(tape.judge(), "EVENT-005", blamed=event, pointer="/cause")


def test_a_cause_in_a_session_of_another_user() -> None:
    told = story()
    event = told.publish.of(told.b1)[0]
    event.body["cause"] = dict(cause(told.publish.of(told.a1)[0]))
    found = told.tape.judge()
    assert found.broken == {"EVENT-005", "SEC-004"}, found.told()
    assert found.of("EVENT-005")[0].pointer == "/cause/session_id"


def test_a_cause_by_a_session_that_is_not_the_kits() -> None:
    told = story()
    event = told.tape.find("article.edit_ended", told.b1)[0]
    event.body["actor"] = BOB
    event.body["cause"] = {"action_id": "z", "session_id": "of-somebody", "client_seq": 3}
    found = told.tape.judge()
    assert "EVENT-005" not in found.broken


# -- actors --------------------------------------------------------------------------------------------


def test_the_receiver_as_actor() -> None:
    told = story()
    event = told.publish.of(told.b1)[0]
    event.body["actor"] = BOB
    expect(told.tape.judge(), "EVENT-006", blamed=event, pointer="/actor")


def test_the_author_as_actor_of_what_somebody_else_did() -> None:
    tape = Tape()
    author = tape.opened(ANN, "k7tag-aaaaaaaaaaaaaaaa01", features=("events",))
    other = tape.opened("edith-0001", "k7tag-eeeeeeeeeeeeeeee01", features=("events",))
    done = other.acts(
        "article.update",
        {"article_id": "x", "changes": {}},
        events=[("article.updated", {"article": article("x", author_id=ANN)})],
    )
    clean(tape.judge())
    for event in done.effects:
        event.body["actor"] = ANN
    found = tape.judge()
    assert found.broken == {"EVENT-006"}, found.told()
    assert {o.records[0] for o in found.of("EVENT-006")} == {e.n for e in done.effects}
    assert author.seq == 2


def test_an_end_by_a_timer_has_no_actor() -> None:
    tape = Tape()
    a1 = tape.opened(ANN, "k7tag-aaaaaaaaaaaaaaaa01", kinds=("chat",), features=("events",))
    a2 = tape.opened(ANN, "k7tag-aaaaaaaaaaaaaaaa02", kinds=("chat",), features=("events",))
    typing = ("chat.typing_changed", {"user_id": BOB, "active": True})
    started = a1.acts("chat.typing", {"active": True}, events=[typing], seen_by=(a1, a2))
    stopped = {"user_id": BOB, "active": False}
    ended = tape.change([("chat.typing_changed", stopped)], (a1, a2))
    clean(tape.judge())
    for entry, start in zip(ended, started.effects, strict=True):
        entry.body["actor"] = ANN
        entry.body["cause"] = dict(cause(start))
    found = tape.judge()
    assert found.broken == {"EVENT-006"}, found.told()
    assert {o.records[0] for o in found.of("EVENT-006")} == {e.n for e in ended}
    assert found.of("EVENT-006")[0].seen == "the action says the contrary of the event"


def test_an_expiry_that_names_the_action_which_started_the_timer() -> None:
    told = story()
    ended = told.tape.find("article.edit_ended", told.a1)[0]
    ended.body["actor"] = ANN
    ended.body["cause"] = dict(cause(told.edit.of(told.a1)[0]))
    found = told.tape.judge()
    assert found.broken == {"EVENT-006"}, found.told()
    assert ended.n in [o.records[0] for o in found.of("EVENT-006")]


def test_somebody_who_did_nothing_as_actor() -> None:
    told = story()
    for event in told.tape.find("article.edit_ended"):
        event.body["actor"] = BOB
        event.body["cause"] = None
    found = told.tape.judge()
    assert found.broken == {"EVENT-006"}, found.told()


@pytest.mark.parametrize(("actor", "right"), [(None, True), (ANN, False)])
def test_the_opening_of_a_session_is_no_action(actor: str | None, right: bool) -> None:
    tape = Tape()
    player = tape.opened(ANN, "k7tag-aaaaaaaaaaaaaaaa01", kinds=("user",), features=("events",))
    opened = session("k7tag-aaaaaaaaaaaaaaaa09", START_MS)
    event = player.event("user.session_opened", {"session": opened}, actor=actor)
    found = tape.judge()
    if right:
        clean(found)
    else:
        expect(found, "EVENT-006", blamed=event, pointer="/actor")


def test_edits_that_new_readers_are_told_of_are_right() -> None:
    """Published by the author: other users learn of the edits that run, under ids of their own."""
    tape = Tape()
    a1 = tape.opened(ANN, "k7tag-aaaaaaaaaaaaaaaa01", features=("events",))
    b1 = tape.opened(BOB, "k7tag-bbbbbbbbbbbbbbbb01", features=("events",))
    draft = article("x", author_id=ANN)
    a1.acts(
        "article.create",
        {"title": "X"},
        events=[("article.created", {"article": draft})],
        seen_by=(a1,),
        result={"article_id": "x"},
    )
    edit = editor("x", ANN, START_MS + tape.ms)
    a1.acts(
        "article.edit_start",
        {"article_id": "x"},
        events=[("article.edit_started", edit)],
        seen_by=(a1,),
    )
    done = {**draft, "published_at": START_MS + tape.ms, "revision": 2}
    a1.acts(
        "article.publish",
        {"article_id": "x"},
        events=[("article.updated", {"article": done})],
    )
    tape.change([("article.edit_started", edit)], (b1,), actor=ANN)
    b1.sync()
    clean(tape.judge(editors=frozenset[str]()))


def test_an_id_in_an_action_that_makes_something_new() -> None:
    tape = Tape()
    player = tape.opened(ANN, "k7tag-aaaaaaaaaaaaaaaa01", kinds=("url",), features=("events",))
    player.acts(
        "url.create",
        {"target_url": "https://example.org/", "url_id": "mine"},
        events=[("url.created", {"url": url("l-1", START_MS, created_by=ANN)})],
        result={"url_id": "l-1"},
    )
    clean(tape.judge())
