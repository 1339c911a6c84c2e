"""Texts and values that some programs read as a version, and that are none."""

from __future__ import annotations

from typing import Any

NO_VERSIONS = (
    *("", "abc", "1", "v1.0", "1.0.0", "01.0", "1.00", " 1.0", "1.0 ", "1.0\n", "+1.0", "1.-0"),
    *("1,0", "1.", ".0", "1.0-rc", "1.x", "1.*", "\uff11.0", "1.\u0660", "1.0e0", "1.0\0", "0x1.0"),
)
"""Texts that are no versions, though each is near to one."""
NO_TEXTS: tuple[Any, ...] = (None, 1, 1.5, True, [], ["1.0"], {"major": 1, "minor": 0})
CLIENTS = (
    ("", ""),
    ("omni", "latest"),
    ("Ann's program", "1"),
    ("a" * 300, "0" * 300),
    ("\u6f22\u5b57 \U0001f600", "1.0.0-rc.1+build.7"),
    ("null", "undefined"),
    ("../../etc", "{{7*7}}"),
    ("curl", "1.2.3.4.5"),
    ("\n", "\t"),
    ("<b>", "2026-11-29"),
    ("__proto__", "constructor"),
)
"""Names and versions of programs, as programs have them or might."""
