"""Who may connect to a deployment that is judged: two clients at least, and others where there are any.

The kit connects as itself, by `[broker]`; with these it tries what each of them may and may not do.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

from omnisession_conformance.environment.access import (
    INBOX,
    WAYS,
    Access,
    BrokerTable,
    read_login,
)
from omnisession_conformance.environment.keys import bearer
from omnisession_conformance.protocol.json import is_list
from omnisession_conformance.protocol.roles import PROFILES_OF_DEPLOYMENTS, SECURE
from omnisession_conformance.protocol.subjects import BadTokenError, tok

if TYPE_CHECKING:
    from omnisession_conformance.errors import UsageError

LOGIN = ("user", "password", "token", "credentials", "nkey_seed_file", "inbox_prefix")
"""What says who an identity is, as in `[broker]`."""
JWT = "jwt"
"""The same as a bearer token, in operator mode."""
OF_IDENTITY = (*LOGIN, JWT)
NAMES = ("clients", "server", "tenant", "profiles", "trusted")
_CLIENT = ("id", *OF_IDENTITY)


class Reads(Protocol):
    """What reads a configuration strictly, and says where in it something is wrong."""

    @property
    def path(self) -> str:
        """The file."""
        ...

    def fail(self, at: str, what: str) -> UsageError:
        """An error that names a place of the file."""
        ...

    def table(self, value: Any, at: str, names: tuple[str, ...]) -> dict[str, Any]:
        """A table that has known names alone."""
        ...

    def text(self, value: Any, at: str) -> str:
        """A text that is not empty."""
        ...

    def names(self, value: Any, at: str, known: tuple[str, ...]) -> tuple[str, ...]:
        """A list of known names."""
        ...

    def texts(self, value: Any, at: str) -> tuple[str, ...]:
        """A list of texts."""
        ...


@dataclass(frozen=True, slots=True)
class Identity:
    """One who may connect: the user's id, or the name of a role, and how; addresses are the broker's."""

    id: str
    login: Access = field(repr=False)

    @property
    def inbox(self) -> str:
        """How its inboxes begin, without the last dot."""
        return self.login.inbox


@dataclass(frozen=True, slots=True)
class Identities:
    """The identities that the configuration names.

    `profiles` are those that the deployment claims, `trusted` names of connections that may hear all
    sessions, as those of a bridge.
    """

    clients: tuple[Identity, ...] = ()
    server: Identity | None = None
    tenant: Identity | None = None
    profiles: tuple[str, ...] = (SECURE,)
    trusted: tuple[str, ...] = ()

    @property
    def secrets(self) -> tuple[str, ...]:
        """What nobody may see of all of them."""
        every = (*self.clients, self.server, self.tenant)
        return tuple(secret for one in every if one is not None for secret in one.login.secrets)


def read_identities(reads: Reads, raw: Any) -> Identities:
    """Read the table `[identities]`; UsageError names the place and what to write."""
    table = reads.table(raw, "identities", NAMES)
    clients: Any = table.get("clients", [])
    if not is_list(clients):
        raise reads.fail("identities.clients", "write [[identities.clients]] once for each client")
    found = tuple(_client(reads, one, f"identities.clients[{i}]") for i, one in enumerate(clients))
    if len({one.id for one in found}) < len(found):
        raise reads.fail(
            "identities.clients", "two of them are of one user: each has an id of its own"
        )
    at = "identities.profiles"
    told = reads.names(table.get("profiles", []), at, PROFILES_OF_DEPLOYMENTS)
    if "tenants" in told and "tenant" not in table:
        raise reads.fail(at, "'tenants' needs an [identities.tenant], a client of another account")
    return Identities(
        clients=found,
        server=_other(reads, table, "server", "_INBOX.~server"),
        tenant=_client(reads, table["tenant"], "identities.tenant") if "tenant" in table else None,
        profiles=tuple(dict.fromkeys((SECURE, *told))),
        trusted=reads.texts(table.get("trusted", []), "identities.trusted"),
    )


def client_of(reads: Reads, id_: str, table: dict[str, Any], at: str) -> Identity:
    """A client of a user by what says who it is; its inboxes lie below the user's unless it says others.

    Raises UsageError, as `read_identities`.
    """
    try:
        inbox = f"{INBOX}.{tok(id_)}"
    except BadTokenError as error:
        raise reads.fail(f"{at}.id", f"{error}") from None
    return Identity(id_, _login(reads, table, at, inbox))


def _client(reads: Reads, value: Any, at: str) -> Identity:
    table = reads.table(value, at, _CLIENT)
    if "id" not in table:
        raise reads.fail(at, "'id' is missing: the user's id, as it stands in messages")
    return client_of(reads, reads.text(table["id"], f"{at}.id"), table, at)


def _other(reads: Reads, table: dict[str, Any], name: str, inbox: str) -> Identity | None:
    if name not in table:
        return None
    at = f"identities.{name}"
    return Identity(name, _login(reads, reads.table(table[name], at, OF_IDENTITY), at, inbox))


def _login(reads: Reads, table: dict[str, Any], at: str, inbox: str) -> Access:
    texts = {n: reads.text(table[n], f"{at}.{n}") for n in LOGIN if n in table}
    token = reads.text(table[JWT], f"{at}.{JWT}") if JWT in table else None
    ways = [name for name in (*WAYS, JWT) if name in table]
    if not ways:
        raise reads.fail(at, f"nothing says who it is: give one of {', '.join((*WAYS, JWT))}")
    if token is not None and len(ways) > 1:
        raise reads.fail(f"{at}.{JWT}", f"there is '{ways[0]}' already: give one of the two")
    texts.setdefault("inbox_prefix", inbox)
    access = read_login(BrokerTable(f"{reads.path}: {at}", texts=texts))
    if token is None:
        return access
    return replace(access, signer=bearer(token, f"{reads.path}: {at}.{JWT}"))
