"""Faults of tokens whose claims are not as usual."""
# ruff: noqa: D102  an override means what it overrides

import time
from dataclasses import replace

from omnisession_faults.faults.registry import fault
from omnisession_reference.auth import Auth, Grant
from omnisession_reference.errors import Refusal
from omnisession_reference.wire import JsonObject


@fault("names-of-tokens-needed", breaks="ERR-008")
class NamesOfTokensNeeded(Auth):
    """The open of a user whose token tells no name fails."""

    def claims(self, token: str) -> JsonObject:
        claims = super().claims(token)
        return {**claims, "name": claims["name"]}


@fault("tokens-without-end-fail", breaks="ERR-008")
class TokensWithoutEndFail(Auth):
    """An open with a token that has no time of its end fails."""

    def signed(self, token: str) -> JsonObject:
        claims = super().signed(token)
        return {**claims, "exp": claims["exp"]}


@fault("odd-permissions-fail", breaks="ERR-008")
class OddPermissionsFail(Auth):
    """An open fails whose token has something else than a list of permissions."""

    def claims(self, token: str) -> JsonObject:
        claims = super().claims(token)
        return {**claims, "perm": list(claims.get("perm", ()))}


@fault("tokens-of-nobody", breaks="SEC-006")
class TokensOfNobody(Auth):
    """A token that tells no user opens the sessions of any."""

    def grant(self, auth: JsonObject | None, user_id: str) -> Grant:
        claims = {} if auth is None else self.signed(auth["token"])
        if auth is not None and not claims.get("sub"):
            return Grant(user_id, user_id, frozenset())
        return super().grant(auth, user_id)


@fault("users-of-tokens-trimmed", breaks="SEC-006")
class UsersOfTokensTrimmed(Auth):
    """A token opens the sessions of a user whose id it has with spaces around it."""

    def grant(self, auth: JsonObject | None, user_id: str) -> Grant:
        if auth is None:
            return super().grant(auth, user_id)
        owner = self.claims(auth["token"])["sub"]
        told = owner if owner.strip() == user_id else user_id
        return replace(super().grant(auth, told), user_id=user_id)


@fault("fresh-tokens-refused", breaks="SEC-006")
class FreshTokensRefused(Auth):
    """A token that was issued, or is valid, since less than a minute opens nothing."""

    def claims(self, token: str) -> JsonObject:
        claims = self.signed(token)
        begins = [claims[name] for name in ("iat", "nbf") if isinstance(claims.get(name), int)]
        if any(begin > time.time() - 60 for begin in begins):
            raise Refusal(4010, "The token is not valid; get a new one.")
        return super().claims(token)
