"""The core of the reference client, as the player of traces needs one."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import Any

from docs.guides.examples.player import Json, Report, Sent

from omnisession_client import report, update
from omnisession_client.effects import (
    CancelTimer,
    Effect,
    NewSession,
    Publish,
    Request,
    SetTimer,
    Taken,
)
from omnisession_client.messages import (
    Answered,
    Began,
    Dispatched,
    Heard,
    Lost,
    Message,
    Rang,
    Ready,
)
from omnisession_client.values import Config, Timings

START_MS = 1_730_000_000_000


class ReferenceCore:
    """The core with a runner's clock and random number, and timers as a list."""

    def __init__(self, header: Json, random: int) -> None:
        config = Config(
            header["user_id"],
            tuple(header["kinds"]),
            tuple(header["features"]),
            None,
            Timings(**header["timers"]),
            header["mode"],
        )
        self.state = update.init(config)
        self.random = random
        self.now_ms = 0
        self.sent: list[Sent] = []
        self.link: Ready | None = None
        self.refused: dict[str, str | None] = {}
        self._ids, self._turns = count(1), count()
        self._timers: dict[str, tuple[int, int, Message]] = {}
        self.put(Began(at_ms=0, session_id=self.new_id()))

    def new_id(self) -> str:
        return f"id-{next(self._ids):020}"

    def put(self, message: Message) -> None:
        self.state, effects = update.update(
            self.state, replace(message, at_ms=START_MS + self.now_ms)
        )
        for effect in effects:
            self.do(effect)

    def do(self, effect: Effect) -> None:
        match effect:
            case Publish():
                self.sent.append(Sent(effect.body))
            case Request():
                self.sent.append(Sent(effect.body, effect.number))
                late = Answered(at_ms=0, number=effect.number, data=None)
                self.set(f"request {effect.number}", effect.within_ms, late)
            case SetTimer():
                ms = (effect.at_least_ms, effect.at_most_ms)[self.random]
                self.set(effect.timer, ms, Rang(at_ms=0, timer=effect.timer))
            case CancelTimer():
                self._timers.pop(effect.timer, None)
            case NewSession():
                self.put(Began(at_ms=0, session_id=self.new_id()))
                if self.link is not None:
                    self.put(self.link)
            case Taken():
                self.refused[effect.action_id] = effect.refused
            case _:
                pass

    def set(self, name: str, ms: int, message: Message) -> None:
        self._timers[name] = (self.now_ms + ms, next(self._turns), message)

    # -- what the player wants

    def connected(self, max_payload: int) -> None:
        self.link = Ready(at_ms=0, max_payload=max_payload)
        self.put(self.link)

    def lost(self) -> None:
        self.link = None
        self.put(Lost(at_ms=0))

    def heard(self, subject: str, data: bytes) -> None:
        self.put(Heard(at_ms=0, subject=subject, data=data))

    def answered(self, reply: Any, data: bytes | None) -> None:
        self._timers.pop(f"request {reply}", None)
        self.put(Answered(at_ms=0, number=reply, data=data))

    def dispatched(self, type_: str, data: Json, expect: Json | None) -> tuple[str, str | None]:
        action_id = self.new_id()
        self.put(Dispatched(at_ms=0, action_id=action_id, type=type_, data=data, expect=expect))
        return action_id, self.refused[action_id]

    def due_ms(self) -> int | None:
        return min(self._timers.values())[0] if self._timers else None

    def ring(self) -> None:
        name = min(self._timers, key=lambda name: self._timers[name][:2])
        self.put(self._timers.pop(name)[2])

    def report(self) -> Report:
        told = report.report(self.state)
        position, pending = told["position"], told["pending"]
        return Report(
            place=position and (position["epoch"], position["seq"]),
            slices=told["slices"],
            view=told["view"],
            pending=None if pending is None else [one["action_id"] for one in pending],
            failed=[
                (one["action_id"], one.get("code") or one["reason"])
                for one in told["refused"]
                if self.refused.get(one["action_id"]) is None
            ],
            closed=told["phase"] == "closed",
        )
