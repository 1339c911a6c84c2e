"""Finds the line of a text on which a JSON pointer points."""

from __future__ import annotations

import json
from typing import Any

# Numbers stay texts: Python refuses integers of thousands of digits.
_DECODER = json.JSONDecoder(parse_int=str, parse_float=str)
_BLANK = " \t\n\r"


def line_of(data: bytes, pointer: str) -> int:
    """The line, from 1, of the value that a pointer names, or of the nearest thing around it.

    For a member that is absent this is the line where its object begins; for a text that is no
    JSON, the line where reading stops.
    """
    text = data.decode("utf-8", "replace").removeprefix("\ufeff")
    steps = [_unescaped(step) for step in pointer.split("/")[1:]]
    try:
        # Read as a whole first: whatever is no JSON is told by the place where it ends to be.
        _DECODER.decode(text)
        at = _seek(text, _skip(text, 0), steps)
    except json.JSONDecodeError as error:
        at = error.pos
    except (ValueError, RecursionError):
        at = 0
    return text.count("\n", 0, at) + 1


def _unescaped(step: str) -> str:
    return step.replace("~1", "/").replace("~0", "~")


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in _BLANK:
        at += 1
    return at


def _seek(text: str, at: int, steps: list[str]) -> int:
    """Where the value of a pointer begins, from a value that begins at `at`."""
    for step in steps:
        inside = _member(text, at, step) if text[at] == "{" else _item(text, at, step)
        if inside is None:
            return at
        at = inside
    return at


def _member(text: str, at: int, name: str) -> int | None:
    at = _skip(text, at + 1)
    while text[at] == '"':
        found: Any
        found, end = _DECODER.raw_decode(text, at)
        at = _skip(text, _skip(text, end) + 1)
        if found == name:
            return at
        at = _next(text, at)
    return None


def _item(text: str, at: int, step: str) -> int | None:
    if text[at] != "[" or not step.isdigit():
        return None
    at = _skip(text, at + 1)
    for _ in range(int(step)):
        if text[at] == "]":
            return None
        at = _next(text, at)
    return None if text[at] == "]" else at


def _next(text: str, at: int) -> int:
    """Past a value and the comma behind it, if there is one."""
    end: int
    value: Any
    value, end = _DECODER.raw_decode(text, at)
    del value
    end = _skip(text, end)
    return _skip(text, end + 1) if text[end] == "," else end
