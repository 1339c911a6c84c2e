"""TLS to the broker: the files that the settings name, read once and checked before anything starts."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from omnisession_conformance.errors import UsageError, sentence
from omnisession_conformance.files import MB, read_file

if TYPE_CHECKING:
    from pathlib import Path


class _EncryptedKeyError(Exception):
    """A private key that only a passphrase opens."""


class NamedContext(ssl.SSLContext):
    """Expects the certificate of one name, whatever the host is called that was connected to.

    Of a WebSocket's connection nobody can tell the library another name.
    """

    expected: str | None = None

    def wrap_bio(self, *buffers: Any, **options: Any) -> ssl.SSLObject:
        """Begin a handshake, as the library does."""
        if self.expected is not None:
            options["server_hostname"] = self.expected
        return super().wrap_bio(*buffers, **options)


@dataclass(frozen=True, slots=True)
class Tls:
    """What `[broker]` says of TLS."""

    ca_file: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = None
    server_name: str | None = None
    first: bool = False
    """Whether the handshake comes before anything that the broker says."""
    context: ssl.SSLContext = field(default_factory=ssl.create_default_context, compare=False)


def read_tls(
    where: str,
    *,
    ca_file: Path | None = None,
    cert_file: Path | None = None,
    key_file: Path | None = None,
    server_name: str | None = None,
    first: bool = False,
) -> Tls:
    """Read the files; UsageError names the setting, the file and what is wrong with it.

    Without `ca_file` the certificates that the system trusts count, or those of SSL_CERT_FILE.
    """
    context = NamedContext(ssl.PROTOCOL_TLS_CLIENT)
    context.expected = server_name
    if ca_file is None:
        context.load_default_certs()
    else:
        _trust(context, ca_file, f"{where}.ca_file")
    if (cert_file is None) is not (key_file is None):
        given, missing = ("cert_file", "key_file") if cert_file else ("key_file", "cert_file")
        raise UsageError(
            f"{where}.{given}: '{missing}' is missing: a certificate and its key go together."
        )
    if cert_file is not None and key_file is not None:
        _present(context, cert_file, key_file, where)
    return Tls(ca_file, cert_file, key_file, server_name, first, context)


def without_certificate(tls: Tls) -> Tls:
    """The same for those who show no certificate; UsageError where the CA's file is gone."""
    if tls.cert_file is None:
        return tls
    return read_tls("broker", ca_file=tls.ca_file, server_name=tls.server_name, first=tls.first)


def _trust(context: ssl.SSLContext, path: Path, where: str) -> None:
    _readable(path, where)
    try:
        context.load_verify_locations(path)
    except (ssl.SSLError, OSError) as error:
        raise UsageError(f"{where}: {path} holds no certificate in PEM form.") from error


def _present(context: ssl.SSLContext, cert: Path, key: Path, where: str) -> None:
    for name, path, begin in (
        ("cert_file", cert, b"-----BEGIN CERTIFICATE-----"),
        ("key_file", key, b"PRIVATE KEY-----"),
    ):
        if begin not in _readable(path, f"{where}.{name}"):
            what = "certificate" if name == "cert_file" else "private key"
            raise UsageError(f"{where}.{name}: {path} holds no {what} in PEM form.")

    def ask() -> str:
        raise _EncryptedKeyError

    try:
        context.load_cert_chain(cert, key, ask)
    except _EncryptedKeyError as error:
        raise UsageError(
            f"{where}.key_file: {key} is encrypted, and nobody is asked for its passphrase: "
            "`openssl pkey` writes it without."
        ) from error
    except (ssl.SSLError, OSError) as error:
        if getattr(error, "reason", None) == "KEY_VALUES_MISMATCH":
            told = f"{key} is not the key of the certificate in {cert}"
        else:
            told = f"{cert} and {key} cannot be used: {sentence(error)}"
        raise UsageError(f"{where}.key_file: {told}.") from error


def _readable(path: Path, where: str) -> bytes:
    try:
        return read_file(path, 8 * MB)
    except (OSError, ValueError) as error:
        raise UsageError(f"{where}: cannot read the file: {sentence(error)}.") from error
