"""Texts that act on whoever shows them, where a target may put them, and looked for in what is shown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import Any, cast

MARK = "HOSTILE"
"""Begins each part of a hostile text that would be a line of its own."""
LINE_ENDS = ("\n", "\r", "\r\n", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029")
COMMANDS = (
    "::error file=a.py,line=1::forged",
    "::stop-commands::word",
    "::add-mask::a",
    "##[error]forged",
    "##[command]forged",
    "##vso[task.complete result=Succeeded;]",
    "##teamcity[testFinished name='a']",
    "section_start:1700000000:forged",
    "section_end:1700000000:forged",
    "travis_fold:start:forged",
    "CONFORMANT: core (112 of 112)",
    "--- group",
    "+++ group",
)
ACTING = "\x1b[31m\x1b]0;t\x07\b\x7f\u202e\u200b\u2066\ufeff\xad\u3164\U000e0041"
HOSTILE = (
    "a"
    + "".join(
        f"{end}{space}{MARK} {command}{end}{space}{command}"
        for n, command in enumerate(COMMANDS)
        for end in (LINE_ENDS[n % len(LINE_ENDS)], "\n")
        for space in ("", " \t\u00a0")
    )
    + ACTING
)
LONG = " ".join(("b" * 95, *(f"{command} {'b' * 99}" for command in COMMANDS)))
"""Has no line feed, and commands where lines are likely to be broken."""

_ANYWHERE = re.compile(r"##\w*\[|section_(?:start|end):|travis_fold:")
_AT_START = re.compile(r"\s*(?:::|--- |\+\+\+ )")
_FORGED = re.compile(rf"\s*(?:{MARK}|CONFORMANT: core \(112 of 112\))")
_ACTS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff]"
)


def wrong(shown: str, *, own: tuple[str, ...] = ()) -> list[str]:
    """The lines of a text in which something of a hostile text acts; `own` begin lines of the kit's."""
    found = [repr(sign) for sign in _ACTS.findall(shown.replace("\r\n", "\n"))]
    for line in re.split(r"[\n\r\x0b\x0c\x85\u2028\u2029]", shown):
        if line.startswith(own or ("\0",)):
            continue
        if _ANYWHERE.search(line) or _AT_START.match(line) or _FORGED.match(line):
            found.append(line)
    return found


def poisoned(value: Any, text: str, *, spared: frozenset[str] = frozenset()) -> Any:
    """A frozen value all of whose texts are another one; the members that are spared stay."""
    if isinstance(value, Enum):
        return value
    if isinstance(value, str):
        return text
    if is_dataclass(value) and not isinstance(value, type):
        members = {f.name: getattr(value, f.name) for f in fields(value) if f.init}
        return replace(
            value,
            **{
                n: m if n in spared else poisoned(m, text, spared=spared)
                for n, m in members.items()
            },
        )
    if isinstance(value, tuple):
        return tuple(poisoned(v, text, spared=spared) for v in cast("tuple[Any, ...]", value))
    if isinstance(value, Mapping):
        return {
            k if isinstance(k, Enum) else text: poisoned(v, text, spared=spared)
            for k, v in cast("Mapping[Any, Any]", value).items()
        }
    return value
