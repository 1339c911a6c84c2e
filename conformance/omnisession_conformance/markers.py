"""Words by which the log of a job commands the runner that reads it: no text of others has any.

GitHub takes `::name::` at the start of a line, whatever space is before it, and `##[name]` anywhere in
one; Azure the latter, also as `##vso[…]`, and TeamCity as `##teamcity[…]`. GitLab and Travis fold what
stands between `section_start:` and its like, Buildkite what begins with `---`.
"""

from __future__ import annotations

import re

_ANYWHERE = re.compile(
    r"#(?=#\w*\[)|(?<=section)_(?=(?:start|end):)|(?<=travis)_(?=(?:fold|time):)"
)
_AT_START = re.compile(r"^([^\S\n]*)(?:(:)(?=:)|([-+~^])(?=\3\3(?:\s|\Z)))", re.MULTILINE)


def disarmed(text: str) -> str:
    """A text in which one character of each such word is told as an escape."""
    return _AT_START.sub(_not_at_start, _ANYWHERE.sub(_escape, text))


def _escape(match: re.Match[str]) -> str:
    return f"\\x{ord(match.group()):02x}"


def _not_at_start(match: re.Match[str]) -> str:
    return f"{match.group(1)}\\x{ord(match.group(2) or match.group(3)):02x}"


def disarmed_json(text: str) -> str:
    """JSON that says the same, and has none of them; in JSON no text begins a line."""
    return _ANYWHERE.sub(lambda match: f"\\u{ord(match.group()):04x}", text)
