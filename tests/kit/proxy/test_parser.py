"""Operations are the same whatever parts their bytes come in, and no byte of them is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnisession_conformance.environment.proxy.operations import (
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
    message,
    no_responders,
)
from omnisession_conformance.environment.proxy.parser import Parser, Sizes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from omnisession_conformance.environment.proxy.operations import Op

SMALL = Sizes(line=64, body=40)


def parsed(parts: Iterable[bytes], sizes: Sizes = SMALL) -> list[Op]:
    parser = Parser(sizes)
    ops = [op for part in parts for op in parser.feed(part)]
    return together(ops)


def together(ops: list[Op]) -> list[Op]:
    """With what cannot be read as one, whatever parts it was given in."""
    for at, op in enumerate(ops):
        if isinstance(op, Unreadable):
            assert all(isinstance(one, Unreadable) and one.why == op.why for one in ops[at:])
            return [*ops[:at], Unreadable(b"".join(one.raw for one in ops[at:]), op.why)]
    return ops


GAPS = st.text(" \t", min_size=1, max_size=3).map(str.encode)
MAYBE = st.text(" \t", max_size=2).map(str.encode)
ENDS = st.sampled_from([b"\r\n", b"\n"])
WORDS = st.binary(min_size=1, max_size=6).filter(lambda word: not set(word) & set(b" \t\r\n"))
BODIES = st.binary(max_size=30)


def in_any_case(verb: bytes) -> st.SearchStrategy[bytes]:
    return st.lists(st.booleans(), min_size=len(verb), max_size=len(verb)).map(
        lambda lower: bytes(
            ord(chr(one).lower() if low else chr(one)) for one, low in zip(verb, lower, strict=True)
        )
    )


@st.composite
def lines(draw: Any, verb: bytes, *words: bytes) -> bytes:
    parts = [draw(in_any_case(verb))]
    for word in words:
        parts += [draw(GAPS), word]
    return b"".join([*parts, draw(MAYBE), draw(ENDS)])


@st.composite
def written(draw: Any) -> tuple[bytes, Op]:
    """An operation as somebody may write it, and what it is."""
    make = draw(st.sampled_from([bare, spoken, carried, listens, leaves]))
    return make(draw)


def bare(draw: Any) -> tuple[bytes, Op]:
    verb, of = draw(st.sampled_from([(b"PING", Ping), (b"PONG", Pong), (b"+OK", Ok)]))
    raw = draw(lines(verb))
    return raw, of(raw)


def spoken(draw: Any) -> tuple[bytes, Op]:
    verb, text, of = draw(
        st.sampled_from(
            [
                (b"INFO", b'{"a": 1}', Info),
                (b"CONNECT", b'{"name":"b c"}', Connect),
                (b"-ERR", b"'No\ttrue \x0b'", Err),
            ]
        )
    )
    raw = draw(in_any_case(verb)) + draw(GAPS) + text + draw(ENDS)
    return raw, of(raw, text)


def listens(draw: Any) -> tuple[bytes, Op]:
    subject, sid = draw(WORDS), draw(WORDS)
    queue = draw(st.one_of(st.just(b""), WORDS))
    raw = draw(lines(b"SUB", *filter(None, (subject, queue, sid))))
    return raw, Sub(raw, subject, queue, sid)


def leaves(draw: Any) -> tuple[bytes, Op]:
    sid, most = draw(WORDS), draw(st.one_of(st.none(), st.integers(1, 99)))
    raw = draw(lines(b"UNSUB", sid, *([] if most is None else [b"%d" % most])))
    return raw, Unsub(raw, sid, most)


def carried(draw: Any) -> tuple[bytes, Op]:
    of_client = draw(st.booleans())
    subject, sid, payload = draw(WORDS), draw(WORDS), draw(BODIES)
    reply = draw(st.one_of(st.just(b""), WORDS))
    headers = draw(st.one_of(st.just(b""), BODIES.filter(bool)))
    payload = payload[: SMALL.body - len(headers)]
    sizes = [b"%d" % len(headers)] if headers else []
    words = [subject, *([] if of_client else [sid]), *filter(None, [reply]), *sizes]
    verb = (b"H" if headers else b"") + (b"PUB" if of_client else b"MSG")
    line = draw(lines(verb, *words, b"%d" % len(headers + payload)))
    raw = line + headers + payload + b"\r\n"
    if of_client:
        return raw, Pub(raw, subject, reply, len(line), len(headers))
    return raw, Msg(raw, subject, reply, len(line), len(headers), sid)


@st.composite
def parts(draw: Any, whole: bytes) -> list[bytes]:
    cuts = sorted(draw(st.sets(st.integers(0, len(whole)), max_size=12)))
    return [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]


@given(st.data())
def test_what_is_written_is_read_in_any_parts(data: Any) -> None:
    told = data.draw(st.lists(written(), max_size=6))
    whole = b"".join(raw for raw, _ in told)
    longest = Sizes(line=200, body=SMALL.body)
    assert parsed(data.draw(parts(whole)), longest) == [op for _, op in told]


NOISE = st.lists(
    st.one_of(
        written().map(lambda pair: pair[0]),
        written().map(lambda pair: pair[0][:-1]),
        st.binary(max_size=8),
        st.sampled_from(
            [b"PUB a 3\r\n", b"MSG a 1 999\r\n", b"PUB\n", b"SUB  \r\n", b"INFO\r\n", b"PINGS"]
        ),
    ),
    max_size=5,
).map(b"".join)


@given(st.data())
def test_what_is_no_protocol_is_told_alike_in_any_parts_and_not_lost(data: Any) -> None:
    whole = data.draw(NOISE)
    at_once, in_parts = Parser(SMALL), Parser(SMALL)
    ops = together(at_once.feed(whole))
    again = together([op for part in data.draw(parts(whole)) for op in in_parts.feed(part)])
    assert ops == again
    assert b"".join(op.raw for op in ops) + at_once.unread == whole
    assert at_once.unread == in_parts.unread


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (b"HELLO", "it begins as no operation does"),
        (b"\r\n", "it begins as no operation does"),
        (b"PUBX", "it begins as no operation does"),
        (b"PUB\r\n", "it begins as no operation does"),
        (b"PUB a\r\n", "its line has not as many words as it takes"),
        (b"PUB a b c 1\r\n", "its line has not as many words as it takes"),
        (b"HPUB a 1\r\n", "its line has not as many words as it takes"),
        (b"SUB a\n", "its line has not as many words as it takes"),
        (b"UNSUB a 1 2\n", "its line has not as many words as it takes"),
        (b"INFO \r\n", "its line has not as many words as it takes"),
        (b"PUB a -1\r\n", "it has a word where a number has to be"),
        (b"PUB a 0000000001\r\n", "it has a word where a number has to be"),
        (b"HPUB a 5 4\r\n", "its headers are larger than its body"),
        (b"PUB a 41\r\n", "its body is larger than 40 bytes"),
        (b"PUB a 1\r\nxx", "its body does not end where its line says"),
        (b"PUB a 1\r\nx\rx", "its body does not end where its line says"),
        (b"SUB " + b"a" * 62, "its line is longer than 64 bytes"),
        (b"SUB a " + b"b" * 62 + b"\r\n", "its line is longer than 64 bytes"),
    ],
)
def test_it_tells_at_once_why_it_reads_no_more(said: bytes, why: str) -> None:
    assert parsed([b"PING\r\n" + said, b"PONG\r\n"]) == [
        Ping(),
        Unreadable(said + b"PONG\r\n", why),
    ]


def test_a_body_is_not_read_as_lines() -> None:
    inner = b"PING\r\nINFO {}\r\n"
    assert parsed([b"PUB a %d\r\n%s\r\nPING\r\n" % (len(inner), inner)])[1:] == [Ping()]


def test_more_on_the_line_of_a_ping_is_no_matter() -> None:
    assert parsed([b"PINGS and more\r\n"]) == [Ping(b"PINGS and more\r\n")]


def test_json_may_follow_its_verb_at_once() -> None:
    assert parsed([b"connect{}\r\n"]) == [Connect(b"connect{}\r\n", b"{}")]


def test_what_the_proxy_writes_itself_is_read_as_it_was_meant() -> None:
    status = b"NATS/1.0 503\r\n\r\n"
    plain, asked = no_responders(b"_INBOX.a", b"7"), no_responders(b"_INBOX.a", b"7", b"b")
    whole = message(b"a", b"1", b"{}", reply=b"r") + plain
    first, second = parsed([whole])
    assert isinstance(first, Msg)
    assert isinstance(second, Msg)
    assert (first.subject, first.sid, first.reply, first.payload, first.headers) == (
        *(b"a", b"1", b"r", b"{}", b""),
    )
    assert (second.subject, second.sid, second.payload, second.headers) == (
        *(b"_INBOX.a", b"7", b"", status),
    )
    (third,) = parsed([asked], Sizes())
    assert isinstance(third, Msg)
    assert third.headers == b"NATS/1.0 503\r\nNats-Subject: b\r\n\r\n"
