"""Lines and messages of the contract, without a process."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.kit.clients.hellos import HELLO
from tests.schemas.contract import faults

from omnisession_conformance.protocol.position import Position
from omnisession_conformance.roles.client.errors import ContractError
from omnisession_conformance.roles.client.testee.lines import Lines, shown
from omnisession_conformance.roles.client.testee.messages import (
    Start,
    check_result,
    read_hello,
    read_report,
    written,
)
from omnisession_conformance.roles.client.testee.talk import Talk


@given(st.lists(st.binary(max_size=9).filter(lambda line: b"\n" not in line)), st.data())
def test_lines_are_the_same_wherever_bytes_are_cut(lines: list[bytes], data: st.DataObject) -> None:
    whole = b"".join(line + b"\n" for line in lines)
    reader, found, at = Lines(), list[bytes](), 0
    while at < len(whole):
        size = data.draw(st.integers(1, len(whole) - at))
        found += reader.feed(whole[at : at + size])
        at += size
    assert found == lines
    assert reader.unended == b""


def test_a_line_splits_at_line_feeds_alone() -> None:
    assert Lines().feed("a\r\x0b\u2028b\n".encode()) == ["a\r\x0b\u2028b".encode()]


def test_a_line_may_be_as_long_as_the_contract_says_and_no_longer() -> None:
    assert Lines(4).feed(b"1234\n5678\n") == [b"1234", b"5678"]
    reader = Lines(4)
    reader.feed(b"12")
    with pytest.raises(ContractError, match=r"a line of more than 4 bytes. It begins: 12345"):
        reader.feed(b"345")


def test_what_is_shown_of_a_line_is_one_line_and_short() -> None:
    assert shown(b"\x1b[31m\xff\r") == "\\x1b[31m\\xff\\r"
    assert len(shown(b"x" * 1_000)) == 200


def heard(*lines: str, requests: int = 2) -> str:
    """What is wrong with the last line, after some requests."""
    talk = Talk()
    for _ in range(requests):
        talk.ask("report", {"session": "s"})
    for line in lines[:-1]:
        talk.heard(line.encode())
    with pytest.raises(ContractError) as found:
        talk.heard(lines[-1].encode())
    return str(found.value)


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        (["ready"], "a line that is no JSON; standard output carries nothing but answers"),
        (["{" * 9_000], "no JSON"),
        ([""], "no JSON"),
        (["[]"], "a line that is no answer"),
        (['{"id": 1}'], "a line that is no answer"),
        (['{"id": "1", "ok": {}}'], "a line that is no answer: /id"),
        (['{"id": 1, "ok": {}, "error": "both"}'], "a line that is no answer"),
        (['{"id": 1, "error": ""}'], "a line that is no answer: /error"),
        (
            ['{"id": null, "error": "what?"}'],
            "takes a line of the kit for none of its requests: what?",
        ),
        (['{"id": 3, "ok": {}}'], "answers request 3, which nobody has made"),
        (['{"id": 1, "ok": {}}', '{"id": 1, "ok": {}}'], "has answered request 1 twice"),
        (['{"id": 2, "ok": {}}', '{"id": 2, "error": "x"}'], "has answered request 2 twice"),
    ],
)
def test_lines_that_break_the_contract(lines: list[str], sentence: str) -> None:
    assert sentence in heard(*lines)


@given(st.permutations(range(1, 6)))
def test_answers_may_come_in_any_order(order: list[int]) -> None:
    talk = Talk()
    assert [talk.ask("report", {}).id for _ in order] == [1, 2, 3, 4, 5]
    for number in order:
        line = json.dumps({"id": number, "ok": {"phase": str(number)}, "more": 1}).encode()
        assert talk.heard(line).result == {"phase": str(number)}
    assert talk.open == ()


def test_requests_are_ascii_lines_that_their_schema_takes() -> None:
    start = Start("s", "nats://127.0.0.1:1", "Zoë", ("chat",), ("events",), "t", "pure", {})
    requests: list[tuple[str, dict[str, Any]]] = [
        ("hello", {"contract": 1}),
        ("start", start.members),
        ("dispatch", {"session": "s", "type": "chat.send", "data": {"content": "\u2028"}}),
        ("report", {"session": "s", "want": ["phase"]}),
        ("stop", {"session": "s"}),
    ]
    for number, (do, members) in enumerate(requests, 1):
        line = written(number, do, members)
        assert line.isascii()
        assert line.count(b"\n") == 1
        assert faults("request", json.loads(line)) == []


def test_what_hello_leaves_out_has_the_meaning_of_the_page() -> None:
    hello = read_hello(HELLO)
    assert (hello.sessions, hello.reuse, hello.timers, hello.handled) == (1, True, False, False)
    assert (hello.actions, hello.transport, hello.modes) == (None, "tcp", ())
    assert read_hello({**HELLO, "actions": []}).actions == ()


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"contract": 2}, "wants version 2 of the contract; the kit has offered 1"),
        ({"contract": 0}, "answered hello with what is no result of it: /contract"),
        ({"profiles": ["core"]}, "answered hello with what is no result of it: /profiles"),
        ({"transport": "udp"}, "/transport"),
    ],
)
def test_hellos_that_the_kit_cannot_take(more: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ContractError) as found:
        read_hello({**HELLO, **more})
    assert sentence in str(found.value)


def test_a_report_has_what_was_told_and_none_for_the_rest() -> None:
    assert read_report({}).head == (0, 0)
    told = read_report(
        {
            "phase": "elsewhere",
            "position": {"epoch": 2, "seq": 3, "last_action_seq": 1},
            "handled": 4,
            "slices": {"chat": {"type": "chat", "more": 1}},
            "view": None,
            "refused": [{"action_id": "a", "reason": "given_up"}],
        }
    )
    assert (told.phase, told.position, told.head) == ("elsewhere", Position(2, 3, 1), (2, 3))
    assert (told.handled, told.view, told.pending) == (4, None, None)
    assert told.slices == {"chat": {"type": "chat", "more": 1}}
    with pytest.raises(
        ContractError, match="answered report with what is no result of it: /handled"
    ):
        read_report({"handled": -1})


def test_results_are_those_of_their_requests() -> None:
    check_result("dispatch", {"action_id": "a"})
    check_result("start", {})
    # A word that the page does not list is for cases to find.
    check_result("dispatch", {"refused": "did not feel like it"})
    with pytest.raises(
        ContractError, match="answered dispatch with what is no result of it: /refused"
    ):
        check_result("dispatch", {"refused": 7})
