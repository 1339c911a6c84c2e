"""Seeds of nkeys and `.creds` files: how a user of the broker signs what the broker asks it to sign.

A seed is base32 of two bytes that say whose it is, 32 bytes of an Ed25519 key, and a checksum. A `.creds`
file has the JSON Web Token of a user, and the seed that belongs to it.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import secrets
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from omnisession_conformance.errors import UsageError, sentence
from omnisession_conformance.files import MB, read_file
from omnisession_conformance.protocol.json import as_object, is_object

if TYPE_CHECKING:
    from pathlib import Path

    from omnisession_conformance.protocol.json import Object

SEED = 18 << 3
USER = 20 << 3
ACCOUNT = 0
OPERATOR = 14 << 3
_KINDS = {
    ACCOUNT: "an account",
    OPERATOR: "an operator",
    13 << 3: "a server",
    2 << 3: "a cluster",
    USER: "a user",
}
_STARTS = {USER: "SU", ACCOUNT: "SA", OPERATOR: "SO"}
_RAW_SEED = 36
_RAW_PUBLIC = 35
_KEY = slice(2, 34)
_SEED_LINE = re.compile(r"^\s*(S[A-Z2-7]{57})\s*$", re.MULTILINE)
_BLOCK = re.compile(r"^-{3,}[^\n]*-{3,}[ \t\r]*\n\s*([\w.=-]+)\s*\n-{3,}", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class SigningKey:
    """What tokens are signed with: the key of an account, one that an account has named, an operator's."""

    public: str
    private: Ed25519PrivateKey = field(repr=False)


@dataclass(frozen=True, slots=True)
class Signer:
    """What the broker is shown in the place of a password, and the key that signs its nonce."""

    path: str
    seed: str
    public: str
    jwt: str | None = None
    expires_s: int | None = None
    """When the token of a `.creds` file ends, in seconds since the Unix epoch."""

    def __repr__(self) -> str:
        return f"Signer({self.path!r}, {self.public!r})"

    @property
    def secrets(self) -> tuple[str, ...]:
        """What of it nobody may see."""
        return (self.seed, self.jwt) if self.jwt else (self.seed,)

    def sign(self, nonce: str) -> bytes:
        """The signature of what the broker sent, as the broker wants it: in base64."""
        return base64.b64encode(_private(self.seed).sign(nonce.encode()))


def read_nkey(path: Path, where: str) -> Signer:
    """Read a file with the seed of a user; UsageError says what is wrong with it."""
    seed = _SEED_LINE.search(_text(path, where))
    if seed is None:
        raise UsageError(f"{where}: {path} holds no seed of an nkey: a user's begins with SU.")
    return Signer(str(path), seed[1], _public(seed[1], f"{where}: the seed in {path}"))


def read_credentials(path: Path, where: str) -> Signer:
    """Read a `.creds` file; UsageError says what is wrong with it."""
    blocks = _BLOCK.findall(_text(path, where))
    if len(blocks) < 2:
        raise UsageError(
            f"{where}: {path} is no credentials file: it has no two blocks BEGIN NATS USER JWT and "
            "BEGIN USER NKEY SEED. `nsc generate creds` writes one."
        )
    token, seed = blocks[0], blocks[1]
    public = _public(seed, f"{where}: the seed in {path}")
    claims = _claims(token)
    if not claims:
        raise UsageError(f"{where}: what {path} has as the user's token is no JSON Web Token.")
    if claims.get("sub") != public and not _is_bearer(claims):
        raise UsageError(f"{where}: the seed in {path} is not of the user that its token is for.")
    expires = claims.get("exp")
    return Signer(str(path), seed, public, token, expires if isinstance(expires, int) else None)


def creds(token: str, seed: str) -> str:
    """The text of a `.creds` file, as libraries of NATS read it."""
    return (
        f"-----BEGIN NATS USER JWT-----\n{token}\n------END NATS USER JWT------\n\n"
        f"-----BEGIN USER NKEY SEED-----\n{seed}\n------END USER NKEY SEED------\n"
    )


def bearer(token: str, where: str) -> Signer:
    """Who shows a bearer token, for which the broker looks at no signature; UsageError where it is none."""
    claims = _claims(token)
    if not claims:
        raise UsageError(f"{where}: this is no JSON Web Token.")
    expires = claims.get("exp")
    return replace(
        _anybody(where), jwt=token, expires_s=expires if isinstance(expires, int) else None
    )


