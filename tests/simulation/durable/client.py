"""A client of the simulation: it opens a session, and sends each action until its outcome is final."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.reference.bench import control, envelope, token
from tests.simulation.doings import At, Doing, doing
from tests.simulation.durable.said import Answer, Told, reply_of

from omnisession_reference.wire import Incoming, encode, tok

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from random import Random

    from tests.simulation.clock import VirtualClock
    from tests.simulation.durable.said import Said
    from tests.simulation.durable.schedule import Client

    from omnisession_durable.entries import Limits

AT_ONCE = 3
SIGNS_MS = 500
GAP, NUMBER_USED, UNKNOWN = 4091, 4092, 5040
OVER = (4041, 4101)
FIRST_WORD = 1_000


class User:
    """One session, from its open to its last outcome."""

    def __init__(
        self,
        client: Client,
        clock: VirtualClock,
        chance: Random,
        ask: Callable[[Incoming], None],
        shown: Callable[[], Mapping[str, Any]],
        limits: Limits,
    ) -> None:
        self.client = client
        self.key = (client.user, client.session)
        self.is_open = False
        self.is_refused = False
        self.is_closed = not client.closes
        self.is_rogue = client.rogue
        self.has_lost = False
        # By name: what each action is, which is settled when it is sent first.
        self.made: dict[str, Doing] = {}
        self._clock = clock
        self._chance = chance
        self._ask = ask
        self._shown = shown
        self._limits = limits
        self._lived_ms: float | None = None
        self._bodies: dict[int, bytes] = {}
        self._todo = self._all = tuple(range(1, len(client.doings) + 1))
        # When it has given the last sign of life, and the last one that was answered.
        self.signed_ms = 0.0
        self.answered_ms = 0.0
        # Whether its session was over though it has not closed it: it was not heard for too long.
        self.is_gone = False
        clock.call_later(client.after_ms, self.send)
        if client.window_ms:
            clock.call_later(client.after_ms, self.stay)

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to do."""
        is_left = self._todo or self.is_rogue or not self.is_closed
        return self.is_refused or self.is_gone or (self.is_open and not is_left)

    @property
    def left(self) -> str:
        """What is left to do, in words."""
        if not self.is_open:
            return "an open"
        return self.client.doings[self._todo[0] - 1].name if self._todo else "a close"

    @property
    def rogue(self) -> str:
        """The name of what is sent under a number that was used."""
        return f"{self.client.session}-rogue"

    def lost(self) -> None:
        """What it was told may be gone: it does all of it again, which does nothing twice.

        Unless it was away for so long that its outcomes are forgotten: then it does nothing again, as
        HYB-019 has it.
        """
        was_done, self.has_lost = self.is_done, True
        self.is_open, self.is_refused, self.is_closed = False, False, not self.client.closes
        self._todo = self._all
        if was_done:
            self._clock.call_later(0, self.send)

    # -- what it sends

    def send(self) -> None:
        """Send what has no outcome, and again after a while."""
        if self.is_done:
            return
        if not self.is_open:
            self.request("open", self.opening())
        elif self._todo:
            for number in self._todo[:AT_ONCE]:
                self.act(number)
                if self._chance.random() < 0.2:
                    self.act(number)
        elif self.is_rogue:
            self.publish(1, self.body(1, self.rogue, Doing("chat.send", {"content": "rogue"})))
        else:
            self.request("close", {})
        self._clock.call_later(self._chance.randint(350, 450), self.send)

    def opening(self) -> dict[str, Any]:
        """What its open says."""
        return {
            "protocol": ["1.0"],
            "kinds": list(self.client.kinds),
            "features": list(self.client.features),
            "auth": {"scheme": "bearer", "token": token(self.key[0], *self.client.permissions)},
            "client": {"name": "simulated", "version": "1.0.0"},
            "timers": self.timers(),
        }

    def timers(self) -> dict[str, int]:
        """The timers that it asks for."""
        window_ms = self.client.window_ms
        return {"heartbeat_ms": 2_000} if not window_ms else timers_of(window_ms)

    def stay(self) -> None:
        """Give a sign of life, again and again."""
        if self.is_open and not self.is_gone and self.is_staying():
            self.request("ping", {}, f"sign-{int(self._clock.passed_ms)}")
        self._clock.call_later(SIGNS_MS, self.stay)

    def is_staying(self) -> bool:
        """Whether it is still there, though it has nothing to do."""
        return self.client.stays or not self.is_done

    def request(self, what: str, data: dict[str, Any], reply: str = "") -> None:
        """Send a control request."""
        self.signed_ms = self._clock.passed_ms
        user, session = map(tok, self.key)
        body = control(f"session.{what}", *self.key) | {"data": data}
        subject = f"session.{user}.{session}.control"
        self._ask(Incoming(subject, reply_of(self.key, reply or what), encode(body)))

    def act(self, number: int) -> None:
        """Send a copy of an action: the same bytes each time."""
        if number not in self._bodies:
            wanted = self.client.doings[number - 1]
            word = f"w{FIRST_WORD + wanted.word}w"
            one = doing(wanted.type, At(self._shown(), wanted.pick, word))
            self.made[wanted.name] = one
            self._bodies[number] = self.body(number, wanted.name, one)
        self.publish(number, self._bodies[number])

    def body(self, number: int, name: str, one: Doing) -> bytes:
        """Write an action."""
        body = envelope(one.type, *self.key) | {"action_id": name, "client_seq": number}
        more = {} if one.expect is None else {"expect": one.expect}
        return encode(body | {"data": one.data} | more)

    def publish(self, number: int, body: bytes) -> None:
        """Send an action."""
        self.signed_ms = self._clock.passed_ms
        subject = f"user.actions.{tok(self.key[0])}"
        self._ask(Incoming(subject, reply_of(self.key, str(number)), body))

    # -- what it hears

    def hear(self, message: Said) -> None:
        """Take an answer or an outcome of its own."""
        if not isinstance(message, Answer) and not is_unknown(message):
            self._lived_ms = self._clock.passed_ms
        match message:
            case Answer(_, _, "opened"):
                self._opened()
            case Answer(_, _, "closed"):
                self.is_closed = True
                self._lived_ms = self._clock.passed_ms - self._limits.window_ms
            case Answer(_, reply, "error", _, code):
                self._refused(reply, code)
            case Answer(_, reply, "pong"):
                if "/sign-" in reply:
                    self.answered_ms = max(self.answered_ms, float(reply.rpartition("-")[2]))
            case Told():
                self._told(message)
            case _:
                pass

    def _told(self, told: Told) -> None:
        if told.action_id == self.rogue:
            self.is_rogue = self.is_rogue and told.code != NUMBER_USED
        elif told.error is None or not told.error["retryable"]:
            self._settled(told.client_seq)
        elif self.has_lost and told.code == GAP:
            self._todo = self._all[told.position.last_action_seq :]

    def _opened(self) -> None:
        if not self.is_open:
            self.is_open = True
            if self._is_forgotten():
                self._todo, self.is_rogue = (), False
            for number in self._todo[:AT_ONCE]:
                delay_ms = self._chance.randint(0, 300)
                self._clock.call_later(delay_ms, lambda number=number: self.act(number))

    def _is_forgotten(self) -> bool:
        """Whether its outcomes may be gone: its session has ended, and they have outlived that."""
        if self._lived_ms is None or not self.has_lost:
            return False
        away_ms = self._clock.passed_ms - self._lived_ms
        return away_ms >= self._limits.window_ms + self._limits.outcomes_ms

    def _refused(self, reply: str, code: int) -> None:
        what = reply.rpartition("/")[2]
        # It was opened also where that was never answered: who answers was without a journal for a window.
        was_open = self.is_open or (what == "open" and code == 4101)
        if self.client.window_ms and was_open and code in OVER:
            self.is_gone = True
        if what == "open" and code == 4291:
            self.is_refused = True
        if self.has_lost and code == 4041 and what != "close":
            self.is_open = False
        if self.has_lost and what == "open" and code == 4101:
            self.is_refused = True
        if what == "close" and code in (4041, 4101):
            self.is_closed = True  # the answer to the first was lost

    def _settled(self, client_seq: int) -> None:
        is_next = bool(self._todo) and self._todo[0] == client_seq
        self._todo = tuple(number for number in self._todo if number != client_seq)
        if is_next and self._todo:
            first = self._todo[0]
            self._clock.call_later(self._chance.randint(0, 200), lambda: self.act(first))


def is_unknown(message: Said) -> bool:
    """Whether it is a nack that claims nothing, not even that there is a session."""
    return isinstance(message, Told) and message.code == UNKNOWN


def timers_of(window_ms: int) -> dict[str, int]:
    """Timers with a window of this length."""
    return {"heartbeat_ms": window_ms // 4, "resume_window_ms": window_ms}
