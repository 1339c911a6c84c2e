"""Whatever a comparison overlooks, the vocabulary of the kit has a pair that differs in just that."""

from __future__ import annotations

from collections import Counter

import pytest

from omnisession_conformance.protocol.subjects import MAX_SESSION_BYTES, tok
from omnisession_conformance.protocol.vocabulary import near
from omnisession_conformance.protocol.vocabulary.addresses import addresses
from omnisession_conformance.protocol.vocabulary.bodies import VALUE, differing
from omnisession_conformance.protocol.vocabulary.lookups import misspelt
from omnisession_conformance.protocol.vocabulary.words import FEW, WORDS
from omnisession_faults.coarse import COARSE, Fold

STEM, DIGITS = "act-7f3e0b9c2d", "73000000000001"
LONGEST = "0123456789abcdef" * 8


def taken_for_one(fold: Fold, values: dict[str, str]) -> list[str]:
    """Texts that a comparison takes for one of the others."""
    left = Counter(map(fold, values))
    return [text for text in values if left[fold(text)] > 1]


@pytest.mark.parametrize("name", COARSE)
def test_ids_of_actions_show_each_comparison(name: str) -> None:
    values = {**near.around(STEM), **near.numbers(DIGITS), **near.lengths(LONGEST)}
    assert taken_for_one(COARSE[name].fold, values)


@pytest.mark.parametrize("name", sorted({*COARSE} - {"number", "32-bits", "checksum", "zeros"}))
def test_a_few_ids_show_most(name: str) -> None:
    values = {**near.ids(STEM), **near.lengths(LONGEST[:MAX_SESSION_BYTES])}
    found = taken_for_one(COARSE[name].fold, values)
    assert found or name in ("compatibility", "space-within", "latin", "width")


def test_every_value_is_another() -> None:
    for values in (near.around(STEM), near.ids(STEM), near.numbers(DIGITS), near.lengths(LONGEST)):
        assert len({*values}) == len(values) > 4
    assert len({*WORDS}) == len(WORDS)
    assert {*FEW} <= {*WORDS}
    assert STEM not in misspelt(STEM)


def test_ids_of_sessions_fit_into_their_tokens() -> None:
    stem = f"{'0123456789abcdef' * 2}-e"
    assert max(len(tok(id_)) for id_ in near.ids(stem)) <= MAX_SESSION_BYTES


def test_codes_are_such_as_every_server_takes() -> None:
    ends = [end for group in near.plain() for end in group.ends]
    assert {"a", "A", "u_v", "u-v", "07"} & {*ends, "07"}
    assert all({*end} <= near.PLAIN for end in ends)


def test_joined_pairs_are_one_text() -> None:
    for sign, (one, other), (first, second) in near.ambiguous("u", "s"):
        assert one + sign + other == first + sign + second
        assert (one, other) != (first, second)


def test_numbers_that_a_double_takes_for_one() -> None:
    assert len({float(text) for text in near.numbers(DIGITS) if text.isdigit()}) < len(
        [text for text in near.numbers(DIGITS) if text.isdigit()]
    )


def test_bodies_differ_in_one_place() -> None:
    values = differing()
    assert all(value != VALUE or repr(value) != repr(VALUE) for value in values.values())
    assert len({repr(value) for value in values.values()}) == len(values)


def test_addresses_have_their_mark_and_are_absolute() -> None:
    for what, text in addresses("page-1").items():
        assert "page-1" in text, what
        assert "{}" not in text
        assert text.lower().startswith(("http://", "https://")), what
