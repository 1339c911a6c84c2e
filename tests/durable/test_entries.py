"""Entries are read as they were written, and whatever is none is judged."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.durable.bench import SAY, act
from tests.simulation.durable.draw import WAYS
from tests.simulation.durable.poison import poison

from omnisession_durable.decoding import Newer, Poison, decode
from omnisession_durable.entries import (
    Beat,
    Conf,
    Decided,
    End,
    Entry,
    Limits,
    Nil,
    Open,
    Outcome,
    Own,
    Place,
    Signs,
    encode,
    lasts_s,
)

PLACE = Place(7, 3)
ENTRIES: tuple[Entry, ...] = (
    Conf(0, 1, Limits()),
    Own("i1", "i2", 12),
    Own("", "i2", 12),
    Beat("i1", 1_234, 99, speaks=True, digest="0" * 16),
    Decided(PLACE, Open("ann", "s1", {"kinds": ["chat"], "features": []})),
    Decided(PLACE, act(1)),
    Decided(PLACE, act(0, copy=True, outcome=Outcome(error={"code": 4092}))),
    Decided(PLACE, act(2, outcome=Outcome(), reads={"article/x": 4}, writes=(SAY, SAY))),
    Decided(PLACE, End("ann", "s1", "closed")),
    Decided(PLACE, Nil()),
    Signs(7, (("ann", "s1"), ("bob", "s2"))),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda one: type(getattr(one, "body", one)).__name__)
def test_an_entry_is_read_as_it_was_written(entry: Entry) -> None:
    assert decode(encode(entry)) == entry
    assert encode(entry).startswith(b'{"j":2,"t":"')


def test_what_the_journal_keeps_for_a_while_only() -> None:
    assert [lasts_s(encode(one)) for one in ENTRIES if lasts_s(encode(one))] == [60, 600]


def test_an_action_is_written_like_this() -> None:
    assert encode(Decided(PLACE, act(1))).decode() == (
        '{"j":2,"t":"act","p":0,"term":7,"n":3,"u":"ann","s":"s1","a":"a1","c":1,"y":"chat.send",'
        '"fp":"f","out":{"result":{"id":"m1"}},"reads":{},'
        '"writes":[{"op":"say","key":"chat","value":{},"by":"a1"}]}'
    )


@given(st.sampled_from(ENTRIES), st.data())
def test_an_entry_that_was_changed_anywhere_is_read_as_something(
    entry: Entry, data: st.DataObject
) -> None:
    told: dict[str, Any] = json.loads(encode(entry))
    name = data.draw(st.sampled_from(sorted(told)))
    if data.draw(st.booleans()):
        del told[name]
    else:
        told[name] = data.draw(JSON)
    found = decode(json.dumps(told).encode())
    assert found is not None
    if name in ("j", "t") and name not in told:
        assert isinstance(found, Poison)


@given(st.binary(max_size=40))
def test_bytes_are_poison(data: bytes) -> None:
    assert isinstance(decode(data), Poison)


@pytest.mark.parametrize("way", WAYS["poison"])
def test_what_a_journal_may_hold_is_poison_and_says_why(way: str) -> None:
    for number in range(5):
        found = decode(poison(way, 7, 3, number))
        assert isinstance(found, Poison)
        assert found.why


def test_a_later_format_is_no_poison() -> None:
    assert decode(b'{"j":3,"t":"unheard of"}') == Newer(3)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda one: type(getattr(one, "body", one)).__name__)
def test_entries_of_the_format_before_are_read(entry: Entry) -> None:
    assert decode(encode(entry).replace(b'{"j":2,', b'{"j":1,')) == entry
