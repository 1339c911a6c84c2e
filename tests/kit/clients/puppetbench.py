"""A puppet without a broker: what it says is kept, and seen to be valid."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from omnisession_conformance.protocol.kinds.tables import NAMES
from omnisession_conformance.protocol.model.fold import fold
from omnisession_conformance.protocol.schemas import Side, definition_for
from omnisession_conformance.protocol.schemas.check import Checker
from omnisession_conformance.protocol.subjects import classify, tok
from omnisession_conformance.roles.client.puppet.puppet import Puppet
from omnisession_conformance.roles.client.puppet.terms import Terms
from omnisession_conformance.roles.client.waiting import Bell
from omnisession_conformance.traffic.connection import Heard

if TYPE_CHECKING:
    from collections.abc import Mapping

    from omnisession_conformance.roles.client.puppet.served import Served

CHECKER = Checker()
Json = dict[str, Any]


class Said:
    """In the place of a connection: keeps what is said, and sees that it is valid."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, Json]] = []
        self.checks = True

    def say(self, subject: str, data: bytes) -> None:
        body = json.loads(data)
        definition = definition_for(classify(subject).family, body, Side.SERVER)
        assert definition is not None
        assert not self.checks or CHECKER.explain(definition, body) == []
        self.messages.append((subject, body))

    def take(self) -> list[tuple[str, Json]]:
        taken, self.messages = self.messages, []
        return taken


class Told:
    def __init__(self, body: Json) -> None:
        self.body: Json | None = body


class Bench:
    """A puppet, and a client that says what a test wants."""

    def __init__(self, terms: Terms | None = None, user_id: str = "Zoë.x") -> None:
        self.user = user_id
        self.bell = Bell()
        self.puppet = Puppet(user_id, self.bell, terms or Terms(), CHECKER, beats=False)
        self.said = Said()
        self.puppet.attach(self.said)  # pyright: ignore[reportArgumentType]
        self.streams: dict[str, list[Told]] = {}

    def body(self, type_: str, session: str, data: Mapping[str, Any], **more: Any) -> Json:
        ids = {"user_id": self.user, "session_id": session, "timestamp": 1}
        return {"v": "1.0", "type": type_, **ids, "data": dict(data), **more}

    def hear(self, subject: str, body: Any, reply: str = "_INBOX.a.1") -> list[tuple[str, Json]]:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.puppet.hear(Heard(subject, reply, data, {}))
        self.bell.check()
        taken = self.said.take()
        for _, told in taken:
            if "seq" in told:
                self.streams.setdefault(told["session_id"], []).append(Told(told))
        return taken

    def ask(self, type_: str, session: str = "s", **data: Any) -> list[tuple[str, Json]]:
        subject = f"session.{tok(self.user)}.{session}.control"
        return self.hear(subject, self.body(type_, session, data))

    def open(self, session: str = "s", **more: Any) -> Served:
        wanted = {"kinds": NAMES, "features": ["events", "digests"], "auth": None}
        client = {"name": "x", "version": "1"}
        self.ask("session.open", session, protocol=["1.0"], client=client, **{**wanted, **more})
        return self.puppet.sessions.by_id[session]

    def act(self, type_: str, number: int, session: str = "s", id_: str = "", **data: Any) -> Json:
        """An action, and its outcome."""
        named = {"action_id": id_ or f"a{number}", "client_seq": number}
        body = self.body(type_, session, data, **named)
        *_, (subject, outcome), (inbox, again) = self.hear(f"user.actions.{tok(self.user)}", body)
        assert (subject, inbox) == (
            self.puppet.sessions.by_id[session].subject("control"),
            "_INBOX.a.1",
        )
        assert outcome == {**again, "timestamp": outcome["timestamp"]}
        return outcome["data"]

    def folded(self, session: str = "s") -> Json:
        limits = self.puppet.sessions.terms.limits
        return fold(self.streams[session], limits=limits)
