"""What is done with each operation of a connection: it passes, is kept back, or something else is said.

Every PONG answers the oldest PING that was not answered yet, so who asked is a queue for each side. The
proxy asks as well, and keeps the answers to its own questions, and to no others, back.
"""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from omnisession_conformance.environment.proxy.info import names_others, read_info, rewritten
from omnisession_conformance.environment.proxy.operations import (
    PING,
    Connect,
    Info,
    Ping,
    Pong,
    Side,
    Unreadable,
)
from omnisession_conformance.environment.proxy.subscriptions import Subscriptions
from omnisession_conformance.errors import BrokerError
from omnisession_conformance.protocol.json import as_object, as_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from omnisession_conformance.environment.proxy.info import Door
    from omnisession_conformance.environment.proxy.operations import Op
    from omnisession_conformance.protocol.json import Object

    Hear: TypeAlias = Callable[[Side, Op], Sequence["Say"] | None]
    """Is told what a side has said, and says what is said in the place of it; None lets it pass."""


@dataclass(frozen=True, slots=True)
class Say:
    """A whole operation for one of the sides."""

    to: Side
    raw: bytes


class Question:
    """A PING of the proxy's own; `answered` is called at its PONG."""

    def __init__(self, answered: Callable[[], None]) -> None:
        self.answered = answered


class Dialogue:
    """One connection, from its INFO on."""

    def __init__(self, door: Door) -> None:
        self.hear: Hear | None = None
        """Who is told what is said, if anybody is."""
        self.connect: Object = {}
        """What the client has said of itself."""
        self.connected = False
        """Whether it has."""
        self.ready = False
        """Whether the client's first PING was answered: libraries bear nothing unasked before that."""
        self.names_others = False
        """Whether the broker names other ways to it, as nodes of a cluster do."""
        self.unreadable = ""
        """Why nothing more that the client says can be read, if so."""
        self.subscriptions = Subscriptions()
        self._door = door
        self._asked: dict[Side, deque[Question | None]] = {side: deque() for side in Side}
        """Who waits for PONGs of a side: None is the other side."""
        self._early: list[tuple[Side, Question]] = []

    @property
    def name(self) -> str:
        """The name that the client has given itself, empty where it has none."""
        return as_text(self.connect.get("name"))

    def heard(self, side: Side, op: Op) -> Sequence[Say] | None:
        """Take an operation of a side in; None: it passes as it is."""
        handshake = False
        if isinstance(op, Pong) and self._asked[side]:
            question = self._asked[side].popleft()
            if question is not None:
                question.answered()
                return ()
            handshake = side is Side.BROKER and not self.ready
        elif isinstance(op, Info) and side is Side.BROKER:
            return self._introduced(side, op)
        elif isinstance(op, Connect):
            self._read_connect(op)
        elif isinstance(op, Unreadable):
            self._stop(side, op)
        said = None if self.hear is None else self.hear(side, op)
        passed = said is None or any(one.raw is op.raw for one in said)
        if passed:
            self.subscriptions.passed(op)
        self._note_pings(side, op, said)
        return self._begin(op, said) if handshake and passed else said

    def ask(self, to: Side, question: Question) -> Sequence[Say]:
        """What is said to ask a side; nothing yet where that is too early."""
        if not self.ready:
            self._early.append((to, question))
            return ()
        self._asked[to].append(question)
        return (Say(to, PING),)

    def _introduced(self, side: Side, op: Info) -> Sequence[Say] | None:
        told = read_info(op)
        self.names_others = self.names_others or names_others(told)
        said = None if self.hear is None else self.hear(side, op)
        return (Say(Side.CLIENT, rewritten(told, self._door)),) if said is None else said

    def _read_connect(self, op: Connect) -> None:
        self.connected = True
        try:
            self.connect = as_object(json.loads(op.text))
        except (ValueError, RecursionError):
            self.connect = {}

    def _stop(self, side: Side, op: Unreadable) -> None:
        """A client may say anything, and the broker will judge it; a broker may not."""
        if side is Side.BROKER:
            raise BrokerError(f"A proxy cannot read what the broker says: {op.why}.")
        self.unreadable = op.why

    def _note_pings(self, side: Side, op: Op, said: Sequence[Say] | None) -> None:
        if said is None:
            if isinstance(op, Ping):
                self._asked[side.other].append(None)
            return
        for one in said:
            if one.raw[:4].upper() == PING[:4]:
                self._asked[one.to].append(None)

    def _begin(self, pong: Op, said: Sequence[Say] | None) -> Sequence[Say]:
        """The handshake is over: what the proxy has to ask may be asked."""
        self.ready = True
        early, self._early = self._early, []
        asked = [say for to, question in early for say in self.ask(to, question)]
        return [*(said if said is not None else (Say(Side.CLIENT, pong.raw),)), *asked]
