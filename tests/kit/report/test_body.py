from __future__ import annotations

import json
import re

from hypothesis import given
from hypothesis import strategies as st

from omnisession_conformance.report.body import WIDTH, body_lines

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=30,
)


def marked(text: str, pointer: str) -> list[str]:
    return [line.text.strip() for line in body_lines(text, pointer) if line.marked]


def test_short_members_stay_on_one_line() -> None:
    text = json.dumps({"position": {"epoch": 1, "seq": 2}, "note": "x" * WIDTH, "list": []})
    assert [line.text for line in body_lines(text)] == [
        "{",
        '  "position": {"epoch": 1, "seq": 2},',
        f'  "note": "{"x" * WIDTH}",',
        '  "list": []',
        "}",
    ]


def test_what_is_pointed_to_is_marked() -> None:
    text = '{"data":{"a/b":[1,{"x~":2}],"c":3}}'
    assert marked(text, "/data/c") == ['"c": 3']
    assert marked(text, "/data/a~1b/1/x~0") == ['"x~": 2']
    assert marked(text, "/data/a~1b/0") == ["1,"]
    assert marked(text, "/data/nothing") == []
    assert marked(text, "") == []


def test_what_a_decoder_would_hide_is_kept() -> None:
    text = '{"a":5.0,"a":"\\u0041","b":1e2}'
    assert body_lines(text)[0].text == '{"a": 5.0, "a": "\\u0041", "b": 1e2}'


def test_what_is_no_json_is_shown_as_it_is() -> None:
    assert [x.text for x in body_lines('{"a": [1, … (3 more)')] == ['{"a": [1, … (3 more)']
    assert [x.text for x in body_lines("panic:\nnil")] == ["panic:", "nil"]
    assert [x.text for x in body_lines("")] == [""]


def test_depth_breaks_nothing() -> None:
    deep = "[" * 990 + "]" * 990
    assert "".join(x.text.strip() for x in body_lines(deep)) == deep


@given(VALUES, st.booleans())
def test_only_spaces_are_changed(value: object, ascii_only: bool) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only)
    laid_out = "".join(line.text for line in body_lines(text, "/0"))
    assert re.sub(r"\s", "", laid_out) == re.sub(r"\s", "", text)
    assert json.loads(laid_out) == value
