"""Who a session's user is, told by a JSON Web Token that one of the server's keys signed."""

import math
import re
import warnings
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from omnisession_reference.errors import Refusal
from omnisession_reference.revocations import Credential
from omnisession_reference.token_keys import ANY_TOKENS, Ring, TokenKey, TokenRules
from omnisession_reference.wire import JsonObject

if TYPE_CHECKING:
    from jwt.types import Options

# How far the clock of whoever signs may be ahead: a token that was just issued is none of the future.
LEEWAY_S = 60

# Times from here on are told to nobody: the year 2286.
NEVER_MS = 10**13

_COMPACT = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+){2}")
# A token that brings a key, or says where one is, is to be trusted for its own word.
_BRINGS_KEYS = ("jwk", "jku", "x5u", "x5c")
# The library judges the signature alone; it counts `aud` as a fault where none is expected.
_UNJUDGED: "Options" = {
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
    "verify_aud": False,
    "verify_iss": False,
    "verify_sub": False,
    "verify_jti": False,
}


@dataclass(frozen=True, slots=True)
class Grant:
    """A user as its token tells it; the permissions hold for the session that it opens."""

    user_id: str
    name: str
    permissions: frozenset[str]
    email: str | None = None
    # Milliseconds; None for an end that nobody comes to.
    expires_at: int | None = None
    # By what its token may be revoked; None for that of a journal, which keeps no token.
    credential: Credential | None = None


class Auth:
    """Checks bearer tokens: claims `sub`, `exp`, `perm` and, if there, `name`, `email`."""

    def __init__(
        self, ring: Ring, wall_ms: Callable[[], int], rules: TokenRules = ANY_TOKENS
    ) -> None:
        """Take the keys, and the clock by which sessions end as well."""
        self._rules = rules
        self._wall_ms = wall_ms
        self.ring = ring

    def grant(self, auth: JsonObject | None, user_id: str) -> Grant:
        """Check the credential of an open; refuses with 4010, 4011, 4013 or 4031."""
        if auth is None:
            raise Refusal(4010, "A bearer token is needed.")
        claims = self.claims(auth["token"])
        if claims["sub"] != user_id:
            raise Refusal(4031, "The token is of another user.")
        permissions = claims.get("perm")
        name, email = claims.get("name"), claims.get("email")
        return Grant(
            user_id=user_id,
            name=name if isinstance(name, str) else user_id,
            permissions=frozenset(_strings(permissions)),
            email=email if isinstance(email, str) else None,
            expires_at=_end_ms(claims["exp"]),
            credential=_credential(claims),
        )

    def is_revoked(self, credential: Credential | None) -> bool:
        """Say whether a token was taken back before its end."""
        return credential is not None and self.ring.revocations.has(credential)

    def claims(self, token: str) -> JsonObject:
        """Verify a token and read its claims; whatever has no place here is not looked at."""
        claims = self.signed(token)
        now_ms = self._wall_ms()
        sub, exp = claims.get("sub"), _seconds(claims.get("exp"))
        begins = [_seconds(claims[name]) for name in ("iat", "nbf") if name in claims]
        if not isinstance(sub, str) or not sub or exp is None or not self._is_for_us(claims):
            raise _not_valid()
        if any(begin is None or begin > now_ms / 1_000 + LEEWAY_S for begin in begins):
            raise _not_valid()
        if exp * 1_000 < now_ms + 1:  # the millisecond that `_end_ms` makes of it has come
            raise Refusal(4011, "The token has expired; get a new one.")
        if self.is_revoked(_credential(claims)):
            raise Refusal(4013, "The token was revoked; log in again.")
        return claims

    def _is_for_us(self, claims: JsonObject) -> bool:
        """Compare audience and issuer, where the server was told any."""
        audience, issuer = self._rules.audience, self._rules.issuer
        if issuer is not None and claims.get("iss") != issuer:
            return False
        told = claims.get("aud")
        return audience is None or audience in ([told] if isinstance(told, str) else _strings(told))

    def signed(self, token: str) -> JsonObject:
        """Verify the form and the signature of a token, and read its claims unjudged."""
        header = self.header(token)
        key = self.ring.key(header)
        if key is None or header.get("alg") != key.algorithm:
            raise _not_valid()
        return dict(_signed(token, key))

    def header(self, token: str) -> JsonObject:
        """Read the header of a token; refuses what has another form, and what brings a key."""
        header = _header(token)
        if "crit" in header or any(name in header for name in _BRINGS_KEYS):
            raise _not_valid()
        return header


def _header(token: str) -> JsonObject:
    import jwt  # noqa: PLC0415 the start does not wait for it

    try:
        if not _is_compact(token):
            raise _not_valid()
        return jwt.get_unverified_header(token)
    except (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError):
        raise _not_valid() from None


@lru_cache(maxsize=1024)
def _signed(token: str, key: TokenKey) -> JsonObject:
    # A client opens its sessions with one token, and its signature stays what it is.
    import jwt  # noqa: PLC0415 the start does not wait for it

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a short secret is its owner's choice
            return jwt.decode(  # pyright: ignore[reportUnknownMemberType]
                token, key.material, algorithms=[key.algorithm], options=_UNJUDGED
            )
    except (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError):
        raise _not_valid() from None


def _not_valid() -> Refusal:
    return Refusal(4010, "The token is not valid; get a new one.")


def _is_compact(token: str) -> bool:
    """Say whether a token is three parts as their encoder writes them: decoders take more than that."""
    return _COMPACT.fullmatch(token) is not None and all(
        urlsafe_b64encode(urlsafe_b64decode(f"{part}==")).decode().rstrip("=") == part
        for part in token.split(".")
    )


def _seconds(value: object) -> float | None:
    """Read a NumericDate of RFC 7519: any number, however far away; None for what is none."""
    try:
        seconds = float(value) if isinstance(value, int | float) else math.nan
    except OverflowError:
        return None
    return seconds if math.isfinite(seconds) and not isinstance(value, bool) else None


def _end_ms(exp: float) -> int | None:
    return int(exp * 1_000) if exp * 1_000 < NEVER_MS else None


def _credential(claims: JsonObject) -> Credential:
    token_id = claims.get("jti")
    return Credential(
        claims["sub"],
        token_id if isinstance(token_id, str) else None,
        _seconds(claims.get("iat")),
    )


def _strings(value: Any) -> list[str]:
    items: list[Any] = value if isinstance(value, list) else []  # pyright: ignore[reportUnknownVariableType]
    return [item for item in items if isinstance(item, str)]
