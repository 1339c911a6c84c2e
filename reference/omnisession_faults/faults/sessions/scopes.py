"""Faults of sessions that go by another one, by a border too far, or that let go what is to stay."""
# ruff: noqa: D102  an override means what it overrides

from dataclasses import replace
from typing import TYPE_CHECKING

from omnisession_faults.faults.registry import Fault, enter, fault
from omnisession_faults.floors import FLOORS
from omnisession_reference.buffer import ROOM
from omnisession_reference.control import Control, Request
from omnisession_reference.errors import Refusal
from omnisession_reference.protocol import DEFAULT_TIMERS, LIMITS
from omnisession_reference.session import Session, Terms
from omnisession_reference.sessions import Sessions
from omnisession_reference.timers import Clockwork

if TYPE_CHECKING:
    from omnisession_reference.wire import JsonObject

# -- timers ------------------------------------------------------------------------------------------


@fault("absent-timers-of-the-session-before", breaks="CTRL-010")
class AbsentTimersOfTheSessionBefore(Control):
    """Timers that an open does not ask for are those that its user asked for last."""

    def agree(self, request: Request, version: str) -> Terms:
        last: dict[str, JsonObject] = vars(self).setdefault("_asked", {})
        asked = {**last.get(request.user_id, {}), **request.data.get("timers", {})}
        last[request.user_id] = request.data["timers"] = asked
        return super().agree(request, version)


@fault("absent-timers-of-anybody", breaks="CTRL-010")
class AbsentTimersOfAnybody(Control):
    """How long is held what an open does not ask for is what anybody asked for last."""

    def agree(self, request: Request, version: str) -> Terms:
        last: JsonObject = vars(self).setdefault("_asked", {})
        asked: JsonObject = request.data.get("timers", {})
        last |= {name: ms for name, ms in asked.items() if name in ("coalesce_ms", "gap_ms")}
        request.data["timers"] = {**last, **asked}
        return super().agree(request, version)


@fault("window-by-the-heartbeat-asked", breaks="CTRL-010")
class WindowByTheHeartbeatAsked(Control):
    """A window is two of the heartbeats that were asked for at least, not of those that are granted."""

    def agree(self, request: Request, version: str) -> Terms:
        terms = super().agree(request, version)
        asked: int = request.data.get("timers", {}).get("heartbeat_ms", 0)
        least = min(2 * asked, DEFAULT_TIMERS.resume_window_ms)
        window = max(terms.timers.resume_window_ms, least)
        return replace(terms, timers=replace(terms.timers, resume_window_ms=window))


@fault("five-heartbeats-in-silence", breaks="CTRL-008")
class FiveHeartbeatsInSilence(Clockwork):
    """After five heartbeats without a word of its client a session has no more of them."""

    def touch(self) -> None:
        super().touch()
        self.__dict__["beats"] = 0

    def beat(self) -> None:
        self.__dict__["beats"] = self.__dict__.get("beats", 0) + 1
        if self.__dict__["beats"] <= 5:
            super().beat()


@fault("room-for-every-session-over", breaks="LIMIT-004")
class RoomForEverySessionOver(Sessions):
    """Whatever is asked of a session that is over gives its user room for one more."""

    def find(self, user_id: str, session_id: str) -> Session | None:
        try:
            return super().find(user_id, session_id)
        except Refusal:
            freed: dict[str, int] = vars(self).setdefault("_freed", {})
            freed[user_id] = freed.get(user_id, 0) + 1
            raise

    def check_room(self, user_id: str) -> None:
        freed: dict[str, int] = vars(self).setdefault("_freed", {})
        if len(self.of_user(user_id)) >= LIMITS["sessions"] + freed.get(user_id, 0):
            super().check_room(user_id)


# -- resume ------------------------------------------------------------------------------------------


@fault("resume-lets-go-what-is-held-back", breaks="RESUME-001")
class ResumeLetsGoWhatIsHeldBack(Control):
    """A resume lets go what is held back, before it looks at the position asked."""

    def resume(self, request: Request) -> None:
        self.require(request).flush()
        super().resume(request)


@fault("resume-lets-go-behind-its-answer", breaks="RESUME-001")
class ResumeLetsGoBehindItsAnswer(Control):
    """What is held back is published right behind the answer of a resume."""

    def resume(self, request: Request) -> None:
        super().resume(request)
        self.require(request).flush()


@fault("one-ahead-is-current", breaks="RESUME-005")
class OneAheadIsCurrent(Session):
    """A position that is one ahead of the head is taken for the head."""

    def missed(self, seq: int) -> list[bytes] | None:
        return [] if seq == self.seq + 1 else super().missed(seq)


class _AsLargeAsTheirMessages(Session):
    """A replay may be larger than a body may be, by what stands around its messages."""

    def missed(self, seq: int) -> list[bytes] | None:
        kept: list[tuple[int, bytes]] = list(vars(self.buffer)["_bodies"])
        if seq >= self.seq or not kept or kept[0][0] > seq + 1:
            return super().missed(seq)
        found = [payload for at, payload in kept if at > seq]
        return found if sum(map(len, found)) - ROOM <= LIMITS["state"] else None


enter(
    Fault(
        "replays-as-large-as-their-messages",
        "LIMIT-001",
        "A replay may be larger than a body may be, by what stands around its messages.",
        (_AsLargeAsTheirMessages,),
        limits=FLOORS,
    )
)


@fault("what-was-asked-for-is-told-again", breaks="STATE-006")
class WhatWasAskedForIsToldAgain(Session):
    """What was held back is told once more after the states that an open or a sync showed it by."""

    def publish_state(self, kind: str, reason: str) -> None:
        again = kind in self.held_back and reason in ("open", "sync")
        trace = self.held_back.get(kind)
        super().publish_state(kind, reason)
        if again:
            self.held_back[kind] = trace
