"""The strict decoder: every flaw of a text is found, and nothing makes it raise."""

from __future__ import annotations

import base64
import json
from operator import itemgetter
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from omnisession_conformance.protocol.schemas import MAX_SAFE_INTEGER, Flaw, decode, schemas_folder


def raw_vectors(verdict: str) -> list[dict[str, str]]:
    return json.loads((schemas_folder() / "vectors" / verdict / "raw.json").read_text("utf-8"))


def test_flawed_text() -> None:
    for vector in raw_vectors("invalid"):
        found = decode(base64.b64decode(vector["base64"])).flaws
        named = {(flaw.requirement, flaw.pointer) for flaw in found}
        assert (vector["requirement"], vector["pointer"]) in named, vector["name"]


@pytest.mark.parametrize("vector", raw_vectors("valid"), ids=itemgetter("name"))
def test_unusual_but_right_text(vector: dict[str, str]) -> None:
    data = base64.b64decode(vector["base64"])
    decoded = decode(data)
    assert decoded.flaws == ()
    assert decoded.body == json.loads(data)


def test_all_flaws_of_a_body_are_named_and_the_rest_is_kept() -> None:
    decoded = decode(b'{"a":1,"seq":5.0,"a":2,"b":[NaN,"\\ud800"],"c":12345678901234567890}')
    assert decoded.flaws == (
        Flaw("ENV-004", "/seq", "the number 5.0 has a fraction or an exponent"),
        Flaw("ENV-001", "/a", "the member stands here more than once"),
        Flaw("ENV-004", "/b/0", "NaN is no JSON number"),
        Flaw("ENV-001", "/b/1", "half of a surrogate pair, which is no Unicode text"),
        Flaw("ENV-004", "/c", "the integer 12345678901234567890 is beyond ±(2^53-1)"),
    )
    assert decoded.body is not None
    assert decoded.body["a"] == 2
    assert decoded.body["seq"] == 5
    assert type(decoded.body["seq"]) is int
    assert decoded.body["b"][1] == "\ufffd"


def test_a_number_that_is_no_integer_is_left_to_the_schemas() -> None:
    decoded = decode(b'{"a":0.5,"b":[-2.5e-1],"c":1.5e3}')
    assert decoded.body == {"a": 0.5, "b": [-0.25], "c": 1500}
    assert [flaw.pointer for flaw in decoded.flaws] == ["/c"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "the body is empty, not a JSON object"),
        (b"[]", "the body is a list, not an object"),
        (b"1.5", "the body is a number, not an object"),
        (b"null", "the body is null, not an object"),
        (b"{}{}", "more text follows the first JSON value, at character 2"),
        (b'{"a":' * 9000, "the body is nested too deep to be read"),
        (b'{"a":' * 900 + b"1.0" + b"}" * 900, "the body is nested too deep to be read"),
    ],
)
def test_what_is_no_object_has_no_body(data: bytes, message: str) -> None:
    decoded = decode(data)
    assert decoded.body is None
    assert [flaw.message for flaw in decoded.flaws] == [message]


@given(st.binary(max_size=200))
@example(b'{"a":' + b"[" * 100_000)
def test_no_bytes_make_it_raise(data: bytes) -> None:
    decoded = decode(data)
    assert decoded.flaws or decoded.body is not None


@given(st.text(st.sampled_from('{}[]",:\\ud8abN-+.eE0123 \x00é'), max_size=40))
def test_what_it_takes_the_standard_library_takes(text: str) -> None:
    decoded = decode(text.encode())
    if not decoded.flaws:
        assert decoded.body == json.loads(text)


TEXT = st.text(st.characters(codec="utf-8"), max_size=8)
SAFE = st.recursive(
    st.none() | st.booleans() | st.integers(-MAX_SAFE_INTEGER, MAX_SAFE_INTEGER) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(TEXT, SAFE, max_size=4), st.booleans())
def test_it_takes_whatever_a_right_sender_writes(body: dict[str, Any], ascii_only: bool) -> None:
    decoded = decode(json.dumps(body, ensure_ascii=ascii_only).encode())
    assert decoded.body == body
    assert decoded.flaws == ()
