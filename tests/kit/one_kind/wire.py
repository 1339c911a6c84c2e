"""Bodies, subject tokens and credentials of the small servers, written from the pages alone."""

from __future__ import annotations

import json
import math
import re
import time
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import jwt

Json = dict[str, Any]
SCHEMAS = Path(__file__).parents[3] / "schemas" / "v1"
ERRORS = {e["code"]: e for e in json.loads((SCHEMAS / "errors.json").read_text("utf-8"))["errors"]}
DEEPEST = 64
LARGEST = 2**53 - 1
PLAIN = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")
VERSION = re.compile(r"(\d+)\.(\d+)")


class Refused(Exception):  # noqa: N818 - a refusal is no error of the server
    """A message is refused with a code of the catalogue."""

    def __init__(self, code: int, why: str, **details: Any) -> None:
        super().__init__(why)
        self.code, self.details = code, details

    @property
    def error(self) -> Json:
        """The error object."""
        known = ERRORS[self.code]
        body = {"code": self.code, "name": known["name"], "message": str(self)}
        body["retryable"] = known["retryable"]
        return {**body, "details": self.details} if self.details else body


# -- tokens ------------------------------------------------------------------------------------------


def tok(id_: str) -> str:
    """An id as a token of a subject."""
    return "".join(chr(b) if b in PLAIN else f"={b:02x}" for b in id_.encode())


def untok(token: str, most: int) -> str | None:
    """The id of a token, None where it is not canonical or too long."""
    parts = re.findall(r"[A-Za-z0-9_-]|=[0-9a-f]{2}", token)
    if "".join(parts) != token or len(token) > most or not token:
        return None
    try:
        id_ = bytes(ord(p) if len(p) == 1 else int(p[1:], 16) for p in parts).decode()
    except UnicodeDecodeError:
        return None
    return id_ if tok(id_) == token else None


# -- bodies ------------------------------------------------------------------------------------------


def _number(text: str) -> Any:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return int(value) if value.is_integer() and abs(value) <= LARGEST else value


def _none(text: str) -> Any:
    raise ValueError(text)


def _depth(value: Any, left: int = DEEPEST) -> None:
    if left == 0:
        raise ValueError("too deep")
    if isinstance(value, dict):
        value = [*value.values()]  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    if isinstance(value, list):
        for part in value:  # pyright: ignore[reportUnknownVariableType]
            _depth(part, left - 1)


def decode(raw: bytes) -> Json:
    """One JSON object, else Refused with 4000."""
    try:
        text = raw.decode("utf-8")
        body: Any = json.loads(text, parse_float=_number, parse_constant=_none)
        _depth(body)
        json.dumps(body, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise Refused(4000, "The body is no JSON object that can be read.") from None
    if not isinstance(body, dict):
        raise Refused(4000, "The body is no JSON object.")
    return body  # pyright: ignore[reportUnknownVariableType]


def canonical(value: Any) -> bytes:
    """The RFC 8785 form of a value of the protocol, whose names are plain and whose numbers whole."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def size(text: str) -> int:
    """How large a text is, as the protocol measures it."""
    return len(canonical(text))


@cache
def _registry() -> Any:
    files = SCHEMAS.glob("*.schema.json")
    found = [json.loads(path.read_text("utf-8")) for path in files]
    return jsonschema_rs.Registry([(document["$id"], document) for document in found])


@cache
def _base() -> str:
    return json.loads((SCHEMAS / "common.schema.json").read_text("utf-8"))["$id"].rsplit("/", 1)[0]


@cache
def _validator(ref: str) -> Any:
    whole = {"$ref": f"{_base()}/{ref}"}
    return jsonschema_rs.Draft202012Validator(whole, registry=_registry())


def check(ref: str, body: Json) -> None:
    """Refuse a body with 4001 that its schema does not take."""
    fault = next(iter(_validator(ref).iter_errors(body)), None)
    if fault is not None:
        raise Refused(4001, "A member is missing or wrong.", pointer=pointer(*fault.instance_path))


def envelope(body: Json) -> None:
    """Refuse a request with 4001 that lacks a member of every request."""
    for name in ("type", "user_id", "session_id"):
        if not isinstance(body.get(name), str) or not body[name]:
            raise Refused(4001, f"{name} is a text.", pointer=f"/{name}")
    if type(body.get("timestamp")) is not int:
        raise Refused(4001, "The timestamp is a time.", pointer="/timestamp")
    if not isinstance(body.get("data"), dict):
        raise Refused(4001, "The data are an object.", pointer="/data")


def pointer(*path: str | int) -> str:
    """A JSON pointer."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


@cache
def definitions(row: str) -> dict[str, str]:
    """By type of body the definition that the subject table names."""
    table = json.loads((SCHEMAS / "subjects.json").read_text("utf-8"))["subjects"]
    return next(one for one in table if one["id"] == row)["definitions"]


def speaks(version: Any, pointer_: str) -> None:
    """Refuse a body of a MAJOR that is not spoken."""
    if not isinstance(version, str):
        raise Refused(4001, "The version is a text.", pointer=pointer_)
    found = VERSION.fullmatch(version)
    if found is None or int(found[1]) != 1:
        raise Refused(4003, "Version 1.0 is spoken here.", supported=["1.0"])


# -- credentials -------------------------------------------------------------------------------------


def claims_of(auth: Any, secret: str, user_id: str) -> Json:
    """What a credential says, else Refused."""
    token = str(auth["token"]) if auth else ""
    try:
        claims: Json = jwt.decode(  # pyright: ignore[reportUnknownMemberType]
            token,
            secret,
            algorithms=["HS256"],
            options={"require": ["exp", "sub"], "verify_exp": False},
        )
    except (jwt.PyJWTError, ValueError, TypeError):
        raise Refused(4010, "A token is needed that this server accepts.") from None
    if type(claims["exp"]) not in (int, float) or not isinstance(claims["sub"], str):
        raise Refused(4010, "A token is needed that this server accepts.")
    if claims["exp"] <= time.time():
        raise Refused(4011, "The time of the token is over.")
    if claims["sub"] != user_id:
        raise Refused(4031, "The token is of another user.")
    told: Any = claims.get("perm")
    rights: list[Any] = [*told] if isinstance(told, list) else []  # pyright: ignore[reportUnknownVariableType]
    texts = {n: v for n in ("name", "email") if isinstance(v := claims.get(n), str) and v}
    return {**texts, "perm": [right for right in rights if isinstance(right, str)]}
