"""Keys that tokens of users are verified with: each has a name, and one algorithm."""

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from omnisession_reference.keys import AccessError, words
from omnisession_reference.log import Log
from omnisession_reference.reread import Reread
from omnisession_reference.revocations import Revocations
from omnisession_reference.wire import JsonObject, WireError, decode

OPTION = "--keys"
MAX_BYTES = 1 << 20
RSA_BITS = 2_048

# What a key signs with that says nothing of it: the type and the curve leave one algorithm each.
ALGORITHMS = {("RSA", ""): "RS256", ("EC", "P-256"): "ES256", ("OKP", "Ed25519"): "EdDSA"}
PRIVATE = ("d", "p", "q", "dp", "dq", "qi", "oth", "k")


@dataclass(frozen=True, slots=True)
class TokenRules:
    """What the command line says of tokens, besides the secret."""

    files: tuple[Path, ...] = ()
    audience: str | None = None
    issuer: str | None = None
    revocations: Path | None = None


ANY_TOKENS = TokenRules()
"""The secret is the only key, and tokens are for everybody."""


@dataclass(frozen=True, slots=True, eq=False)
class TokenKey:
    """One key. `kid` is None for the secret, which has no name."""

    kid: str | None
    algorithm: str
    material: Any

    def __repr__(self) -> str:
        return f"TokenKey({self.kid!r}, {self.algorithm})"


class Ring:
    """All keys of a server, and what was revoked. Files are looked at again when they have changed."""

    def __init__(
        self,
        secret: str,
        files: Sequence[Path] = (),
        log: Log | None = None,
        now: Callable[[], float] = time.monotonic,
        revocations: Path | None = None,
    ) -> None:
        """Read the files; raises AccessError for what no server can be started with."""
        self.revocations = Revocations(revocations, log, now)
        self._secret = TokenKey(None, "HS256", secret) if secret else None
        self._keys = Reread("keys", files, read_keys, _told, log, now)

    def key(self, header: Mapping[str, Any]) -> TokenKey | None:
        """Choose the key of a token by its header; None where it names none of these.

        A token without a `kid` is of the secret or, where there is none, of the only key. A secret has
        no name: where it is all there is, a `kid` is not looked at.
        """
        named = self._keys.value
        if not named:
            return self._secret
        if "kid" in header:
            kid = header["kid"]
            return named.get(kid) if isinstance(kid, str) else None
        if self._secret is not None:
            return self._secret
        return next(iter(named.values())) if len(named) == 1 else None


def _told(named: Mapping[str, TokenKey]) -> JsonObject:
    return {"kids": sorted(named)}


def read_keys(files: Sequence[Path]) -> dict[str, TokenKey]:
    """Read public keys from PEM and JWKS files, by name; raises AccessError, which tells no key."""
    found: dict[str, TokenKey] = {}
    for path in files:
        for key in _read(path):
            if key.kid in found:
                raise _fault(path, f"there is another key {key.kid!r}; name each key otherwise")
            found[str(key.kid)] = key
    return found


def _read(path: Path) -> list[TokenKey]:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise _fault(path, f"cannot be read: {words(error)}") from None
    if len(data) > MAX_BYTES:
        raise _fault(path, f"is above {MAX_BYTES} bytes, which no file of keys is")
    if b"-----BEGIN" in data:
        return [_of_pem(path, data)]
    try:
        keys = decode(data).get("keys")
    except WireError as error:
        told = f"is neither a public key in PEM nor a JSON Web Key Set: {error}"
        raise _fault(path, told) from None
    if not isinstance(keys, list) or not keys:
        raise _fault(path, 'has no keys: a JSON Web Key Set is {"keys": […]} with one key at least')
    items: list[Any] = keys  # pyright: ignore[reportUnknownVariableType]
    return [_of_jwk(path, number, jwk) for number, jwk in enumerate(items, 1)]


_LABEL = re.compile(rb"-----BEGIN ([^\r\n]*?)-----")


