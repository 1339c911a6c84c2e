"""Tokens of users of a broker in operator mode: what they say, and how they are signed."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, Final

import jwt
from jwt.algorithms import OKPAlgorithm

from omnisession_conformance.environment.keys import public_user_key

if TYPE_CHECKING:
    from collections.abc import Mapping

    from omnisession_conformance.environment.keys import SigningKey
    from omnisession_conformance.protocol.permissions import Permissions

ALGORITHM: Final = "ed25519-nkey"
VERSION: Final = 2
"""Of the claims, as nats-server reads them since 2.2."""
UNBOUNDED: Final = -1


def claims_of(permissions: Permissions, *, bearer: bool = True) -> dict[str, Any]:
    """What the token of a user says beside who signed it, whose it is and when it ends.

    A bearer token is one with which whoever has it may connect: a page needs no key of its own.
    """
    allowed = permissions.as_nats()
    return {
        "name": name_of(permissions),
        "nats": {
            "pub": allowed["publish"],
            "sub": allowed["subscribe"],
            "subs": UNBOUNDED if permissions.subs is None else permissions.subs,
            "data": UNBOUNDED,
            "payload": UNBOUNDED,
            "bearer_token": bearer,
            "type": "user",
            "version": VERSION,
        },
    }


def signed(
    permissions: Permissions,
    key: SigningKey,
    account: str | None,
    now_s: int,
    expires_s: int | None,
    *,
    owner: str | None = None,
) -> str:
    """A token of a user that a broker takes, from now until `expires_s` seconds later, None for no end.

    `account` is the public key of the account where `key` is one that it has named for signing. With the
    public key of an `owner` it is no bearer token: whoever shows it proves to have the other half.
    """
    claims = claims_of(permissions, bearer=owner is None)
    if account is not None:
        claims["nats"]["issuer_account"] = account
    whose = subject_of(account or key.public, permissions.role, permissions.user_id)
    end = {} if expires_s is None else {"exp": now_s + expires_s}
    return encoded({**claims, "iss": key.public, "sub": owner or whose, "iat": now_s, **end}, key)


def encoded(claims: Mapping[str, Any], key: SigningKey) -> str:
    """Claims as a token that NATS reads; its `jti` is a digest of what it says."""
    whole = {
        **claims,
        "jti": hashlib.sha256(json.dumps(claims, sort_keys=True).encode()).hexdigest(),
    }
    signer = jwt.PyJWS()
    signer.register_algorithm(ALGORITHM, OKPAlgorithm())
    return signer.encode(json.dumps(whole).encode(), key.private, ALGORITHM, {"typ": "JWT"})


def name_of(permissions: Permissions) -> str:
    """What the broker's monitoring calls a user: the role, and behind a space the user's id.

    No role has a space in it, so no user has the name of a role.
    """
    user = "" if permissions.user_id is None else f" {permissions.user_id}"
    return f"{permissions.role}{user}"


def subject_of(account: str, role: str, user_id: str | None) -> str:
    """Whose a token is, as a key of a user: always the same for one role, or one user of it, in an account.

    So one revocation reaches all tokens of a user, and none of a role whose name the user has. Nobody has
    the other half of the key: the tokens are bearer tokens, and none can be used as anything else.
    """
    whose = json.dumps(["omnisession", account, role, user_id])
    return public_user_key(hashlib.sha256(whose.encode()).digest())
