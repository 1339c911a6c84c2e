"""Who a session's user is, told by a JSON Web Token signed with the shared secret."""

import warnings
from dataclasses import dataclass
from typing import Any

from omnisession_reference.errors import Refusal
from omnisession_reference.wire import JsonObject


@dataclass(frozen=True, slots=True)
class Grant:
    """A user as its token tells it; the permissions hold for the session that it opens."""

    user_id: str
    name: str
    permissions: frozenset[str]
    email: str | None = None


class Auth:
    """Checks bearer tokens: HS256, claims `sub`, `exp`, `perm` and, if there, `name`, `email`."""

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def grant(self, auth: JsonObject | None, user_id: str) -> Grant:
        """Check the credential of an open; refuses with 4010, 4011 or 4031."""
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
        )

    def claims(self, token: str) -> JsonObject:
        """Verify a token and read its claims."""
        import jwt  # noqa: PLC0415 the start does not wait for it

        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # a short secret is its owner's choice
                return jwt.decode(  # pyright: ignore[reportUnknownMemberType]
                    token,
                    self._secret,
                    algorithms=["HS256"],
                    options={"require": ["sub", "exp"]},
                )
        except jwt.ExpiredSignatureError:
            raise Refusal(4011, "The token has expired; get a new one.") from None
        except (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError):
            raise Refusal(4010, "The token is not valid; get a new one.") from None


def _strings(value: Any) -> list[str]:
    items: list[Any] = value if isinstance(value, list) else []  # pyright: ignore[reportUnknownVariableType]
    return [item for item in items if isinstance(item, str)]
