"""What kit and adapter say: requests as bytes, and answers as values that their schema has judged."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from omnisession_conformance.protocol.json import as_list, as_object, as_text, is_object, texts
from omnisession_conformance.protocol.position import Position
from omnisession_conformance.protocol.schemas.location import schemas_folder
from omnisession_conformance.roles.client.errors import ContractError
from omnisession_conformance.roles.client.testee.lines import shown
from omnisession_conformance.roles.client.testee.words import LINES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from omnisession_conformance.protocol.json import Object
    from omnisession_conformance.protocol.kinds.parts import Slice
    from omnisession_conformance.protocol.schemas.check import Checker
    from omnisession_conformance.roles.client.testee.words import Words

CONTRACT = 1
"""The highest version of the contract that the kit speaks."""
_FAULTS_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that is one: `failure` is its text for people where it is not done."""

    id: int | None
    result: Object
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Hello:
    """Who the client is, and what it declares."""

    name: str
    version: str
    profiles: tuple[str, ...]
    actions: tuple[str, ...] | None
    fixed: frozenset[str]
    modes: tuple[str, ...]
    sessions: int
    reuse: bool
    timers: bool
    handled: bool
    transport: str

    @property
    def side_by_side(self) -> bool:
        """Whether a case may have several sessions at a time."""
        return self.room > 1

    @property
    def room(self) -> int:
        """How many sessions there may be at a time."""
        return self.sessions if self.reuse else 1


@dataclass(frozen=True, slots=True)
class Report:
    """What a session holds; None for what was not asked for, or is not there."""

    session_id: str | None = None
    phase: str | None = None
    position: Position | None = None
    handled: int | None = None
    slices: Mapping[str, Slice] = field(default_factory=dict[str, "Slice"])
    view: Mapping[str, Slice] | None = None
    pending: tuple[Object, ...] | None = None
    refused: tuple[Object, ...] = ()

    @property
    def head(self) -> tuple[int, int]:
        """Epoch and seq that it has reached; zeros before it is open."""
        return (0, 0) if self.position is None else self.position.head


@dataclass(frozen=True, slots=True)
class Start:
    """A session of the contract: where it connects, and what it opens."""

    session: str
    url: str
    user_id: str
    kinds: tuple[str, ...]
    features: tuple[str, ...] = ()
    token: str | None = None
    mode: str | None = None
    timers: Mapping[str, int] | None = None

    @property
    def members(self) -> Object:
        """Those of the request."""
        told: Object = {
            "session": self.session,
            "url": self.url,
            "user_id": self.user_id,
            "token": self.token,
            "kinds": list(self.kinds),
            "features": list(self.features),
        }
        if self.mode is not None:
            told["mode"] = self.mode
        if self.timers is not None:
            told["timers"] = dict(self.timers)
        return told


def written(number: int, do: str, members: Mapping[str, Any]) -> bytes:
    """The line of a request: ASCII, so that no reader has to guess."""
    return json.dumps({"id": number, "do": do, **members}).encode() + b"\n"


def read_answer(line: bytes, words: Words = LINES) -> Answer:
    """Read an answer; ContractError where it is none, with its beginning."""
    try:
        body = json.loads(line)
    except (ValueError, RecursionError):
        raise ContractError(
            f"The adapter has {words.has_put} that is no JSON; {words.alone}. It begins: {shown(line)}"
        ) from None
    if faults := _faults("answer", body):
        raise ContractError(
            f"The adapter has {words.has_put} that is no answer: {faults}; one has the id of its "
            f"request, and ok or error. It begins: {shown(line)}"
        )
    number = body.get("id")
    return Answer(number, as_object(body.get("ok")), as_text(body.get("error")))


def check_result(do: str, result: Object) -> None:
    """Raise ContractError where a result has not the form that belongs to its request."""
    if faults := _faults(f"{do}_result", result):
        raise ContractError(
            f"The adapter has answered {do} with what is no result of it: {faults}."
        )


def read_hello(result: Object) -> Hello:
    """Read the result of hello; ContractError for another contract than was offered."""
    check_result("hello", result)
    if (contract := result["contract"]) > CONTRACT:
        raise ContractError(
            f"The adapter wants version {contract} of the contract; the kit has offered {CONTRACT} "
            "as its highest. A newer kit may speak it."
        )
    client = as_object(result["client"])
    return Hello(
        name=as_text(client["name"]),
        version=as_text(client["version"]),
        profiles=texts(result["profiles"]),
        actions=texts(result["actions"]) if "actions" in result else None,
        fixed=frozenset(texts(result.get("fixed"))),
        modes=texts(result.get("modes")),
        sessions=result.get("sessions", 1),
        reuse=result.get("reuse", True),
        timers=result.get("timers", False),
        handled=result.get("handled", False),
        transport=result.get("transport", "tcp"),
    )


def read_report(result: Object) -> Report:
    """Read the result of a report; ContractError where it is none."""
    check_result("report", result)
    view, pending = result.get("view"), result.get("pending")
    return Report(
        session_id=result.get("session_id"),
        phase=result.get("phase"),
        position=Position.of(result.get("position")),
        handled=result.get("handled"),
        slices=as_object(result.get("slices")),
        view=as_object(view) if is_object(view) else None,
        pending=None if pending is None else tuple(as_list(pending)),
        refused=tuple(as_list(result.get("refused"))),
    )


def _faults(definition: str, body: Any) -> str:
    """What is wrong with a message, in a few words; empty where nothing is."""
    ref = f"testee.schema.json#/$defs/{definition}"
    if _checker().is_valid(ref, body):
        return ""
    found = [f"{v.pointer or 'it'} {v.message}" for v in _checker().explain(ref, body)]
    return "; ".join(found[:_FAULTS_SHOWN])


@cache
def _checker() -> Checker:
    from omnisession_conformance.protocol.schemas.check import Checker  # noqa: PLC0415 - stay light

    return Checker(schemas_folder() / "testee" / "v1")
