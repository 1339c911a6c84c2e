"""A node that runs the core of the reference client: it does what the core wants done, in virtual time."""

from __future__ import annotations

from collections import deque
from random import Random
from typing import TYPE_CHECKING, Any, Protocol

from tests.simulation.clock import ProcessClock
from tests.simulation.network import Packet

from omnisession_client.effects import (
    CancelTimer,
    Disconnect,
    Expiring,
    NewSession,
    Publish,
    Renewed,
    Request,
    SetTimer,
    Subscribe,
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
    Stopped,
)
from omnisession_client.update import init, update

if TYPE_CHECKING:
    from tests.simulation.clock import Alarm, VirtualClock
    from tests.simulation.network import Network

    from omnisession_client.effects import Effect
    from omnisession_client.values import Config, State

MAX_PAYLOAD = 1_048_576
SUBSCRIBED_MS = 2.0
"""How long a subscription takes until it is in force."""


class Watcher(Protocol):
    """Who looks at what a client does."""

    def sent(self, node: ClientNode, effect: Publish | Request) -> None:
        """It publishes something."""
        ...

    def handled(self, node: ClientNode, before: State, message: Message) -> None:
        """It has handled a message: its state is the one after it."""
        ...


class ClientNode:
    """One process with a client: a mailbox, timers, a connection."""

    def __init__(
        self,
        name: str,
        config: Config,
        clock: VirtualClock,
        network: Network,
        watcher: Watcher,
        seed: str,
    ) -> None:
        self.name = name
        self.config = config
        self.state = init(config)
        self.clock = ProcessClock(clock)
        self.connection = network.connect(name)
        self.is_over = False
        self.knows_it_is_connected = False
        self._network = network
        self._watcher = watcher
        self._chance = Random(f"{seed} {name}")  # noqa: S311 no secret
        self._mailbox: deque[Message] = deque()
        self._works = False
        self._timers: dict[str, Alarm] = {}
        self._answers: dict[int, Alarm] = {}
        self._subject = ""
        self._inbox = f"_INBOX.{name}.*"
        self.connection.wanted[self._inbox] = self._take_answer

    # -- what happens to it

    def start(self) -> None:
        """Begin, with a connection."""
        self._put(Began(at_ms=self._now(), session_id=self._new_id()))
        self.connected()

    def connected(self) -> None:
        """The connection is there, and the subscription in force on it."""
        self.knows_it_is_connected = True
        if self._subject:
            self.clock.call_later(SUBSCRIBED_MS, self._ready)

    def lost(self) -> None:
        """The connection is gone, and the client sees it."""
        if self.knows_it_is_connected:
            self.knows_it_is_connected = False
            self._put(Lost(at_ms=self._now()))

    def act(self, type_: str, data: dict[str, Any], expect: dict[str, Any] | None) -> str:
        """The user does something; the id of the action."""
        action_id = self._new_id()
        self._put(
            Dispatched(at_ms=self._now(), action_id=action_id, type=type_, data=data, expect=expect)
        )
        return action_id

    def leave(self) -> None:
        """The user leaves."""
        self._put(Stopped(at_ms=self._now()))

    def end(self) -> None:
        """The process ends, whatever it was about to do."""
        if not self.is_over:
            self.is_over = True
            self.clock.end()
            self._network.disconnect(self.connection)

    # -- its mailbox

    def _put(self, message: Message) -> None:
        self._mailbox.append(message)
        if self._works:
            return
        self._works = True
        while self._mailbox:
            self._handle(self._mailbox.popleft())
        self._works = False

    def _handle(self, message: Message) -> None:
        if self.is_over:
            return
        before = self.state
        self.state, effects = update(before, message)
        self._watcher.handled(self, before, message)
        for effect in effects:
            self._do(effect)

    def _do(self, effect: Effect) -> None:
        match effect:
            case Publish():
                self._watcher.sent(self, effect)
                self._network.publish(self.connection, Packet(effect.subject, effect.body))
            case Request():
                self._ask(effect)
            case SetTimer():
                self._set(effect)
            case CancelTimer():
                self._cancel(effect.timer)
            case Subscribe():
                self._subscribe(effect.subject)
            case NewSession():
                self._put(Began(at_ms=self._now(), session_id=self._new_id()))
            case Taken() | Expiring() | Renewed():
                pass
            case Disconnect():
                self.clock.call_later(SUBSCRIBED_MS, self.end)

    def _subscribe(self, subject: str) -> None:
        self.connection.wanted.pop(self._subject, None)
        self._subject = subject
        self.connection.wanted[subject] = lambda packet: self._take(subject, packet)
        if self.knows_it_is_connected:
            self.clock.call_later(SUBSCRIBED_MS, self._ready)

    def _ready(self) -> None:
        if self.knows_it_is_connected:
            self._put(Ready(at_ms=self._now(), max_payload=MAX_PAYLOAD))

    def _take(self, subject: str, packet: Packet) -> None:
        # What was under way when the subscription ended comes nowhere.
        if subject == self._subject and packet.data is not None and not self.is_over:
            self._put(Heard(at_ms=self._now(), subject=packet.subject, data=packet.data))

    def _take_answer(self, packet: Packet) -> None:
        if not self.is_over:
            self._answer(int(packet.subject.rpartition(".")[2]), packet.data)

    def _ask(self, request: Request) -> None:
        self._watcher.sent(self, request)
        number = request.number
        self._answers[number] = self.clock.call_later(
            request.within_ms, lambda: self._answer(number, None)
        )
        reply = f"_INBOX.{self.name}.{number}"
        self._network.publish(self.connection, Packet(request.subject, request.body, reply))

    def _answer(self, number: int, data: bytes | None) -> None:
        if (alarm := self._answers.pop(number, None)) is not None:
            alarm.cancel()
        self._put(Answered(at_ms=self._now(), number=number, data=data))

    def _set(self, timer: SetTimer) -> None:
        self._cancel(timer.timer)
        after_ms = self._chance.uniform(timer.at_least_ms, timer.at_most_ms)
        self._timers[timer.timer] = self.clock.call_later(after_ms, lambda: self._ring(timer.timer))

    def _ring(self, timer: str) -> None:
        del self._timers[timer]
        self._put(Rang(at_ms=self._now(), timer=timer))

    def _cancel(self, timer: str) -> None:
        if (alarm := self._timers.pop(timer, None)) is not None:
            alarm.cancel()

    def _new_id(self) -> str:
        return self._chance.randbytes(16).hex()

    def _now(self) -> int:
        return self.clock.now_ms()
