"""Ids in the subjects that a client publishes and subscribes to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.environment.proxy.operations import Pub, Sub
from omnisession_conformance.protocol.json import as_text, member
from omnisession_conformance.protocol.subjects import (
    MAX_USER_BYTES,
    BadTokenError,
    classify,
    tok,
    untok,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from omnisession_conformance.roles.client.gate.seen import Seen

WILDCARDS = ("*", ">")
FAMILIES = frozenset({"control", "actions", "chat", "edit"})
"""What clients publish on."""
_ODD = ("Zoë.x*", "a b/", ">", "=61%2E", "$SYS\t", "e\u0301", "user:1@example.org", "日本😀")
"""Beginnings of ids: what ends a token or a line, what an encoder takes for encoded, and no ASCII."""


def odd_ids(own: str) -> list[str]:
    """Ids of users that nobody else has, and those with the longest token."""
    plain = own[-12:]
    odd = [f"{beginning}{plain}" for beginning in _ODD]
    return [*odd, f"é{plain}".ljust(MAX_USER_BYTES - 5, "u"), own.ljust(MAX_USER_BYTES, "u")]


def misnamed(seen: Iterable[Seen], user_id: str) -> list[Seen]:
    """What a client says on a subject that has not the tokens of its user and session."""
    return [one for one in seen if isinstance(one.op, Sub | Pub) and not _is_right(one, user_id)]


def is_of_the_protocol(one: Seen) -> bool:
    """Whether it is a body that a client publishes to servers."""
    return isinstance(one.op, Pub) and classify(one.subject).family in FAMILIES


def _is_right(one: Seen, user_id: str) -> bool:
    # Another one's wildcard means many users, and names none.
    names = one.subject.split(".")
    many = () if isinstance(one.op, Pub) else tuple(word for word in WILDCARDS if word != user_id)
    users = (tok(user_id), *many)
    if names[0] == "session" and len(names) > 1:
        return names[1] in users and (names[1] == ">" or _has_session(one, names))
    if names[:2] == ["user", "actions"]:
        return len(names) == 3 and names[2] in users
    if names[0] == "article" and names[-1] == "updates":
        return len(names) == 3 and (names[1] in WILDCARDS or _is_token(names[1]))
    return True


def _has_session(one: Seen, names: list[str]) -> bool:
    """Whether a subject has four tokens, and the third is the one of a session."""
    if len(names) != 4:
        return isinstance(one.op, Sub) and names[-1] == ">"
    if isinstance(one.op, Sub):
        return names[2] in WILDCARDS or _is_token(names[2])
    named = as_text(member(one.body, "session_id"))
    return _is_token(names[2]) and untok(names[2]) == named


def _is_token(token: str) -> bool:
    try:
        untok(token)
    except BadTokenError:
        return False
    return True
