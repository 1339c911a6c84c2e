from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from omnisession_reference.buffer import MAX_BYTES, MAX_MESSAGES, ROOM, ResumeBuffer
from omnisession_reference.protocol import LIMITS

if TYPE_CHECKING:
    import pytest


def filled(count: int, payload: bytes = b"{}") -> ResumeBuffer:
    buffer = ResumeBuffer()
    for seq in range(1, count + 1):
        buffer.append(seq, payload if payload != b"{}" else b'{"seq":%d}' % seq)
    return buffer


def test_returns_exactly_what_came_after() -> None:
    buffer = filled(3)
    assert buffer.after(0) == [b'{"seq":1}', b'{"seq":2}', b'{"seq":3}']
    assert buffer.after(2) == [b'{"seq":3}']
    assert buffer.after(2) == [b'{"seq":3}'], "a resume takes nothing out"
    assert buffer.after(3) == []


def test_knows_what_it_let_go() -> None:
    buffer = filled(MAX_MESSAGES + 2)
    assert buffer.after(1) is None
    assert len(buffer.after(2) or []) == MAX_MESSAGES
    assert ResumeBuffer().after(0) is None


def test_is_bounded_in_bytes() -> None:
    buffer = filled(4, b"x" * (MAX_BYTES // 2))
    assert buffer.after(1) is None
    assert len(buffer.after(2) or []) == 2
    assert filled(1, b"x" * (MAX_BYTES + 1)).after(0) is None


def test_gives_no_more_than_an_answer_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(LIMITS, "state", ROOM + 100)
    buffer = filled(3, b"x" * 40)
    assert len(buffer.after(1) or []) == 2
    assert buffer.after(0) is None
