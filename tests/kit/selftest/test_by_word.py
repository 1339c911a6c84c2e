"""A server that only says that it is durable: what stands before it adds that, and no more."""

from __future__ import annotations

import json

import pytest

from omnisession_conformance.nulls.by_word import declaring, declaring_operation

OPENED = {"type": "session.opened", "data": {"profiles": ["core"], "expires_at": None}}


def test_what_a_session_is_opened_with_has_one_profile_more() -> None:
    told = json.loads(declaring(json.dumps(OPENED).encode()))
    assert told == {
        "type": "session.opened",
        "data": {"profiles": ["core", "durable"], "expires_at": None},
    }


@pytest.mark.parametrize("headers", [b"", b"NATS/1.0\r\ntraceparent: 00\r\n\r\n"])
def test_an_operation_says_how_long_it_has_become(headers: bytes) -> None:
    payload = json.dumps(OPENED).encode()
    verb = b"HPUB _INBOX.a %d " % len(headers) if headers else b"PUB _INBOX.a "
    line = verb + b"%d\r\n" % (len(headers) + len(payload))
    said = declaring_operation(line, headers + payload + b"\r\n")
    head, _, rest = said.partition(b"\r\n")
    assert head.startswith(verb)
    assert int(head.split()[-1]) == len(rest) - 2
    assert rest == headers + declaring(payload) + b"\r\n"


def test_all_else_is_handed_on_as_it_is() -> None:
    line, body = b"PUB _INBOX.a _R_.b 2\r\n", b"{}\r\n"
    assert declaring_operation(line, body) == line + body
