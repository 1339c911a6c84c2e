"""Texts looked for in many messages."""

from __future__ import annotations

import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnisession_conformance.roles.server.reading.needles import BATCH, FEW, Needles

IDS = [
    b"k7tag-00000001",
    b"k7tag-00000002",
    b"k7tag-0000000f",
    b"k7tag-00000abc",
    b"k7tag-000d0d0d",
]
MIXED = [b"https://example.org/a", b"https://example.org/abc"]

parts = st.sampled_from([*IDS, *MIXED, b"k7tag-0000000", b"k7tag-", b"1", b"", b'","', b"abc"])
messages = st.lists(st.lists(parts, max_size=4).map(b"".join), max_size=8)


def test_it_says_in_which_message_what_stands_as_often_as_it_does() -> None:
    told = [b"", b'"' + IDS[0] + b'"', b"nothing", IDS[1] + b" " + IDS[1] + b" " + IDS[0]]
    needles = Needles(IDS)
    assert needles.found_in(told) == {1: [IDS[0]], 3: [IDS[1], IDS[1], IDS[0]]}
    assert needles.any_of(told) == {IDS[0], IDS[1]}


def test_nothing_is_found_across_two_messages() -> None:
    needles = Needles(IDS)
    assert needles.found_in([IDS[0][:9], IDS[0][9:]]) == {}
    assert needles.any_of([IDS[0][:9], IDS[0][9:]]) == set()


def test_messages_of_many_batches_keep_their_numbers() -> None:
    told = [b"x" * (n % 7) for n in range(3 * BATCH)]
    last = len(told) - 1
    for n in (0, BATCH - 1, BATCH, last):
        told[n] += IDS[2]
    assert Needles(IDS).found_in(told) == {n: [IDS[2]] for n in (0, BATCH - 1, BATCH, last)}


def test_short_texts_are_left_out_and_all_others_are_looked_for() -> None:
    unlike = [bytes(secrets.token_urlsafe(8 + n % 40), "ascii") for n in range(500)]
    needles = Needles([b"short", *IDS, *unlike])
    assert needles.any_of([b"short", b'{"x":"' + unlike[7] + b'"}', IDS[0]]) == {unlike[7], IDS[0]}
    told = [b'{"id":"%b","n":1}' % text for text in unlike]
    assert needles.found_in(told) == {n: [text] for n, text in enumerate(unlike)}


@pytest.mark.parametrize(
    "around", ["%s", "x%s", "%sx", "a.%s.b", "/%s/", "e-%s-1", "_%s_", "ä%s", "%s%s"]
)
def test_a_text_is_found_whatever_stands_at_one_end_of_it(around: str) -> None:
    for text in (
        "k7tag-00000abc",
        "two words k7tag-0000000f",
        "\u00e9\u00e9\u00e9\u00e9\u00e9",
        '"https://a.b/c d"',
    ):
        needles = Needles([text.encode()])
        data = around.replace("%s", text).encode()
        assert needles.any_of([b"nothing", data]) == {text.encode()}, data
        assert needles.found_in([b"nothing", data]) == {1: [text.encode()] * around.count("%s")}


def test_what_stands_where_a_word_begins_is_not_looked_for_before_the_message() -> None:
    needles = Needles([b"two words k7tag-0000000f"])
    assert needles.any_of([b"k7tag-0000000f", b"words k7tag-0000000f"]) == set()


@given(messages)
def test_a_batch_is_searched_as_its_messages_are(told: list[bytes]) -> None:
    needles = Needles([*IDS, *MIXED])
    found = needles.found_in(told)
    alone = {n: needles.found_in([one]).get(0) for n, one in enumerate(told)}
    assert found == {n: texts for n, texts in alone.items() if texts}
    assert needles.any_of(told) == {text for texts in found.values() for text in texts}
    for n, texts in found.items():
        assert all(text in told[n] for text in texts)


@pytest.mark.parametrize("many", [1, FEW, FEW + 1])
def test_texts_that_begin_in_many_ways_are_found_as_few_are(many: int) -> None:
    texts = [b"%02d-beginning" % n for n in range(many)]
    told = [b"nothing", b'[{"x":"' + texts[-1] + b'"},{"x":"' + texts[0] + b'"},{"x":1}]', b""]
    assert Needles(texts).found_in(told) == {1: [texts[-1], texts[0]]}
    assert Needles(texts).any_of(told) == {texts[-1], texts[0]}


def test_a_text_may_go_from_one_entry_of_a_list_to_the_next() -> None:
    text = b'is-the-first"},{"the-second'
    assert Needles([text, IDS[0]]).any_of([b'[{"x":"' + text + b'"}]']) == {text}