def forged(signer: Signer) -> Signer:
    """Somebody who is not the same: with a token whose signature is nobody's, else with another key."""
    if signer.jwt is None:
        return _anybody(signer.path)
    head, body, _ = signer.jwt.split(".")
    signature = base64.urlsafe_b64encode(secrets.token_bytes(64)).decode().rstrip("=")
    return replace(signer, jwt=f"{head}.{body}.{signature}")


def _anybody(where: str) -> Signer:
    """A user with a key that nobody knows."""
    seed = new_seed(USER)
    return Signer(where, seed, _public_of(seed, where, USER))


def new_seed(kind: int) -> str:
    """The seed of a new key of a user, an account or an operator."""
    return _encode(bytes([SEED | kind >> 5, (kind & 31) << 3]) + secrets.token_bytes(32))


def read_signing_seed(text: str, where: str, kind: int = ACCOUNT) -> SigningKey:
    """The key of an account by its seed, which may have lines around it; UsageError says what is wrong.

    By `kind` it is that of an operator or a user.
    """
    seed = _SEED_LINE.search(text)
    if seed is None:
        told = f"that of {_KINDS[kind]} begins with {_STARTS[kind]}"
        raise UsageError(f"{where} holds no seed of an nkey: {told}.")
    return SigningKey(_public_of(seed[1], f"{where}: the seed", kind), _private(seed[1]))


def read_signing_file(path: Path, where: str) -> SigningKey:
    """The same of a file."""
    return read_signing_seed(_text(path, where), f"{where}: {path}")


def is_seed(text: str) -> bool:
    """Whether a text has the form of a seed, right or not."""
    return _SEED_LINE.fullmatch(text) is not None


def is_account(key: str) -> bool:
    """Whether a text is the public key of an account."""
    try:
        raw = base64.b32decode(key + "=" * (-len(key) % 8))
    except (binascii.Error, ValueError):
        return False
    return len(raw) == _RAW_PUBLIC and raw[0] == ACCOUNT and checksum(raw[:-2]) == raw[-2:]


def public_user_key(raw: bytes) -> str:
    """32 bytes as the public key of a user."""
    return _encode(bytes([USER]) + raw)


def _text(path: Path, where: str) -> str:
    try:
        return read_file(path, MB).decode("utf-8", "replace")
    except OSError as error:
        raise UsageError(f"{where}: cannot read the file: {sentence(error)}.") from error


def _public(seed: str, what: str) -> str:
    return _public_of(seed, what, USER)


def _public_of(seed: str, what: str, wanted: int) -> str:
    raw = _decode(seed)
    if raw is None or raw[0] & 0xF8 != SEED:
        raise UsageError(f"{what} is none: a character of it is wrong or missing.")
    kind = (raw[0] & 7) << 5 | raw[1] >> 3
    if kind != wanted:
        needed, start = _KINDS[wanted], _STARTS[wanted]
        told = f"is that of {_KINDS[kind]}" if kind in _KINDS else f"is not that of {needed}"
        raise UsageError(f"{what} {told}: that of {needed} is needed, which begins with {start}.")
    public = _private(seed).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return _encode(bytes([wanted]) + public)


def _private(seed: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes((_decode(seed) or b"")[_KEY])


def _decode(text: str) -> bytes | None:
    try:
        raw = base64.b32decode(text + "=" * (-len(text) % 8))
    except (binascii.Error, ValueError):
        return None
    whole = len(raw) == _RAW_SEED and checksum(raw[:-2]) == raw[-2:]
    return raw if whole else None


def _encode(raw: bytes) -> str:
    return base64.b32encode(raw + checksum(raw)).decode().rstrip("=")


def checksum(raw: bytes) -> bytes:
    """CRC-16/XMODEM, low byte first, as nkeys end with it."""
    return binascii.crc_hqx(raw, 0).to_bytes(2, "little")


def _is_bearer(claims: Object) -> bool:
    """Whether the broker looks at no signature: then the seed in the file is there for its form."""
    nats = claims.get("nats")
    return is_object(nats) and nats.get("bearer_token") is True


def _claims(token: str) -> Object:
    """What a token says, nothing where it is none; its signature is the broker's to look at."""
    try:
        _, body, _ = token.split(".")
        return as_object(json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))))
    except (ValueError, RecursionError):
        return {}
