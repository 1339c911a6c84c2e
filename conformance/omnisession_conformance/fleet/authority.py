"""The CA of a fleet, made once, and the certificate by which its broker is known."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID

from omnisession_conformance.errors import UsageError, sentence
from omnisession_conformance.fleet.keyring import FOLDER
from omnisession_conformance.fleet.private import kept, write

if TYPE_CHECKING:
    from pathlib import Path

Key = ec.EllipticCurvePrivateKey
CA: Final = "ca.pem"
HOST: Final = "127.0.0.1"
LASTS: Final = dt.timedelta(days=3_650)
SKEW: Final = dt.timedelta(days=1)
"""By so much a clock of a client may be behind."""


@dataclass(frozen=True, slots=True)
class Certificates:
    """Files of a fleet: the CA's certificate, that of the broker, and the broker's key."""

    ca: Path
    broker: Path
    key: Path


def files_of(folder: Path) -> Certificates:
    """Where they are below the folder of a fleet."""
    own = folder / FOLDER
    return Certificates(folder / CA, own / "broker.pem", own / "broker.key")


def certificates(folder: Path) -> Certificates:
    """A certificate for the broker, anew for each start, by a CA that stays; raises UsageError."""
    own, found = folder / FOLDER, files_of(folder)
    try:
        key = _key_of(kept(own / "ca.key", _new_pem, "the key of the CA"), own / "ca.key")
        authority = _authority(found.ca, key)
        broker = ec.generate_private_key(ec.SECP256R1())
        write(found.key, _pem(broker))
        write(found.broker, _issued(authority, key, broker).public_bytes(Encoding.PEM).decode())
    except OSError as error:
        raise UsageError(
            f"--data: the certificates cannot be written: {sentence(error)}."
        ) from error
    return found


def _authority(file: Path, key: Key) -> x509.Certificate:
    """The CA's certificate: the one in the file where it is that of the key, else a new one."""
    try:
        found = x509.load_pem_x509_certificate(file.read_bytes())
        if found.public_key() == key.public_key():
            return found
    except (FileNotFoundError, ValueError):
        pass
    made = _self_signed(key)
    write(file, made.public_bytes(Encoding.PEM).decode())
    file.chmod(0o644)
    return made


def _self_signed(key: Key) -> x509.Certificate:
    name = _name("omnisession up")
    usage = x509.KeyUsage(
        key_cert_sign=True,
        crl_sign=True,
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
    built = _built(name, name, key, key)
    built = built.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    return built.add_extension(usage, critical=True).sign(key, hashes.SHA256())


def _issued(authority: x509.Certificate, key: Key, broker: Key) -> x509.Certificate:
    names = x509.SubjectAlternativeName(
        [x509.IPAddress(ip_address(HOST)), x509.DNSName("localhost")]
    )
    for_servers = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    built = _built(_name("the broker"), authority.subject, broker, key)
    built = built.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    built = built.add_extension(names, critical=False).add_extension(for_servers, critical=False)
    return built.sign(key, hashes.SHA256())


def _built(subject: x509.Name, issuer: x509.Name, key: Key, by: Key) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - SKEW)
        .not_valid_after(now + LASTS)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key()), critical=False
        )
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])


def _new_pem() -> str:
    return _pem(ec.generate_private_key(ec.SECP256R1()))


def _pem(key: Key) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def _key_of(text: str, file: Path) -> Key:
    try:
        found = load_pem_private_key(text.encode(), None)
    except (ValueError, TypeError):
        found = None
    if not isinstance(found, Key):
        raise UsageError(
            f"--data: '{file}' holds no key of an elliptic curve in PEM form. Remove it for a new CA, "
            "which clients have to be given anew."
        )
    return found
