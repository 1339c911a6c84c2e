"""How the broker is reached: where it is, as whom, and over what.

The kit's connections, and the environment of a target that it starts, are made from this alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from omnisession_conformance.environment.address import (
    NOBODY,
    OVER_TLS,
    Address,
    Login,
    read_addresses,
)
from omnisession_conformance.environment.keys import read_credentials, read_nkey
from omnisession_conformance.environment.tls import Tls, read_tls
from omnisession_conformance.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from omnisession_conformance.environment.keys import Signer

_OF_LOGIN = ("NATS_USER", "NATS_PASSWORD", "NATS_TOKEN", "NATS_CREDS", "NATS_NKEY")
OF_TLS = ("NATS_CA", "NATS_CERT", "NATS_KEY", "NATS_TLS_SERVER_NAME", "NATS_TLS_FIRST")
VARIABLES = frozenset({"NATS_URL", *_OF_LOGIN, *OF_TLS})
"""What a started target is told of the broker; nothing of it is inherited."""
WAYS = ("user", "token", "credentials", "nkey_seed_file")
"""Settings of which one says who the kit is."""

INBOX = "_INBOX"
"""How inboxes begin where no other prefix is told."""
_INBOX_FORM = re.compile(r"_INBOX(?:\.[^\s.*>]+)*\Z")


@dataclass(frozen=True, slots=True)
class BrokerTable:
    """The `[broker]` table of the configuration file, `where` of which errors name.

    `own` are the settings of a broker that the kit starts.
    """

    where: str = "broker"
    urls: tuple[str, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    tls_first: bool = False
    own: Mapping[str, str] = field(default_factory=dict[str, str])

    def path(self, name: str) -> Path | None:
        """The file that a setting names."""
        return Path(self.texts[name]).expanduser() if name in self.texts else None


@dataclass(frozen=True, slots=True)
class Access:
    """A way to a broker: its addresses are tried in their order."""

    addresses: tuple[Address, ...] = ()
    login: Login = NOBODY
    """Of the settings; that of an address comes before it."""
    signer: Signer | None = None
    tls: Tls | None = None
    inbox: str = INBOX
    """How the subjects begin on which the kit is answered, without the last dot."""

    @property
    def url(self) -> str:
        """The addresses, fit to be shown."""
        return ",".join(address.url for address in self.addresses)

    @property
    def secrets(self) -> tuple[str, ...]:
        """Everything in it that nobody may see."""
        logins = (self.login, *(address.login for address in self.addresses))
        written = (login.in_url()[:-1] for login in logins)
        own = self.signer.secrets if self.signer is not None else ()
        return (*(secret for login in logins for secret in login.secrets), *written, *own)

    def login_at(self, address: Address) -> Login:
        """As whom an address is connected to: what it says itself comes first."""
        return address.login or self.login

    def signer_at(self, address: Address) -> Signer | None:
        """Who signs at an address: nobody where it has credentials of its own."""
        return None if address.login else self.signer

    def over_tls(self, address: Address) -> bool:
        """Whether nothing may be said there in clear."""
        return self.tls is not None or address.scheme in OVER_TLS

    def is_shared_with(self, own: Mapping[str, str]) -> bool:
        """Whether a target with these variables of its own is told to connect as the kit does."""
        return not any(name in own for name in ("NATS_URL", *_OF_LOGIN))

    def variables(self, own: Mapping[str, str]) -> dict[str, str]:
        """The environment that tells a target of the broker, with its own settings on top.

        A target that has credentials of its own is told none of the kit's.
        """
        theirs = any(name in own for name in _OF_LOGIN)
        told = {"NATS_URL": self.url} if theirs else self._of_login()
        return {**told, **self._of_tls(), **own}

    def _of_login(self) -> dict[str, str]:
        urls = [address.with_login(self.login_at(address)) for address in self.addresses]
        first = self.login_at(self.addresses[0]) if self.addresses else self.login
        values = {
            "NATS_URL": ",".join(urls),
            "NATS_USER": first.user,
            "NATS_PASSWORD": first.password,
            "NATS_TOKEN": first.token,
        }
        if self.signer is not None and not first:
            name = "NATS_NKEY" if self.signer.jwt is None else "NATS_CREDS"
            values[name] = str(Path(self.signer.path).absolute())
        return {name: value for name, value in values.items() if value is not None}

    def _of_tls(self) -> dict[str, str]:
        if self.tls is None:
            return {}
        files = {
            "NATS_CA": self.tls.ca_file,
            "NATS_CERT": self.tls.cert_file,
            "NATS_KEY": self.tls.key_file,
        }
        told = {name: str(path.absolute()) for name, path in files.items() if path is not None}
        if self.tls.server_name is not None:
            told["NATS_TLS_SERVER_NAME"] = self.tls.server_name
        if self.tls.first:
            told["NATS_TLS_FIRST"] = "true"
        return told


def at(url: str) -> Access:
    """The way to a broker that only has an address."""
    return Access(read_addresses((url,), "the address of the broker"))


def read_access(url: str | None, table: BrokerTable) -> Access | None:
    """The way to the broker: `url` of the command line, else of the file; None where neither has one.

    Raises UsageError for settings that contradict each other and for files that are not what they
    should be.
    """
    urls: Sequence[str] = table.urls if url is None else (url,)
    named = [*table.texts, *(["tls_first"] if table.tls_first else [])]
    if not urls:
        if named and "extra" not in table.own:
            raise UsageError(
                f"{table.where}.{named[0]}: this is for a broker that is running, and none is named: "
                "give broker.url, or --nats nats://HOST:PORT."
            )
        return None
    for name in table.own:
        raise UsageError(
            f"{table.where}.{name}: this is for a broker that the kit starts, and one that is running "
            "is named: leave out either."
        )
    addresses = read_addresses(urls, "--nats" if url is not None else f"{table.where}.url")
    return replace(_of_settings(table), addresses=addresses)


def read_login(table: BrokerTable) -> Access:
    """As whom a broker that the kit starts is reached: `extra` may give it users.

    Raises UsageError, as `read_access`.
    """
    return _of_settings(table)


def _of_settings(table: BrokerTable) -> Access:
    texts, where = table.texts, table.where
    for name, text in texts.items():
        if "\0" in text:
            raise UsageError(f"{where}.{name}: it has a NUL, which no environment can hold.")
    ways = [name for name in WAYS if name in texts]
    if len(ways) > 1:
        raise UsageError(
            f"{where}.{ways[1]}: there is '{ways[0]}' already: give one of {', '.join(WAYS)}."
        )
    for name, other in (("user", "password"), ("password", "user")):
        if name in texts and other not in texts:
            raise UsageError(f"{where}.{name}: '{other}' is missing: the two go together.")
    inbox = texts.get("inbox_prefix", INBOX).removesuffix(".")
    if _INBOX_FORM.match(inbox) is None:
        raise UsageError(
            f"{where}.inbox_prefix: '{inbox}' does not begin with _INBOX., as servers answer nowhere else "
            "(SEC-001), or has a wildcard in it."
        )
    login = Login(texts.get("user"), texts.get("password"), texts.get("token"))
    return Access(login=login, signer=_signer(table), tls=_tls(table), inbox=inbox)


def _signer(table: BrokerTable) -> Signer | None:
    for name, read in (("credentials", read_credentials), ("nkey_seed_file", read_nkey)):
        path = table.path(name)
        if path is not None:
            return read(path, f"{table.where}.{name}")
    return None


def _tls(table: BrokerTable) -> Tls | None:
    names = ("ca_file", "cert_file", "key_file", "server_name")
    if not table.tls_first and not any(name in table.texts for name in names):
        return None
    return read_tls(
        table.where,
        ca_file=table.path("ca_file"),
        cert_file=table.path("cert_file"),
        key_file=table.path("key_file"),
        server_name=table.texts.get("server_name"),
        first=table.tls_first,
    )
