"""Reads what client and broker say, in either direction, from bytes that may be cut anywhere.

Nothing is lost or written anew: the bytes of all operations, in their order, are the bytes that came. Lines
are read as nats-server reads them: verbs in any case, words between any number of spaces and tabs, a line
that ends with LF alone, and more on the line of a PING, which it does not look at.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from omnisession_conformance.environment.proxy.operations import (
    LINE_END,
    Connect,
    Err,
    Info,
    Msg,
    Ok,
    Ping,
    Pong,
    Pub,
    Sub,
    Unreadable,
    Unsub,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from omnisession_conformance.environment.proxy.operations import Op

_ALONE = rb"(PING|PONG|\+OK)"
_WORDS = rb"(PUB|HPUB|MSG|HMSG|SUB|UNSUB|-ERR)[ \t]"
_JSON = rb"(INFO|CONNECT)"
_LINE = re.compile(rb"(?i:" + _WORDS + rb"+|" + _ALONE + rb"|" + _JSON + rb"[ \t]*)([^\n]*)\n")
_BEGUN = re.compile(rb"(?i:" + _ALONE + rb"|" + _WORDS + rb"|" + _JSON + rb")")
_VERBS = tuple(b"PING PONG +OK -ERR INFO CONNECT PUB HPUB MSG HMSG SUB UNSUB".split())
_LONGEST_VERB = max(map(len, _VERBS))
_SIZE_DIGITS = 9
"""As nats-server has it."""
_CR = LINE_END[:1]


@dataclass(frozen=True, slots=True)
class Sizes:
    """The largest line and body that are waited for; what is larger is not kept, see `Unreadable`."""

    line: int = 1 << 18
    body: int = 1 << 26


SIZES = Sizes()


class _BadError(ValueError):
    """Why bytes are no operation."""


class Parser:
    """Makes operations of what one side of one connection says."""

    def __init__(self, sizes: Sizes = SIZES) -> None:
        self._sizes = sizes
        self._parts: list[bytes] = []
        self._have = 0
        self._need = 0
        self._broken = ""

    @property
    def unread(self) -> bytes:
        """The beginning of an operation whose end has not come."""
        return b"".join(self._parts)

    def feed(self, data: bytes) -> list[Op]:
        """Take bytes in, and give every operation that they complete."""
        if self._broken:
            return [Unreadable(data, self._broken)] if data else []
        self._parts.append(data)
        self._have += len(data)
        if self._have < self._need:
            return []
        whole = b"".join(self._parts)
        ops: list[Op] = []
        at = self._read(whole, ops)
        self._parts = [whole[at:]] if at < len(whole) else []
        self._have = len(whole) - at
        return ops

    def _read(self, whole: bytes, ops: list[Op]) -> int:
        """Add the operations that are whole, and tell where what is left begins."""
        at = 0
        try:
            while at < len(whole):
                op = self._next(whole, at)
                if op is None:
                    return at
                ops.append(op)
                at += len(op.raw)
        except _BadError as error:
            self._broken = str(error)
            ops.append(Unreadable(whole[at:], self._broken))
            at = len(whole)
        self._need = 0
        return at

    def _next(self, whole: bytes, at: int) -> Op | None:
        """The operation that begins at a place, or None where its end has not come."""
        line = _LINE.match(whole, at)
        if line is None:
            self._check_beginning(whole, at)
            self._need = len(whole) - at + 1
            return None
        if line.end() - at > self._sizes.line:
            raise _BadError(f"its line is longer than {self._sizes.line} bytes")
        words, alone, json, rest = line.groups()
        if words is None:
            return _plain(whole[at : line.end()], (alone or json).upper(), rest.removesuffix(_CR))
        verb = words.upper()
        if verb == b"-ERR":
            return Err(whole[at : line.end()], rest.removesuffix(_CR))
        parts = _split(rest)
        if verb in _OF_LINES:
            return _OF_LINES[verb](whole[at : line.end()], parts)
        return self._message(verb, parts, whole, at, line.end())

    def _check_beginning(self, whole: bytes, at: int) -> None:
        start = whole[at : at + _LONGEST_VERB + 1]
        begun = _BEGUN.match(start) or any(verb.startswith(start.upper()) for verb in _VERBS)
        if not begun or whole.find(b"\n", at) >= 0:
            raise _BadError("it begins as no operation does")
        if len(whole) - at > self._sizes.line:
            raise _BadError(f"its line is longer than {self._sizes.line} bytes")

    def _message(
        self, verb: bytes, words: list[bytes], whole: bytes, at: int, body_at: int
    ) -> Op | None:
        """An operation with a body, or None where not all of that has come."""
        fixed = _FIXED[verb]
        if len(words) not in (fixed, fixed + 1):
            raise _BadError("its line has not as many words as it takes")
        size = _number(words[-1])
        headers = _number(words[-2]) if verb in _WITH_HEADERS else 0
        if size > self._sizes.body:
            raise _BadError(f"its body is larger than {self._sizes.body} bytes")
        if headers > size:
            raise _BadError("its headers are larger than its body")
        end = body_at + size + len(LINE_END)
        if not LINE_END.startswith(whole[body_at + size : end]):
            raise _BadError("its body does not end where its line says")
        if len(whole) < end:
            # What stands behind the body is looked at as soon as it is there.
            self._need = (end if len(whole) > body_at + size else body_at + size + 1) - at
            return None
        raw = whole[at:end]
        of_client = verb in _OF_CLIENT
        place = 1 if of_client else 2
        reply = words[place] if len(words) > fixed else b""
        if of_client:
            return Pub(raw, words[0], reply, body_at - at, headers)
        return Msg(raw, words[0], reply, body_at - at, headers, words[1])


_OF_CLIENT = (b"PUB", b"HPUB")
_WITH_HEADERS = (b"HPUB", b"HMSG")
_FIXED = {b"PUB": 2, b"HPUB": 3, b"MSG": 3, b"HMSG": 4}
"""How many words each has; a reply subject is one more."""


def _split(rest: bytes) -> list[bytes]:
    words = rest.removesuffix(_CR).replace(b"\t", b" ").split(b" ")
    return [word for word in words if word] if b"" in words else words


def _number(word: bytes) -> int:
    if len(word) > _SIZE_DIGITS or not word.isdigit():
        raise _BadError("it has a word where a number has to be")
    return int(word)


def _plain(raw: bytes, verb: bytes, text: bytes) -> Op:
    if verb in _BARE:
        return _BARE[verb](raw)
    if not text:
        # A broker would take the line behind it for its text.
        raise _BadError("its line has not as many words as it takes")
    return Info(raw, text.rstrip(b" \t")) if verb == b"INFO" else Connect(raw, text.rstrip(b" \t"))


def _sub(raw: bytes, words: list[bytes]) -> Op:
    match words:
        case [subject, sid]:
            return Sub(raw, subject, b"", sid)
        case [subject, queue, sid]:
            return Sub(raw, subject, queue, sid)
        case _:
            raise _BadError("its line has not as many words as it takes")


def _unsub(raw: bytes, words: list[bytes]) -> Op:
    match words:
        case [sid]:
            return Unsub(raw, sid, None)
        case [sid, most] if most.isdigit() and len(most) <= _SIZE_DIGITS:
            return Unsub(raw, sid, int(most) or None)
        case [sid, _]:
            # A broker takes what is no number for no number.
            return Unsub(raw, sid, None)
        case _:
            raise _BadError("its line has not as many words as it takes")


_BARE: dict[bytes, Callable[[bytes], Op]] = {b"PING": Ping, b"PONG": Pong, b"+OK": Ok}
_OF_LINES: dict[bytes, Callable[[bytes, list[bytes]], Op]] = {b"SUB": _sub, b"UNSUB": _unsub}
