"""Targets that end in the middle of ordinary cases: under which message, and whether they do so again.

A process that ends once may have ended for any reason. One that ends again, in the same case and under
the same message, does so because of it, and that is a finding. The message is known by its place in the
case and its type, since ids and texts are new each time.

Cases send much at once, and of a long burst nobody can say which message it was. Such a case is run once
more with each message behind the answer to the one before. Where the target goes on then it takes more
than one of them to end it: if it ends each time in the midst of them, the burst is the finding.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from omnisession_conformance.engine.role import Death
from omnisession_conformance.traffic.record import Party

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from omnisession_conformance.engine.case import Case
    from omnisession_conformance.engine.run import Run
    from omnisession_conformance.traffic.log import Log
    from omnisession_conformance.traffic.record import Record

MOST_SUSPECTS = 20
"""Cases that are run alone after a death."""
DEATHS_OF_ONE = 3
"""How often a target may end under one case, the first time counted, which was cut off by another's message
perhaps."""
LONGEST_BURST = 4
"""Messages that may be open together while the first of them is taken for the one that did it."""


@dataclass(frozen=True, slots=True)
class Step:
    """A message by its place: how many of its case came before, and its type."""

    before: int
    type: str


Open = dict[Step, "Record"]
"""What a case had sent behind the last message that the target answered, the first one first."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How a target ended unasked: its exit code, its last words, and which cases were at work.

    `before` are those that had ended last.
    """

    at_work: tuple[Case[Any], ...]
    before: tuple[Case[Any], ...]
    exit_code: int
    said: str


def left_open(log: Log, case: Case[Any], since: int) -> Open:
    """What a case had sent since a mark that may have ended the target; empty where it sent nothing."""
    sent = [r for r in log.since(since) if r.party is Party.KIT and r.case == case.name]
    answered = [i for i, record in enumerate(sent) if record.reply and log.on(record.reply)]
    # Where all is answered the target ended a moment after the last one.
    first = min(answered[-1] + 1, len(sent) - 1) if answered else 0
    return {Step(i, _kind(sent[i])): sent[i] for i in range(first, len(sent))}


def _is_same(now: Open, before: Open) -> bool:
    """Whether it was the same message; of a long burst nobody can say which one it was."""
    return 0 < len(now) <= LONGEST_BURST and next(iter(now)) == next(iter(before), None)


def in_words(death: Death) -> str:
    """What is said of a death to the case that it was found in."""
    if len(death.records) > LONGEST_BURST:
        return "the target ended each time in the midst of the same messages of it"
    return "the target ended twice under the same message of it"


def _kind(record: Record) -> str:
    return record.type or record.subject


@dataclass(frozen=True, slots=True)
class _Again:
    """How a target ended once more under one case alone, and what that case had open."""

    ending: Ending
    open: Open

    @property
    def long(self) -> bool:
        """Whether so much was open that nobody can say which message it was."""
        return len(self.open) > LONGEST_BURST

    @property
    def death(self) -> Death:
        """The finding, with all that was open."""
        numbers = tuple(record.n for record in self.open.values())
        return Death(numbers, self.ending.exit_code, self.ending.said)


class RunAlone(Protocol):
    """Runs a case with nothing beside it; how the target ended meanwhile, None where it did not."""

    async def __call__(self, case: Case[Any], *, one_by_one: bool) -> Ending | None:
        """With `one_by_one` each of its messages goes out once the one before was answered."""
        ...


@dataclass(slots=True)
class Inquest:
    """Finds the case, and the message in it, under which a target ends each time.

    `restart` starts the target again; `run_alone` runs a case with nothing beside it.
    """

    run: Run
    restart: Callable[[], Awaitable[None]]
    run_alone: RunAlone

    async def hold(self, ending: Ending, since: int) -> Death | None:
        """Run the cases that were at work alone, until the target ends again under the same message.

        The target serves again afterwards. None where it did not end again, or elsewhere in the case.
        """
        await self.restart()
        fresh = True
        for case, first in self._suspects(ending, since):
            death = await self._under(case, first, fresh=fresh)
            if death is not None:
                return death
            fresh = False
        return None

    async def _under(self, case: Case[Any], first: Open, *, fresh: bool) -> Death | None:
        """Run a case alone, until its target ends again under the same message.

        One that is not `fresh` has run other cases since its start, which may have ended it as well:
        what it ends under then counts if it does so once more.
        """
        known = [first]
        while len(known) < DEATHS_OF_ONE:
            again = await self._alone(case)
            if again is None:
                return None
            if again.long:
                return await self._in_a_burst(case, again)
            if fresh and any(_is_same(again.open, before) for before in known):
                return again.death
            known.append(again.open)
            fresh = True
        return None

    async def _in_a_burst(self, case: Case[Any], burst: _Again) -> Death | None:
        """Look which message of a burst it was: one by one, or else together, the target ends again."""
        slowly = await self._alone(case, one_by_one=True)
        if slowly is not None:
            again = await self._alone(case, one_by_one=True)
            same = again is not None and _is_same(again.open, slowly.open)
            return again.death if again is not None and same else None
        found = [burst]
        while len(found) < DEATHS_OF_ONE:
            again = await self._alone(case)
            if again is None:
                return None
            found.append(again)
        each_time = [step for step in burst.open if all(step in one.open for one in found)]
        # What was answered before the end, and what was not, differs a little from one end to the next.
        return max(found, key=lambda one: len(one.open)).death if each_time else None

    async def _alone(self, case: Case[Any], *, one_by_one: bool = False) -> _Again | None:
        """Run a case alone; None where the target goes on, else it serves again."""
        mark = self.run.log.mark()
        ending = await self.run_alone(case, one_by_one=one_by_one)
        if ending is None:
            return None
        await self.restart()
        return _Again(ending, left_open(self.run.log, case, mark))

    def _suspects(self, ending: Ending, since: int) -> Sequence[tuple[Case[Any], Open]]:
        """The likeliest first: who has waited longest for an answer."""
        cases = dict.fromkeys(ending.at_work + ending.before)
        sent = ((case, left_open(self.run.log, case, since)) for case in cases)
        found = [(case, mine) for case, mine in sent if mine]
        found.sort(key=lambda pair: self._place(*pair))
        return found[:MOST_SUSPECTS]

    def _place(self, case: Case[Any], mine: Open) -> tuple[bool, bool, int]:
        """Where a case stands among the others.

        Those whose messages were all answered are the last, and those that wait for real timers come
        behind the others: they take longer, and most of what they send is pings.
        """
        first = next(iter(mine.values()))
        return bool(first.reply and self.run.log.on(first.reply)), case.slow, first.n
