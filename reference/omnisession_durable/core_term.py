"""A term that the core of the reference server serves.

The core decides, and is ahead of the journal by what it has decided; what it says waits until the entries
of the decisions before it were folded. Where they do not count as they stand, the term ends: the core and
what it would have said are thrown away, and clients send again.
"""

from __future__ import annotations

import itertools
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from omnisession_durable.appending import Appending, Then
from omnisession_durable.blame import Blame
from omnisession_durable.entries import Act, Body, Decided, End, Nil, Signs, encode
from omnisession_durable.fold import Judged, Verdict
from omnisession_durable.hints import Hints
from omnisession_durable.instance import Instance
from omnisession_durable.owed import AWAY, Copy, Owed, refusal_of, unknown_outcome
from omnisession_durable.posts import Post
from omnisession_durable.reader import Exit, HaltError
from omnisession_durable.recorded import (
    RecordedControl,
    RecordedParts,
    RecordedSessions,
    RecordedStore,
)
from omnisession_durable.recorder import Recorder
from omnisession_reference.core import Core, Settings
from omnisession_reference.errors import Refusal
from omnisession_reference.kinds import KIND_NAMES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from omnisession_durable.instance import Settings as InstanceSettings
    from omnisession_durable.instance import Shell
    from omnisession_durable.kept import Kept
    from omnisession_reference.clock import Alarm, Clock
    from omnisession_reference.ids import Ids
    from omnisession_reference.log import Log
    from omnisession_reference.parts import Parts
    from omnisession_reference.token_keys import Ring
    from omnisession_reference.wire import Incoming

MOST_WAITING = 4_096
"""So many messages wait until a term begins; clients send again what is dropped."""
MOST_SIGNS = 512
"""So many sessions are told of at once that they have given a sign of life."""
AT_A_TIME = 8
"""So many sessions are told at once that they live on, before anything else has its turn."""

FAILED = "The server has failed at this message before; send another one."


@dataclass(frozen=True, slots=True)
class Made:
    """What the core of each term is made with; the keys are read once, not at each take-over."""

    ring: Ring
    settings: Settings
    log: Log
    kept: Kept
    blame: Blame = field(default_factory=Blame)
    ids: Ids | None = None


class TermAlarm:
    """An alarm of a term: it rings once, unless it is cancelled or the term ends."""

    def __init__(self, clock: TermClock, callback: Callable[[], None]) -> None:
        self._clock = clock
        self._callback = callback
        self.waits: Alarm | None = None

    def ring(self) -> None:
        """Do what waited."""
        self._clock.forget(self)
        self._callback()

    def cancel(self) -> None:
        """Forget the callback."""
        self._clock.forget(self)
        if self.waits is not None:
            self.waits.cancel()


class TermClock:
    """The clock of one term: what is to happen later happens only while that lasts."""

    def __init__(self, term: CoreTerm, clock: Clock) -> None:
        self._term = term
        self._clock = clock
        self._alarms: set[TermAlarm] = set()

    def now_ms(self) -> int:
        """Milliseconds since the Unix epoch."""
        return self._clock.now_ms()

    def wall_ms(self) -> int:
        """Milliseconds since the Unix epoch, also where they step back."""
        return self._clock.wall_ms()

    def elapsed_ms(self) -> float:
        """Milliseconds of a steady clock."""
        return self._clock.elapsed_ms()

    def call_later(self, delay_ms: float, callback: Callable[[], None]) -> Alarm:
        """Call back after a while, if the term lasts so long."""
        alarm = TermAlarm(self, callback)
        self._alarms.add(alarm)
        alarm.waits = self._clock.call_later(delay_ms, lambda: self._term.do(alarm.ring))
        return alarm

    def forget(self, alarm: TermAlarm) -> None:
        """Wait for an alarm no more."""
        self._alarms.discard(alarm)

    def end(self) -> None:
        """Cancel all alarms: some of them would keep a term in memory for a day."""
        for alarm in list(self._alarms):
            alarm.cancel()


