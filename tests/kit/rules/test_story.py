"""The right transcript, as it is and in all variations that are right as well."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest
from tests.kit.rules.builder import Tape, clean
from tests.kit.rules.story import EDITORS, story

from omnisession_conformance.traffic.record import Party

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.kit.rules.builder import Entry, Findings

EMAILS = {"ann-0001": "ann@example.org"}
# The server of the story does not claim that profile; see test_warnings.py.
OF_SECURE = {"SECU-021", "SECU-022"}


def judged(tape: Tape) -> Findings:
    return tape.judge(editors=EDITORS, emails=EMAILS)


def test_nothing_is_found_in_a_right_transcript() -> None:
    found = judged(story().tape)
    clean(found)
    unseen = {name for name in found.fed if not found.seen(name)}
    assert unseen == OF_SECURE, unseen


def test_nothing_is_found_in_no_transcript() -> None:
    found = judged(Tape())
    clean(found)
    assert {name for name in found.fed if found.seen(name)} == set()


def test_a_run_may_stop_anywhere() -> None:
    whole = len(story().tape.entries)
    for size in range(1, whole, 2):
        told = story()
        told.tape.entries = told.tape.entries[:size]
        told.tape.ms = told.tape.entries[-1].ms
        told.tape.wait(-3_000)
        found = judged(told.tape)
        assert found.broken == set(), f"after {size} messages: {found.told()}"


def targets(tape: Tape) -> list[Entry]:
    return [entry for entry in tape.entries if entry.party is Party.TARGET]


def other_key_order(tape: Tape) -> None:
    for entry in targets(tape):
        entry.body = dict(reversed(entry.body.items()))


def more_members(tape: Tape) -> None:
    for entry in targets(tape):
        if entry.type not in ("session.resumed", "action.ack", "action.nack"):
            entry.body["x-more"] = {"any": [1, None]}
            # A digest covers all members of a state's data.
            if "error" not in entry.data and "digest" not in entry.body:
                entry.data.setdefault("x-more", 1)


def a_later_minor(tape: Tape) -> None:
    for entry in targets(tape):
        entry.body["v"] = "1.4"


def more_heartbeats(tape: Tape) -> None:
    for player in tape.players[:1]:
        for _ in range(5):
            player.heartbeat()


def unknown_events(tape: Tape) -> None:
    for player in tape.players:
        if player.has_events:
            for type_ in ("x-acme.done", "article.pinned"):
                player.event(type_, {"any": 1}, actor=None)
            player.sync()


def another_epoch(tape: Tape) -> None:
    for player in tape.players:
        if player.has_events:
            player.epoch, player.seq = 1_795_391_256_101, 0
            player.states("takeover")
            player.ping()
            player.resume(1, 3, "snapshot")


def answers_on_another_connection(tape: Tape) -> None:
    """Answers overtake states and events that were published before them."""
    chance = random.Random(5)  # noqa: S311 - the same every time
    for entry in targets(tape):
        if entry.subject.startswith("_INBOX."):
            place = tape.entries.index(entry)
            before = tape.entries[place - 1]
            while (
                before.party is Party.TARGET
                and not before.subject.startswith("_INBOX.")
                and chance.random() < 0.7
            ):
                place -= 1
                before = tape.entries[place - 1]
            tape.entries.remove(entry)
            tape.entries.insert(place, entry)


def no_inboxes_for_actions(tape: Tape) -> None:
    asked = {e.reply for e in tape.entries if "client_seq" in e.body and e.party is Party.KIT}
    tape.entries = [e for e in tape.entries if e.subject not in asked]
    for entry in tape.entries:
        if entry.reply in asked:
            entry.reply = ""


VARIATIONS: list[Callable[[Tape], Any]] = [
    other_key_order,
    more_members,
    a_later_minor,
    more_heartbeats,
    unknown_events,
    another_epoch,
    answers_on_another_connection,
    no_inboxes_for_actions,
]


@pytest.mark.parametrize("vary", VARIATIONS)
def test_what_is_right_as_well(vary: Callable[[Tape], Any]) -> None:
    told = story()
    vary(told.tape)
    clean(judged(told.tape))
