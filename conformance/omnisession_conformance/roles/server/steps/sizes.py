"""Values of an exact size, as the protocol measures it."""

from __future__ import annotations

from typing import Any

from omnisession_conformance.protocol.model.digest import canonical


def size(value: Any) -> int:
    """Bytes of the RFC 8785 form, by which the protocol measures."""
    return len(canonical(value))


def text_of(fill: str, bytes_: int) -> str:
    """A string whose RFC 8785 form, quotes included, has exactly so many bytes."""
    each = size(fill) - 2
    count, rest = divmod(bytes_ - 2, each)
    return fill * count + "x" * rest
