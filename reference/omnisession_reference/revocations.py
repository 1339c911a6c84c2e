"""Tokens that are taken back before their end: a file says which, and is read again when it has changed."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from omnisession_reference.keys import AccessError, words
from omnisession_reference.log import Log
from omnisession_reference.reread import Reread
from omnisession_reference.wire import JsonObject, WireError, decode

OPTION = "--revocations"
MAX_BYTES = 16 << 20
NEVER_S = 1e11
"""No time is that far away, in seconds; a double holds what is below."""


@dataclass(frozen=True, slots=True)
class Credential:
    """What a token may be taken back by: its `jti`, its user, and its `iat` in seconds."""

    user_id: str
    token_id: str | None = None
    issued_at: float | None = None


@dataclass(frozen=True, slots=True)
class Revoked:
    """What is taken back: tokens by their ids, and those of a user that were issued before a time."""

    ids: frozenset[str] = frozenset()
    before: Mapping[str, float] = field(default_factory=dict[str, float])

    def has(self, credential: Credential) -> bool:
        """Say whether a token is among them; one of such a user that tells no time is."""
        if credential.token_id is not None and credential.token_id in self.ids:
            return True
        before = self.before.get(credential.user_id)
        return before is not None and (
            credential.issued_at is None or credential.issued_at < before
        )


class Revocations:
    """A file of what is taken back; without one it is nothing."""

    def __init__(
        self, path: Path | None, log: Log | None = None, now: Callable[[], float] = time.monotonic
    ) -> None:
        """Read the file; raises AccessError for what no server can be started with."""
        files = () if path is None else (path,)
        self._revoked = Reread("revocations", files, _read, _told, log, now)

    def has(self, credential: Credential) -> bool:
        """Say whether a token was taken back, as the file has it now."""
        return self._revoked.value.has(credential)


def _read(files: Sequence[Path]) -> Revoked:
    return read_revoked(files[0]) if files else Revoked()


def _told(revoked: Revoked) -> JsonObject:
    return {"count": len(revoked.ids) + len(revoked.before)}


def read_revoked(path: Path) -> Revoked:
    """Read a file of one JSON object a line; raises AccessError, which names the line."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise _fault(path, f"cannot be read: {words(error)}") from None
    if len(data) > MAX_BYTES:
        raise _fault(path, f"is above {MAX_BYTES} bytes; leave out what has ended by itself")
    ids: set[str] = set()
    before: dict[str, float] = {}
    for number, line in enumerate(data.splitlines(), 1):
        if not line.strip():
            continue
        entry = _entry(path, number, line)
        if isinstance(entry, str):
            ids.add(entry)
        else:
            user, end = entry
            before[user] = max(end, before.get(user, end))
    return Revoked(frozenset(ids), before)


def _entry(path: Path, number: int, line: bytes) -> str | tuple[str, float]:
    """What one line takes back: the id of a token, or a user and a time in seconds."""
    try:
        told: JsonObject = decode(line)
    except WireError as error:
        raise _fault(path, f"line {number} is no JSON object: {error}") from None
    match told:
        case {"jti": str(token_id), **rest} if token_id and not rest:
            return token_id
        case {"sub": str(user), "before": int() | float() as end, **rest} if user and not rest:
            if not isinstance(end, bool) and end < NEVER_S:
                return user, float(end)
        case _:
            pass
    expected = '{"jti": "…"} or {"sub": "…", "before": seconds since 1970}'
    raise _fault(path, f"line {number} is none of {expected}")


def _fault(path: Path, what: str) -> AccessError:
    return AccessError(f"{OPTION}: {path}: {what}")
