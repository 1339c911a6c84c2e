"""Keys that nothing but vectors is signed with, and tokens of any form that they sign.

All of it comes out the same each time. These keys are in everybody's hands: no server may be told them.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import urlsafe_b64encode
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, HashAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

if TYPE_CHECKING:
    from collections.abc import Callable

Json = dict[str, Any]

SECRET = "a secret that everybody knows, for vectors alone"  # noqa: S105
_P = int(
    "fa2b3a00f00ba904b35ab45b1cb1c4c92df0360c9023505f6c5938377e17d4b68c98c442ef84f955502077e645bab2ac"
    "f85c75f28726df06c1801d334ac3b579cdb743e8ffc9b92b82b01a4f3f72120d716226e6519519adbe870d337e6ebae5"
    "660e892a153617b79e271108a18d2000d15d8774e02e72c1b81dfc0e10331985",
    16,
)
_Q = int(
    "b617b2056b6456104f9e1455da136a0ae9e4813c07b85fa58346112b3fea2bb0c1b96c8283112d4714a42e3eff250dff"
    "defc6351e7ae30b0beb3f79bed07db2f120d771872b290249e9785bcd0c1b06dca0467068b391f02aceba2c724b479ba"
    "15e32e41381784056c72235bb8f85e799a0600f0bc7d60ad0f082dbfeb29ca89",
    16,
)
_E = 65_537


def _rsa() -> rsa.RSAPrivateKey:
    d = pow(_E, -1, (_P - 1) * (_Q - 1))
    public = rsa.RSAPublicNumbers(_E, _P * _Q)
    crt = rsa.rsa_crt_dmp1(d, _P), rsa.rsa_crt_dmq1(d, _Q), rsa.rsa_crt_iqmp(_P, _Q)
    return rsa.RSAPrivateNumbers(_P, _Q, d, *crt, public).private_key()


RSA = _rsa()
P256, OTHER_P256 = (ec.derive_private_key(n, ec.SECP256R1()) for n in (2_025, 2_026))
P384 = ec.derive_private_key(2_027, ec.SECP384R1())
ED, OTHER_ED = (ed25519.Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (7, 8))


def part(raw: bytes) -> str:
    """base64url without padding."""
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def number(value: int, size: int | None = None) -> str:
    """A number as a JSON Web Key has it."""
    return part(value.to_bytes(size or (value.bit_length() + 7) // 8))


def pem(key: Any) -> str:
    """The public key of a private one."""
    form = (Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return key.public_key().public_bytes(*form).decode()


def pkcs1(key: rsa.RSAPrivateKey) -> str:
    """The same in the form that RSA had before there were other keys."""
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.PKCS1).decode()


def of_type(label: str, key: Any) -> str:
    """The PEM of a key in a frame of another type."""
    return pem(key).replace("PUBLIC KEY", label)


def der(key: Any) -> bytes:
    """The same without its frame."""
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def jwk(key: Any, kid: str, **more: Any) -> Json:
    """The public key of a private one as a JSON Web Key."""
    return {"kid": kid, **_members(key), **more}


def _members(key: Any) -> Json:
    if isinstance(key, ed25519.Ed25519PrivateKey):
        raw = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return {"kty": "OKP", "crv": "Ed25519", "x": part(raw)}
    public = key.public_key().public_numbers()
    if isinstance(key, rsa.RSAPrivateKey):
        return {"kty": "RSA", "n": number(public.n), "e": number(public.e)}
    size = (key.curve.key_size + 7) // 8
    curve = f"P-{key.curve.key_size}"
    return {"kty": "EC", "crv": curve, "x": number(public.x, size), "y": number(public.y, size)}


def by_secret(secret: str | bytes, digest: str = "sha256") -> Callable[[bytes], bytes]:
    """HS256 and its like."""
    key = secret.encode() if isinstance(secret, str) else secret
    return lambda text: hmac.new(key, text, getattr(hashlib, digest)).digest()


def by_rsa(key: rsa.RSAPrivateKey, digest: HashAlgorithm | None = None) -> Callable[[bytes], bytes]:
    """RS256 and its like."""
    return lambda text: key.sign(text, padding.PKCS1v15(), digest or SHA256())


def by_ec(
    key: ec.EllipticCurvePrivateKey, digest: HashAlgorithm | None = None
) -> Callable[[bytes], bytes]:
    """ES256 and its like: both numbers of a signature, each at its full length."""
    size = (key.curve.key_size + 7) // 8

    def sign(text: bytes) -> bytes:
        r, s = decode_dss_signature(by_ec_der(key, digest)(text))
        return r.to_bytes(size) + s.to_bytes(size)

    return sign


def by_ec_der(
    key: ec.EllipticCurvePrivateKey, digest: HashAlgorithm | None = None
) -> Callable[[bytes], bytes]:
    """The same as libraries for certificates write it."""
    how = ec.ECDSA(digest or SHA256(), deterministic_signing=True)
    return lambda text: key.sign(text, how)


def token(sign: Callable[[bytes], bytes], header: Json, claims: Json) -> str:
    """A token with this header and these claims, signed."""
    head, body = (part(json.dumps(one, separators=(",", ":")).encode()) for one in (header, claims))
    return f"{head}.{body}.{part(sign(f'{head}.{body}'.encode()))}"
