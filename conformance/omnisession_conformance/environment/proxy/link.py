"""One connection through the proxy: a client's, and the one to the broker that was dialled for it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from omnisession_conformance.environment.proxy.dialogue import Dialogue, Question
from omnisession_conformance.environment.proxy.end import End
from omnisession_conformance.environment.proxy.faults import (
    Cut,
    Doubled,
    HalfOpen,
    together,
)
from omnisession_conformance.environment.proxy.line import END, Line
from omnisession_conformance.environment.proxy.operations import Side
from omnisession_conformance.environment.proxy.parser import Parser

if TYPE_CHECKING:
    from omnisession_conformance.environment.proxy.around import Around
    from omnisession_conformance.environment.proxy.faults import Lasting

MOST_WAITING = 1 << 22
"""Bytes that wait on one way of a link before the one who writes them is not read any more."""


class LinkEndedError(ConnectionError):
    """The connection ended before a question was answered."""


class Link:
    """A client's connection and the broker's, and what is wrong between them.

    Links have numbers from 0 on, in the order in which clients came.
    """

    def __init__(self, number: int, around: Around) -> None:
        self.number = number
        self.client = End(self, around.framing())
        self.broker = End(self)
        self.dialogue = Dialogue(around.door)
        self._around = around
        self._ends = {Side.CLIENT: self.client, Side.BROKER: self.broker}
        self._lines = {side: Line(around.chance) for side in Side}
        """The way to each side."""
        self._timers: dict[Side, asyncio.TimerHandle] = {}
        self._parsers: dict[Side, Parser | None] = {side: Parser(around.sizes) for side in Side}
        """None where nothing more has to be read."""
        self._passing: list[bytes] = []
        self._passing_to = Side.BROKER
        self._faults: list[Lasting] = []
        self._dialling: asyncio.Task[None] | None = None
        self._asking: set[asyncio.Future[None]] = set()
        self._was_cut = False
        self._lost = False
        """Whether one of its ends is gone."""
        self.dialogue.hear = around.hearer(self)

    def __repr__(self) -> str:
        return f"<Link {self.number} {self.name!r}>"

    @property
    def name(self) -> str:
        """The name that the client has given itself."""
        return self.dialogue.name

    @property
    def alive(self) -> bool:
        """Whether the client is connected, to the broker as well."""
        return self.client.open and self.broker.open

    @property
    def ready(self) -> bool:
        """Whether that is so, and the client's handshake is over."""
        return self.alive and self.dialogue.ready

    @property
    def over(self) -> bool:
        """Whether both connections are gone."""
        return self._was_cut and not (self.client.there or self.broker.there or self._dialling)

    async def ping(self, to: Side) -> None:
        """Ask a side, and return when it has answered: it has read all that passed to it before.

        Nobody is asked before the client's first own PING was answered. Raises LinkEndedError when the
        connection ends, or what the client says cannot be read. A question that nobody waits for any more
        is still answered, and the answer kept back.
        """
        self._check_parsed()
        answered: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def answer() -> None:
            if not answered.done():
                answered.set_result(None)

        if why := self._why_deaf:
            raise LinkEndedError(why)
        self._asking.add(answered)
        self._pass_on()
        for say in self.dialogue.ask(to, Question(answer)):
            self._send(say.to, say.raw)
        try:
            await answered
        finally:
            self._asking.discard(answered)

    def say(self, to: Side, raw: bytes) -> None:
        """Put a whole operation in, behind all that has passed; a question goes by `ping`."""
        self._check_parsed()
        self._pass_on()
        self._send(to, raw)

    def cut(self, *, reset: bool = False) -> None:
        """End both connections now; what is under way is lost."""
        self._was_cut = True
        for line in self._lines.values():
            line.lose()
        for end in self._ends.values():
            end.abort(reset=reset)
        if self._dialling is not None:
            self._dialling.cancel()
        self._forget()

    def begin(self, fault: Lasting | Cut) -> None:
        """From now on something is wrong."""
        if isinstance(fault, Cut):
            self.cut(reset=fault.reset)
            return
        self._faults.append(fault)
        self._fold()
        if isinstance(fault, Doubled):
            self.client.abort()

    def finish(self, fault: Lasting) -> None:
        """It is wrong no longer; what has vanished is followed by a cut."""
        if fault not in self._faults:
            return
        self._faults.remove(fault)
        if isinstance(fault, HalfOpen | Doubled):
            self.cut()
        else:
            self._fold()

    # What its ends tell.

    def opened(self, end: End) -> None:
        """See `end.Owner`."""
        if self._was_cut:
            end.abort()
        elif end is self.client:
            end.read_on(False)
            self._dialling = asyncio.get_running_loop().create_task(self._dial())
            # Of a task that is cancelled before its first step nothing runs but this.
            self._dialling.add_done_callback(self._dialled)
        else:
            for side in Side:
                self._steer(side)

    def came(self, end: End, data: bytes) -> None:
        """See `end.Owner`."""
        side = self._side(end)
        parser = self._parsers[side]
        if parser is None:
            self._send(side.other, data)
            return
        try:
            self._hear(side, parser, data)
        except Exception as error:  # noqa: BLE001 - of a broker or of who hears: told where the proxy is closed
            self.cut()
            self._around.failed(error)

    def finished(self, end: End) -> None:
        """See `end.Owner`."""
        self._send(self._side(end).other, END)

    def gone(self, end: End) -> None:
        """See `end.Owner`."""
        self._lost = True
        other = self._side(end).other
        if not self._ends[other].there:
            self.cut()
        elif not self._doubled:
            self._send(other, END)
        self._forget()

    def steered(self, end: End) -> None:
        """See `end.Owner`."""
        self._steer(self._side(end).other)

    # How bytes go.

    def _hear(self, side: Side, parser: Parser, data: bytes) -> None:
        self._passing_to = side.other
        before = self.dialogue.connected, self.dialogue.ready
        for op in parser.feed(data):
            said = self.dialogue.heard(side, op)
            if self._was_cut:
                self._passing.clear()
                return
            self._fail_questions()
            if said is None:
                self._passing.append(op.raw)
                continue
            for say in said:
                if say.to is side:
                    self._send(side, say.raw)
                else:
                    self._passing.append(say.raw)
        self._pass_on()
        if before != (self.dialogue.connected, self.dialogue.ready):
            if self.dialogue.ready and not self._around.parsed:
                self._read_no_more()
            self._around.changed(self)

    def _pass_on(self) -> None:
        """Send what has passed and was not sent, since one write does for many operations."""
        if self._passing:
            whole = b"".join(self._passing)
            self._passing.clear()
            self._send(self._passing_to, whole)

    def _read_no_more(self) -> None:
        """From now on bytes pass as they are, but for a broker that may name other ways to it."""
        for side in Side:
            parser = self._parsers[side]
            if parser is None or (side is Side.BROKER and self.dialogue.names_others):
                continue
            self._parsers[side] = None
            if unread := parser.unread:
                self._send(side.other, unread)

    def _send(self, to: Side, data: bytes | None) -> None:
        line = self._lines[to]
        if line.clear:
            self._write(to, data)
            return
        line.put(data, asyncio.get_running_loop().time())
        if to not in self._timers:
            self._flush(to)
        self._steer(to.other)

    def _write(self, to: Side, data: bytes | None) -> None:
        if data is None:
            self._ends[to].close()
        else:
            self._ends[to].write(data)

    def _flush(self, to: Side) -> None:
        """Write what is due, and come again when more will be."""
        if (timer := self._timers.pop(to, None)) is not None:
            timer.cancel()
        loop, line = asyncio.get_running_loop(), self._lines[to]
        for data in line.take(loop.time()):
            self._write(to, data)
        if (next_s := line.next_s) is not None:
            self._timers[to] = loop.call_at(next_s, self._flush, to)
        self._steer(to.other)

    def _steer(self, side: Side) -> None:
        """Read a side as long as the other one takes what it says."""
        other = side.other
        waits = self._ends[other].full or self._lines[other].size > MOST_WAITING
        self._ends[side].read_on(self._dialling is None and not waits)

    def _fold(self) -> None:
        for side, line in self._lines.items():
            line.way = together(self._faults, side)
            self._flush(side)

    # How it begins and ends.

    async def _dial(self) -> None:
        try:
            await self._around.dial(lambda: self.broker)
        except OSError:
            self.cut()

    def _dialled(self, _: asyncio.Task[None]) -> None:
        self._dialling = None
        for side in Side:
            self._steer(side)
        self._around.changed(self)

    @property
    def _doubled(self) -> bool:
        return any(isinstance(fault, Doubled) for fault in self._faults)

    def _forget(self) -> None:
        """Nobody is answered on a connection that has ended."""
        for timer in self._timers.values():
            if self._was_cut:
                timer.cancel()
        self._fail_questions()
        self._around.changed(self)

    def _fail_questions(self) -> None:
        if not self._asking or not (why := self._why_deaf):
            return
        for waiting in self._asking:
            if not waiting.done():
                waiting.set_exception(LinkEndedError(why))

    @property
    def _why_deaf(self) -> str:
        """Why no question can be answered, if so."""
        if self._was_cut or self._lost:
            return f"{self!r} has ended"
        if why := self.dialogue.unreadable:
            return f"{self!r} has said what is no NATS: {why}"
        return ""

    def _side(self, end: End) -> Side:
        return Side.CLIENT if end is self.client else Side.BROKER

    def _check_parsed(self) -> None:
        if not self._around.parsed:
            raise RuntimeError("what passes here is not read: give the proxy `parsed` or `watch`")
