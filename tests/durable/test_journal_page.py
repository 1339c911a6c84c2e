"""The page of the journal shows entries that are ones, and one of each type."""

from __future__ import annotations

import re

from tests.docs.pages import DOCS, blocks, named, section

from omnisession_durable.decoding import Newer, Poison, decode
from omnisession_durable.entries import BEATS_LAST_S, FORMAT, SIGNS_LAST_S, encode, lasts_s
from omnisession_durable.stream import BEATS, CONFIG, ENTRIES, STREAM
from omnisession_reference.wire import decode as decode_json

PAGE = "contributing/journal.md"
TEXT = (DOCS / PAGE).read_text("utf-8")
LINES = [line.encode() for block in blocks(TEXT, "json") for line in block.splitlines()]


def test_each_entry_is_read_and_written_as_it_is_shown() -> None:
    assert LINES
    for line in LINES:
        entry = decode(line)
        assert not isinstance(entry, Poison | Newer), (line, entry)
        assert encode(entry) == line


def test_each_type_is_in_the_table_and_shown() -> None:
    shown = [decode_json(line)["t"] for line in LINES]
    types = [name for name in named(section(PAGE, "An entry")) if "." not in name]
    assert sorted(shown) == sorted(types)
    assert len(shown) == 8


def test_what_the_page_says_of_the_stream_is_so() -> None:
    told = section(PAGE, "The stream")
    assert {f"`{STREAM}`", f"`{ENTRIES}`", f"`{BEATS}`"} <= set(re.findall("`[^`]+`", told))
    assert {CONFIG["deny_delete"], CONFIG["deny_purge"]} == {True}
    assert CONFIG["max_age"] == 0
    assert f"a beat vanishes after {BEATS_LAST_S} s, a sign of life after {SIGNS_LAST_S} s" in told
    assert {lasts_s(line) for line in LINES} == {None, BEATS_LAST_S, SIGNS_LAST_S}
    assert all(f'{{"j":{FORMAT},'.encode() in line for line in LINES)
