"""Targets that end in the middle of ordinary cases: under which message, and whether they do so again.

A process that ends once may have ended for any reason. One that ends again, in the same case and under
the same message, does so because of it, and that is a finding. The message is known by its place in the
case and its type, since ids and texts are new each time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

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


def _kind(record: Record) -> str:
    return record.type or record.subject


@dataclass(slots=True)
class Inquest:
    """Finds the case, and the message in it, under which a target ends each time.

    `restart` starts the target again; `run_alone` runs a case with nothing beside it and returns how the
    target ended meanwhile, None where it did not.
    """

    run: Run
    restart: Callable[[], Awaitable[None]]
    run_alone: Callable[[Case[Any]], Awaitable[Ending | None]]

    async def hold(self, ending: Ending, since: int) -> Death | None:
        """Run the cases that were at work alone, until the target ends again under the same message.

        The target serves again afterwards. None where it did not end again, or elsewhere in the case.
        """
        await self.restart()
        for case, first in self._suspects(ending, since):
            known = [first]
            while len(known) < DEATHS_OF_ONE:
                mark = self.run.log.mark()
                again = await self.run_alone(case)
                if again is None:
                    break
                await self.restart()
                now = left_open(self.run.log, case, mark)
                if any(_is_same(now, before) for before in known):
                    return Death(tuple(r.n for r in now.values()), again.exit_code, again.said)
                known.append(now)
        return None

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
