"""Faults of actions that are held ahead of the count."""
# ruff: noqa: D102  an override means what it overrides

from dataclasses import replace

from omnisession_faults.faults.registry import fault
from omnisession_faults.inside import drop_held
from omnisession_reference.action import Action, Outcome
from omnisession_reference.actions import Actions
from omnisession_reference.control import Control, Request
from omnisession_reference.errors import Refusal
from omnisession_reference.session import Session
from omnisession_reference.wire import Incoming, JsonObject

# -- outcomes ------------------------------------------------------------------------------------------


@fault("held-loses-reply", breaks="ACTION-002")
class HeldLosesReply(Actions):
    """An action that was held and then judged has no outcome on its reply subject."""

    def release(self, session: Session) -> None:
        held = self._book(session).held
        while batch := held.pop(session.last_action_seq + 1, None):
            for action, alarm in batch:
                alarm.cancel()
                self.decide(replace(action, reply=""))


@fault("given-up-loses-reply", breaks="ACTION-002")
class GivenUpLosesReply(Actions):
    """An action whose gap did not close has no outcome on its reply subject."""

    def refuse_gap(self, action: Action) -> None:
        waited = action.session.terms.timers.gap_ms > 0
        super().refuse_gap(replace(action, reply="") if waited else action)


@fault("held-copy-dropped", breaks="ACTION-001")
class HeldCopyDropped(Actions):
    """A copy of an action that is held has no outcome of its own."""

    def ahead(self, action: Action) -> None:
        waiting = self._book(action.session).held.get(action.client_seq, ())
        if all(other.fingerprint != action.fingerprint for other, _ in waiting):
            super().ahead(action)


@fault("held-by-number", breaks="ACTION-001")
class HeldByNumber(Actions):
    """Of different actions that are held under one number the last one gets an outcome."""

    def ahead(self, action: Action) -> None:
        for _, alarm in self._book(action.session).held.pop(action.client_seq, ()):
            alarm.cancel()
        super().ahead(action)


@fault("held-rivals-all-applied", breaks="ACTION-012")
class HeldRivalsAllApplied(Actions):
    """Different actions that are held under one number are all applied."""

    def release(self, session: Session) -> None:
        held = self._book(session).held
        while batch := held.pop(session.last_action_seq + 1, None):
            for action, alarm in batch:
                alarm.cancel()
                known = self.known(action)
                self.run(action) if known is None else self.repeat_as_next(action, known)


@fault("held-dropped-at-close", breaks="ACTION-001")
class HeldDroppedAtClose(Actions):
    """An action that is held has no outcome when its session is closed."""

    def abandon(self, session: Session) -> None:
        drop_held(self, session)
        super().abandon(session)


@fault("held-dropped-at-sync", breaks="ACTION-001")
class HeldDroppedAtSync(Control):
    """An action that is held has no outcome when its session is synced."""

    def sync(self, request: Request) -> None:
        drop_held(self._actions, self.require(request))
        super().sync(request)


@fault("held-told-the-number-of-its-arrival", breaks="ACTION-012")
class HeldToldTheNumberOfItsArrival(Actions):
    """`details.expected` is the number that was next when the action came."""

    def ahead(self, action: Action) -> None:
        action.body["expected"] = action.session.last_action_seq + 1
        super().ahead(action)

    def refuse_gap(self, action: Action) -> None:
        expected: int = action.body["expected"]
        self.forgotten(action, Refusal(4091, f"Send {expected} first.", expected=expected))


@fault("held-told-the-position-of-its-arrival", breaks="ACTION-012")
class HeldToldThePositionOfItsArrival(Actions):
    """The refusal of an action that was held tells the position from when it came."""

    def ahead(self, action: Action) -> None:
        action.body["at"] = action.session.position()
        super().ahead(action)

    def refuse_gap(self, action: Action) -> None:
        at: JsonObject = action.body.get("at") or action.session.position()
        expected = at["last_action_seq"] + 1
        refusal = Refusal(4091, f"Send {expected} first.", expected=expected)
        self.tell(action, self.refused(action, refusal), at)


@fault("given-up-for-good", breaks="ACTION-007")
class GivenUpForGood(Actions):
    """An action whose gap did not close is known with its 4091 when it comes again."""

    def give_up(self, action: Action) -> None:
        super().give_up(action)
        gap = Refusal(4091, "Send the actions before it first.", expected=1)
        self.services.store.remember(action.user_id, self.refused(action, gap))


# -- when ----------------------------------------------------------------------------------------------


