"""The table `[fixture]` of the configuration: users, their rights, and the secret that signs tokens."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

ROLES = ("author", "reader", "editor")
"""`author` may create articles and write own ones, `reader` may write none of others, `editor` holds
`post_edit_any`."""
DEFAULT_RIGHTS: Mapping[str, tuple[str, ...]] = {
    "author": (),
    "reader": (),
    "editor": ("post_edit_any",),
}


@dataclass(frozen=True, slots=True)
class User:
    """A user of the fixture with the token that opens sessions."""

    id: str
    token: str
    roles: tuple[str, ...]
    username: str | None = None
    email: str | None = None
    permissions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FixtureConfig:
    """The `[fixture]` table of the configuration file."""

    secret: str | None = None
    takes_null: bool = False
    rights: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: dict(DEFAULT_RIGHTS))
    users: tuple[User, ...] = ()
    expired: tuple[str, str] | None = None
    """User id and token of an expired credential, for fixtures without a secret."""
    revoke: tuple[str, ...] = ()
    """The hook that revokes a token; `{jti}` in it is its id, `{user}` that of its user."""
