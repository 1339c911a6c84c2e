"""SECU: by which keys a server that claims `secure` verifies tokens."""

from __future__ import annotations

import json
import warnings
from base64 import urlsafe_b64encode
from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.case import case
from omnisession_conformance.roles.server.session import now_ms

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from omnisession_conformance.environment.users import User
    from omnisession_conformance.roles.server.context import Context

HOUR_S = 3_600
REFUSED, NOT_OPEN = 4010, 4041
NOWHERE = "https://keys.invalid/keys.json"
UNSIGNED = ("none", "None", "NONE", "")


def confused(ctx: Context, user: User) -> Iterator[tuple[str, str]]:
    """Tokens of a user that no key of the server signed with its one algorithm, by what they are."""
    own = ctx.fixture.config.secret or ""
    claims = {"sub": user.id, "exp": now_ms() // 1_000 + HOUR_S, "perm": list(user.permissions)}
    other = f"{ctx.draws.word}, another key " * 3
    for alg in UNSIGNED:
        yield f"of alg {alg!r} without a signature", _unsigned({"alg": alg}, claims)
    signed = _signed(own, "HS256", {}, claims).rpartition(".")[2]
    yield "of alg 'none' with a signature", _unsigned({"alg": "none"}, claims) + signed
    for alg in ("HS384", "HS512"):
        yield f"of alg {alg}, by the key of HS256", _signed(own, alg, {}, claims)
    key = {"kty": "oct", "k": _part(other.encode()), "alg": "HS256"}
    brought: tuple[tuple[str, Any], ...] = (
        ("jwk", key),
        ("jku", NOWHERE),
        ("x5u", NOWHERE),
        ("x5c", [_part(other.encode())]),
    )
    for name, value in brought:
        yield f"of a key that it brings as {name}", _signed(other, "HS256", {name: value}, claims)


def _signed(key: str, alg: str, header: dict[str, Any], claims: dict[str, Any]) -> str:
    import jwt  # noqa: PLC0415 who explains a check signs nothing

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a short secret is the choice of whoever runs the server
        return jwt.encode(claims, key, algorithm=alg, headers=header)  # pyright: ignore[reportUnknownMemberType]


def _unsigned(header: Mapping[str, Any], claims: Mapping[str, Any]) -> str:
    head, body = (_part(json.dumps(one).encode()) for one in (header, claims))
    return f"{head}.{body}."


def _part(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


@case("SECU-017", needs=("secure", "fixture:auth", "fixture:mint"))
async def tokens_of_confused_keys(ctx: Context) -> None:
    """Tokens without a signature, of another algorithm and of a key that they bring open nothing."""
    user = ctx.user()
    session = ctx.session(user)
    for what, token in confused(ctx, user):
        ctx.fixture.tokens.add(token)
        why = f"session.open with a token {what}"
        data = session.open_data(kinds=ctx.declared.kinds, token=token)
        answer = await (await session.send("session.open", data)).answer()
        ctx.refused("SECU-017", answer, REFUSED, why=why)
        ping = await (await session.send("session.ping")).answer()
        ctx.refused("SECU-017", ping, NOT_OPEN, why=f"session.ping after a {why}")
    answer = await session.open()
    ctx.require(answer.type == "session.opened", f"a right token got {answer}")
