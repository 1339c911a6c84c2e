"""Makes what a broker and its users prove who they are with: certificates, nkeys, tokens of users."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hashlib
import json
import os
import time
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import OKPAlgorithm

if TYPE_CHECKING:
    from pathlib import Path

ACCOUNT, USER, OPERATOR = 0, 20 << 3, 14 << 3
SIGNED = "ed25519-nkey"
DAY = dt.timedelta(days=1)
NO_LIMITS = dict.fromkeys(("subs", "data", "payload", "imports", "exports", "conn", "leaf"), -1)


def _base32(raw: bytes) -> str:
    checksum = binascii.crc_hqx(raw, 0).to_bytes(2, "little")
    return base64.b32encode(raw + checksum).decode().rstrip("=")


class NKey:
    """A key of a user, an account or an operator."""

    def __init__(self, prefix: int) -> None:
        raw = os.urandom(32)
        self.private = Ed25519PrivateKey.from_private_bytes(raw)
        public = self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.public = _base32(bytes([prefix]) + public)
        self.seed = _base32(bytes([18 << 3 | prefix >> 5, (prefix & 31) << 3]) + raw)

    def sign(self, subject: str, nats: dict[str, Any], **claims: Any) -> str:
        """A token that says what somebody is, as the broker reads it."""
        with_id = {
            "jti": hashlib.sha256(json.dumps(nats).encode()).hexdigest(),
            "iat": int(time.time()),
            "iss": self.public,
            "sub": subject,
            "name": subject,
            "nats": {"version": 2, **nats},
            **claims,
        }
        signer = jwt.PyJWS()
        signer.register_algorithm(SIGNED, OKPAlgorithm())
        return signer.encode(json.dumps(with_id).encode(), self.private, SIGNED, {"typ": "JWT"})


@dataclass(frozen=True)
class Tenant:
    """An operator with one account, as a broker is told of them."""

    operator: NKey
    account: NKey

    @classmethod
    def new(cls) -> Tenant:
        return cls(NKey(OPERATOR), NKey(ACCOUNT))

    def configuration(self) -> str:
        """The lines of nats-server."""
        of_operator = self.operator.sign(self.operator.public, {"type": "operator"})
        limits = {**NO_LIMITS, "wildcards": True}
        of_account = self.operator.sign(self.account.public, {"type": "account", "limits": limits})
        return (
            f'operator: "{of_operator}"\nresolver: MEMORY\n'
            f'resolver_preload: {{ {self.account.public}: "{of_account}" }}\n'
        )

    def credentials(self, *, seconds: int = 3_600, seed: str | None = None) -> str:
        """A `.creds` file of a new user; negative seconds make one whose time is over."""
        user = NKey(USER)
        limits = {"type": "user", "subs": -1, "data": -1, "payload": -1}
        token = self.account.sign(user.public, limits, exp=int(time.time()) + seconds)
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
