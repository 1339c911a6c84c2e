"""A client of another make, behind an adapter as short as the guide says that one may be."""

from __future__ import annotations

from pathlib import Path

from tests.client.foreign.widget import token_of

MOST_LINES = 60


def test_its_adapter_is_short() -> None:
    text = (Path(__file__).parent / "foreign" / "adapter.py").read_text("utf-8")
    assert len(text.splitlines()) <= MOST_LINES


def test_ids_stand_in_subjects_as_tokens() -> None:
    assert token_of("Zoë.x") == "Zo=c3=ab=2ex"