def _of_pem(path: Path, data: bytes) -> TokenKey:
    """One public key, named by its file."""
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415 the start does not wait
    from cryptography.hazmat.primitives.serialization import load_pem_public_key  # noqa: PLC0415

    if b"PRIVATE KEY" in data:
        told = "is a private key, which belongs to whoever signs; give the server the public one"
        raise _fault(path, told)
    if b"BEGIN CERTIFICATE" in data:
        told = "is a certificate; `openssl x509 -pubkey -noout` prints its public key"
        raise _fault(path, told)
    if data.count(b"-----BEGIN") > 1:
        raise _fault(path, "has more than one key; a file in PEM has one, which it names")
    label = _LABEL.search(data)
    if label is not None and label[1] == b"RSA PUBLIC KEY":
        way = "`openssl rsa -RSAPublicKey_in -pubout` makes a PUBLIC KEY of it"
        raise _fault(path, f"is a key in PKCS#1; {way}")
    if label is None or label[1] != b"PUBLIC KEY":
        told = "is of another type than PUBLIC KEY, which alone is taken in PEM"
        raise _fault(path, told)
    name, dot, _ = path.name.rpartition(".")
    kid = name if dot else path.name
    if not kid:
        told = "has a name with nothing before the ending, by which tokens name the key; name it otherwise"
        raise _fault(path, told)
    try:
        material = load_pem_public_key(data)
    except (ValueError, UnsupportedAlgorithm):
        raise _fault(path, "holds no public key that can be read") from None
    return TokenKey(kid, _algorithm(path, "", material), material)


def _of_jwk(path: Path, number: int, jwk: Any) -> TokenKey:
    """One public key of a set."""
    where = f"key {number} "
    if not isinstance(jwk, dict):
        raise _fault(path, f"{where}is no JSON object")
    key: JsonObject = jwk  # pyright: ignore[reportUnknownVariableType]
    kid = key.get("kid")
    if not isinstance(kid, str) or not kid:
        raise _fault(path, f"{where}has no kid, by which tokens name it; give it one")
    where = f"key {number} ({kid!r}) "
    if key.get("kty") == "oct" or any(name in key for name in PRIVATE):
        told = "is a secret or a private key, which belongs to whoever signs; list the public one"
        raise _fault(path, where + told)
    operations: Any = key.get("key_ops", ["verify"])
    may_verify = isinstance(operations, list) and "verify" in operations
    if key.get("use", "sig") != "sig" or not may_verify:
        raise _fault(path, f"{where}is not for signatures; leave it out")
    return _made(path, where, kid, key)


def _made(path: Path, where: str, kid: str, key: JsonObject) -> TokenKey:
    kty, crv = key.get("kty"), key.get("crv")
    algorithm = ALGORITHMS.get((str(kty), "" if kty == "RSA" else str(crv)))
    if algorithm is None or key.get("alg", algorithm) != algorithm:
        raise _fault(path, where + _TAKEN)
    from jwt import PyJWK  # noqa: PLC0415 the start does not wait for it
    from jwt.exceptions import PyJWTError  # noqa: PLC0415

    try:
        material: Any = PyJWK(key, algorithm).key
    except (PyJWTError, ValueError, TypeError):  # its text tells the key
        raise _fault(path, f"{where}cannot be read as the {kty} key that it says it is") from None
    return TokenKey(kid, _algorithm(path, where, material), material)


_TAKEN = "is none that is taken: RSA with RS256, EC P-256 with ES256, and Ed25519 with EdDSA are"


def _algorithm(path: Path, where: str, material: Any) -> str:
    """Name the one algorithm of a public key; raises AccessError for keys that are not taken."""
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa  # noqa: PLC0415

    if isinstance(material, rsa.RSAPublicKey):
        if material.key_size < RSA_BITS:
            told = f"has {material.key_size} bits; RSA keys below {RSA_BITS} are not taken"
            raise _fault(path, where + told)
        return "RS256"
    if isinstance(material, ec.EllipticCurvePublicKey) and material.curve.name == "secp256r1":
        return "ES256"
    if isinstance(material, ed25519.Ed25519PublicKey):
        return "EdDSA"
    raise _fault(path, where + _TAKEN)


def _fault(path: Path, what: str) -> AccessError:
    return AccessError(f"{OPTION}: {path}: {what}")
