"""Which types of actions never worked in a run, and which records say so."""

from __future__ import annotations

from tests.kit.rules.builder import Entry, Tape

from omnisession_conformance.protocol.verdict import CheckId
from omnisession_conformance.roles.server.reading.failing import never_works

PLAIN = CheckId("ACTION-018", "an-ordinary-noop")
SUSPECTS = {"session.noop": PLAIN}


def found(tape: Tape) -> dict[str, set[int]]:
    """By type that never worked the numbers of the records that refused it."""
    return {one.name: set(one.records) for one in never_works(tape.records(), SUSPECTS)}


def numbers(*pairs: tuple[Entry, Entry]) -> set[int]:
    return {entry.n for pair in pairs for entry in pair}


def test_failures_and_what_was_ahead_of_them_are_of_the_type() -> None:
    tape = Tape()
    player, other = tape.opened("u", "s"), tape.opened("u2", "s2")
    failed = player.nack(player.sends("session.noop"), 5000)
    behind = player.nack(player.sends("article.update"), 4091, details={"expected": 1})
    # Neither a refusal with a reason, nor a gap in another session, is of it.
    player.nack(player.sends("session.noop"), 4220)
    other.nack(other.sends("article.update"), 4091, details={"expected": 1})
    assert found(tape) == {"session.noop": numbers(failed, behind)}


def test_one_ack_shows_that_a_type_works() -> None:
    tape = Tape()
    player = tape.opened("u", "s")
    player.nack(player.sends("session.noop"), 5000)
    player.acts("session.noop")
    assert found(tape) == {}


def test_an_id_of_two_types_tells_of_neither() -> None:
    tape = Tape()
    player = tape.opened("u", "s")
    first = player.sends("session.noop")
    failed = player.nack(player.sends("session.noop"), 5000)
    again = player.sends("article.update")
    again.body["action_id"] = first.body["action_id"]
    player.ack(again)
    assert found(tape) == {"session.noop": numbers(failed)}
