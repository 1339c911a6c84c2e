"""What a role is granted on a broker, from `subjects.json` and `private-subjects.json`.

A subject there may hold `{user_id}`, `{session_id}` and `{article_id}`; what is not named stands for all
of them. Behind a space stands the queue group without which a subject may not be subscribed to.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from omnisession_conformance.errors import UsageError
from omnisession_conformance.protocol.schemas.location import schemas_folder
from omnisession_conformance.protocol.subjects import (
    MAX_SESSION_BYTES,
    MAX_USER_BYTES,
    BadTokenError,
    tok,
)

if TYPE_CHECKING:
    from pathlib import Path

Rows = Mapping[str, Any]
PUBLIC_FILE: Final = "subjects.json"
PRIVATE_FILE: Final = "private-subjects.json"
NOTHING: Final[tuple[str, ...]] = (">",)
"""What is denied to a role that is allowed nothing: without it an empty list allows everything."""


@dataclass(frozen=True, slots=True)
class Role:
    """Whom permissions are made for; subjects still hold the names of ids.

    `inbox` is how its inboxes begin, `session_inbox` those of clients that have one session. `shared` are
    subjects that name no user, `journal` what is published by whoever keeps one in the broker. `deny` is
    what it may not subscribe to though it lies within what it may. `subs` is how many subscriptions it
    needs at most, None where that is not known.
    """

    name: str
    what: str
    inbox: str
    session_inbox: str | None
    publish: tuple[str, ...]
    shared: tuple[str, ...]
    journal: tuple[str, ...]
    subscribe: tuple[str, ...]
    deny: tuple[str, ...]
    subs: int | None

    @property
    def of_user(self) -> bool:
        """Whether it is granted to one user after the other."""
        return "{user_id}" in self.inbox


@dataclass(frozen=True, slots=True)
class Permissions:
    """What one user of a broker may do, in subjects of NATS, and how its inboxes have to begin."""

    role: str
    user_id: str | None
    session_id: str | None
    inbox: str
    publish: tuple[str, ...]
    subscribe: tuple[str, ...]
    deny: tuple[str, ...]
    subs: int | None

    def as_nats(self) -> dict[str, dict[str, list[str]]]:
        """The permissions as configurations of NATS have them."""
        publish: dict[str, list[str]] = (
            {"allow": list(self.publish)} if self.publish else {"deny": list(NOTHING)}
        )
        subscribe = {"allow": list(self.subscribe)}
        if self.deny:
            subscribe["deny"] = list(self.deny)
        return {"publish": publish, "subscribe": subscribe}


@cache
def roles() -> Mapping[str, Role]:
    """All roles by name, in the order of the table."""
    return read_roles(schemas_folder() / "v1")


def read_roles(folder: Path) -> Mapping[str, Role]:
    """The roles of a folder's two files."""
    public, private = (
        json.loads((folder / name).read_text("utf-8"))["roles"]
        for name in (PUBLIC_FILE, PRIVATE_FILE)
    )
    unknown = private.keys() - public.keys()
    if unknown:
        raise ValueError(f"{PRIVATE_FILE} has roles that {PUBLIC_FILE} lacks: {sorted(unknown)}")
    return MappingProxyType(
        {name: _role(name, row, private.get(name, {})) for name, row in public.items()}
    )


def _role(name: str, row: Rows, private: Rows) -> Role:
    return Role(
        name=name,
        what=row["what"],
        inbox=row["inbox"],
        session_inbox=row.get("session_inbox"),
        publish=(*row["publish"], *private.get("publish", ())),
        shared=tuple(row.get("shared", ())),
        journal=tuple(private.get("journal", ())),
        subscribe=(*row["subscribe"], *private.get("subscribe", ())),
        deny=tuple(row.get("deny", ())),
        subs=row.get("subs"),
    )


def granted(
    role: Role,
    *,
    user_id: str | None = None,
    session_id: str | None = None,
    shared: bool = False,
    journal: bool = False,
) -> Permissions:
    """The permissions of a role: of a user where it is granted to users, of one session if wanted.

    `shared` adds the subjects that name no user, `journal` what it takes to keep a journal in the broker.

    Raises UsageError for an id that has no token or too long a one, and for what a role does not have.
    """
    if role.of_user and user_id is None:
        raise UsageError(
            f"--user is missing: the role {role.name} is granted to one user after the other. "
            "Give the user's id, as it stands in messages."
        )
    _has_not(role, "--user", user_id is not None and not role.of_user)
    _has_not(role, "--session", session_id is not None and role.session_inbox is None)
    _has_not(role, "--shared", shared and not role.shared)
    _has_not(role, "--journal", journal and not role.journal)
    inbox = role.inbox if session_id is None else role.session_inbox or role.inbox
    ids = {
        "{user_id}": _token("--user", user_id, MAX_USER_BYTES),
        "{session_id}": _token("--session", session_id, MAX_SESSION_BYTES),
        "{article_id}": "*",
    }
    added = (*(role.shared if shared else ()), *(role.journal if journal else ()))
    return Permissions(
        role=role.name,
        user_id=user_id,
        session_id=session_id,
        inbox=_filled(inbox, ids),
        publish=tuple(_filled(subject, ids) for subject in (*role.publish, *added)),
        subscribe=tuple(_filled(one, ids) for one in (*role.subscribe, f"{inbox}.>")),
        deny=role.deny,
        subs=role.subs,
    )


def _has_not(role: Role, option: str, asked: bool) -> None:
    if asked:
        able = [one.name for one in roles().values() if _takes(one, option)]
        raise UsageError(
            f"{option}: the role {role.name} has no such thing; it is for {' and '.join(able)}. "
            "Leave it out."
        )


def _takes(role: Role, option: str) -> bool:
    return {
        "--user": role.of_user,
        "--session": role.session_inbox is not None,
        "--shared": bool(role.shared),
        "--journal": bool(role.journal),
    }[option]


def _token(option: str, raw: str | None, limit: int) -> str:
    if raw is None:
        return "*"
    try:
        token = tok(raw)
    except BadTokenError as error:
        raise UsageError(f"{option}: {error}. Give the id as it stands in messages.") from error
    if len(token) > limit:
        raise UsageError(
            f"{option}: encoded for a subject the id has {len(token)} bytes, and servers refuse more than "
            f"{limit} (SUBJ-003). Give a shorter one."
        )
    return token


def _filled(subject: str, ids: Mapping[str, str]) -> str:
    """A subject with ids in the place of their names; encoded ids hold no braces themselves."""
    for name, token in ids.items():
        subject = subject.replace(name, token)
    return subject
