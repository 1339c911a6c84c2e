"""Lengths of time on the command line."""

from __future__ import annotations

import re

from omnisession_conformance.errors import UsageError

UNITS = {"s": 1, "m": 60, "h": 3_600}


def seconds_of(text: str, option: str = "--generate") -> float:
    """A length of time such as `90s`, `10m` or `1h`; UsageError where it is none."""
    found = re.fullmatch(r"(\d{1,6}(?:\.\d{1,3})?)([smh])", text.strip())
    seconds = float(found[1]) * UNITS[found[2]] if found else 0.0
    if not seconds:
        raise UsageError(
            f"{option} takes a length of time such as 90s, 10m or 1h, and not '{text}'."
        )
    return seconds
