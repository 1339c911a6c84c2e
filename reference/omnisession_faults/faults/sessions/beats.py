"""Faults of heartbeats, their digests, and of states that are held back, as time goes on."""
# ruff: noqa: D102  an override means what it overrides

from dataclasses import replace

from omnisession_faults.faults.registry import fault
from omnisession_faults.inside import drop_held
from omnisession_reference.control import Control, Request
from omnisession_reference.session import Session, Terms
from omnisession_reference.timers import Clockwork
from omnisession_reference.wire import JsonObject


@fault("heartbeats-of-idle-sessions", breaks="CTRL-008")
class HeartbeatsOfIdleSessions(Clockwork):
    """A heartbeat is left out where the session was told something since the last one."""

    def beat(self) -> None:
        seq = self.session.seq
        if self.__dict__.get("told") == seq:
            super().beat()
        self.__dict__["told"] = seq


@fault("heartbeats-put-off", breaks="CTRL-008")
class HeartbeatsPutOff(Clockwork):
    """Whatever the client says puts the next heartbeat off by a whole interval."""

    def touch(self) -> None:
        super().touch()
        self._heartbeat.cancel()
        interval_ms = self._granted.heartbeat_ms
        self._next_beat = self._clock.elapsed_ms() + interval_ms
        self._heartbeat = self._clock.call_later(interval_ms, self._on_heartbeat)


@fault("every-other-heartbeat", breaks="CTRL-008")
class EveryOtherHeartbeat(Clockwork):
    """Heartbeats come at twice the interval."""

    def beat(self) -> None:
        self.__dict__["odd"] = not self.__dict__.get("odd", False)
        if not self.__dict__["odd"]:
            super().beat()


@fault("heartbeat-digest-of-store", breaks="CTRL-009")
class HeartbeatDigestOfStore(Clockwork):
    """Digests of heartbeats show changes that are held back."""

    def beat(self) -> None:
        data: JsonObject = {"position": self.session.position()}
        if self.session.digests:
            known: JsonObject = vars(self.session)["_digests"]
            known.clear()
            data["digests"] = self.session.digests_now()
            known.clear()
        self.session.push("session.heartbeat", data)


@fault("heartbeat-digest-ahead", breaks="CTRL-009")
class HeartbeatDigestAhead(Clockwork):
    """Digests of heartbeats show changes that are held back, where they are made anew."""

    def beat(self) -> None:
        data: JsonObject = {"position": self.session.position()}
        if self.session.digests:
            data["digests"] = self.session.digests_now()
        self.session.push("session.heartbeat", data)


@fault("heartbeat-digests-of-own-changes", breaks="CTRL-009")
class HeartbeatDigestsOfOwnChanges(Session):
    """The digests of heartbeats are made anew when the session has acted, and not for what others do."""

    def digests_now(self) -> JsonObject:
        at: tuple[int, JsonObject] | None = self.__dict__.get("told")
        if at is None or at[0] != self.last_action_seq:
            at = self.last_action_seq, super().digests_now()
            self.__dict__["told"] = at
        return dict(at[1])


@fault("heartbeat-digest-of-the-sync", breaks="CTRL-009")
class HeartbeatDigestOfTheSync(Session):
    """After a sync heartbeats tell its digests, whatever events follow it."""

    def publish_state(self, kind: str, reason: str) -> None:
        super().publish_state(kind, reason)
        if reason == "sync":
            frozen: JsonObject = self.__dict__.setdefault("frozen", {})
            frozen[kind] = self.digest(kind, self.state_data(kind))

    def digests_now(self) -> JsonObject:
        frozen: JsonObject = self.__dict__.get("frozen", {}) if self.events else {}
        return {**super().digests_now(), **frozen}


@fault("shortest-wait-has-no-end", breaks="STATE-014")
class ShortestWaitHasNoEnd(Clockwork):
    """With a `coalesce_ms` of 1 what is held back is published only when the session asks."""

    def hold_back(self) -> None:
        if self.session.terms.timers.coalesce_ms > 1:
            super().hold_back()


@fault("held-back-until-asked", breaks="STATE-014")
class HeldBackUntilAsked(Clockwork):
    """States that are held back come with the next answer, outcome or heartbeat only."""

    def hold_back(self) -> None:
        pass


@fault("stop-drops-what-is-held-back", breaks="CTRL-022")
class StopDropsWhatIsHeldBack(Control):
    """States that are held back are lost at a planned stop."""

    def announce_stop(self, after_ms: int) -> None:
        for session in self.services.sessions.all():
            session.held_back.clear()
        super().announce_stop(after_ms)


@fault("stop-drops-what-is-held", breaks="CTRL-022")
class StopDropsWhatIsHeld(Control):
    """Actions that are held have no outcome at a planned stop."""

    def announce_stop(self, after_ms: int) -> None:
        for session in self.services.sessions.all():
            drop_held(self._actions, session)
        super().announce_stop(after_ms)


@fault("holds-back-for-five-seconds", breaks="CTRL-010")
class HoldsBackForFiveSeconds(Control):
    """A `coalesce_ms` of up to 5 000 is granted."""

    def agree(self, request: Request, version: str) -> Terms:
        terms = super().agree(request, version)
        asked: int = request.data.get("timers", {}).get("coalesce_ms", 0)
        most = max(terms.timers.coalesce_ms, min(asked, 5_000))
        return replace(terms, timers=replace(terms.timers, coalesce_ms=most))


@fault("holds-actions-for-a-second", breaks="CTRL-010")
class HoldsActionsForASecond(Control):
    """A `gap_ms` of 1 000 is the default."""

    def agree(self, request: Request, version: str) -> Terms:
        terms = super().agree(request, version)
        if "gap_ms" in request.data.get("timers", {}):
            return terms
        return replace(terms, timers=replace(terms.timers, gap_ms=1_000))
