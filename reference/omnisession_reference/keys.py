"""Nkeys and files of credentials: how the server signs what its broker sends it."""

import base64
import binascii
import re
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

# Two bytes that say whose it is, 32 bytes of the key, a checksum of two.
USER_PREFIX = 20 << 3
SEED_BYTES = 36

_SEED = re.compile(r"^\s*(SU[A-Z2-7]{56})\s*$", re.MULTILINE)
_BLOCK = re.compile(r"^-{3,}[^\n]*-{3,}[ \t\r]*\n\s*([\w.=-]+)\s*\n-{3,}", re.MULTILINE)


class AccessError(Exception):
    """A setting, or a file that it names, cannot be used; says which."""


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs what the broker sends: for an nkey, or for the user of a token."""

    key: Ed25519PrivateKey
    public: str
    jwt: str | None

    def sign(self, nonce: str) -> bytes:
        """The signature in base64."""
        return base64.b64encode(self.key.sign(nonce.encode()))


def read_nkey(path: Path) -> Signer:
    """Read the seed of a user; raises AccessError."""
    seed = _SEED.search(_text(path, "--nkey"))
    return _signer(seed[1] if seed else "", None, f"--nkey: {path} holds no seed of a user's nkey")


def read_creds(path: Path) -> Signer:
    """Read the token of a user and the seed that belongs to it; raises AccessError."""
    jwt, seed, *_ = (*_BLOCK.findall(_text(path, "--creds")), "", "")
    found = _signer(seed, jwt, f"--creds: {path} is no file of credentials")
    if not jwt:
        raise AccessError(f"--creds: {path} is no file of credentials")
    return found


def _signer(seed: str, jwt: str | None, otherwise: str) -> Signer:
    try:
        raw = base64.b32decode(seed + "=" * (-len(seed) % 8))
    except binascii.Error as error:
        raise AccessError(otherwise) from error
    kind = (raw[0] & 7) << 5 | raw[1] >> 3 if len(raw) == SEED_BYTES else None
    if kind != USER_PREFIX or _checksum(raw[:-2]) != raw[-2:]:
        raise AccessError(otherwise)
    key = Ed25519PrivateKey.from_private_bytes(raw[2:-2])
    public = bytes([kind]) + key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return Signer(key, base64.b32encode(public + _checksum(public)).decode().rstrip("="), jwt)


def _checksum(raw: bytes) -> bytes:
    return binascii.crc_hqx(raw, 0).to_bytes(2, "little")


def _text(path: Path, option: str) -> str:
    try:
        return path.read_text("utf-8", "replace")
    except (OSError, ValueError) as error:
        raise AccessError(f"{option}: {path} cannot be read: {words(error)}") from error


def words(error: Exception) -> str:
    """What an error of the system says."""
    return getattr(error, "reason", None) or getattr(error, "strerror", None) or str(error)
