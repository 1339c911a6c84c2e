from __future__ import annotations

import hashlib
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from omnisession_conformance.protocol.model.digest import canonical, digest

SAFE = 2**53 - 1
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-SAFE, SAFE)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(json_values)
def test_the_quick_way_writes_the_same_bytes(value: Any) -> None:
    assert canonical(value) == rfc8785.dumps(value)


def test_a_known_digest() -> None:
    text = b'{"type":"url","urls":[]}'
    assert digest({"urls": [], "type": "url"}) == hashlib.sha256(text).hexdigest()


def test_names_beyond_the_basic_plane_stand_in_utf16_order() -> None:
    data = {"\uff5e": 1, "\U0001f600": 2}
    assert canonical(data) == '{"\U0001f600":2,"\uff5e":1}'.encode()


@pytest.mark.parametrize("value", [2**53, float("nan"), float("inf"), {"a": [-(2**53)]}])
def test_what_has_no_canonical_form_has_no_digest(value: Any) -> None:
    assert digest(value) is None
