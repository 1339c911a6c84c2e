"""Actions that are held: what their refusals tell, how rows are drawn, told and made simpler."""

from __future__ import annotations

import asyncio

from tests.kit.generation.making import Bench, motif, parts

from omnisession_conformance.roles.server.generation import motifs_held
from omnisession_conformance.roles.server.generation import steps as s
from omnisession_conformance.roles.server.generation.outcome import Told
from omnisession_conformance.roles.server.generation.rows import early
from omnisession_conformance.roles.server.generation.shrink import shrink
from omnisession_conformance.roles.server.generation.words import in_words


def ahead(expected: int, last: int) -> Told:
    error = {"code": 4091, "retryable": True, "details": {"expected": expected}}
    return Told(4091, "action.nack", error=error, position=(1, 5, last))


def test_a_refusal_of_what_is_ahead_tells_the_number_that_is_next_by_then() -> None:
    sent = Bench().sent("s0", "session.noop", seq=4)
    assert not early(sent, ahead(2, 1))
    assert early(sent, ahead(1, 1)), "that of its arrival"
    assert early(sent, ahead(4, 3)), "it is the next one itself"
    assert not early(sent, Told(0, "action.ack", "applied", position=(1, 5, 4)))


def noop(number: int) -> s.Act:
    return s.Act(f"x{number}", "s1", "session.noop")


ROW = s.Row(
    (noop(1), noop(2), noop(3)),
    (2, 0),
    again=2,
    rivals=(noop(4),),
    between=(s.Sync("s1"), s.Act("x5", "s2", "session.noop")),
)


def test_a_row_with_all_it_may_have_is_told_in_words() -> None:
    assert in_words(ROW) == (
        "under numbers in a row, sent in the order 3, 1: s1 sends x3: session.noop; s1 sends x1: "
        "session.noop; number 3 of them twice; under the last number as well: s1 sends x4: "
        "session.noop; while they wait for the first: s1 asks for states of all its kinds; s2 sends "
        "x5: session.noop"
    )


def test_a_row_becomes_as_simple_as_what_it_shows_allows() -> None:
    async def shows(program: s.Program) -> bool:
        return any(isinstance(step, s.Row) and step.between for step in program.steps)

    least = asyncio.run(shrink(s.Program(("author",), (ROW,)), shows, until=lambda: False))
    (row,) = least.steps
    assert isinstance(row, s.Row)
    assert (row.again, row.rivals, len(row.acts)) == (-1, (), 1)


def test_what_is_held_is_so_in_every_way() -> None:
    rows = [
        step
        for seed in range(80)
        for step in motif(motifs_held.held, seed)
        if isinstance(step, s.Row)
    ]
    assert {type(one) for row in rows for one in row.between} == {
        *(s.Act, s.Sync, s.Reopen, s.Resume, s.Close)
    }
    assert any(isinstance(row.acts[0], s.Copy) for row in rows)
    assert {len(row.rivals) for row in rows} == {0, 1, 2}
    assert all(row.order[-1] == 0 for row in rows), "the first one closes the gap"


def test_what_is_late_is_not_sent_at_first() -> None:
    (row,) = [step for step in motif(motifs_held.late, 1) if isinstance(step, s.Row)]
    assert {1, 2}.isdisjoint(row.order)
    assert len(parts([row])) == 5
