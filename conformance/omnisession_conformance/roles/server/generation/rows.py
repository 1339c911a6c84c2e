"""Steps that act out of order: what is ahead of the count is held, and judged in its turn."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

from omnisession_conformance.protocol.json import as_object
from omnisession_conformance.roles.server.generation import requests
from omnisession_conformance.roles.server.generation import steps as s
from omnisession_conformance.roles.server.generation.acting import (
    act,
    deliver,
    make,
    make_copy,
    one_of,
    publish,
    settle,
)
from omnisession_conformance.roles.server.generation.judge import AHEAD, BUSY, WITHOUT_OUTCOME
from omnisession_conformance.roles.server.generation.machine import Machine, told_of
from omnisession_conformance.roles.server.generation.outcome import NONE, Finding, Sent, Told
from omnisession_conformance.roles.server.generation.world import LIVE
from omnisession_conformance.roles.server.reply import Answer
from omnisession_conformance.roles.server.steps.sending import outcomes_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from omnisession_conformance.roles.server.pending import PendingAction

Made: TypeAlias = tuple[Sent, dict[str, Any]]
OVER = 4101
USED = 4092


async def swap(machine: Machine, step: s.Swap) -> None:
    """Two actions of a session, the second one sent first: done in the order of their numbers."""
    first = make(machine, step.first)
    if first is None or first[0].seq != machine.world.sessions[first[0].session].last + 1:
        return
    second = make(machine, step.second)
    if second is None or second[0].session != first[0].session:
        await one_of(machine, *first)
        return
    later = renumbered(*second, first[0].seq + 1)
    machine.sent[later[0].name] = later
    waiting = [await publish(machine, *one) for one in (later, first)]
    late, early = [told_of(await pending.outcome()) for pending in waiting]
    if early.code in BUSY:
        early = await deliver(machine, *first)
    settle(machine, first[0], early)
    if late.code in (AHEAD, *BUSY):
        machine.judged(late)
        late = await deliver(machine, *later)
    settle(machine, later[0], late)


@dataclass(slots=True)
class _Try:
    """A copy of an action of a row, on its way or with its outcome; `main` is the one to send again."""

    sent: Sent
    body: Mapping[str, Any]
    pending: PendingAction | None = None
    told: Told | None = None
    main: bool = True


async def row(machine: Machine, step: s.Row) -> None:
    """Actions of a session in another order than that of their numbers: done in that of the numbers.

    What `order` leaves out is sent when the others have their outcomes.
    """
    made = _made(machine, step)
    if not made:
        return
    order = [at for at in step.order if at < len(made)]
    tries = [_Try(*one) for one in made]
    for at in order[:-1]:
        tries += await _ahead(
            machine, step, tries[at], last=at == len(made) - 1, again=at == step.again
        )
    if order[-1:] == [0]:
        # Before the first number is there nothing of the row is done.
        await _between(machine, step)
    if machine.world.sessions[made[0][0].session].life != LIVE:
        await _given_up(machine, tries)
        return
    for at in order[-1:]:
        await _send(machine, tries[at])
    await _hear(machine, tries)
    for seq in sorted({one.sent.seq for one in tries}):
        if not machine.findings:
            await _settle(machine, [one for one in tries if one.sent.seq == seq])


async def _ahead(
    machine: Machine, step: s.Row, one: _Try, *, last: bool, again: bool
) -> list[_Try]:
    """Send an action of a row, and what goes out under its number as well."""
    await _send(machine, one)
    beside = [_Try(one.sent, one.body, main=False)] if again and not one.sent.silent else []
    beside += _rivals(machine, step, one.sent) if last else []
    for other in beside:
        await _send(machine, other)
    return beside


async def _hear(machine: Machine, tries: list[_Try]) -> None:
    ids = [one.sent.action_id for one in tries]
    for one in tries:
        if one.pending is not None:
            twice = ids.count(one.sent.action_id) > 1
            one.told = told_of(await _answer(machine, one.pending, alone=not twice))
            machine.find(*early(one.sent, one.told))
    if not machine.findings:
        machine.find(*_stale(machine, tries))


async def _answer(machine: Machine, pending: PendingAction, *, alone: bool) -> Answer | None:
    """The outcome of a copy: where there are two of them, its inbox alone tells which one it is of."""
    outcome = await pending.outcome()
    if alone or not pending.inbox:
        return outcome
    log = machine.ctx.log

    def find() -> Answer | None:
        return next((Answer(record) for record in log.on(pending.inbox)), None)

    return await log.wait((pending.inbox,), find, timeout_s=machine.ctx.answer_s) or outcome


def _stale(machine: Machine, tries: list[_Try]) -> Iterator[Finding]:
    """Refusals behind an outcome that took a number, which tell a position from before it."""
    session = machine.sessions[tries[0].sent.session]
    ids = [one.sent.action_id for one in tries]
    # Of two copies nobody knows which one an outcome is of.
    alone = [one for one in tries if ids.count(one.sent.action_id) == 1]
    told = [(one, outcomes_of(session, one.sent.action_id)[:1]) for one in alone]
    for one, here in told:
        for other, there in told:
            if not (here and there and there[0].n < here[0].n and one.told and other.told):
                continue
            took = other.told.position
            mine = one.told.position
            if one.told.code == AHEAD and other.told.acked and took and mine and mine[2] < took[2]:
                wanted = f"a position that counts {other.sent.name}, whose ack came before"
                seen = f"last_action_seq {mine[2]} after {took[2]}"
                yield Finding("ACTION-012", wanted, seen, records=(here[0].n,))
                return


def _made(machine: Machine, step: s.Row) -> list[Made]:
    """The actions of a row, each with its number in it."""
    made: list[Made] = []
    for one in step.acts:
        if one.number != s.NEXT:
            break
        found = make(machine, one) if isinstance(one, s.Act) else make_copy(machine, one)
        if found is None or (made and found[0].session != made[0][0].session):
            break
        if (
            found[0].crooked in WITHOUT_OUTCOME
            or machine.world.sessions[found[0].session].life != LIVE
        ):
            # It takes no number.
            continue
        made.append(_numbered(machine, one, found, len(made)))
    return made


def _numbered(machine: Machine, step: s.Act | s.Copy, one: Made, place: int) -> Made:
    later = renumbered(*one, machine.world.sessions[one[0].session].last + 1 + place)
    if isinstance(step, s.Act):
        machine.sent[later[0].name] = later
    return later


def _rivals(machine: Machine, step: s.Row, last: Sent) -> list[_Try]:
    """Other actions under the number of the last one."""
    found: list[_Try] = []
    for one in step.rivals:
        made = make(machine, one)
        if made is None or made[0].session != last.session or made[0].crooked in WITHOUT_OUTCOME:
            continue
        rival = renumbered(*made, last.seq)
        machine.sent[rival[0].name] = rival
        found.append(_Try(*rival, main=False))
    return found


async def _send(machine: Machine, one: _Try) -> None:
    one.pending = await publish(machine, one.sent, one.body)


async def _between(machine: Machine, step: s.Row) -> None:
    """What is done while actions are held."""
    for one in step.between:
        if isinstance(one, s.Act):
            await act(machine, one)
        else:
            await _REQUESTS[type(one)](machine, one)


_REQUESTS: Mapping[type[Any], Any] = {
    s.Sync: requests.sync,
    s.Resume: requests.resume,
    s.Reopen: requests.reopen,
    s.Close: requests.close,
}


async def _given_up(machine: Machine, tries: list[_Try]) -> None:
    """The end of a session refuses what it holds; what came behind the end finds no session."""
    for one in tries:
        if one.pending is None:
            continue
        told = told_of(await _answer(machine, one.pending, alone=False))
        machine.judged(told)
        if told.code in (AHEAD, OVER, *BUSY):
            machine.good("ACTION-001")
            continue
        absent = told.code == NONE
        machine.find(
            Finding(
                "ACTION-001" if absent else "ACTION-012",
                f"a refusal with {AHEAD} for {one.sent.name} ({one.sent.type})",
                str(told),
                "it was held when its session was closed",
                absent=absent,
            )
        )


def early(sent: Sent, told: Told) -> list[Finding]:
    """What is wrong with a refusal of what is ahead: it tells the number that is next by then."""
    if told.code != AHEAD or told.position is None:
        return []
    expected = as_object(told.error.get("details")).get("expected")
    following = told.position[2] + 1
    if expected == following < sent.seq:
        return []
    wanted = f"{AHEAD} with details.expected {following}, its last_action_seq and one more"
    why = (
        f"{sent.name} was ahead of the count, and is not any more" if following >= sent.seq else ""
    )
    seen = f"{expected}, for the number {sent.seq}"
    return [Finding("ACTION-012", wanted, seen, why, records=(told.record,))]


async def _settle(machine: Machine, tries: list[_Try]) -> None:
    """Take the outcomes of one number: one takes it, a copy of that one is a duplicate, others get 4092."""
    final = [one for one in tries if one.told is not None and one.told.code not in (AHEAD, *BUSY)]
    if not final:
        first = next(one for one in tries if one.main)
        if first.told is not None:
            machine.judged(first.told)
        first.told = await deliver(machine, first.sent, first.body)
        final = [first]
    for one in sorted(final, key=_comes_later):
        if one.told is not None and not machine.findings:
            settle(machine, one.sent, one.told)


def _comes_later(one: _Try) -> tuple[bool, bool]:
    """Whether it did not take the number; outcomes that are alike come as they were sent."""
    told = one.told or Told(NONE)
    return told.code == USED, told.status == "duplicate"


def renumbered(sent: Sent, body: Mapping[str, Any], seq: int) -> Made:
    """An action under another number."""
    return replace(sent, seq=seq), {**body, "client_seq": seq}
