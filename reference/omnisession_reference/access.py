"""How the server reaches its broker: addresses, credentials and TLS, as the nats CLI names them."""

import re
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import ParseResult, unquote, urlsplit

from omnisession_reference.keys import AccessError, Signer, read_creds, read_nkey, words

SCHEMES = ("nats", "tls", "ws", "wss")
OVER_TLS = ("tls", "wss")
NOBODY = (
    "no broker answered at the address of --nats (or NATS_URL); "
    "start one, for example: nats-server -a 127.0.0.1"
)
_REFUSED = re.compile("authorization|authentication (?!timeout)")


@dataclass(frozen=True, slots=True)
class Access:
    """What the command line says of the broker."""

    url: str
    user: str | None = None
    password: str | None = None
    token: str | None = None
    creds: str | None = None
    nkey: str | None = None
    ca: str | None = None
    cert: str | None = None
    key: str | None = None
    server_name: str | None = None
    tls_first: bool = False

    def __repr__(self) -> str:
        return "Access(…)"

    @property
    def addresses(self) -> list[str]:
        """One or more addresses; raises AccessError for what is none."""
        return [_address(part.strip()) for part in self.url.split(",")]

    @property
    def over_tls(self) -> bool:
        """Whether nothing may be said in clear."""
        files = (self.ca, self.cert, self.key, self.server_name, self.tls_first)
        return any(files) or any(a.partition("://")[0] in OVER_TLS for a in self.addresses)

    @property
    def what_was_shown(self) -> str:
        """What a broker that refuses it was shown, in words."""
        if any("@" in address for address in self.addresses):
            return "user and password, or the token, in the address"
        named = {"user and password": self.user, "the token": self.token}
        named |= {f"the credentials file {self.creds}": self.creds}
        named |= {f"the nkey in {self.nkey}": self.nkey}
        named |= {f"the certificate {self.cert}": self.cert}
        return next((name for name, value in named.items() if value), "")

    def signer(self) -> Signer | None:
        """Who signs; None where the address has credentials, or nothing is to be signed."""
        if any("@" in address for address in self.addresses):
            return None
        if self.creds:
            return read_creds(Path(self.creds))
        return read_nkey(Path(self.nkey)) if self.nkey else None

    def context(self) -> ssl.SSLContext | None:
        """What TLS needs; None where nothing of it is set. Raises AccessError."""
        if not any((self.ca, self.cert, self.key, self.server_name, self.tls_first)):
            return None
        context = _NamedContext(ssl.PROTOCOL_TLS_CLIENT)
        context.expected = self.server_name
        if bool(self.cert) is not bool(self.key):
            raise AccessError("--tlscert and --tlskey go together")
        try:
            if self.ca:
                context.load_verify_locations(self.ca)
            else:
                context.load_default_certs()
        except (OSError, ValueError) as error:
            raise AccessError(f"--tlsca: {self.ca} cannot be used: {words(error)}") from error
        if self.cert:
            try:
                context.load_cert_chain(self.cert, self.key, _no_passphrase)
            except (OSError, ValueError) as error:
                told = f"--tlscert and --tlskey: {self.cert} and {self.key} cannot be used"
                raise AccessError(f"{told}: {words(error)}") from error
        return context

    def settings(self) -> dict[str, Any]:
        """Credentials and TLS as the library takes them."""
        found: dict[str, Any] = {"tls_handshake_first": self.tls_first}
        if (context := self.context()) is not None:
            found |= {"tls": context, "tls_hostname": self.server_name}
        if any("@" in address for address in self.addresses):
            return found
        if (signer := self.signer()) is not None:
            found["signature_cb"] = signer.sign
            if signer.jwt is not None:
                found["user_jwt_cb"] = partial(self._latest_jwt, signer.jwt)
            return found
        if self.user and self.password is None:
            return {**found, "token": self.user}
        return {**found, "user": self.user, "password": self.password, "token": self.token}

    def _latest_jwt(self, first: str) -> bytes:
        """The token in the file of credentials, as it stands there when a connection is made.

        Tokens end, and keys that sign them are replaced: whoever does that writes the file anew.
        """
        try:
            return (read_creds(Path(self.creds or "")).jwt or first).encode()
        except AccessError:
            return first.encode()

    def why(self, errors: Sequence[BaseException], info: Mapping[str, Any]) -> str:
        """Why no broker took the server, and the way out; `info` is what a broker said of itself."""
        told = (self._of_credentials(str(e).lower()) or _of_tls(e, info) for e in errors)
        return next(filter(None, told), NOBODY)

    def _of_credentials(self, text: str) -> str | None:
        if not _REFUSED.search(text):
            return None
        if not self.what_was_shown:
            return (
                "the broker asks for credentials: --user and --password, --token, --creds or --nkey"
            )
        return f"the broker refused the credentials: check {self.what_was_shown}"


class Decoded(ParseResult):
    """An address whose user and password are read as they were meant: percent-encoded."""

    @property
    def username(self) -> str | None:
        """The user, decoded."""
        return _decode(super().username)

    @property
    def password(self) -> str | None:
        """The password, decoded."""
        return _decode(super().password)


class _NamedContext(ssl.SSLContext):
    """Expects the certificate of one name, also where the library has no way to be told."""

    expected: str | None = None

    def wrap_bio(self, *buffers: Any, **options: Any) -> ssl.SSLObject:
        """Begin a handshake."""
        if self.expected is not None:
            options["server_hostname"] = self.expected
        return super().wrap_bio(*buffers, **options)


def _of_tls(error: BaseException, info: Mapping[str, Any]) -> str | None:
    # The library for WebSockets wraps what it was told.
    error = getattr(error, "certificate_error", None) or error
    if isinstance(error, ssl.SSLCertVerificationError):
        return (
            f"the certificate of the broker was not taken: {error.verify_message}; --tlsca names "
            "the file of its CA, --tlsservername the name that it is for"
        )
    if isinstance(error, PlainBrokerError):
        return "the broker offers no TLS, and nothing is said in clear"
    if isinstance(error, OSError) and info.get("tls_verify"):
        return "the broker asks for a client certificate that it trusts: --tlscert and --tlskey"
    if isinstance(error, ssl.SSLError):
        return (
            f"the TLS handshake with the broker failed: {error.reason}; check --tlscert and "
            "--tlskey, and whether --tlsfirst is needed"
        )
    if isinstance(error, TimeoutError):
        return "the broker says nothing: it hangs, or it begins with TLS (--tlsfirst), or does not"
    return None


def _decode(text: str | None) -> str | None:
    return None if text is None else unquote(text)


def _address(text: str) -> str:
    if "://" not in text:
        text = f"nats://{text}"
    told = "--nats: nats://HOST:PORT is needed; in user and password, @ / : % and their like are encoded"
    try:
        parts = urlsplit(text)
        sound = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError as error:
        raise AccessError(told) from error
    if not sound or parts.scheme not in SCHEMES or "@" in parts.path + parts.query + parts.fragment:
        raise AccessError(told)
    if parts.scheme in ("ws", "wss") and find_spec("aiohttp") is None:
        raise AccessError(
            f"--nats: {parts.scheme}:// needs a library for WebSockets: pip install 'omnisession[ws]'"
        )
    return text


def _no_passphrase() -> str:
    raise ValueError("its key is encrypted")


class PlainBrokerError(OSError):
    """A broker that has no TLS, where TLS is wanted."""
