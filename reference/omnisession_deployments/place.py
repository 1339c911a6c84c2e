"""A deployment as a value: who has which permissions, and what a kit is told of it."""

import json
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field, replace
from typing import Self

from omnisession_deployments.beside import Beside
from omnisession_deployments.grants import EVERYTHING, Grant, of_client, of_role

PASSWORD = "of-a-deployment"  # noqa: S105 - of brokers that live for seconds, on this machine alone
ALL = "everything"
"""A user that may do everything, for what stands beside a broker."""
ODD = "*"
"""A user whose id is a wildcard of NATS."""
KIT, SERVER, TENANT = "kit", "server", "tenant"
KIT_INBOX = "_INBOX.~kit"
ACCOUNTS = ("one", "two")


def right_users() -> dict[str, Grant]:
    """The users of a right deployment: those of clients by id, the server's and the kit's."""
    clients = {user: of_client(user) for user in ("ann", "bob", ODD)}
    return {**clients, SERVER: of_role("server"), KIT: of_role("kit")}


@dataclass(frozen=True, slots=True)
class Place:
    """A broker and its users, and what stands beside it.

    `tenant` are the permissions of a client with ann's id that belongs to another tenant, None for no such
    one; `apart` is whether it is in another account. `anonymous` is whom it takes everybody for who shows
    nothing. `trusted` and `inboxes` are what the kit is told: names of connections, and prefixes by user.
    With `tokens` the broker is in operator mode, and users have tokens in the place of passwords.
    """

    users: Mapping[str, Grant] = field(default_factory=right_users)
    tenant: Grant | None = field(default_factory=lambda: of_client("ann"))
    apart: bool = True
    anonymous: str = ""
    jetstream: bool = False
    beside: Beside | None = None
    trusted: tuple[str, ...] = ()
    inboxes: Mapping[str, str] = field(default_factory=dict[str, str])
    tokens: bool = False

    def having(self, user: str, grant: Grant) -> Self:
        """The same where a user has other permissions, or is there at all."""
        return replace(self, users={**self.users, user: grant})

    def without(self, user: str) -> Self:
        """The same without a user."""
        kept = {name: grant for name, grant in self.users.items() if name != user}
        return replace(self, users=kept)

    def accounts(self) -> dict[str, dict[str, Grant]]:
        """The users of each account; the tenant's name is its own, whatever its id is."""
        first = {**self.users, ALL: EVERYTHING}
        if self.tenant is None:
            return {ACCOUNTS[0]: first}
        if not self.apart:
            return {ACCOUNTS[0]: {**first, TENANT: self.tenant}}
        return {ACCOUNTS[0]: first, ACCOUNTS[1]: {TENANT: self.tenant}}

    def told(self, url: str, logins: Mapping[str, str]) -> str:
        """The configuration of a kit; `logins` are the lines that say who somebody is, by name."""
        lines = [
            "[broker]",
            f'url = "{url}"',
            f'{logins[KIT]}\ninbox_prefix = "{KIT_INBOX}"',
            '[target]\nrole = "deployment"',
            *self._identities(logins),
        ]
        return "\n".join(lines) + "\n"

    def _identities(self, logins: Mapping[str, str]) -> Generator[str]:
        tenants = ["tenants"] if self.tenant is not None else []
        yield f"[identities]\nprofiles = {json.dumps(tenants)}"
        yield f"trusted = {json.dumps(self.trusted)}"
        for name in (user for user in self.users if user not in (SERVER, KIT)):
            yield f"[[identities.clients]]\nid = {json.dumps(name)}\n{logins[name]}"
            if name in self.inboxes:
                yield f"inbox_prefix = {json.dumps(self.inboxes[name])}"
        if SERVER in self.users:
            yield f"[identities.server]\n{logins[SERVER]}"
        if self.tenant is not None:
            yield f'[identities.tenant]\nid = "ann"\n{logins[TENANT]}'
