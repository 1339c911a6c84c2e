"""Faults of the bytes of bodies: what a JSON parser reads, and what a lenient one lets pass.

Replays are made of the right bytes, and spoilt only when they are sent.
"""
# ruff: noqa: D102  an override means what it overrides

import re

from omnisession_faults.faults.registry import fault
from omnisession_reference.out import Out
from omnisession_reference.wire import JsonObject, encode


@fault("byte-order-mark", breaks="ENV-001")
class ByteOrderMark(Out):
    """Bodies begin with a byte order mark."""

    def post(self, subject: str, body: JsonObject) -> bytes:
        self._send(subject, b"\xef\xbb\xbf" + encode(body), self.trace)
        return encode(body)


@fault("member-twice", breaks="ENV-001")
class MemberTwice(Out):
    """Bodies have the member `v` twice."""

    def post(self, subject: str, body: JsonObject) -> bytes:
        self._send(subject, encode(body)[:-1] + b',"v":"1.0"}', self.trace)
        return encode(body)


@fault("answer-in-a-list", breaks="ENV-001")
class AnswerInAList(Out):
    """`session.closed` is in a list of one body."""

    def post(self, subject: str, body: JsonObject) -> bytes:
        listed = body["type"] == "session.closed"
        payload = b"[" + encode(body) + b"]" if listed else encode(body)
        self._send(subject, payload, self.trace)
        return encode(body)


@fault("time-with-exponent", breaks="ENV-004")
class TimeWithExponent(Out):
    """Times are written with an exponent, as in `1.7e12`."""

    def post(self, subject: str, body: JsonObject) -> bytes:
        plain = rb'"timestamp":(\d)(\d{12})\b'
        payload = re.sub(plain, rb'"timestamp":\1.\2e12', encode(body))
        self._send(subject, payload, self.trace)
        return encode(body)


@fault("seq-with-fraction", breaks="ENV-004")
class SeqWithFraction(Out):
    """Every `seq` is written with a fraction, as in `5.0`."""

    def post(self, subject: str, body: JsonObject) -> bytes:
        payload = re.sub(rb'"seq":(\d+)', rb'"seq":\1.0', encode(body))
        self._send(subject, payload, self.trace)
        return encode(body)


@fault("load-is-nan", breaks="ENV-004")
class LoadIsNan(Out):
    """Heartbeats have a member of the server's own that is NaN."""

    def post(self, subject: str, body: JsonObject) -> bytes:
        payload = encode(body)
        if body["type"] == "session.heartbeat":
            payload = payload[:-1] + b',"load":NaN}'
        self._send(subject, payload, self.trace)
        return encode(body)
