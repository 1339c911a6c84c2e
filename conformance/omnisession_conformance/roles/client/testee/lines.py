"""Bytes of an adapter, split at line feeds alone. Knows no process."""

from __future__ import annotations

from omnisession_conformance.roles.client.errors import ContractError

LONGEST_LINE = 32 * 1_024 * 1_024
"""In bytes, its line feed not counted."""
SHOWN_BYTES = 200
"""How much of a line is shown that is no answer."""


class Lines:
    """Takes bytes that may be cut anywhere, and gives the lines that end in them."""

    def __init__(self, longest: int = LONGEST_LINE) -> None:
        self._longest = longest
        self._parts: list[bytes] = []
        self._size = 0

    def feed(self, data: bytes) -> list[bytes]:
        """Take bytes in; raises ContractError at the first byte too many of a line."""
        *ended, rest = data.split(b"\n")
        found: list[bytes] = []
        for part in ended:
            self._keep(part)
            found.append(b"".join(self._parts))
            self._parts.clear()
            self._size = 0
        self._keep(rest)
        return found

    @property
    def unended(self) -> bytes:
        """The beginning of a line whose end has not come."""
        return b"".join(self._parts)

    def _keep(self, part: bytes) -> None:
        self._size += len(part)
        if self._size > self._longest:
            begun = b"".join(self._parts) + part[:SHOWN_BYTES]
            raise ContractError(
                f"The adapter has written a line of more than {self._longest} bytes. "
                f"It begins: {shown(begun)}"
            )
        if part:
            self._parts.append(part)


def shown(line: bytes) -> str:
    """The beginning of a line as text for people, on one line."""
    text = line[:SHOWN_BYTES].decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
