"""Where a client of the kit asks to be answered: below the user of the message, as brokers grant it.

A client may subscribe to the inboxes of its own user alone where a broker enforces that, and a server may
refuse to answer anywhere else. So also a message that speaks for somebody else asks below the user for whom
it speaks: what a server says to it is to be seen, and not that it would have answered elsewhere.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from omnisession_conformance.protocol.subjects import BadTokenError, tok

if TYPE_CHECKING:
    from collections.abc import Mapping

SHARED: Final = frozenset({"chat.messages", "article.edit.start"})
"""Subjects that name no user: the body does."""
LONGEST: Final = 256
"""A broker ends a connection for a line of 4 096 bytes, and a subject and its reply subject are on one."""
_FIT: Final = re.compile(r"[^\s.*>]+\Z")


def user_token(subject: str, body: Mapping[str, Any] | bytes) -> str | None:
    """The token of the user whom a message names; None where it names none, or none that fits an inbox.

    It is the one of the subject as it stands there, be it canonical or not, and on subjects that name
    nobody that of the body's user.
    """
    match subject.split("."):
        case ["session", token, _, _] | ["user", "actions", token]:
            return _fitting(token)
        case _ if subject in SHARED and not isinstance(body, bytes):
            return _of(body.get("user_id"))
        case _:
            return None


def _of(user_id: object) -> str | None:
    try:
        return _fitting(tok(user_id)) if isinstance(user_id, str) else None
    except BadTokenError:
        return None


def _fitting(token: str) -> str | None:
    return token if len(token) <= LONGEST and _FIT.match(token) else None
