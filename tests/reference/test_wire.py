from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnisession_reference.wire import (
    MAX_DEPTH,
    WireError,
    decode,
    encode,
    fingerprint,
    size,
    tok,
    traceparent,
    untok,
)


@pytest.mark.parametrize(
    ("raw", "token"),
    [
        ("ann", "ann"),
        ("A-b_9", "A-b_9"),
        ("a.b", "a=2eb"),
        ("*", "=2a"),
        (">", "=3e"),
        ("$x y", "=24x=20y"),
        ("a=b", "a=3db"),
        ("Zoë", "Zo=c3=ab"),
        ("\U0001f600", "=f0=9f=98=80"),
    ],
)
def test_tokens_by_example(raw: str, token: str) -> None:
    assert tok(raw) == token
    assert untok(token, 96) == raw


@given(st.text(min_size=1).filter(lambda raw: len(tok(raw)) <= 96))
def test_every_id_comes_back_from_its_token(raw: str) -> None:
    assert untok(tok(raw), 96) == raw


@pytest.mark.parametrize(
    "token", ["", "=61", "=2E", "=zz", "=", "a=", "=c3", "=ff", "a b", "é", "%61", "a+b", "a\x0bb"]
)
def test_other_forms_are_refused(token: str) -> None:
    with pytest.raises(WireError):
        untok(token, 96)


def test_the_limit_counts_encoded_bytes() -> None:
    assert untok("a" * 64, 64)
    with pytest.raises(WireError):
        untok("a" * 65, 64)
    with pytest.raises(WireError):
        untok(tok("." * 22), 64)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"1",
        b"null",
        b"{} {}",
        b"\xef\xbb\xbf{}",
        b'{"a":"\xff"}',
        b'{"a":NaN}',
        b'{"a":-Infinity}',
        b'{"a":1e999}',
        b'{"a":1,"a":2}',
        rb'{"a":"\ud800"}',
        rb'{"a":"\uDC00x"}',
        b"[" * 10_000 + b"]" * 10_000,
        b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
        b'{"a":' * (MAX_DEPTH + 1) + b"1" + b"}" * (MAX_DEPTH + 1),
        b'{"a":' + b"9" * 5_000 + b"}",
        json.dumps({"a": 1}).encode("utf-16"),
    ],
)
def test_what_is_no_json_object_is_refused(data: bytes) -> None:
    with pytest.raises(WireError):
        decode(data)


def test_what_is_unusual_but_right_is_taken() -> None:
    assert decode(rb'{"a":"\ud83d\ude00 \\ud800"}') == {"a": "\U0001f600 \\ud800"}
    assert decode(b'{"a":5.0,"b":1e2,"c":1.5}') == {"a": 5, "b": 100, "c": 1.5}
    assert isinstance(decode(b'{"a":5.0}')["a"], int)
    deep = b'{"a":' * MAX_DEPTH + b"1" + b"}" * MAX_DEPTH
    assert decode(deep)
    assert len(decode(b'{"a":[' + b"[]," * 500 + b"[]]}")["a"]) == 501


def test_sizes_are_bytes_of_encoded_json() -> None:
    assert size("ab") == 4
    assert size("é") == 4
    assert size('"') == 4
    assert encode({"a": [1, None]}) == b'{"a":[1,null]}'


def test_fingerprints_are_of_values() -> None:
    assert fingerprint({"a": 1, "b": [2]}) == fingerprint({"b": [2], "a": 1})
    assert fingerprint({"a": 1}) != fingerprint({"a": True})
    assert fingerprint({"a": [1, 2]}) != fingerprint({"a": [2, 1]})


def test_only_a_well_formed_trace_is_copied() -> None:
    good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    assert traceparent(f"NATS/1.0\r\ntraceparent: {good}\r\n\r\n".encode()) == good
    assert traceparent(f"NATS/1.0\r\nA: b\r\nTraceparent:{good}\r\n\r\n".encode()) == good
    assert traceparent(b"NATS/1.0\r\ntraceparent: x\r\n\r\n") is None
    assert traceparent(b"\xff") is None
    assert traceparent(None) is None
