"""Reads and checks what arrives at the small server; refuses what is not right."""

from __future__ import annotations

import json
import re
import string
from typing import Any

import jwt

Json = dict[str, Any]
LIMITS = {
    "action": 196_608, "event": 262_144, "state": 786_432, "article_content": 131_072,
    "article_rest": 2_048, "chat_content": 4_096, "target_url": 2_048, "articles": 200,
    "revisions": 50, "editors": 200, "urls": 200, "chat_messages": 100,
    "participants": 500, "sessions": 32,
}  # fmt: skip
ERRORS = {
    4000: "BAD_JSON", 4001: "SCHEMA_INVALID", 4002: "UNKNOWN_TYPE",
    4003: "UNSUPPORTED_VERSION", 4004: "BAD_TOKEN", 4010: "UNAUTHENTICATED",
    4011: "CREDENTIAL_EXPIRED", 4031: "IDENTITY_MISMATCH", 4041: "SESSION_UNKNOWN",
    4091: "CLIENT_SEQ_GAP", 4092: "ACTION_ID_REUSED", 4101: "SESSION_CLOSED",
    4130: "TOO_LARGE", 4220: "RULE_VIOLATION", 4291: "TOO_MANY_SESSIONS",
    5000: "INTERNAL",
}  # fmt: skip
VERSION = r"(0|[1-9]\d*)\.(0|[1-9]\d*)"
VERSION_1 = r"1\.(0|[1-9]\d*)"
RETRYABLE = (4091, 5000)
TOP_LEVEL = {"chat.messages": "content", "article.edit.start": "article_id"}
NOT_CANONICAL = "Write the ids of the subject as tok(id)."


# [tokens]
PLAIN = (string.ascii_letters + string.digits + "_-").encode()


def tok(id_: str) -> str:
    """Encode an id as a token of a subject."""
    return "".join(chr(b) if b in PLAIN else f"={b:02x}" for b in id_.encode())


def untok(token: str, most: int) -> str | None:
    """Decode a token; None if `tok` would not write it like this, or it is too long."""
    try:
        text_of_bytes = re.sub("=([0-9a-f]{2})", lambda m: chr(int(m[1], 16)), token)
        id_ = text_of_bytes.encode("latin-1").decode()
    except UnicodeError:
        return None
    return id_ if id_ and len(token) <= most and tok(id_) == token else None


# [end]


class Refusal(Exception):  # noqa: N818 - it is no error of this program
    """Why a message is refused; `error` is the object that tells it."""

    def __init__(self, code: int, message: str, **details: Any) -> None:
        super().__init__(message)
        self.error: Json = {
            "code": code,
            "name": ERRORS[code],
            "message": message,
            "retryable": code in RETRYABLE,
        }
        if details:
            self.error["details"] = details


def need(good: bool, pointer: str) -> None:
    """Refuse a body whose member at `pointer` is not what its schema says."""
    if not good:
        raise Refusal(4001, f"{pointer} is missing or wrong.", pointer=pointer)


def text(value: Any, pattern: str = "(?s).+") -> bool:
    """Whether a value is a text of a form; without one: a text that is not empty."""
    return isinstance(value, str) and re.fullmatch(pattern, value, re.ASCII) is not None


def integer(value: Any, least: int = 1) -> bool:
    """Whether a value is an integer that every JSON reader keeps; true is none."""
    return type(value) is int and least <= value < 2**53


def texts(value: Any, pattern: str) -> bool:
    """Whether a value is a list of texts of a form."""
    return isinstance(value, list) and all(text(entry, pattern) for entry in value)


def names(value: Any) -> bool:
    """Whether a value is a list of names, each once."""
    return texts(value, "[a-z][a-z0-9_-]*") and len(set(value)) == len(value)


def read(data: bytes) -> Json:
    """Read a body that has to be one JSON object."""
    try:
        body = json.loads(data.decode())
        # Half of a surrogate pair is no text that could be sent back.
        json.dumps(body, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise Refusal(4000, "Send one JSON object in UTF-8.")
    return body


def check_version(v: Any) -> None:
    """Refuse a MAJOR that this server does not speak."""
    if text(v, VERSION) and not v.startswith("1."):
        raise Refusal(4003, "Speak version 1.0.", supported=["1.0"])


TIMERS = {"heartbeat_ms": (200, 15_000), "resume_window_ms": (1_000, 120_000)}


def check_open(data: Json) -> None:
    """Refuse the data of an open that its schema does not allow."""
    need(texts(data.get("protocol"), VERSION), "/data/protocol")
    need(names(data.get("kinds")), "/data/kinds")
    need(names(data.get("features")), "/data/features")
    auth: Any = data.get("auth", "")
    if auth is not None:
        need(isinstance(auth, dict) and auth.get("scheme") == "bearer", "/data/auth")
        need(isinstance(auth.get("token"), str), "/data/auth/token")
    client: Any = data.get("client")
    need(isinstance(client, dict), "/data/client")
    for member in ("name", "version"):
        need(isinstance(client.get(member), str), f"/data/client/{member}")
    timers: Any = data.get("timers", {})
    need(isinstance(timers, dict), "/data/timers")
    for member in (*TIMERS, "coalesce_ms", "gap_ms"):
        need(integer(timers.get(member, 0), -(2**53) + 1), f"/data/timers/{member}")


def granted(asked: Json) -> dict[str, int]:
    """The timers in force: what was asked, clamped; nothing is ever held back."""
    timers = {
        name: min(max(asked.get(name, most), least), most)
        for name, (least, most) in TIMERS.items()
    }
    window = max(timers["resume_window_ms"], 2 * timers["heartbeat_ms"])
    return {**timers, "resume_window_ms": window, "coalesce_ms": 0, "gap_ms": 0}


def meaning(subject: str, body: Json) -> str:
    """What makes two bodies the same action, as a text that compares."""
    member = TOP_LEVEL.get(subject)
    data = body.get("data")
    if member:
        data = {member: body[member]} if member in body else {}
    parts = [body.get("type"), "data" in body or bool(member), data]
    return json.dumps([*parts, "expect" in body, body.get("expect")], sort_keys=True)


def check_token(auth: Json | None, secret: str, user_id: str) -> None:
    """Refuse whoever has no valid token of this user."""
    try:
        claims = jwt.decode(
            auth["token"] if auth else "",
            secret,
            algorithms=["HS256"],
            options={"require": ["sub", "exp"]},
        )
    except jwt.ExpiredSignatureError:
        raise Refusal(4011, "The token has expired; get a new one.") from None
    except (jwt.PyJWTError, ValueError):
        raise Refusal(4010, "A valid token is needed.") from None
    if claims["sub"] != user_id:
        raise Refusal(4031, "The token is of another user.")
