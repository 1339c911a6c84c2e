"""Ids in subjects: how they are encoded, and what a subject says about a message.

`tok` keeps the bytes A-Z a-z 0-9 _ - and writes every other byte of the id's UTF-8 form as `=xx`,
so that an id is always exactly one token, whatever is in it, and no two ids share one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final, Literal

MAX_USER_BYTES: Final = 96
MAX_SESSION_BYTES: Final = 64
MAX_ARTICLE_BYTES: Final = 96

Family = Literal["state", "events", "control", "actions", "chat", "edit", "hint", "reply", "other"]

_LITERAL: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")
_ENCODED: Final = tuple(chr(byte) if byte in _LITERAL else f"={byte:02x}" for byte in range(256))
_PLAIN: Final = re.compile(r"[A-Za-z0-9_-]+\Z")
_TOKEN: Final = re.compile(r"(?:[A-Za-z0-9_-]|=[0-9a-f]{2})+\Z")
_LEAVES: Final[dict[str, Family]] = {"state": "state", "events": "events", "control": "control"}
REPLY_PREFIXES: Final = ("_INBOX.", "_R_.")
"""How a reply subject begins that a server may answer on (SEC-001)."""
SERVICES: Final = "$SRV."
"""How a subject begins on which micro-services are asked; their answers have shapes of their own."""


class Side(StrEnum):
    """The two sides of the protocol: who publishes states and answers, and who asks and acts."""

    SERVER = "server"
    CLIENT = "client"

    @property
    def other(self) -> Side:
        """The side that this one talks to."""
        return Side.CLIENT if self is Side.SERVER else Side.SERVER


class BadTokenError(ValueError):
    """A token is not the encoded form of any id."""


@dataclass(frozen=True, slots=True)
class Address:
    """What a subject says: the family it belongs to, and the ids in it, decoded.

    `flaw` says what is wrong with the first token that is not canonical or too long; its id is
    None then.
    """

    family: Family
    user: str | None = None
    session: str | None = None
    article: str | None = None
    flaw: str | None = None


_OTHER: Final = Address("other")
_REPLY: Final = Address("reply")
_FIXED: Final = {"chat.messages": Address("chat"), "article.edit.start": Address("edit")}


@lru_cache(maxsize=4096)
def tok(raw: str) -> str:
    """Encode an id as a token; BadTokenError for an id that is empty or no Unicode text."""
    if _PLAIN.match(raw):
        return raw
    if not raw:
        raise BadTokenError("an empty id has no token")
    try:
        return "".join(_ENCODED[byte] for byte in raw.encode())
    except UnicodeEncodeError as error:
        raise BadTokenError(f"the id {raw!r} is no Unicode text") from error


def untok(token: str) -> str:
    """Decode a token; BadTokenError for everything that `tok` never makes."""
    if _PLAIN.match(token):
        return token
    if not token:
        raise BadTokenError("the token is empty")
    if not _TOKEN.match(token):
        raise BadTokenError(
            f"the token {token!r} has something else than A-Z a-z 0-9 _ - and =xx with two "
            "lower-case hex digits"
        )
    head, *escaped = token.split("=")
    data = head.encode() + b"".join(bytes.fromhex(p[:2]) + p[2:].encode() for p in escaped)
    try:
        raw = data.decode()
    except UnicodeDecodeError as error:
        raise BadTokenError(f"the token {token!r} does not decode to UTF-8") from error
    if tok(raw) != token:
        raise BadTokenError(f"the token {token!r} escapes a byte that needs none")
    return raw


def classify(subject: str) -> Address:
    """Tell what a subject is, from its text alone; never raises."""
    # Inboxes are all different: they would only push the others out of the cache.
    if subject.startswith(REPLY_PREFIXES):
        return _REPLY
    return _classify(subject)


@lru_cache(maxsize=16384)
def _classify(subject: str) -> Address:
    if subject in _FIXED:
        return _FIXED[subject]
    match subject.split("."):
        case ["session", user, session, leaf] if leaf in _LEAVES:
            return _session_address(_LEAVES[leaf], user, session)
        case ["user", "actions", user]:
            raw, flaw = _id("user", user, MAX_USER_BYTES)
            return Address("actions", user=raw, flaw=flaw)
        case ["article", article, "updates"]:
            raw, flaw = _id("article", article, MAX_ARTICLE_BYTES)
            return Address("hint", article=raw, flaw=flaw)
        case _:
            return _OTHER


def _session_address(family: Family, user: str, session: str) -> Address:
    raw_user, user_flaw = _id("user", user, MAX_USER_BYTES)
    raw_session, session_flaw = _id("session", session, MAX_SESSION_BYTES)
    return Address(family, raw_user, raw_session, flaw=user_flaw or session_flaw)


def _id(what: str, token: str, limit: int) -> tuple[str | None, str | None]:
    if len(token) > limit:
        return None, f"the {what} token has {len(token)} bytes, the limit is {limit}"
    try:
        return untok(token), None
    except BadTokenError as error:
        return None, f"{what}: {error}"
