"""Whether a reply subject is one on which a server owes its answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.protocol.roles import SECURE
from omnisession_conformance.protocol.subjects import REPLY_PREFIXES, BadTokenError, tok

if TYPE_CHECKING:
    from collections.abc import Collection

    from omnisession_conformance.traffic.record import Record

INBOX = "_INBOX."


def is_answerable(request: Record, profiles: Collection[str]) -> bool:
    """Whether the reply subject of a message is an inbox (SEC-001).

    A server with the profile `secure` takes those of the message's user alone (SECU-016).
    """
    reply = request.reply
    if not reply.startswith(REPLY_PREFIXES):
        return False
    if SECURE not in profiles or not reply.startswith(INBOX):
        return True
    user = _user_of(request)
    return user is None or reply.startswith(f"{INBOX}{user}.")


def _user_of(request: Record) -> str | None:
    """The token of a message's user: by its subject, or on the subjects that all share by its body."""
    user = request.address.user
    if request.address.family in ("chat", "edit"):
        user = (request.body or {}).get("user_id")
    try:
        return tok(user) if isinstance(user, str) and user else None
    except BadTokenError:
        return None
