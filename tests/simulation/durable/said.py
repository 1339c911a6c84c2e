"""What instances say, read from its bytes, each held to the schemas."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.reference.bench import schemas

if TYPE_CHECKING:
    from omnisession_durable.posts import Post
    from omnisession_reference.session import Key

ROWS = {"state": "session.state", "events": "session.events", "control": "session.control.pushes"}
INBOX = "_INBOX."


class Position(NamedTuple):
    """A place in the stream of a session."""

    epoch: int
    seq: int
    last_action_seq: int


@dataclass(frozen=True, slots=True)
class Streamed:
    """A state or an event, at its place; `kind` is that of a state, empty for an event."""

    key: Key
    position: Position
    kind: str
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """An outcome, as it is pushed in its session."""

    key: Key
    action_id: str
    client_seq: int
    status: str
    position: Position
    result: dict[str, str] | None
    error: dict[str, Any] | None

    @property
    def code(self) -> int:
        """The code of its error, 0 where it is done."""
        return 0 if self.error is None else self.error["code"]


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer to a control request, or what refuses any message; an error has a code and no position."""

    key: Key
    reply: str
    what: str
    position: Position | None = None
    code: int = 0


@dataclass(frozen=True, slots=True)
class Beat:
    """Another push: it tells a place, or nothing."""

    key: Key
    what: str
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class Hinted:
    """What readers of an article are told beside sessions."""

    article_id: str
    type: str
    event_id: str


Said = Streamed | Told | Answer | Beat


def reply_of(key: Key, what: str) -> str:
    """A reply subject that names whose it is."""
    return f"{INBOX}{key[0]}/{key[1]}/{what}"


def read(post: Post) -> Said | Hinted | None:
    """Read a message; None for the copy of an outcome. Raises Refusal for a bad one."""
    body: dict[str, Any] = json.loads(post.payload)
    first, _, rest = post.subject.partition(".")
    row = ROWS[rest.rpartition(".")[2]] if first == "session" else "reply"
    row = "article.updates" if first == "article" else row
    data: dict[str, Any] = body["data"]
    if "limits" in data:
        data["limits"]["sessions"] = 32  # a world has fewer than the protocol allows, to reach them
    schemas().check(row, data["type"] if row == "session.state" else body["type"], body)
    if row == "article.updates":
        return Hinted(body["article_id"], body["type"], body["event_id"])
    if row == "reply":
        return _answer(post.subject, body)
    key = (body["user_id"], body["session_id"])
    if row != "session.control.pushes":
        kind = data["type"] if row == "session.state" else ""
        return Streamed(key, _position(body), kind, body)
    if not body["type"].startswith("action."):
        return Beat(key, body["type"], _position_in(data))
    return Told(
        key,
        data["action_id"],
        data["client_seq"],
        data.get("status", "refused"),
        _position(data["position"]),
        data.get("result"),
        data.get("error"),
    )


def _answer(subject: str, body: dict[str, Any]) -> Answer | None:
    if body["type"].startswith("action."):
        return None
    data = body["data"]
    user, session, _ = subject.removeprefix(INBOX).split("/")
    what = body["type"].removeprefix("session.")
    code = data["error"]["code"] if what == "error" else 0
    return Answer((user, session), subject, what, _position_in(data), code)


def _position_in(data: dict[str, Any]) -> Position | None:
    return _position(data["position"]) if "position" in data else None


def _position(told: dict[str, Any]) -> Position:
    return Position(told["epoch"], told["seq"], told["last_action_seq"])
