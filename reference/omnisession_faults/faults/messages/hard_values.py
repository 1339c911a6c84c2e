"""Faults of values inside of data: numbers and strings that somebody wrote and nobody can keep."""
# ruff: noqa: D102  an override means what it overrides

import json
import struct
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, cast

from omnisession_faults.faults.registry import fault
from omnisession_reference.action import Action
from omnisession_reference.actions import Actions
from omnisession_reference.connection import Connection
from omnisession_reference.session import Session
from omnisession_reference.wire import Incoming, JsonObject, fingerprint, traceparent

LARGE, SMALL = 1e21, 1e-6
"""Where JavaScript begins to write a number with an exponent."""


def taken_with_half_a_pair(actions: Actions, message: Incoming, row: str) -> bool:
    """Take an action with half of a surrogate pair, unless another member than `data` has it."""
    text = message.data.decode(errors="replace")
    if "\\ud" not in text.lower():
        return False
    try:
        body: JsonObject = json.loads(text)
        json.dumps({**body, "data": None}, ensure_ascii=False).encode()
    except ValueError:
        return False
    actions.check_readable(body)
    session = actions.services.sessions.require(body["user_id"], body["session_id"])
    actions.decide(actions.read(message, row, session, body))
    return True


@fault("half-pairs-lock-out", breaks="ERR-005")
class HalfPairsLockOut(Actions):
    """Half of a surrogate pair in data is taken and kept, and no state with it can be written."""

    def receive(self, message: Incoming, row: str, user_id: str | None) -> None:
        if not taken_with_half_a_pair(self, message, row):
            super().receive(message, row, user_id)


@fault("half-pairs-fail", breaks="ERR-008")
class HalfPairsFail(Actions):
    """An action with half of a surrogate pair in its data fails, and fails again."""

    def receive(self, message: Incoming, row: str, user_id: str | None) -> None:
        if not taken_with_half_a_pair(self, message, row):
            super().receive(message, row, user_id)

    def check(self, action: Action) -> None:
        json.dumps(action.data, ensure_ascii=False).encode()
        super().check(action)


@fault("numbers-with-exponent-fail", breaks="ENV-007")
class NumbersWithExponentFail(Actions):
    """An action fails in which a number would be written with an exponent."""

    def check(self, action: Action) -> None:
        if any(n and not SMALL <= abs(n) < LARGE for n in numbers(action.data)):
            raise ValueError
        super().check(action)


@fault("large-numbers-fail", breaks="ERR-008")
class LargeNumbersFail(Actions):
    """An action fails in which a number is beyond 64 bits."""

    def check(self, action: Action) -> None:
        if any(abs(n) >= 2**63 for n in numbers(action.data)):
            raise OverflowError
        super().check(action)


@fault("odd-traces-dropped", breaks="ERR-005")
class OddTracesDropped(Connection):
    """A message whose trace cannot be read is dropped."""

    async def _process_msg(
        self, sid: int, subject: bytes, reply: bytes, data: bytes, headers: Any
    ) -> None:
        if b"traceparent:" not in (headers or b"").lower() or traceparent(headers) is not None:
            await super()._process_msg(sid, subject, reply, data, headers)


@fault("headers-fail", breaks="ERR-005")
class HeadersFail(Actions):
    """An action whose trace cannot be read fails."""

    def receive(self, message: Incoming, row: str, user_id: str | None) -> None:
        if message.trace is not None and message.trace.startswith("ff"):
            raise ValueError
        super().receive(message, row, user_id)


@fault("fractions-are-null", breaks="ACTION-009")
class FractionsAreNull(Actions):
    """Copies are compared without numbers that are no integers."""

    def read(self, message: Incoming, row: str, session: Session, body: JsonObject) -> Action:
        return _compared_by(super().read(message, row, session, body), _whole)


@fault("single-precision", breaks="ACTION-009")
class SinglePrecision(Actions):
    """Copies are compared by numbers of single precision."""

    def read(self, message: Incoming, row: str, session: Session, body: JsonObject) -> Action:
        return _compared_by(super().read(message, row, session, body), _single)


@fault("numbers-of-32-bits", breaks="ACTION-009")
class NumbersOf32Bits(Actions):
    """Copies are compared by the last 32 bits of each integer."""

    def read(self, message: Incoming, row: str, session: Session, body: JsonObject) -> Action:
        return _compared_by(super().read(message, row, session, body), _of_32_bits)


def numbers(value: Any) -> Iterator[float]:
    """Return the numbers in a JSON value, at any depth."""
    if isinstance(value, dict):
        value = list(cast("JsonObject", value).values())
    if isinstance(value, list):
        for item in cast("list[Any]", value):
            yield from numbers(item)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield value


def _compared_by(action: Action, written: Callable[[float], Any]) -> Action:
    seen = [action.body.get("type"), _with(action.data, written), action.body.get("expect")]
    return replace(action, fingerprint=fingerprint(seen))


def _with(value: Any, written: Callable[[float], Any]) -> Any:
    if isinstance(value, dict):
        members = cast("JsonObject", value)
        return {name: _with(member, written) for name, member in members.items()}
    if isinstance(value, list):
        return [_with(item, written) for item in cast("list[Any]", value)]
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return written(value) if is_number else value


def _whole(number: float) -> Any:
    return number if isinstance(number, int) else None


def _single(number: float) -> Any:
    try:
        return struct.unpack("f", struct.pack("f", number))[0]
    except OverflowError:
        return number


def _of_32_bits(number: float) -> Any:
    return number % 2**32 if isinstance(number, int) else number