@fault("held-until-an-ack", breaks="ACTION-012")
class HeldUntilAnAck(Actions):
    """What is held is not judged when the action before it is refused for good."""

    def receive(self, message: Incoming, row: str, user_id: str | None) -> None:
        self.__dict__["refusing"] = False
        super().receive(message, row, user_id)

    def refuse(self, action: Action, refusal: Refusal) -> None:
        self.__dict__["refusing"] = True
        super().refuse(action, refusal)

    def release(self, session: Session) -> None:
        if not self.__dict__.get("refusing"):
            super().release(session)


@fault("held-until-a-first-copy", breaks="ACTION-012")
class HeldUntilAFirstCopy(Actions):
    """What is held is not judged when a copy takes the number before it."""

    def receive(self, message: Incoming, row: str, user_id: str | None) -> None:
        self.__dict__["copied"] = False
        super().receive(message, row, user_id)

    def repeat_as_next(self, action: Action, known: Outcome) -> None:
        self.__dict__["copied"] = True
        super().repeat_as_next(action, known)

    def release(self, session: Session) -> None:
        if not self.__dict__.get("copied"):
            super().release(session)


@fault("held-released-one-at-a-time", breaks="ACTION-012")
class HeldReleasedOneAtATime(Actions):
    """When a gap closes, only the next action is judged, and those behind it are refused."""

    def release(self, session: Session) -> None:
        for action, alarm in self._book(session).held.pop(session.last_action_seq + 1, ()):
            alarm.cancel()
            self.decide(action)


@fault("held-four-times-as-long", breaks="ACTION-012")
class HeldFourTimesAsLong(Actions):
    """An action ahead of the count is refused after four times `gap_ms`."""

    def ahead(self, action: Action) -> None:
        gap_ms = action.session.terms.timers.gap_ms
        if gap_ms == 0:
            super().ahead(action)
            return
        alarm = self.services.clock.call_later(4 * gap_ms, lambda: self.give_up(action))
        self._book(action.session).held.setdefault(action.client_seq, []).append((action, alarm))


@fault("one-ahead-applied", breaks="ACTION-012")
class OneAheadApplied(Actions):
    """An action that is one ahead of the count is applied."""

    def ahead(self, action: Action) -> None:
        if action.client_seq == action.session.last_action_seq + 2:
            self.run(action)
        else:
            super().ahead(action)


@fault("far-ahead-is-final", breaks="ACTION-012")
class FarAheadIsFinal(Actions):
    """An action far ahead of the count is refused as one that is not valid."""

    def ahead(self, action: Action) -> None:
        if action.client_seq > 1_000_000:
            self.forgotten(action, Refusal(4001, "The client_seq is not valid."))
        else:
            super().ahead(action)


@fault("counts-in-32-bits", breaks="ACTION-012")
class CountsIn32Bits(Actions):
    """Numbers are kept in 32 bits: one that is far ahead is taken for the next one."""

    def decide(self, action: Action) -> None:
        action.body["client_seq"] = action.client_seq & 0xFFFF_FFFF
        super().decide(action)


# -- by what -------------------------------------------------------------------------------------------


@fault("held-judged-on-arrival", breaks="ACTION-011")
class HeldJudgedOnArrival(Actions):
    """An action that names what its user may not read when it comes is refused, held as it is."""

    def ahead(self, action: Action) -> None:
        super().ahead(action)
        select = self.handlers.get("article.select")
        articles = getattr(select, "__self__", None)
        if articles is not None and action.body.get("type") == "article.select":
            try:
                articles.find(action)
            except Refusal:
                action.body["lost"] = True

    def run(self, action: Action) -> None:
        if action.body.get("lost"):
            self.refuse(action, Refusal(4040, "There is no such article."))
        else:
            super().run(action)


@fault("held-acked-though-gone", breaks="ACTION-011")
class HeldAckedThoughGone(Actions):
    """An action that was held and finds no more what it named is acked, for it was there when it came."""

    def ahead(self, action: Action) -> None:
        super().ahead(action)
        action.body["held"] = True

    def refuse(self, action: Action, refusal: Refusal) -> None:
        if action.body.get("held") and refusal.code == 4040:
            self.settle(action, Outcome(action.action_id, action.fingerprint))
        else:
            super().refuse(action, refusal)


@fault("held-has-the-trace-of-what-closed-its-gap", breaks="ENV-009")
class HeldHasTheTraceOfWhatClosedItsGap(Actions):
    """What a held action causes carries the trace of the action that closed its gap."""

    def release(self, session: Session) -> None:
        trace, held = self.services.out.trace, self._book(session).held
        for number, batch in held.items():
            held[number] = [(replace(action, trace=trace), alarm) for action, alarm in batch]
        super().release(session)
