"""What a scene is: a client on the bench, every step of which is noted."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tests.client.bench import (
    Bench,
    Body,
    position,
)

from omnisession_client import report, update
from omnisession_client.messages import Answered

if TYPE_CHECKING:
    from omnisession_client.effects import Effect
    from omnisession_client.values import State

FAR = 2**32
Log = list[tuple["State", list["Effect"], Body]]


class Scene:
    """What becomes of clients in one scene: each message, its effects, and the state after it."""

    def __init__(self) -> None:
        self.log: Log = []

    def bench(self, *kinds: str, **more: Any) -> Watched:
        return Watched(self, *kinds, **more)

    def live(self, *kinds: str, **more: Any) -> Watched:
        bench = self.bench(*kinds, **more)
        bench.live()
        return bench


class Watched(Bench):
    """A client whose every step is on the log."""

    def __init__(self, scene: Scene, *kinds: str, **more: Any) -> None:
        self.scene = scene
        super().__init__(*kinds, **more)
        self.state = update.init(self.state.config)
        self._note([])

    def _note(self, effects: list[Effect]) -> None:
        self.scene.log.append((self.state, effects, report.report(self.state)))

    def put(self, message: Any) -> list[Effect]:
        effects = super().put(message)
        self._note(effects)
        return effects

    def answers_with(self, data: bytes) -> None:
        """Answer the last request by bytes that are no answer."""
        self.put(Answered(at_ms=0, number=self.state.asked[-1].number, data=data))

    def answers(self, type_: str, number: int | None = None, **data: Any) -> list[Effect]:
        waits = number is not None or self.state.asked
        return super().answers(type_, number, **data) if waits else []

    def nobody_answers(self, number: int | None = None) -> list[Effect]:
        return super().nobody_answers(number) if self.state.asked else []

    def resumed(self, mode: str, seq: int, *messages: Any, **more: Any) -> None:
        self.answers("session.resumed", mode=mode, messages=list(messages), **position(seq, **more))

    def syncing(self, seq: int, **more: Any) -> None:
        kinds = list(self.state.config.kinds)
        self.answers("session.syncing", kinds=kinds, **position(seq, **more))

    def nack(self, action_id: str, number: int, code: int, **error: Any) -> None:
        told = {"code": code, "name": "X", "message": "x", "retryable": False, **error}
        self.outcome("action.nack", action_id, number, 1, error=told)

    def ack(self, action_id: str, number: int, seq: int = 1, status: str = "applied") -> None:
        self.outcome("action.ack", action_id, number, seq, status=status)

    def adds(self, *seqs: int, **more: Any) -> None:
        for seq in seqs:
            self.hears("events", self.added(seq, **more))


Play = Callable[[Scene], None]
SCENES: list[Play] = []


def scene(play: Play) -> Play:
    """Put a scene on the list."""
    SCENES.append(play)
    return play
