"""What of a report is compared with what was served."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from omnisession_conformance.protocol.model.slices import empty_slice
from omnisession_conformance.protocol.position import Position
from omnisession_conformance.roles.client.compare import differences
from omnisession_conformance.roles.client.testee.messages import Report

if TYPE_CHECKING:
    from omnisession_conformance.protocol.kinds.parts import Slice

HEAD = Position(1, 4, 2)
MESSAGE = {"id": "m", "user_id": "u", "content": "x", "sent_at": 1, "edited_at": None}


@dataclass
class Served:
    position: Position = HEAD
    slices: dict[str, Slice] = field(
        default_factory=lambda: {"chat": {**empty_slice("chat"), "messages": [MESSAGE]}}
    )


def unlike(position: Position | None = HEAD, **slices: Any) -> list[str]:
    held = {**Served().slices, **slices}
    kept = {kind: slice_ for kind, slice_ in held.items() if slice_ is not None}
    return [str(one) for one in differences(Report(position=position, slices=kept), Served())]


def chat(**more: Any) -> Slice:
    return {**Served().slices["chat"], **more}


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({}, []),
        ({"chat": chat(more=1, messages=[{**MESSAGE, "unknown": 1}])}, []),
        (
            {"chat": chat(messages=[{**MESSAGE, "content": "y"}])},
            ["slices/chat/messages/0/content: expected 'x', seen 'y'"],
        ),
        (
            {"chat": chat(messages=[])},
            [f"slices/chat/messages/0: expected {MESSAGE!r}, seen absent"],
        ),
        (
            {"chat": {"type": "chat"}},
            [f"slices/chat/messages: expected {[MESSAGE]!r}, seen absent"],
        ),
        ({"chat": None}, ["slices/chat: expected a slice, seen none"]),
        ({"url": empty_slice("url")}, ["slices/url: expected none, seen a slice"]),
        (
            {"position": Position(1, 3, 2)},
            ["position: expected 1:4 (last action 2), seen 1:3 (last action 2)"],
        ),
        (
            {"position": Position(1, 4, 1)},
            ["position: expected 1:4 (last action 2), seen 1:4 (last action 1)"],
        ),
        ({"position": None}, ["position: expected 1:4 (last action 2), seen None"]),
    ],
)
def test_only_what_the_protocol_names_is_compared(
    told: dict[str, Any], expected: list[str]
) -> None:
    assert unlike(**told) == expected