class CoreTerm:
    """One term: it waits until whoever spoke before is silent, begins, and speaks until it is over."""

    def __init__(self, number: int, instance: CoreInstance, made: Made) -> None:
        self.number = number
        self.has_begun = False
        # Whether all sessions of the journal live again.
        self.is_ready = False
        self.core: Core | None = None
        self._instance = instance
        self._made = made
        self._waiting: deque[Copy] = deque(maxlen=MOST_WAITING)
        self._owed = Owed()
        parts = instance.parts
        self._recorder = parts.of(Recorder)()
        make = parts.of(Appending)
        self._appending = make(number, instance.shell.append, instance.clock, instance.margins)
        self._clock = TermClock(self, instance.clock)
        self._store: RecordedStore | None = None
        self._rest: Iterator[None] = iter(())
        # How many decisions were appended, and how many of them have come back.
        self._appended = 0
        self._folded = 0
        # What the message or alarm at work says, and what waits: for how many decisions, and what.
        self._said: list[Post] = []
        self._next_signs = 0.0
        self._held: deque[tuple[int, list[Post]]] = deque()

    # -- what an instance asks of a term

    @property
    def is_idle(self) -> bool:
        """Whether nothing waits for the journal."""
        return not self._held

    @property
    def under_way(self) -> int:
        """How many decisions have not come back yet."""
        return self._appended - self._folded

    def begin(self) -> None:
        """Begin the epoch of all sessions, then serve what has come meanwhile."""
        self.has_begun = True
        instance, made = self._instance, self._made
        people = instance.fold.people
        self.check_kinds()
        parts = RecordedParts(
            self._recorder, made.kept, people, instance.fold.at_ms, instance.parts
        )
        self._store = instance.parts.of(RecordedStore)(self._recorder, made.kept, people)
        self.core = Core(
            send=self.hold,
            clock=self._clock,
            ring=made.ring,
            log=made.log,
            parts=parts,
            settings=made.settings,
            ids=made.ids,
            store=self._store,
        )
        made.log.info("speaks", term=self.number)
        self._rest = self.sessions()
        self.step(self.hint_again)
        self.step(self.go_on)

    def hint_again(self) -> None:
        """Say the hints of late again: whoever spoke before may have died before it said them (ART-014)."""
        core, instance = self.core, self._instance
        if core is None or "articles" not in self._made.settings.kinds:
            return
        for told in instance.hints.since(instance.fold.at_ms):
            hint = told.hint
            core.router.services.out.hint(hint.article_id, hint.type, hint.event_id, told.data)

    def check_kinds(self) -> None:
        """Go on only if all sessions of the journal can be shown. Raises HaltError."""
        served = self._made.settings.kinds
        asked = {kind for one in self._instance.fold.people.heads() for kind in one.terms["kinds"]}
        if not asked <= set(served):
            needed = ",".join(kind for kind in KIND_NAMES if kind in asked | set(served))
            why = f"the journal has live sessions of kinds that are not served: --kinds {needed}"
            raise HaltError(Exit.CONFIGURED, why)

    def sessions(self) -> Iterator[None]:
        """All sessions of the journal, which live on one after the other."""
        if self.core is None or not isinstance(self.core.control, RecordedControl):
            return iter(())
        if not isinstance(self.core.sessions, RecordedSessions):
            return iter(())
        heads = self._instance.fold.people.heads()
        return self.core.control.go_on(heads, self._made.kept, self.core.sessions)

    def go_on(self) -> None:
        """Let a few sessions live on, then others; when all of them do, serve what has come meanwhile.

        What takes long must not keep an instance from saying that it lives.
        """
        try:
            for _ in range(AT_A_TIME):
                if next(self._rest, self) is self:
                    self.is_ready = True
                    break
        except Exception as error:
            self._made.log.failure("failed", error)
            raise HaltError(Exit.FAILED, f"a session cannot live on: {error!r}") from error
        if not self.is_ready:
            self._instance.clock.call_later(0, lambda: self.do(self.go_on))
        elif self._waiting:
            self._instance.clock.call_later(0, lambda: self._instance.in_term(self, self.catch_up))

    def catch_up(self) -> None:
        """Serve what has come before all sessions lived again."""
        while self._waiting:
            self.serve(self._waiting.popleft())

    def receive(self, request: Incoming) -> None:
        """Take a message; until all sessions live again it waits, and behind what waits."""
        instance = self._instance
        came_ms = instance.clock.elapsed_ms() if request.came_ms is None else request.came_ms
        copy = Copy(request, came_ms + instance.margins.answer)
        if copy.until_ms <= instance.clock.elapsed_ms():
            # Its turn came too late: nothing was decided, and its client is told so in time.
            self.tell_unknown(copy)
            return
        self._owed.take(copy)
        if not self.is_ready or self._waiting:
            self._waiting.append(copy)
        else:
            self.serve(copy)

    def serve(self, copy: Copy) -> None:
        """Handle a message, unless it has waited for too long."""
        core, request = self.core, copy.message
        if core is None or copy.is_over:
            return
        if self._made.blame.is_to_refuse(request):
            self.step(lambda: core.router.refuse_unread(request, Refusal(5000, FAILED)), copy)
        else:
            self.step(lambda: core.router.receive(request), copy)

    def folded(self, judged: Judged) -> None:
        """An entry was folded: what waited for it is said."""
        entry = judged.entry
        if isinstance(entry, Signs) and entry.term == self.number:
            for key in entry.sessions:
                self._recorder.signs.pop(key, None)
        if not isinstance(entry, Decided):
            return
        if judged.verdict is Verdict.VOID:
            self._appending.passed_over(entry)
        elif (
            not self._appending.folded(judged, entry)
            and self.has_begun
            and not isinstance(entry.body, Nil)
        ):
            self.stop("somebody else has decided in its name")

    def refused(self, data: bytes) -> None:
        """The journal will never store an entry."""
        self._appending.refused(data)

    def tick(self) -> None:
        """Look at the times."""
        self._appending.tick()
        self.tell_signs()
        self.give_up(self._owed.overdue(self._instance.clock.elapsed_ms()))

    def tell_signs(self) -> None:
        """Append who has given signs of life, and again those that did not come back."""
        now, margins = self._instance.clock.elapsed_ms(), self._instance.margins
        signs = self._recorder.signs
        if signs and now >= self._next_signs:
            self._next_signs = now + margins.resend
            some = tuple(itertools.islice(signs, MOST_SIGNS))
            self._instance.shell.append(encode(Signs(self.number, some)))

    def give_up(self, copies: list[Copy]) -> None:
        """Tell whoever has waited for too long that nobody knows; that is the last word to them."""
        for copy in copies:
            self.tell_unknown(copy)

    def tell_unknown(self, copy: Copy) -> None:
        """Tell the sender of a message that nobody knows what became of it, and claim nothing."""
        action, core, instance = copy.action, self.core, self._instance
        place = None if action is None else self._owed.place(action)
        if action is None or place is None or core is None:
            instance.refuse(copy.message, refusal_of(copy))
            return
        for post in unknown_outcome(action, place, core.router.services.errors):
            instance.tell(post)

    def end(self) -> None:
        """Keep nothing of what was decided ahead, wait for nothing more, and tell all who wait for it."""
        self.give_up(self._owed.rest())
        self._clock.end()
        self.core = self._store = None
        self._rest = iter(())
        for kept in (self._waiting, self._held, self._said):
            kept.clear()

    # -- steps

    def do(self, handle: Callable[[], None]) -> None:
        """Do what had to wait, if this term lasts."""
        self._instance.in_term(self, lambda: self.step(handle))

    def step(self, handle: Callable[[], None], copy: Copy | None = None) -> None:
        """Handle one message or alarm: append what it decides, and hold what it says until that counts.

        Whatever fails on the way ends the term: the core may be ahead of the journal for good.
        """
        instance = self._instance
        if instance.term is not self or self.core is None:
            return
        if isinstance(self.core.sessions, RecordedSessions):
            # Above every epoch in which a session of the same id was before, see decision 162.
            self.core.sessions.epoch = max(self.number, instance.fold.at_ms)
        recorder = self._recorder
        recorder.copy = copy
        try:
            handle()
            for body in self._recorder.take():
                self._appending.add(body, self.waits_for(body))
                self._appended += 1
        except HaltError:
            raise
        except Exception as error:  # noqa: BLE001 the next term knows only what was stored
            self._made.log.failure("term_over", error)
            if copy is not None:
                self._made.blame.note(copy.message)
            instance.step_down()
            return
        finally:
            recorder.copy = recorder.telling = recorder.place = None
        if copy is not None and not copy.is_told and copy.action is None:
            self._owed.settle(copy)  # it gets no answer
        if self._said:
            self._held.append((self._appended, self._said))
            self._said = []
        self.release()

    def hold(self, subject: str, payload: bytes, trace: str | None) -> None:
        """Keep what is said until the end of the step."""
        self._said.append(self._recorder.post(subject, payload, trace))

    def waits_for(self, body: Body) -> Then:
        """What is to be done when a decision was folded."""
        return lambda judged, is_own: self.came_back(judged, body, is_own=is_own)

    def came_back(self, judged: Judged, body: Body, *, is_own: bool) -> None:
        """A decision was folded; if it does not count the core rests on what is not there."""
        if judged.verdict is not Verdict.COUNTS or not is_own:
            self.stop(judged.why or "an entry was not stored, and another one is in its place")
            return
        self.let_go(body)
        self._folded += 1
        self.release()

    def stop(self, why: str) -> None:
        """End the term: the core has other data than the journal."""
        self._made.log.warning("term_over", why=why)
        self._instance.step_down()

    def let_go(self, body: Body) -> None:
        """Forget here what the journal has by now."""
        if isinstance(body, Act) and self._store is not None:
            self._store.folded(body.user, body.action_id)
        elif isinstance(body, End) and self.core is not None:
            sessions = self.core.sessions
            if isinstance(sessions, RecordedSessions):
                sessions.folded_end((body.user, body.session))

    def release(self) -> None:
        """Say what waits for nothing more."""
        while self._held and self._held[0][0] <= self._folded:
            for post in self._held.popleft()[1]:
                self.say(post)

    def say(self, post: Post) -> None:
        """Say something, unless it answers what was given up; it stays owed where the term ends by that."""
        if post.of is not None and post.of.is_over:
            return
        self._instance.say(post)
        if self._instance.term is self:
            self._owed.said(post)


