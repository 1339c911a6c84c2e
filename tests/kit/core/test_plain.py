"""What a console shows that holds ASCII only."""

from __future__ import annotations

import pytest

from omnisession_conformance.plain import ESCAPED, REPLACED


@pytest.mark.parametrize(
    ("text", "replaced", "escaped"),
    [
        ("PASS → FAIL", "PASS -> FAIL", "PASS -> FAIL"),
        ("→←", "-><-", "-><-"),
        ("5.3 s · 12 messages…", "5.3 s - 12 messages...", "5.3 s - 12 messages..."),
        ("ä→\N{GRINNING FACE}\ud800", "?->??", "\\xe4->\\U0001f600\\ud800"),
        ("plain", "plain", "plain"),
    ],
)
def test_signs_of_the_kit_have_a_form_in_ascii(text: str, replaced: str, escaped: str) -> None:
    assert text.encode("ascii", REPLACED).decode() == replaced
    assert text.encode("ascii", ESCAPED).decode() == escaped


def test_what_can_be_held_is_left_alone() -> None:
    assert "→ ä".encode("utf-8", REPLACED).decode() == "→ ä"
    assert "→ ä".encode("latin-1", REPLACED) == b"-> \xe4"


def test_nothing_but_characters_is_replaced() -> None:
    with pytest.raises(UnicodeDecodeError):
        b"\xff".decode("ascii", REPLACED)
