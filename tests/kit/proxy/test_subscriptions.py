"""Messages are counted for the subscription that they came to, whatever has become of it meanwhile."""

from __future__ import annotations

import pytest

from omnisession_conformance.environment.proxy.operations import message
from omnisession_conformance.environment.proxy.parser import Parser
from omnisession_conformance.environment.proxy.subscriptions import Subscriptions, covers


def after(*said: bytes) -> Subscriptions:
    subscriptions = Subscriptions()
    for op in Parser().feed(b"".join(said)):
        subscriptions.passed(op)
    return subscriptions


def to(sid: bytes) -> bytes:
    return message(b"a", sid)


def test_messages_are_counted_by_subscription() -> None:
    told = after(b"SUB a 1\r\nSUB a q 2\r\n", to(b"1"), to(b"2"), to(b"1"), to(b"3"))
    assert {sid: one.delivered for sid, one in told.by_sid.items()} == {b"1": 2, b"2": 1}
    assert told.by_sid[b"2"].queue == b"q"


def test_what_is_under_way_at_an_unsub_is_counted_and_it_is_over_all_the_same() -> None:
    told = after(b"SUB a 1\r\n", to(b"1"), b"UNSUB 1\r\n", to(b"1"))
    assert (told.by_sid[b"1"].delivered, told.by_sid[b"1"].over, told.live) == (2, True, ())


def test_an_unsub_may_name_how_many_messages_there_are_to_be() -> None:
    assert after(b"SUB a 1\r\nUNSUB 1 2\r\n", to(b"1")).live
    assert not after(b"SUB a 1\r\nUNSUB 1 2\r\n", to(b"1"), to(b"1")).live
    assert not after(b"SUB a 1\r\n", to(b"1"), b"UNSUB 1 1\r\n").live


def test_an_id_that_is_in_use_stays_what_it_is_and_may_be_used_again_later() -> None:
    told = after(b"SUB a 1\r\nSUB b 1\r\n", to(b"1"))
    assert (told.by_sid[b"1"].subject, told.by_sid[b"1"].delivered) == (b"a", 1)
    told = after(b"SUB a 1\r\n", to(b"1"), b"UNSUB 1\r\nSUB b 1\r\n")
    assert (told.by_sid[b"1"].subject, told.by_sid[b"1"].delivered) == (b"b", 0)


def test_an_unsub_of_nothing_is_nothing() -> None:
    assert after(b"UNSUB 1\r\n").by_sid == {}


def test_who_hears_a_subject() -> None:
    told = after(b"SUB _INBOX.x.* 1\r\nSUB a.> 2\r\nSUB _INBOX.x.y 3\r\nUNSUB 3\r\n")
    assert [one.sid for one in told.matching(b"_INBOX.x.y")] == [b"1"]


@pytest.mark.parametrize(
    ("pattern", "subject", "right"),
    [
        (b"a", b"a", True),
        (b"a", b"b", False),
        (b"a.*", b"a.b", True),
        (b"a.*", b"a", False),
        (b"a.*", b"a.b.c", False),
        (b"a.>", b"a.b.c", True),
        (b"a.>", b"a", False),
        (b">", b"a", True),
        (b"*.b", b"a.b", True),
        (b"*.b", b"a.c", False),
    ],
)
def test_patterns(pattern: bytes, subject: bytes, right: bool) -> None:
    assert covers(pattern, subject) is right
