"""Ids and their tokens."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnisession_conformance.protocol.schemas import schemas_folder
from omnisession_conformance.protocol.subjects import BadTokenError, tok, untok

VECTORS: dict[str, Any] = json.loads(
    (schemas_folder() / "vectors" / "tokens.json").read_text("utf-8")
)
IDS = st.text(st.characters(codec="utf-8"), min_size=1)


def test_pairs() -> None:
    for pair in VECTORS["pairs"]:
        assert tok(pair["id"]) == pair["token"]
        assert untok(pair["token"]) == pair["id"]


def is_refused(token: str) -> bool:
    try:
        untok(token)
    except BadTokenError:
        return True
    return False


def test_refused() -> None:
    taken = [one["token"] for one in VECTORS["refused"] if not is_refused(one["token"])]
    assert VECTORS["refused"]
    assert taken == []


def test_an_id_without_a_token_is_refused() -> None:
    with pytest.raises(BadTokenError, match="empty"):
        tok("")
    with pytest.raises(BadTokenError, match="no Unicode"):
        tok("\ud800")


@given(IDS)
def test_a_token_is_one_safe_token_and_comes_back(raw: str) -> None:
    token = tok(raw)
    assert re.fullmatch(r"(?:[A-Za-z0-9_-]|=[0-9a-f]{2})+", token)
    assert untok(token) == raw


@given(IDS, IDS)
def test_different_ids_have_different_tokens(one: str, other: str) -> None:
    assert (tok(one) == tok(other)) == (one == other)


@given(st.text(st.sampled_from("abAB2345ceE=.-_é\n"), max_size=12))
def test_what_decodes_is_what_its_id_encodes_to(token: str) -> None:
    try:
        raw = untok(token)
    except BadTokenError:
        return
    assert tok(raw) == token
