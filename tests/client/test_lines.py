"""Requests come as lines, however the bytes are cut."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from tests.schemas.contract import faults

from omnisession_client import lines, testee
from omnisession_client.lines import Lines, read

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.client.kit import Json


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
def test_lines_are_cut_at_line_feeds_alone(size: int) -> None:
    data = "one\ntwo\r\n\nth\x0bree\u2028\x85\n".encode() + b"four"
    reader, found = Lines(), list[bytes | None]()
    for at in range(0, len(data), size):
        found += reader.feed(data[at : at + size])
    assert found == [b"one", b"two\r", b"", "th\x0bree\u2028\x85".encode()]
    assert reader.feed(b"\n") == [b"four"]


def test_a_line_that_is_too_long_is_none_and_the_next_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lines, "LONGEST_LINE", 10)
    reader = Lines()
    assert reader.feed(b"0123456789\n") == [b"0123456789"]
    assert reader.feed(b"01234") == reader.feed(b"56789") == reader.feed(b"0") == []
    assert reader.feed(b"1\nnext\n") == [None, b"next"]


@pytest.mark.parametrize(
    ("line", "request_"),
    [
        (b'{"id": 1, "n": 5.0, "m": 1e3, "x": 0.5}', {"id": 1, "n": 5, "m": 1000, "x": 0.5}),
        (b"[]", None),
        (b"7", None),
        (b"\xff", None),
        (b"{" * 100_000, None),
    ],
)
def test_a_request_is_one_object(line: bytes, request_: Json | None) -> None:
    found = read(line)
    assert found == request_
    assert found is None or not isinstance(found["n"], float), "no client writes 5.0"


def answers(requests: Sequence[Json], *, acting: bool = True) -> list[Json]:
    async def ask() -> list[Json]:
        asked = testee.Testee(testee.Declared(("chat",), ("events",), acting))
        found = [await asked.answer(request) for request in requests]
        await asked.end()
        return found

    return asyncio.run(ask())


START: Json = {
    "id": 1,
    "do": "start",
    "session": "a",
    "url": "nats://127.0.0.1:9",
    "user_id": "ann",
    "token": None,
    "kinds": ["chat"],
    "features": [],
}


WRONG: list[Json] = [
    {"id": 1},
    {"id": 1, "do": "dance"},
    {"id": 1, "do": ["start"]},
    {"do": "hello"},
    {"id": 0, "do": "hello"},
    {"id": True, "do": "hello"},
    {"id": 1, "do": "report"},
    {"id": 1, "do": "report", "session": "b"},
    {"id": 1, "do": "stop", "session": ["b"]},
    START | {"kinds": []},
    START | {"kinds": ["url"]},
    START | {"kinds": [[]]},
    START | {"user_id": 7},
    START | {"token": 7},
    START | {"timers": {"answer_ms": "soon"}},
    {name: value for name, value in START.items() if name != "url"},
]


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_no_request_is_answered_by_an_error(wrong: Json) -> None:
    [answer] = answers([wrong])
    assert faults("answer", answer) == []
    assert "error" in answer


def test_a_session_has_its_name_alone_and_a_reader_sends_nothing() -> None:
    act: Json = {"id": 3, "do": "dispatch", "session": "a", "type": "chat.send", "data": {}}
    first, second, acted, reported = answers(
        [START, START, act, {"id": 4, "do": "report", "session": "a"}], acting=False
    )
    assert first == {"id": 1, "ok": {}}
    assert "error" in second
    assert "error" in acted
    assert faults("report_result", reported["ok"]) == []
    assert reported["ok"]["phase"] == "offline"
