"""The scheduler: runs the planned cases phase by phase and settles the verdicts at the end.

A plain asyncio program without pytest. Quiet cases run side by side; loud, hostile and hook cases run
one at a time. When target or tap is lost, or the run is interrupted, every case is cancelled at once
and nothing that was green stays green.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
import traceback
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nats.errors import Error as NatsError

from omnisession_conformance.engine.blame import blamed_once
from omnisession_conformance.engine.case import Case, Phase
from omnisession_conformance.engine.deaths import Ending, Inquest, in_words
from omnisession_conformance.engine.doubts import Doubts
from omnisession_conformance.engine.events import CaseEnded, CaseResult, CaseStarted
from omnisession_conformance.engine.fail_fast import FailFast
from omnisession_conformance.engine.settling import (
    DECIDED,
    is_undecided,
    kept_from_their_part,
    settle_case,
    settle_sweep,
    sweep_records,
)
from omnisession_conformance.engine.stops import (
    Excused,
    KitTooSlow,
    NoRoom,
    NotOffered,
    Prerequisite,
    Unfit,
)
from omnisession_conformance.engine.sweep import Sweep
from omnisession_conformance.engine.time_limits import limit_s
from omnisession_conformance.environment.processes import KILLED
from omnisession_conformance.errors import BrokerError, KitError, TargetError, cause, first_line
from omnisession_conformance.protocol.excuses import Excuse
from omnisession_conformance.protocol.verdict import (
    SWEEP,
    CaseOutcome,
    CheckId,
    Observation,
    Outcome,
    Verdict,
    settle,
)
from omnisession_conformance.traffic.log import RunOver
from omnisession_conformance.traffic.record import Party
from omnisession_conformance.traffic.rights import RightLackingError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from omnisession_conformance.engine.events import Event
    from omnisession_conformance.engine.plan import Catalogue, Plan
    from omnisession_conformance.engine.role import Driver, Observing, Role, RunFacts
    from omnisession_conformance.engine.run import Run

RESTARTS_AFTER_CRASH = 3
EXPLAINED_WITHIN_S = 5.0
"""How long it may take to say what is wrong with all the bodies that break their schema."""
AGAIN_WITHIN_S = 60.0
"""How long the kit goes on to repeat cases that a slow machine left undecided: if it is still slow, the
rest stays so."""
QUIET_WITHIN_S = 2.0
QUIET_FOR_S = 0.25
"""How long the kit's own loop has been on time before a case is run again."""
DISTURBING = (Phase.HOSTILE, Phase.HOOKS, Phase.INSTANCES, Phase.WIRES)
"""Phases in which a target that ends is a finding of the case at work."""
NOT_REACHED = "the run ended before this case"
JUST_ENDED = 8
"""Cases that ended last: a target may end a moment after the message that ends it."""
CRASH_SETTLE_S = 0.05
"""How long after a hostile case its target may take to be seen dead, before the next case."""


@dataclass(slots=True)
class Ended:
    """How the run as a whole ended: complete, or cut short with a reason."""

    lost: str | None = None
    interrupted: str | None = None
    deaf: bool = False
    """Whether the kit did not hear everything, so that nothing it saw says anything."""

    @property
    def reason(self) -> str | None:
        """Why it was cut short, if it was."""
        return self.interrupted or self.lost


