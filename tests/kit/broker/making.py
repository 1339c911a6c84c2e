"""Makes what a broker and its users prove who they are with: certificates, nkeys, tokens of users."""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from omnisession_deployments.tokens import ACCOUNT, OPERATOR, USER, Key

if TYPE_CHECKING:
    from pathlib import Path

DAY = dt.timedelta(days=1)
NO_LIMITS = dict.fromkeys(("subs", "data", "payload", "imports", "exports", "conn", "leaf"), -1)


@dataclass(frozen=True)
class Tenant:
    """An operator with one account, as a broker is told of them."""

    operator: Key
    account: Key

    @classmethod
    def new(cls) -> Tenant:
        return cls(Key.new(OPERATOR), Key.new(ACCOUNT))

    def configuration(self) -> str:
        """The lines of nats-server."""
        of_operator = self.operator.says(self.operator.public, {"type": "operator"})
        limits = {**NO_LIMITS, "wildcards": True}
        of_account = self.operator.says(self.account.public, {"type": "account", "limits": limits})
        return (
            f'operator: "{of_operator}"\nresolver: MEMORY\n'
            f'resolver_preload: {{ {self.account.public}: "{of_account}" }}\n'
        )

    def credentials(self, *, seconds: int = 3_600, seed: str | None = None) -> str:
        """A `.creds` file of a new user; negative seconds make one whose time is over."""
        user = Key.new(USER)
        limits = {"type": "user", "subs": -1, "data": -1, "payload": -1}
        token = self.account.says(user.public, limits, exp=int(time.time()) + seconds)
        return (
            f"-----BEGIN NATS USER JWT-----\n{token}\n------END NATS USER JWT------\n\n"
            "************************* IMPORTANT *************************\n"
            "NKEY Seed printed below can be used to sign and prove identity.\n\n"
            f"-----BEGIN USER NKEY SEED-----\n{seed or user.seed}\n------END USER NKEY SEED------\n"
        )


class Authority:
    """A CA, and the certificates that it signs, in a folder."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder
        self._name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        self._key = ec.generate_private_key(ec.SECP256R1())
        ca = x509.BasicConstraints(ca=True, path_length=None)
        own = self._built(self._name, self._key, ended=False).add_extension(ca, critical=True)
        self.file = folder / f"{name}.pem"
        self.file.write_bytes(own.sign(self._key, hashes.SHA256()).public_bytes(Encoding.PEM))

    def issue(self, name: str, *names: str, ended: bool = False) -> tuple[Path, Path]:
        """Files with a certificate and its key, for hosts or a user; one that has ended, if wanted."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        built = self._built(subject, key, ended=ended)
        if names:
            built = built.add_extension(
                x509.SubjectAlternativeName([_alternative(n) for n in names]), critical=False
            )
        cert, secret = self.folder / f"{name}.cert.pem", self.folder / f"{name}.key.pem"
        cert.write_bytes(built.sign(self._key, hashes.SHA256()).public_bytes(Encoding.PEM))
        secret.write_bytes(private_pem(key))
        return cert, secret

    def _built(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, *, ended: bool
    ) -> x509.CertificateBuilder:
        now = dt.datetime.now(dt.UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - 10 * DAY)
            .not_valid_after(now - DAY if ended else now + DAY)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()),
                critical=False,
            )
            .add_extension(
                x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False
            )
        )


def private_pem(key: ec.EllipticCurvePrivateKey, passphrase: bytes | None = None) -> bytes:
    """A private key as a file has it, encrypted where a passphrase is given."""
    encryption = (
        serialization.NoEncryption()
        if passphrase is None
        else serialization.BestAvailableEncryption(passphrase)
    )
    return key.private_bytes(Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)
