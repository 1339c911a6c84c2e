from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st
from tests.kit.model.values import chat_slice, message

from omnisession_conformance.protocol.model.fold import Folder, RunningFold
from omnisession_conformance.protocol.position import Position
from omnisession_conformance.protocol.subjects import Address, Side
from omnisession_conformance.traffic.record import Party, Record

if TYPE_CHECKING:
    from omnisession_conformance.protocol.model.slices import Slice

LIMITS = {"chat_messages": 3}
Head = tuple[int, int]

heads = st.tuples(st.integers(1, 2), st.integers(1, 6))
"""Few enough to come twice, out of order, and in an epoch that is over."""
asked = st.tuples(st.integers(0, 12), st.none() | heads)
"""How many messages there were when somebody asked, and up to where."""


def record(n: int, body: dict[str, Any]) -> Record:
    return Record(
        n=n,
        t_ns=n,
        at_ms=n,
        subject="",
        reply="",
        headers={},
        data=b"",
        body=body,
        flaws=(),
        party=Party.TARGET,
        side=Side.SERVER,
        case=None,
        address=Address("state"),
    )


def stream(told: list[tuple[Head | None, bool]]) -> list[Record]:
    """States and events of the kind chat, each with a message of its own; some without a position."""
    records: list[Record] = []
    for n, (head, is_state) in enumerate(told):
        shown = message(f"m{n}")
        body: dict[str, Any] = {
            "type": "session.state" if is_state else "chat.message_added",
            "data": chat_slice(messages=[shown]) if is_state else {"message": shown},
        }
        if head is not None:
            body |= {"epoch": head[0], "seq": head[1], "last_action_seq": 0}
        records.append(record(n, body))
    return records


def from_the_start(records: list[Record], upto: Head | None) -> dict[str, Slice]:
    folder = Folder(LIMITS)
    for one in records:
        position = Position.of(one.body)
        if upto is None or position is None or position.head <= upto:
            folder.take(one.body)
    return folder.slices


@given(
    st.lists(st.tuples(st.none() | heads, st.booleans()), max_size=12),
    st.lists(asked, min_size=1, max_size=6),
)
def test_it_is_the_fold_from_the_start_however_often_and_for_what_it_is_asked(
    told: list[tuple[Head | None, bool]], asks: list[tuple[int, Head | None]]
) -> None:
    records, running = stream(told), RunningFold()
    for count, upto in sorted(asks, key=lambda ask: ask[0]):
        there = records[:count]
        assert running.fold(there, upto=upto, limits=LIMITS) == from_the_start(there, upto)


def test_other_limits_begin_it_anew() -> None:
    records = stream([((1, seq), False) for seq in range(1, 5)])
    running = RunningFold()
    of_three = running.fold(records, limits=LIMITS)["chat"]["messages"]
    of_two = running.fold(records, limits={"chat_messages": 2})["chat"]["messages"]
    assert [len(of_three), len(of_two)] == [3, 2]
