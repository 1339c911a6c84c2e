"""Faults in which a token says by what it is to be verified."""
# ruff: noqa: D102  an override means what it overrides

import contextlib
from typing import Any

import jwt

from omnisession_faults.faults.registry import fault
from omnisession_reference.auth import Auth
from omnisession_reference.errors import Refusal
from omnisession_reference.wire import JsonObject

# The library judges the signature alone, as in the server.
_UNJUDGED: Any = {f"verify_{name}": False for name in ("exp", "nbf", "iat", "aud", "iss", "sub")}


def _read(token: str, key: str, algorithms: list[str]) -> JsonObject | None:
    with contextlib.suppress(jwt.PyJWTError):
        return jwt.decode(token, key, algorithms=algorithms, options=_UNJUDGED)  # pyright: ignore[reportUnknownMemberType]
    return None


def _header(token: str) -> JsonObject:
    with contextlib.suppress(jwt.PyJWTError):
        return jwt.get_unverified_header(token)
    return {}


@fault("unsigned-tokens-by-another-name", breaks="SECU-017", secure=True)
class UnsignedTokensByAnotherName(Auth):
    """A token needs no signature where its alg is none in other letters."""

    def signed(self, token: str) -> JsonObject:
        if _header(token).get("alg") in ("None", "NONE"):
            options: Any = {"verify_signature": False}
            return jwt.decode(token, options=options)  # pyright: ignore[reportUnknownMemberType]
        return super().signed(token)


@fault("any-hash-will-do", breaks="SECU-017", secure=True)
class AnyHashWillDo(Auth):
    """A token is verified by the algorithm that it names."""

    def signed(self, token: str) -> JsonObject:
        key = self.ring.key({})
        more = key and _read(token, key.material, ["HS384", "HS512"])
        return more or super().signed(token)


@fault("tokens-bring-keys", breaks="SECU-017", secure=True)
class TokensBringKeys(Auth):
    """A token is verified by the key in its header."""

    def signed(self, token: str) -> JsonObject:
        brought: JsonObject = _header(token).get("jwk") or {}
        with contextlib.suppress(jwt.PyJWTError, Refusal):
            key = jwt.PyJWK(brought).key
            return _read(token, key, ["HS256"]) or super().signed(token)
        return super().signed(token)
