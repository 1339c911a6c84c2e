"""A client of the simulation: it opens a session, and sends each action until its outcome is final."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_durable.domain import Action
from omnisession_durable.messages import Answer, Ask, Told, Try

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from tests.simulation.clock import VirtualClock
    from tests.simulation.durable.schedule import Client

    from omnisession_durable.entries import Limits
    from omnisession_durable.messages import Message, Request

AT_ONCE = 3
NOT_FINAL = (4091, 4290, 5030, 5040)
GAP, NUMBER_USED = 4091, 4092


class User:
    """One session, from its open to its last outcome."""

    def __init__(
        self,
        client: Client,
        clock: VirtualClock,
        chance: Random,
        ask: Callable[[Request], None],
        limits: Limits,
    ) -> None:
        self.client = client
        self.key = (client.user, client.session)
        self.is_open = False
        self.is_refused = False
        self.is_closed = not client.closes
        self.rogue = Try(
            Action(*self.key, f"{client.session}-rogue", 1, "chat.send", {}, "rogue"),
            f"{client.session}-rogue",
        )
        self.is_rogue = client.rogue
        self._clock = clock
        self._chance = chance
        self._ask = ask
        self._limits = limits
        self._has_lost = False
        self._lived_ms: float | None = None
        self._all = tuple(
            Try(
                Action(
                    client.user,
                    client.session,
                    doing.name,
                    number,
                    doing.type,
                    {},
                    f"{doing.type} {doing.expect}",
                    doing.expect or None,
                ),
                f"{client.session}-{number}",
            )
            for number, doing in enumerate(client.doings, 1)
        )
        self._todo = list(self._all)
        clock.call_later(client.after_ms, self.send)

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to do."""
        is_left = self._todo or self.is_rogue or not self.is_closed
        return self.is_refused or (self.is_open and not is_left)

    @property
    def left(self) -> str:
        """What is left to do, in words."""
        if not self.is_open:
            return "an open"
        return self._todo[0].action.action_id if self._todo else "a close"

    def lost(self) -> None:
        """What it was told may be gone: it does all of it again, which does nothing twice.

        Unless it was away for so long that its outcomes are forgotten: then it does nothing again, as
        HYB-019 has it.
        """
        was_done, self._has_lost = self.is_done, True
        self.is_open, self.is_refused, self.is_closed = False, False, not self.client.closes
        self._todo = list(self._all)
        if was_done:
            self._clock.call_later(0, self.send)

    def send(self) -> None:
        """Send what has no outcome, and again after a while."""
        if self.is_done:
            return
        if not self.is_open:
            self._ask(
                Ask("open", self.key, f"{self.key[1]}-open", {"kinds": list(self.client.kinds)})
            )
        elif self._todo:
            for one in self._todo[:AT_ONCE]:
                self._ask(one)
                if self._chance.random() < 0.2:
                    self._ask(one)
        elif self.is_rogue:
            self._ask(self.rogue)
        else:
            self._ask(Ask("close", self.key, f"{self.key[1]}-close"))
        self._clock.call_later(self._chance.randint(350, 450), self.send)

    def hear(self, message: Message) -> None:
        """Take an answer or an outcome of its own."""
        if not isinstance(message, Answer):
            self._lived_ms = self._clock.passed_ms
        match message:
            case Answer(_, _, "opened"):
                self._opened()
            case Answer(_, _, "closed"):
                self.is_closed = True
                self._lived_ms = self._clock.passed_ms - self._limits.window_ms
            case Answer(_, reply, "error", _, code):
                self._refused(reply, code)
            case Told(_, _, action_id, client_seq, _, position, outcome):
                if action_id == self.rogue.action.action_id:
                    is_used = (outcome.error or {}).get("code") == NUMBER_USED
                    self.is_rogue = self.is_rogue and not is_used
                elif outcome.error is None or outcome.error["code"] not in NOT_FINAL:
                    self._settled(client_seq)
                elif self._has_lost and outcome.error["code"] == GAP:
                    self._todo = list(self._all[position.last_action_seq :])
            case _:
                pass

    def _opened(self) -> None:
        if not self.is_open:
            self.is_open = True
            if self._is_forgotten():
                self._todo, self.is_rogue = [], False
            for one in self._todo[:AT_ONCE]:
                self._clock.call_later(self._chance.randint(0, 300), lambda one=one: self._ask(one))

    def _is_forgotten(self) -> bool:
        """Whether its outcomes may be gone: its session has ended, and they have outlived that."""
        if self._lived_ms is None or not self._has_lost:
            return False
        away_ms = self._clock.passed_ms - self._lived_ms
        return away_ms >= self._limits.window_ms + self._limits.outcomes_ms

    def _refused(self, reply: str, code: int) -> None:
        if reply.endswith("-open") and code == 4291:
            self.is_refused = True
        if self._has_lost and code == 4041 and not reply.endswith("-close"):
            self.is_open = False
        if self._has_lost and reply.endswith("-open") and code == 4101:
            self.is_refused = True
        if reply.endswith("-close") and code in (4041, 4101):
            self.is_closed = True  # the answer to the first was lost

    def _settled(self, client_seq: int) -> None:
        is_next = bool(self._todo) and self._todo[0].action.client_seq == client_seq
        self._todo = [one for one in self._todo if one.action.client_seq != client_seq]
        if is_next and self._todo:
            first = self._todo[0]
            self._clock.call_later(self._chance.randint(0, 200), lambda: self._ask(first))