@dataclass(slots=True)
class Engine:
    """Runs one plan on one run; use once."""

    run: Run
    role: Role[Any, Any, Any]
    driver: Driver[Any, RunFacts]
    plan: Plan
    catalogue: Catalogue
    tell: Callable[[Event], None]
    ended: Ended = field(default_factory=Ended)
    fail_fast: FailFast = field(default_factory=FailFast)
    results: dict[str, CaseResult] = field(default_factory=dict[str, CaseResult])
    _stop: asyncio.Event = field(default_factory=asyncio.Event)
    _exit: asyncio.Event = field(default_factory=asyncio.Event)
    _ending: Ending | None = None
    """How the target ended last, unasked."""
    _at_work: dict[str, Case[Any]] = field(default_factory=dict[str, Case[Any]])
    _just_ended: deque[Case[Any]] = field(default_factory=lambda: deque(maxlen=JUST_ENDED))
    _cases_over: bool = False
    _phase: Phase = Phase.QUIET
    _crashes: int = 0
    _again: bool = False
    _no_more: str | None = None
    """Why no further case is run, None where they are."""
    _swept: Sweep = field(init=False)
    _doubts: Doubts = field(init=False)

    def __post_init__(self) -> None:
        self._swept = Sweep(self.role.side)
        self._doubts = Doubts(self.run.clock)

    # -- what ends a run early -----------------------------------------------------------------------

    def lose(self, reason: str) -> None:
        """Target or tap is gone: end the run as aborted."""
        if self.ended.reason is None:
            self.ended.lost = reason
        self.run.log.end(reason)
        self._stop.set()

    def deafen(self, reason: str) -> None:
        """The kit does not hear everything any more: end the run as aborted, without anything it saw."""
        self.ended.deaf = True
        self.lose(reason)

    def interrupt(self, reason: str) -> None:
        """The user wants it to stop: end the run as interrupted."""
        self.ended.interrupted = self.ended.interrupted or reason
        self.run.log.end(reason)
        self._stop.set()

    def target_exited(self, code: int) -> None:
        """The spawned target ended unasked; in a hostile case that is the case's finding."""
        if self.run.is_disturbed and self.run.target.running:
            # One that notices that it was taken over may end, for whoever looks after it to start it again.
            return
        at_work, before = tuple(self._at_work.values()), tuple(self._just_ended)
        self._ending = Ending(at_work, before, code, self.run.target.tail())
        if self._phase in DISTURBING or self._may_look_again(code):
            self._exit.set()
            return
        self._lose_for(self._ending)

    def _may_look_again(self, code: int) -> bool:
        """Whether the end of the target in an ordinary case can become a finding.

        One that somebody has killed did not end of a message.
        """
        if code in KILLED:
            return False
        check = self.role.survives
        judged = check in self.plan.checks and check not in self.plan.settled
        return judged and self._crashes <= RESTARTS_AFTER_CRASH and not self._cases_over

    def _lose_for(self, ending: Ending, tried: str = "") -> None:
        said = f"; it said:\n{ending.said}" if ending.said else ""
        code = ending.exit_code
        self.lose(f"{self.who} exited with code {code} while cases were running{tried}{said}")

    @property
    def who(self) -> str:
        """What people call the process that ended: of a pair it is the server."""
        return "the target" if self.role.whole else "the server"

    # -- the run --------------------------------------------------------------------------------------

    async def run_cases(self) -> None:
        """Run every planned case, or until the run is cut short."""
        await self.or_end(self._phases())

    async def or_end(self, doing: Coroutine[Any, Any, None]) -> None:
        """Do something, or less of it where the run is cut short meanwhile."""
        work = asyncio.create_task(doing)
        stop = asyncio.create_task(self._stop.wait())
        await asyncio.wait((work, stop), return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        if not work.done():
            work.cancel()
        try:
            await work
        except KitError as error:
            self.lose(str(error))
        except BaseException as error:
            # What came out of it because it was cut off says nothing new.
            if self.ended.reason is None or isinstance(error, KeyboardInterrupt | SystemExit):
                raise

    async def _phases(self) -> None:
        by_phase = {
            phase: [case for case in self.plan.cases if case.phase is phase] for phase in Phase
        }
        quiet = [case for case in by_phase.pop(Phase.QUIET) if not case.first]
        for case in (case for case in self.plan.cases if case.first):
            if await self._fails(case):
                self._no_more = f"the target leaves no room for it ({', '.join(case.requirements)})"
                return
        at_a_time = self.driver.at_a_time()
        self.run.alone = at_a_time == 1
        await self._together([case for case in quiet if not case.alone], at_a_time)
        self.run.alone = True
        await self._together([case for case in quiet if case.alone], 1)
        for phase, cases in by_phase.items():
            self._phase = phase
            for case in cases:
                if not self.fail_fast.reached and self._no_more is None:
                    await self._lone(case)
        await self._undecided_again()
        self._phase, self._cases_over = Phase.QUIET, True

    async def _fails(self, case: Case[Any]) -> bool:
        """Run a case that comes first; what it finds wrong has to be seen twice."""
        await self._lone(case)
        if self._saw_broken(case):
            self._again = True
            await self._lone(case)
            self._again = False
        return self._saw_broken(case)

    def _saw_broken(self, case: Case[Any]) -> bool:
        return Outcome.BROKEN in {o.outcome for o in self.results[case.name].observations}

    async def _undecided_again(self) -> None:
        """Run once more, alone, what a slow machine or full lists left undecided; the second counts.

        The same goes for what was given up too early, see `Silence`, where time stood still, and for the
        few cases that a step kept from their part where nothing is wrong.
        """
        self._again = True
        doubted = self.run.silence.doubted | kept_from_their_part(self.results.values())
        deadline = time.monotonic() + AGAIN_WITHIN_S
        for result in [
            r
            for r in self.results.values()
            if (is_undecided(r) or r.case.name in doubted or self._doubts.about(r))
            and r.case.name not in self.run.rights.cases
        ]:
            enough = self.fail_fast.reached or self._no_more is not None
            if enough or time.monotonic() > deadline:
                return
            self._phase = result.case.phase
            await self.run.clock.calm(QUIET_FOR_S, within_s=QUIET_WITHIN_S)
            await self._lone(result.case)

    async def _together(self, cases: Sequence[Case[Any]], at_a_time: int) -> None:
        left = list(cases)
        while left and self._no_more is None:
            began = self.run.log.mark()
            ending = await self._until_it_ends(self._side_by_side(left, at_a_time))
            if ending is None:
                break
            cut = {case.name for case in ending.at_work}
            left = [case for case in left if case.name in cut or case.name not in self.results]
            tried = await self._after(ending, began)
            left = [case for case in left if case.name not in tried]
            for case in left:
                # It runs again, or is not reached: how it was cut off says nothing.
                self.results.pop(case.name, None)
        await self.driver.settle()

    async def _until_it_ends(self, doing: Coroutine[Any, Any, None]) -> Ending | None:
        """Do something until it is done or the target ends; how that ended, if it did."""
        self._exit.clear()
        work = asyncio.create_task(doing)
        gone = asyncio.create_task(self._exit.wait())
        try:
            await asyncio.wait((work, gone), return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            # The run is cut short: what is at work ends before it goes on to its verdicts.
            work.cancel()
            await asyncio.wait((work,))
            raise
        finally:
            gone.cancel()
        if not work.done():
            work.cancel()
        try:
            await work
        except asyncio.CancelledError:
            if not self._exit.is_set():
                raise
        return self._ending if self._exit.is_set() else None

    async def _after(self, ending: Ending, began: int) -> set[str]:
        """Find out whether the target ends again under the same message; the cases that ran for it."""
        self._crashes += 1
        tried: list[Case[Any]] = []

        async def run_alone(case: Case[Any], *, one_by_one: bool) -> Ending | None:
            tried.append(case)
            with self.run.turns.kept() if one_by_one else contextlib.nullcontext():
                again = await self._until_it_ends(self._case(case)) or await self._ends_late()
            if again is not None:
                self._cut(case, "the target ended again in it")
            return again

        death = await Inquest(self.run, self.start_target, run_alone).hold(ending, began)
        if death is None and self.run.deaths:
            # It is known by now that the target ends under what it is sent.
            self._no_more = "the target ended once more in ordinary cases"
            return {case.name for case in tried}
        if death is None:
            alone = f"under none of {len(dict.fromkeys(tried))} cases alone did it end so each time"
            self._lose_for(ending, f" (started again, and {alone})")
            return set()
        self.run.deaths.append(death)
        self._cut(tried[-1], in_words(death))
        self.fail_fast.reached = self.fail_fast.asked or self.fail_fast.reached
        if self._crashes >= RESTARTS_AFTER_CRASH:
            self._no_more = f"the target had ended under ordinary messages {self._crashes} times"
        return {case.name for case in tried}

    def _cut(self, case: Case[Any], reason: str) -> None:
        self._keep(
            CaseResult(case, CaseOutcome.CUT, 0, reason, self.results[case.name].observations)
        )
        self._doubts.forget(case.name)

    async def _ends_late(self) -> Ending | None:
        """How the target ends a moment after a case that ended before it, None where it goes on."""
        try:
            await asyncio.wait_for(self._exit.wait(), CRASH_SETTLE_S)
        except TimeoutError:
            return None
        return self._ending

    async def _side_by_side(self, cases: Sequence[Case[Any]], at_a_time: int) -> None:
        free = asyncio.Semaphore(at_a_time)

        async def run(case: Case[Any]) -> None:
            if case.alone:
                # What the cases before it left behind is over first.
                await self.driver.settle()
            if not self.fail_fast.reached:
                await self._case(case)

        async def one(case: Case[Any]) -> None:
            if case.slow and at_a_time > 1:
                await run(case)
                return
            if at_a_time == 1:
                async with free:
                    await run(case)
                return
            async with self.run.places.place(case.name, free):
                await run(case)

        async with asyncio.TaskGroup() as group:
            for case in cases:
                group.create_task(one(case))

    async def _lone(self, case: Case[Any]) -> None:
        if not self.run.target.running:
            await self.start_target()
        began = self.run.log.mark()
        ending = await self._until_it_ends(self._case(case))
        await self.driver.settle()
        if case.phase is Phase.HOSTILE and self.run.target.mode == "spawn":
            ending = ending or await self._ends_late()
        if ending is not None and case.phase is Phase.QUIET:
            await self._after(ending, began)
        elif ending is not None:
            await self._crashed(case)

    async def _crashed(self, case: Case[Any]) -> None:
        self._crashes += 1
        self._doubts.forget(case.name)
        reason = f"{self.who} exited during the case; it said:\n{self.run.target.tail()}"
        observations = tuple(
            Observation(
                CheckId(requirement, case.name),
                Outcome.BROKEN,
                why=reason,
                expected="a server that goes on serving",
                seen="its process ended",
                case=case.name,
            )
            for requirement in case.ends or case.requirements
        )
        self._keep(CaseResult(case, CaseOutcome.CUT, 0, reason, observations))
        if self._crashes > RESTARTS_AFTER_CRASH:
            self.lose(f"{self.who} exited {self._crashes} times; the last time in {case.name}")
            return
        await self.start_target()

    async def start_target(self) -> None:
        """Start the target (again) and wait until it answers; the tap is there already.

        Raises TargetError and BrokerError.
        """
        await self.driver.revive()

    async def _case(self, case: Case[Any]) -> None:
        await asyncio.sleep(self.run.draws.pause_s(case.name, slow=case.slow))
        self.tell(CaseStarted(case))
        self._at_work[case.name] = case
        context = self.driver.context(case)
        try:
            await self._judge(case, context)
        except asyncio.CancelledError:
            self.driver.abandon(context)
            raise
        finally:
            del self._at_work[case.name]
            self._just_ended.append(case)

    async def _judge(self, case: Case[Any], context: Observing) -> None:
        started = time.monotonic()
        with self._doubts.running(case.name):
            end, reason, stop = await self._run_case(case, context)
        ms = round((time.monotonic() - started) * 1_000)
        excuse = stop.excuse if isinstance(stop, Excused) else None
        if isinstance(stop, RightLackingError):
            excuse = Excuse.NO_RIGHT
        not_offered = isinstance(stop, NotOffered)
        # What a case builds on may be over, too, once the kit is back: a session with a short window.
        late = isinstance(stop, KitTooSlow) or (
            isinstance(stop, TimeoutError | Prerequisite)
            and not (excuse or not_offered)
            and self.run.clock.blames_nobody(ms / 1_000)
        )
        beside = case.phase is Phase.QUIET and not case.alone
        crowded = beside and (isinstance(stop, NoRoom) or self.driver.lets_pass(context))
        seen = tuple(context.observations)
        clean = stop is None and not {o.outcome for o in seen} & DECIDED
        disturbed = not clean and (
            self._was_busy(case) or (beside and self.driver.crowded(context))
        )
        result = CaseResult(
            case, end, ms, reason, seen, excuse, not_offered, late, crowded, disturbed, self._again
        )
        self._keep(result)
        self.tell(CaseEnded(result, self.run.log.mark()))
        if self.ended.reason is None:
            try:
                await self.driver.leave(context)
            except Unfit as stop:
                self.lose(str(stop))
            except RightLackingError:
                # What it made stays: it may not be taken away either.
                return
            except RunOver:
                # Cancelled in a moment; raised here it would come out of a group of cases.
                return
            except NatsError as error:
                self._disconnected(error)

    def _keep(self, result: CaseResult) -> None:
        self.results[result.case.name] = result
        left = is_undecided(result) or self._doubts.about(result)
        if not left and result.case.name not in self.run.rights.cases:
            levels = self.catalogue.registry
            self.fail_fast.look(result, self.plan, levels, self.run.silence)

    def _was_busy(self, case: Case[Any]) -> bool:
        return any(
            self.driver.refuses_for_now(record) for record in self.run.log.of_case(case.name)
        )

    async def _run_case(
        self, case: Case[Any], context: Observing
    ) -> tuple[CaseOutcome, str, Exception | None]:
        most_s = limit_s(case, self.run.start_timeout_s)
        try:
            async with self.run.time_limits.limit(case.name, most_s):
                await _run_alone(case, context)
        except (Unfit, TargetError) as stop:
            # A target that a case cannot end or start again is there for no other case, too.
            self.lose(str(stop))
            return CaseOutcome.CUT, f"run cut short: {stop}", stop
        except (Prerequisite, RightLackingError) as stop:
            # What a program said before its end is no reason; it stands with what is found of that.
            told = first_line(str(stop)).removesuffix(".")
            return CaseOutcome.STOPPED, told if isinstance(stop, KitError) else str(stop), stop
        except TimeoutError as error:
            return CaseOutcome.CUT, f"cut off after {most_s:g} s", error
        except (NatsError, BrokerError, RunOver) as error:
            self._cut_off(error)
            return CaseOutcome.CUT, f"run cut short: {error}", error
        except asyncio.CancelledError:
            self.results[case.name] = CaseResult(
                case, CaseOutcome.CUT, 0, "run cut short", tuple(context.observations)
            )
            raise
        except Exception as error:  # noqa: BLE001 - a fault of the kit is a verdict, not the end
            return CaseOutcome.CRASHED, traceback.format_exc(limit=-4), error
        return CaseOutcome.DONE, "", None

    def _cut_off(self, error: NatsError | BrokerError | RunOver) -> None:
        if isinstance(error, NatsError):
            self._disconnected(error)
        elif isinstance(error, BrokerError):
            self.lose(f"the broker takes no more connections of the kit: {error}")

    def _disconnected(self, error: NatsError) -> None:
        """End the run where the actors' connection is gone; that of one case may end by itself."""
        if self.run.publisher.client.is_closed:
            self.lose(f"the connection to the broker was lost: {error}")

    # -- the verdicts ---------------------------------------------------------------------------------

    def sweep_all(self) -> None:
        """Judge the whole log by the rules; what is found is kept also where this is broken off."""
        if self.ended.reason is not None:
            self.run.tap.reader.explainer.hurry()
        records = [r for r in self.run.log.records if r.party is not Party.STRANGER]
        left_s = self.run.left_s(self.run.bounds.verdicts_s)
        self._swept.until_s = time.monotonic() + left_s
        sweep_records(self.role, records, self.driver.facts(), self._swept)
        if self._swept.cut:
            self.lose("the time was over before all messages were judged; --timeout gives more")

    def verdicts(self) -> tuple[Verdict, ...]:
        """Settle every check of the plan by what is known; call once all is swept."""
        sweep = self._swept
        levels = self.catalogue.registry
        settled: list[Verdict] = []
        for check in self.plan.checks:
            verdict = self.plan.settled.get(check)
            if verdict is None:
                level = levels[check.requirement].level
                if check.source == SWEEP:
                    verdict = settle_sweep(check, level, sweep, self.plan.excuse_of_silence(check))
                elif (why := self.run.rights.cases.get(check.source)) is not None:
                    # Whatever it saw, it saw of a target that had not been told all it was to be told.
                    verdict = settle(check, level, (), not_run=why, excuse=Excuse.NO_RIGHT)
                else:
                    result = self.results.get(check.source)
                    counts = None if result is None else self._doubts.judged(result)
                    silence = self.plan.excuse_of_silence(check)
                    not_reached = self._no_more or NOT_REACHED
                    verdict = settle_case(check, level, counts, not_reached, silence)
                ran = check.source == SWEEP or check.source in self.results
                verdict = self.fail_fast.settled(verdict, ran=ran)
            settled.append(verdict)
        settled = list(blamed_once(settled, self.driver.never_works()))
        if (reason := self.ended.reason) is not None:
            short = "interrupted" if self.ended.interrupted else "run cut short"
            told = f"{short}: {first_line(reason)}"
            settled = [v.not_heard(told) if self.ended.deaf else v.cut_short(told) for v in settled]
        return tuple(settled)


async def _run_alone(case: Case[Any], context: Observing) -> None:
    """Run a case; what ended one of its tasks ends it as if it had no tasks."""
    try:
        await case.run(context)
    except ExceptionGroup as group:
        raise cause(group) from group  # pyright: ignore[reportUnknownArgumentType]