class CoreInstance(Instance):
    """An instance whose terms are served by the core."""

    def __init__(
        self,
        settings: InstanceSettings,
        made: Made,
        clock: Clock,
        shell: Shell,
        parts: Parts | None = None,
    ) -> None:
        super().__init__(settings, made.kept, clock, shell, parts)
        self.made = made
        self.hints = Hints()
        # It serves nobody: by it the server says what it is, and that it cannot serve.
        self.plain = Core(
            send=self._say_freely,
            clock=clock,
            ring=made.ring,
            log=made.log,
            parts=self.parts,
            settings=made.settings,
        )

    def _say_freely(self, subject: str, payload: bytes, trace: str | None) -> None:
        self.tell(Post(subject, payload, trace, claims=False))

    def note(self, judged: Judged) -> None:
        """Remember which hints are to be said again."""
        self.hints.note(judged)

    def refuse(self, message: Incoming, refusal: Refusal) -> None:
        """Refuse a message on its reply subject; that claims nothing."""
        self.plain.router.refuse_unread(message, refusal)

    def turn_away(self, request: Incoming) -> None:
        """Answer a message that has come to an instance that owns nothing, or nothing any more."""
        self.refuse(request, Refusal(5030, AWAY))

    def step_down(self) -> None:
        """Own nothing any more, and say so in the log."""
        if self.term is not None:
            self.made.log.warning("stepped_down", term=self.term.number)
        term = self.term
        super().step_down()
        if isinstance(term, CoreTerm):
            try:
                term.end()
            except Exception as error:  # noqa: BLE001 whatever it could not tell, it is over
                self.made.log.failure("failed", error)

    def new_term(self, number: int) -> CoreTerm:
        """Make a term."""
        return self.parts.of(CoreTerm)(number, self, self.made)

    def announce_stop(self, after_ms: int) -> None:
        """Tell all sessions that it is about to leave, where it speaks."""
        term = self.term
        if isinstance(term, CoreTerm) and term.core is not None and term.is_ready:
            control = term.core.control
            term.do(lambda: control.announce_stop(after_ms))
