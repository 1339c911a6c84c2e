from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.kit.report.samples import RECORDS, REDACTOR

from omnisession_conformance.report.messages import essence, nats_line, short_subject
from omnisession_conformance.report.page import Page
from omnisession_conformance.report.text import chop, grouped, one_line, plural, visible, wrap
from omnisession_conformance.report.words import first_sentence, id_ranges, name_ids, seconds
from omnisession_conformance.results import evidence


@given(st.text())
def test_nothing_that_is_shown_acts_on_a_terminal(text: str) -> None:
    shown = visible(text)
    # Cc: control characters; Cs: lone surrogates. Which others act depends on the terminal's Unicode.
    assert not {unicodedata.category(c) for c in shown if c != "\n"} & {"Cc", "Cs"}
    assert not set(shown) & set("\x1b\x07\x08\r\u202e\u200b")


@given(st.text(), st.integers(4, 40))
def test_wrapped_lines_have_their_width(text: str, width: int) -> None:
    assert all(len(row) <= width for row in wrap(text, width))
    assert len(one_line(text, width)) <= width
    assert len(chop(text, width, 3)) <= 3
    assert all(len(row) <= width for row in chop(text, width, 3))


def test_line_breaks_of_a_text_stay() -> None:
    assert wrap("a b\n\nc", 10) == ["a b", "|", "| c"]


def test_a_long_body_says_that_it_was_cut() -> None:
    assert chop("one two three four", 9, 1) == ["one two …"]
    assert chop("one\ntwo", 20, 1) == ["one\\ntwo"]


def test_no_line_of_a_page_ends_in_spaces() -> None:
    page = Page(20)
    page.line("a  ", ("b   ", "bold"))
    page.blank()
    page.blank()
    page.labelled("l", "one two three four", indent=2, gap=4)
    assert [x.plain for x in page.lines] == [
        "a  b",
        "",
        "  l   one two three",
        "      four",
    ]


@pytest.mark.parametrize(
    ("ids", "told"),
    [
        ([], ""),
        (["A-001"], "A-001"),
        (["A-001", "A-002"], "A-001, A-002"),
        (["A-001", "A-002", "A-003", "A-005"], "A-001 to A-003, A-005"),
        (["A-009", "B-010", "B-011", "B-012"], "A-009, B-010 to B-012"),
        (["odd", "A-x"], "odd, A-x"),
    ],
)
def test_ids_in_a_row_are_told_as_a_range(ids: list[str], told: str) -> None:
    assert id_ranges(ids) == told


def test_only_the_first_ids_are_named() -> None:
    assert name_ids(list("abcde")) == "a, b, c, d, e"
    assert name_ids(list("abcdef")) == "a, b, c, d and 2 more"


def test_numbers_and_times_read_well() -> None:
    assert (grouped(1_234_567), seconds(3_149)) == ("1 234 567", "3.1 s")
    assert (plural(1, "check"), plural(2_000, "check")) == ("1 check", "2 000 checks")


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("it broke; it said:\nmore", "it broke"),
        (
            "Cannot connect to nats://h:1: none. Start it, or not.",
            "Cannot connect to nats://h:1: none",
        ),
        ("the target 2.1 exited", "the target 2.1 exited"),
        ("it went silent. It said:\n", "it went silent"),
    ],
)
def test_a_headline_takes_the_first_sentence_of_a_reason(reason: str, told: str) -> None:
    assert first_sentence(reason) == told


def test_long_ids_of_a_subject_are_shown_by_both_ends() -> None:
    assert short_subject("session.abcdefghijkl.s1.state") == "session.abcd…ijkl.s1.state"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ('{"v":"1.0","type":"t","data":{"a":1},"seq":2}', '{"data": {"a": 1}, "seq": 2}'),
        ("[1]", "[1]"),
        ("nope", "nope"),
        ('{"v":"1.0","data":{"cut', '…"data":{"cut'),
    ],
)
def test_a_body_is_shown_without_its_envelope(body: str, told: str) -> None:
    assert essence(body) == told


def test_a_request_can_be_sent_by_hand() -> None:
    line = nats_line(evidence([1], RECORDS, redactor=REDACTOR, started_ns=0))
    assert line is not None
    command, subject, body = line.split(" ", 3)[1:]
    assert command == "req"
    assert subject.endswith(".control")
    assert json.loads(body.strip("'"))["data"]["auth"]["token"] == "[redacted]"


def test_a_message_that_was_cut_cannot_be_sent_by_hand() -> None:
    whole = evidence([0], RECORDS, redactor=REDACTOR, started_ns=0)
    assert nats_line([e for e in whole if e.party == "target"]) is None
