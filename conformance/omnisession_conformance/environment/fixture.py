"""The fixture: which users, tokens and rights a run may use.

With the secret that signs the server's tokens the kit mints as many users as it wants; without it the
configuration lists users with tokens of their own, who are lent to one case at a time.
"""

from __future__ import annotations

import re
import time
import warnings
from typing import TYPE_CHECKING

import jwt

from omnisession_conformance.environment.draws import Draws
from omnisession_conformance.environment.target import run_hook
from omnisession_conformance.environment.users import ROLES, User
from omnisession_conformance.errors import TargetError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from omnisession_conformance.environment.users import FixtureConfig

PLACE = re.compile(r"\{(?:user|jti)\}")
"""What a hook that revokes has in its words for what the kit knows."""


class Fixture:
    """Makes users for cases, or lends them listed ones."""

    def __init__(self, config: FixtureConfig, draws: Draws | None = None) -> None:
        self.config = config
        self.draws = draws or Draws()
        self.emails: dict[str, str] = {}
        self.tokens: set[str] = set()
        self._editors: set[str] = set()
        self._free = list(config.users)
        for user in config.users:
            self._know(user)

    @property
    def mints(self) -> bool:
        """Whether new users can be made at will."""
        return self.config.secret is not None

    def editors(self) -> frozenset[str]:
        """Ids of the users so far that hold `post_edit_any`."""
        return frozenset(self._editors)

    def empowered(self, user: User) -> str:
        """Another token of a user that was made for a case, with the rights of an editor."""
        rights = list(self.config.rights.get("editor", ()))
        if rights:
            self._editors.add(user.id)
        claims = {"sub": user.id, "perm": rights, "name": user.username, "email": user.email}
        return self.sign(claims)

    def offers(self) -> frozenset[str]:
        """What cases may name in `needs`."""
        found = {f"role:{role}" for role in ROLES if self.mints or self._listed(role)}
        if self.mints:
            found |= {"fixture:mint", "fixture:expired-token"}
        if self.config.expired is not None:
            found.add("fixture:expired-token")
        if not self.config.takes_null:
            found.add("fixture:auth")
        return frozenset(found)

    async def revoke(self, user: User, token_id: str) -> None:
        """Have the server told that a token is revoked; TargetError where the hook fails."""
        given = {"{user}": user.id, "{jti}": token_id}
        words = [PLACE.sub(lambda found: given[found[0]], word) for word in self.config.revoke]
        code, child = await run_hook("revoke", words)
        if code != 0:
            told = "\n".join(child.output)
            raise TargetError(f"the revoke hook ended with exit code {code}:\n{told}")

    def _listed(self, role: str) -> Sequence[User]:
        return [user for user in self.config.users if role in user.roles]

    def _know(self, user: User) -> User:
        self.tokens.add(user.token)
        if "editor" in user.roles:
            self._editors.add(user.id)
        if user.email:
            self.emails[user.id] = user.email
        return user

    def mint(self, case: str, role: str, number: int, user_id: str | None = None) -> User:
        """Make a new user for a case; needs the secret."""
        id_ = user_id or self.draws.user_id()
        name = self.draws.display_name(self.draws.rng("user", case, str(number)))
        email = self.draws.email()
        rights = tuple(self.config.rights.get(role, ()))
        token = self.sign({"sub": id_, "perm": list(rights), "name": name, "email": email})
        return self._know(User(id_, token, (role,), name, email, rights))

    def sign(
        self,
        claims: Mapping[str, object],
        *,
        lifetime_s: int | None = None,
        key: str | None = None,
        whole: bool = False,
    ) -> str:
        """Sign a token; a negative lifetime makes an expired one, another key a bad one.

        The claims are `whole` where the time of its end is among them, or is to be missing.
        """
        lifetime_s = self.draws.token_s if lifetime_s is None else lifetime_s
        end = {} if whole else {"exp": int(time.time()) + lifetime_s}
        payload = self.draws.claims({**claims, **end})
        secret = key or self.config.secret or ""
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore"
            )  # a short secret is the choice of whoever runs the server
            token = jwt.encode(payload, secret, algorithm="HS256")  # pyright: ignore[reportUnknownMemberType]
        self.tokens.add(token)
        return token

    def borrow(self, role: str, taken: Sequence[User]) -> User:
        """Lend a listed user of a role to a case that has the users `taken` already.

        Raises LookupError when the fixture has too few of them; the engine runs one case at a time
        where users are lent, so that no case waits for another's.
        """
        for user in self._free:
            if role in user.roles:
                self._free.remove(user)
                return user
        raise LookupError(
            f"the fixture lists too few users: one more of role '{role}' is needed beside "
            f"{', '.join(user.id for user in taken) or 'none'}"
        )

    def give_back(self, users: Sequence[User]) -> None:
        """Take lent users back at the end of a case; those that are back already are left alone."""
        lent = (user for user in self.config.users if user not in self._free)
        self._free.extend([user for user in lent if user in users])
