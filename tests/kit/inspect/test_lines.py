from __future__ import annotations

import json
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnisession_conformance.cli.line_numbers import line_of

TEXT = b"""{
  "a": 1,
  "b/c": [
    true,
    {"d": "x,]}\\"",
     "e~f": -1.5e3}
  ],
  "g": {
  }
}
"""


@pytest.mark.parametrize(
    ("pointer", "line"),
    [
        ("", 1),
        ("/a", 2),
        ("/b~1c", 3),
        ("/b~1c/0", 4),
        ("/b~1c/1/d", 5),
        ("/b~1c/1/e~0f", 6),
        ("/b~1c/2", 3),
        ("/b~1c/x", 3),
        ("/g", 8),
        ("/g/absent/deeper", 8),
        ("/absent", 1),
        ("/a/b", 2),
    ],
)
def test_a_pointer_has_its_line(pointer: str, line: int) -> None:
    assert line_of(TEXT, pointer) == line


@pytest.mark.parametrize(
    ("data", "line"),
    [(b"{\n\n nope", 3), (b"", 1), (b"\xff", 1), (b"[" * 100_000, 1), (b"\xef\xbb\xbf{}", 1)],
)
def test_a_text_that_is_no_json_has_a_line_too(data: bytes, line: int) -> None:
    assert line_of(data, "/a/b") == line


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda children: (
        st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=4), children, max_size=3)
    ),
    max_leaves=12,
)


@given(JSON)
def test_every_value_of_any_document_is_found(document: Any) -> None:
    # With this indent each member and each item begins a line of its own.
    text = json.dumps(document, indent=1)
    lines = text.split("\n")
    for pointer, value in _places("", document):
        shown = json.dumps(value, indent=1).split("\n")[0]
        assert lines[line_of(text.encode(), pointer) - 1].rstrip(",").endswith(shown)


def _places(pointer: str, value: Any) -> list[tuple[str, Any]]:
    found = [(pointer, value)]
    if isinstance(value, dict):
        members = cast("dict[str, Any]", value)
        for name, member in members.items():
            step = name.replace("~", "~0").replace("/", "~1")
            found += _places(f"{pointer}/{step}", member)
    elif isinstance(value, list):
        for number, item in enumerate(cast("list[Any]", value)):
            found += _places(f"{pointer}/{number}", item)
    return found
