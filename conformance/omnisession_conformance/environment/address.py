"""What an address of a broker means: `nats://USER:PASSWORD@HOST:PORT`, as the nats CLI reads it.

User and password stand before the last `@`, percent-encoded; a user alone is a token. Nothing that may be
a part of a password stands in an error.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote_to_bytes, urlsplit

from omnisession_conformance.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

WEB_SOCKETS = ("ws", "wss")
OVER_TLS = ("tls", "wss")
SCHEMES = ("nats", "tls", *WEB_SOCKETS)
DEFAULT_PORT = 4222
ENCODE = (
    "in user and password every character but letters, digits and - . _ ~ is written percent-encoded, "
    "@ as %40, for example"
)
EXTRA = "pip install 'omnisession[ws]'"
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_NO_HOST = re.compile(r"[\x00-\x20\x7f]")


@dataclass(frozen=True, slots=True)
class Login:
    """User and password, or a token; or nothing of it."""

    user: str | None = None
    password: str | None = None
    token: str | None = None

    def __bool__(self) -> bool:
        return self != Login()

    def __repr__(self) -> str:
        return f"Login({', '.join(name for name in self.__slots__ if getattr(self, name) is not None)})"

    @property
    def secrets(self) -> tuple[str, ...]:
        """What of it nobody may see."""
        return tuple(secret for secret in (self.password, self.token) if secret)

    def in_url(self) -> str:
        """As an address has it before its host, `@` included; nothing where there is nothing."""
        if self.token is not None:
            return f"{quote(self.token, safe='')}@"
        if self.user is not None:
            return f"{quote(self.user, safe='')}:{quote(self.password or '', safe='')}@"
        return ""


NOBODY = Login()


@dataclass(frozen=True, slots=True)
class Address:
    """Where a broker is, without credentials, and the credentials that its address had."""

    url: str
    login: Login = NOBODY

    @property
    def scheme(self) -> str:
        """One of `SCHEMES`."""
        return self.url.partition("://")[0]

    @property
    def host(self) -> str:
        """The host's name or number, as certificates have it."""
        return urlsplit(self.url).hostname or ""

    def with_login(self, login: Login) -> str:
        """The whole address, with these credentials in it."""
        scheme, _, rest = self.url.partition("://")
        return f"{scheme}://{login.in_url()}{rest}"


def read_addresses(texts: Iterable[str], where: str) -> tuple[Address, ...]:
    """Read addresses, each of which may be several with commas between; UsageError names `where`."""
    listed = [part.strip() for text in texts for part in text.split(",")]
    return tuple(
        _read(text, where if len(listed) == 1 else f"{where}: address {number} of {len(listed)}")
        for number, text in enumerate(listed, 1)
    )


def _read(text: str, where: str) -> Address:
    scheme, separator, rest = text.partition("://")
    if not separator:
        scheme, rest = "nats", text
    if scheme.lower() not in SCHEMES:
        raise UsageError(
            f"{where}: an address of a broker begins with "
            f"{', '.join(f'{name}://' for name in SCHEMES[:-1])} or {SCHEMES[-1]}://."
        )
    scheme = scheme.lower()
    authority, path = _split(rest)
    before, at, place = authority.rpartition("@")
    if "@" in path or not _is_place(place, scheme):
        raise UsageError(
            f"{where}: this is no address of a broker: nats://HOST:PORT is one; {ENCODE}."
        )
    if scheme in WEB_SOCKETS:
        if find_spec("aiohttp") is None:
            raise UsageError(f"{where}: {scheme}:// needs a library for WebSockets: {EXTRA}.")
    else:
        path = ""
    return Address(f"{scheme}://{place}{path}", _login(before, where) if at else NOBODY)


def _split(rest: str) -> tuple[str, str]:
    end = min((at for at in map(rest.find, "/?#") if at >= 0), default=len(rest))
    return rest[:end], rest[end:]


def _is_place(place: str, scheme: str) -> bool:
    if not place or _NO_HOST.search(place):
        return False
    try:
        parts = urlsplit(f"{scheme}://{place}")
        return bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return False


def _login(text: str, where: str) -> Login:
    user, colon, password = text.partition(":")
    if _BAD_ESCAPE.search(text):
        raise UsageError(f"{where}: a % before @ is written %25: {ENCODE}.")
    try:
        first, second = (unquote_to_bytes(part).decode("utf-8") for part in (user, password))
    except UnicodeDecodeError as error:
        raise UsageError(f"{where}: user or password is no UTF-8: {ENCODE}.") from error
    if "\0" in first + second:
        raise UsageError(f"{where}: user or password has a NUL, which no environment can hold.")
    if not colon:
        return Login(token=first) if first else NOBODY
    return Login(user=first, password=second)
