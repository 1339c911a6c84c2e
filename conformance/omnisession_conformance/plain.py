"""Signs of the kit's own for a console that can hold ASCII only: `->`, where `?` would stand."""

from __future__ import annotations

import codecs

REPLACED = "omnisession-replace"
"""Name of the error handler that shows all other characters as `?`."""
ESCAPED = "omnisession-escape"
"""Name of the error handler that shows all other characters as escapes."""
_SIGNS = {
    "→": "->",
    "←": "<-",
    "·": "-",
    "…": "...",
    "±": "+-",
    "━": "=",
    "╌": "-",
}


def _replaced(error: UnicodeError) -> tuple[str, int]:
    part, end = _failed(error)
    return "".join(_SIGNS.get(sign, "?") for sign in part), end


def _escaped(error: UnicodeError) -> tuple[str, int]:
    part, end = _failed(error)
    return "".join(_SIGNS.get(sign) or _escape(sign) for sign in part), end


def _escape(sign: str) -> str:
    return sign.encode("ascii", "backslashreplace").decode()


def _failed(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return error.object[error.start : error.end], error.end


codecs.register_error(REPLACED, _replaced)
codecs.register_error(ESCAPED, _escaped)
