"""A broker in operator mode: its configuration, and the tokens of its users."""

import base64
import binascii
import hashlib
import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import OKPAlgorithm

from omnisession_deployments.grants import UNBOUNDED, Grant

ALGORITHM = "ed25519-nkey"
OPERATOR, ACCOUNT, USER, SEED = 14 << 3, 0, 20 << 3, 18 << 3
LASTS_S = 600
_LIMITS = {
    **dict.fromkeys(("subs", "data", "payload", "imports", "exports", "conn", "leaf"), UNBOUNDED),
    "wildcards": True,
}
_STORE = dict.fromkeys(("mem_storage", "disk_storage", "streams", "consumer"), UNBOUNDED)


@dataclass(frozen=True, slots=True)
class Key:
    """A key of an operator, an account or a user, with its name and its seed as NATS writes them."""

    public: str
    seed: str = field(repr=False)
    private: Ed25519PrivateKey = field(repr=False)

    @classmethod
    def new(cls, kind: int) -> "Key":
        """A new one."""
        raw = os.urandom(32)
        private = Ed25519PrivateKey.from_private_bytes(raw)
        public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        seed = bytes([SEED | kind >> 5, (kind & 31) << 3]) + raw
        return cls(_written(bytes([kind]) + public), _written(seed), private)

    def says(self, whose: str, nats: Mapping[str, Any], **claims: Any) -> str:
        """A token that this key has signed."""
        told = {
            "iss": self.public,
            "sub": whose,
            "name": whose,
            "iat": int(time.time()),
            "nats": {"version": 2, **nats},
            **claims,
        }
        named = {**told, "jti": hashlib.sha256(json.dumps(told).encode()).hexdigest()}
        signer = jwt.PyJWS()
        signer.register_algorithm(ALGORITHM, OKPAlgorithm())
        return signer.encode(json.dumps(named).encode(), self.private, ALGORITHM, {"typ": "JWT"})


def _written(raw: bytes) -> str:
    checksum = binascii.crc_hqx(raw, 0).to_bytes(2, "little")
    return base64.b32encode(raw + checksum).decode().rstrip("=")


def operated(
    accounts: Mapping[str, Mapping[str, Grant]], *, store: bool
) -> tuple[str, dict[str, str]]:
    """Lines of a broker that trusts an operator, and the token of each user by name.

    The first account has JetStream with `store`.
    """
    operator, tokens = Key.new(OPERATOR), dict[str, str]()
    # Without a system account a broker traces no messages.
    system = Key.new(ACCOUNT)
    told = operator.says(system.public, {"type": "account", "limits": _LIMITS})
    preloaded = [f'  {system.public}: "{told}"']
    for number, users in enumerate(accounts.values()):
        account = Key.new(ACCOUNT)
        limits = {**_LIMITS, **(_STORE if store and number == 0 else {})}
        token = operator.says(account.public, {"type": "account", "limits": limits})
        preloaded.append(f'  {account.public}: "{token}"')
        tokens |= {name: _token(account, grant) for name, grant in users.items()}
    lines = [
        f'operator: "{operator.says(operator.public, {"type": "operator"})}"',
        f'system_account: "{system.public}"',
        "resolver: MEMORY",
        "resolver_preload {",
        *preloaded,
        "}",
    ]
    return "\n".join(lines) + "\n", tokens


def _token(account: Key, grant: Grant) -> str:
    lists = grant.lists()
    nats: dict[str, Any] = {
        "type": "user",
        "pub": lists["publish"],
        "sub": lists["subscribe"],
        "subs": grant.subs,
        "data": UNBOUNDED,
        "payload": UNBOUNDED,
        "bearer_token": True,
    }
    if grant.responses:
        nats["resp"] = {"max": 1, "ttl": 0}
    return account.says(Key.new(USER).public, nats, exp=int(time.time()) + LASTS_S)


def credentials(token: str) -> str:
    """A `.creds` file with a token; the seed in it is nobody's, as a bearer proves nothing."""
    return (
        f"-----BEGIN NATS USER JWT-----\n{token}\n------END NATS USER JWT------\n\n"
        f"-----BEGIN USER NKEY SEED-----\n{Key.new(USER).seed}\n------END USER NKEY SEED------\n"
    )
